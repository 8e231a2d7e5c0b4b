/** No session is longer: a later time is a mistake of whoever wrote it. */
const MAX_AT_MS = 7 * 24 * 3_600_000;

/** A first event this late has the time of a clock on the wall, not of the recording. */
const WALL_TIME_MS = 10 * 365 * 24 * 3_600_000;

/**
 * Turns the times of a file into times of a recording: none is before the last one's, and wall time, as some writers
 * mistake it, counts from the first event.
 */
export class SessionClock {
	#originMs: number | null = null;
	#lastMs = 0;

	/** The file's times are wall time. */
	get isWallTime(): boolean {
		return this.#originMs !== null && this.#originMs > 0;
	}

	/** The time of the next event, ms; `null` when it is no time of a session. `at` must be finite. */
	stamp(at: number): number | null {
		this.#originMs ??= at > WALL_TIME_MS ? at : 0;
		const ms = at - this.#originMs;
		if (ms > MAX_AT_MS) return null;
		this.#lastMs = Math.max(this.#lastMs, ms);
		return this.#lastMs;
	}
}
