import { CONTROL, CONTROL_WORDS } from './playback-protocol.ts';

/**
 * A ring of 16-bit samples between one writer and one reader, who may be on different threads. Positions are absolute:
 * they count samples from the beginning and only grow. Good for 2^31 samples, a day.
 */
export class SampleRing {
	readonly capacity: number;
	readonly #samples: Int16Array;
	readonly #control: Int32Array;

	/** Both sides make their own `SampleRing` over the same two buffers. */
	constructor(samples: ArrayBuffer | SharedArrayBuffer, control: ArrayBuffer | SharedArrayBuffer) {
		this.#samples = new Int16Array(samples);
		this.#control = new Int32Array(control);
		this.capacity = this.#samples.length;
	}

	/** Bytes of the control block. */
	static readonly controlBytes = CONTROL_WORDS * Int32Array.BYTES_PER_ELEMENT;

	get written(): number {
		return Atomics.load(this.#control, CONTROL.written);
	}

	get played(): number {
		return Atomics.load(this.#control, CONTROL.played);
	}

	get discardTo(): number {
		return Atomics.load(this.#control, CONTROL.discardTo);
	}

	get stopCount(): number {
		return Atomics.load(this.#control, CONTROL.stopCount);
	}

	/** For the writer: copies in as many of the samples as there is room for; returns how many. */
	write(samples: Int16Array): number {
		const { written } = this;
		const count = Math.min(samples.length, this.capacity - (written - this.played));
		const start = written % this.capacity;
		const untilEnd = Math.min(count, this.capacity - start);
		this.#samples.set(samples.subarray(0, untilEnd), start);
		this.#samples.set(samples.subarray(untilEnd, count), 0);
		Atomics.store(this.#control, CONTROL.written, written + count);
		return count;
	}

	/** For the reader: the sample at a position between `played` and `written`. */
	sampleAt(position: number): number {
		return this.#samples[position % this.capacity]!;
	}

	/** For the reader: everything before `position` is played, or dropped, and its room is free. */
	advanceTo(position: number): void {
		Atomics.store(this.#control, CONTROL.played, position);
	}

	/** For the writer: asks the reader to drop what lies before `discardTo`. In effect with the reader's next quantum. */
	requestStop(discardTo: number, stopCount: number): void {
		Atomics.store(this.#control, CONTROL.discardTo, discardTo);
		Atomics.store(this.#control, CONTROL.stopCount, stopCount);
	}
}
