import { SAMPLE_RATE } from '#core/audio/pcm16.ts';

const FRAMES_PER_MS = SAMPLE_RATE / 1000;
const KEPT_OBSERVATIONS = 64;

/**
 * Says at which `performance.now()` time an audio frame was rendered.
 *
 * A frame is always seen after it was rendered, by a delay that varies; so of the last observations the one with the
 * smallest delay is the truest. Older ones are forgotten, because the sound card's clock drifts against the page's.
 */
export class FrameClock {
	#offsetsMs: number[] = [];
	#next = 0;
	#lastMs = -Infinity;

	/** Whether it knows anything. */
	get isSet(): boolean {
		return this.#offsetsMs.length > 0;
	}

	/** Takes note that frame `frame` had been rendered at `nowMs`. */
	observe(frame: number, nowMs: number): void {
		this.#offsetsMs[this.#next] = nowMs - frame / FRAMES_PER_MS;
		this.#next = (this.#next + 1) % KEPT_OBSERVATIONS;
	}

	/** Forgets what it knows: the context stood still, so frames and time have parted. */
	reset(): void {
		this.#offsetsMs = [];
		this.#next = 0;
	}

	/** When the frame was rendered, ms; never earlier than what was answered before. */
	msOf(frame: number): number {
		const offsetMs = Math.min(...this.#offsetsMs);
		if (Number.isFinite(offsetMs)) this.#lastMs = Math.max(this.#lastMs, offsetMs + frame / FRAMES_PER_MS);
		return this.#lastMs;
	}
}
