/**
 * The caller's audio since the session began, as far as it is still needed. Offsets are samples of session audio, at the
 * rate of the input format.
 */
import { convertRate } from '#simulator/session/audio-codec.ts';
import type { InputRateHz } from '#simulator/session/ports.ts';

interface Chunk {
	offsetSamples: number;
	samples: Int16Array;
}

/**
 * While turn detection waits for speech, a session that is never spoken to would keep an hour of silence. Five minutes
 * (14 MB) are kept for a manual commit. Ours: what the service keeps is not known.
 */
const IDLE_LIMIT_SECONDS = 5 * 60;
/** What is kept of a turn that never ends (86 MB). Ours, so that one client cannot have all memory. */
const TURN_LIMIT_SECONDS = 30 * 60;

export class InputBuffer {
	readonly rateHz: InputRateHz;
	#chunks: Chunk[] = [];
	#endSamples: number;
	#startSamples: number;

	/** `atMs`: where in the session's audio it begins. */
	constructor(rateHz: InputRateHz, atMs = 0) {
		this.rateHz = rateHz;
		this.#endSamples = this.#startSamples = Math.round(atMs * this.samplesPerMs);
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

	append(samples: Int16Array): void {
		if (samples.length === 0) return;
		this.#chunks.push({ offsetSamples: this.#endSamples, samples });
		this.#endSamples += samples.length;
	}

	/** Copies a stretch of audio, as much of it as there still is. */
	slice(fromSamples: number, toSamples: number): Int16Array {
		const first = Math.max(fromSamples, this.#chunks[0]?.offsetSamples ?? this.#endSamples);
		const last = Math.min(toSamples, this.#endSamples);
		const out = new Int16Array(Math.max(0, last - first));
		// From the end: what is asked for is nearly always the latest of thousands of chunks.
		for (let i = this.#chunks.length - 1; i >= 0; i--) {
			const { offsetSamples, samples } = this.#chunks[i] as Chunk;
			if (offsetSamples + samples.length <= first) break;
			const from = Math.max(first, offsetSamples);
			const to = Math.min(last, offsetSamples + samples.length);
			if (from < to) out.set(samples.subarray(from - offsetSamples, to - offsetSamples), from - first);
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
		let gone = 0;
		for (const { offsetSamples, samples } of this.#chunks) {
			if (offsetSamples + samples.length > beforeSamples) break;
			gone++;
		}
		this.#chunks.splice(0, gone);
	}
}
