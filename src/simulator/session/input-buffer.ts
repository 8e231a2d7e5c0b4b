/**
 * The caller's audio since the session began, as far as it is still needed. Offsets are samples of session audio, at the
 * rate of the input format.
 */
import { convertRate } from '#simulator/session/audio-codec.ts';
import type { InputRateHz } from '#simulator/session/ports.ts';

/**
 * Audio lies in blocks of this length. An append of 20 ms then makes no object of its own: ten thousand of these a second
 * would keep the garbage collector busy.
 */
const BLOCK_MS = 500;

/**
 * While turn detection waits for speech, a session that is never spoken to would keep an hour of silence. Five minutes
 * (14 MB) are kept for a manual commit. Ours: what the service keeps is not known.
 */
const IDLE_LIMIT_SECONDS = 5 * 60;
/** What is kept of a turn that never ends (86 MB). Ours, so that one client cannot have all memory. */
const TURN_LIMIT_SECONDS = 30 * 60;

export class InputBuffer {
	readonly rateHz: InputRateHz;
	/** The first begins at `#firstBlock` blocks of session audio. */
	readonly #blocks: Int16Array[] = [];
	#firstBlock = 0;
	/** What lies before this was forgotten. */
	#oldestSamples: number;
	#endSamples: number;
	#startSamples: number;

	/** `atMs`: where in the session's audio it begins. */
	constructor(rateHz: InputRateHz, atMs = 0) {
		this.rateHz = rateHz;
		this.#endSamples = this.#startSamples = this.#oldestSamples = Math.round(atMs * this.samplesPerMs);
	}

	get samplesPerMs(): number {
		return this.rateHz / 1000;
	}

	/** End of everything appended, ms of session audio. */
	get endMs(): number {
		return this.#endSamples / this.samplesPerMs;
	}

	/** The same audio at another rate: for a session whose input format changes. */
	convert(rateHz: InputRateHz): InputBuffer {
		const converted = new InputBuffer(rateHz, this.#startSamples / this.samplesPerMs);
		converted.append(convertRate(this.slice(this.#startSamples, this.#endSamples), this.rateHz, rateHz));
		return converted;
	}

	/** End of everything appended in the session; a clear does not set it back. */
	get endSamples(): number {
		return this.#endSamples;
	}

	/** Where uncommitted audio begins. */
	get startSamples(): number {
		return this.#startSamples;
	}

	get #blockSamples(): number {
		return BLOCK_MS * this.samplesPerMs;
	}

	/** The samples are copied. */
	append(samples: Int16Array): void {
		const size = this.#blockSamples;
		for (let taken = 0; taken < samples.length;) {
			const index = Math.floor(this.#endSamples / size);
			if (this.#blocks.length === 0) this.#firstBlock = index;
			if (this.#firstBlock + this.#blocks.length <= index) this.#blocks.push(new Int16Array(size));
			const at = this.#endSamples - index * size;
			const part = samples.subarray(taken, taken + size - at);
			(this.#blocks[index - this.#firstBlock] as Int16Array).set(part, at);
			taken += part.length;
			this.#endSamples += part.length;
		}
	}

	/** Like `slice`, without a copy where that can be: read it at once. */
	view(fromSamples: number, toSamples: number): Int16Array {
		const size = this.#blockSamples;
		const index = Math.floor(fromSamples / size);
		const block = this.#blocks[index - this.#firstBlock];
		const isWhole = fromSamples >= this.#oldestSamples && toSamples <= Math.min(this.#endSamples, (index + 1) * size);
		if (!block || !isWhole) return this.slice(fromSamples, toSamples);
		return block.subarray(fromSamples - index * size, toSamples - index * size);
	}

	/** Copies a stretch of audio, as much of it as there still is. */
	slice(fromSamples: number, toSamples: number): Int16Array {
		const size = this.#blockSamples;
		const first = Math.max(fromSamples, this.#oldestSamples);
		const last = Math.min(toSamples, this.#endSamples);
		const out = new Int16Array(Math.max(0, last - first));
		for (let at = first; at < last;) {
			const index = Math.floor(at / size);
			const block = this.#blocks[index - this.#firstBlock] as Int16Array;
			const part = block.subarray(at - index * size, last - index * size);
			out.set(part, at - first);
			at += part.length;
		}
		return out;
	}

	/**
	 * Makes uncommitted audio begin at `offsetSamples`. `keepSamples` before it stay readable: the padding of a turn that
	 * begins at once may reach into the turn before it.
	 */
	markCommitted(offsetSamples: number, keepSamples = 0): void {
		this.#startSamples = Math.max(this.#startSamples, offsetSamples);
		this.#drop(this.#startSamples - keepSamples);
	}

	/** Forgets everything appended so far. */
	clear(): void {
		this.markCommitted(this.#endSamples);
	}

	/** Forgets all but the last five minutes; for a session in which nobody speaks. */
	trimIdle(): void {
		this.#trim(IDLE_LIMIT_SECONDS);
	}

	/** Forgets all but the last half hour, whatever it is. */
	trimLong(): void {
		this.#trim(TURN_LIMIT_SECONDS);
	}

	#trim(seconds: number): void {
		const oldest = this.#endSamples - seconds * this.rateHz;
		if (oldest > this.#startSamples) this.markCommitted(oldest);
	}

	#drop(beforeSamples: number): void {
		this.#oldestSamples = Math.max(this.#oldestSamples, beforeSamples);
		const gone = Math.floor(this.#oldestSamples / this.#blockSamples) - this.#firstBlock;
		if (gone <= 0) return;
		this.#blocks.splice(0, gone);
		this.#firstBlock += gone;
	}
}
