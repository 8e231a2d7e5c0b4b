import type { Result } from '../base/result.ts';
import { parseEvent, type ParseProblem, type WireEvent } from '../protocol/parse-event.ts';
import type { LogEntry } from '../recording/recorded-event.ts';

/** An entry of which the log may know that its text is that of others but for the `event_id`: they have the same shape. */
interface DeltaEntry extends LogEntry {
	readonly shape?: object | undefined;
}

/** The text around an `event_id`, or all of a text that has none, and the event that it was part of. */
interface Shape {
	readonly head: string;
	readonly tail: string;
	readonly event: Result<WireEvent, ParseProblem>;
}

const EVENT_ID = /"event_id"\s*:\s*"/;
/** An id that is spelled as it is read. */
const PLAIN_ID = /^[\w.:-]*$/;

/**
 * Reads the texts of events without their audio, as `parseEvent` does, except that the `event_id` may be that of the event
 * before. An utterance is up to fifty such events a second that differ in nothing else: only the first of them is parsed.
 */
export class DeltaReader {
	#latest: Shape | null = null;
	#latestInLog: object | undefined;

	/** The event of an entry. The same object as before when nothing but the `event_id` differs. */
	read(entry: DeltaEntry): Result<WireEvent, ParseProblem> {
		const { shape } = entry;
		if (this.#latest && shape !== undefined && shape === this.#latestInLog) return this.#latest.event;
		this.#latestInLog = shape;
		return this.readText(entry.text);
	}

	/** The same of a text. */
	readText(text: string): Result<WireEvent, ParseProblem> {
		if (this.#latest && hasShape(text, this.#latest)) return this.#latest.event;
		const event = parseEvent(text);
		this.#latest = shapeOf(text, event);
		return event;
	}
}

/**
 * Whether a text differs from the one that was parsed in the id alone. Quotes inside of a JSON string are escaped, so that
 * what stands between head and tail is the whole value of a member whose name ends in `event_id`, at any depth: nothing
 * else of the event can depend on it.
 */
function hasShape(text: string, { head, tail }: Shape): boolean {
	const idEnd = text.length - tail.length;
	if (idEnd < head.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
	return PLAIN_ID.test(text.slice(head.length, idEnd)) && (tail !== '' || idEnd === head.length);
}

function shapeOf(text: string, event: Shape['event']): Shape {
	const match = event.ok ? EVENT_ID.exec(text) : null;
	if (!match) return { head: text, tail: '', event };
	const start = match.index + match[0].length;
	return { head: text.slice(0, start), tail: text.slice(text.indexOf('"', start)), event };
}
