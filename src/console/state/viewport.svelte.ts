import { TimeScale } from '#core/timeline/time-scale.ts';

const MIN_MS_PER_PX = 1 / 24; // one sample in a pixel
const DEFAULT_WINDOW_MS = 20_000;

/** Which stretch of session time the waveforms and the timeline show; one for all panes with a time axis. */
export class Viewport {
	widthPx = $state(800);
	/** Keeps the newest audio in sight while a session is live. */
	isFollowing = $state(true);
	#startMs = $state(0);
	#windowMs = $state(DEFAULT_WINDOW_MS);
	readonly scale = $derived(new TimeScale(this.#startMs, this.#windowMs / Math.max(1, this.widthPx), this.widthPx));

	get windowMs(): number {
		return this.#windowMs;
	}

	/** Shows `ms` at a fraction of the width (0 left, 1 right). */
	place(ms: number, fraction: number): void {
		this.#startMs = Math.max(0, ms - this.#windowMs * fraction);
	}

	/**
	 * Moves so that `ms` is in sight, with some room after it; not beyond `untilMs`, behind which there is nothing to see.
	 */
	reveal(ms: number, untilMs = Infinity): void {
		const { startMs, endMs } = this.scale;
		const hasRoom = ms <= endMs - this.#windowMs * 0.04 || endMs >= untilMs;
		if (ms >= startMs && ms <= endMs && hasRoom) return;
		this.place(ms, ms < startMs ? 0.2 : 0.1);
		this.#startMs = Math.max(0, Math.min(this.#startMs, untilMs - this.#windowMs));
	}

	/** Moves by a fraction of the width. */
	pan(fraction: number): void {
		this.isFollowing = false;
		this.#startMs = Math.max(0, this.#startMs + this.#windowMs * fraction);
	}

	/** Zooms by a factor around a moment; below 1 zooms in. */
	zoom(factor: number, aroundMs: number): void {
		const fraction = Math.min(1, Math.max(0, (aroundMs - this.#startMs) / this.#windowMs));
		const longest = 24 * 3_600_000;
		this.#windowMs = Math.min(longest, Math.max(this.widthPx * MIN_MS_PER_PX, this.#windowMs * factor));
		this.place(aroundMs, fraction);
	}

	/** Shows from `startMs` to `endMs`. */
	show(startMs: number, endMs: number): void {
		this.#windowMs = Math.max(this.widthPx * MIN_MS_PER_PX, endMs - startMs);
		this.#startMs = Math.max(0, startMs);
	}
}
