/** How eagerly V8 collects garbage in a process that carries many sessions. */
import { setFlagsFromString } from 'node:v8';

/**
 * Lets V8 use most of the room that it gives the heap before it marks everything again. Without this a small heap with a
 * lot of short-lived audio is marked twice a second: 10 to 20 ms of standstill each time, and helper threads that take the
 * cores from the sessions. The memory of the process stays the same. For the whole process: call it once, early.
 */
export function relaxGarbageCollection(): void {
	setFlagsFromString('--incremental-marking-soft-trigger=70');
	setFlagsFromString('--incremental-marking-hard-trigger=90');
}
