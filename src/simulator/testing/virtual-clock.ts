/** For tests: a clock that stands still until it is told to move. */

/** The creation time of a recorded session, whose ids begin with E6U0u. */
export const START_MS = 1_785_214_048_000;

export class VirtualClock {
	#nowMs = START_MS;
	#order = 0;
	#timers: { atMs: number; order: number; action: () => void }[] = [];

	readonly nowMs = (): number => this.#nowMs;

	readonly schedule = (delayMs: number, action: () => void): (() => void) => {
		const timer = { atMs: this.#nowMs + delayMs, order: this.#order++, action };
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((candidate) => candidate !== timer);
		};
	};

	get pendingCount(): number {
		return this.#timers.length;
	}

	advance(ms: number): void {
		const untilMs = this.#nowMs + ms;
		for (;;) {
			this.#timers.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
			const next = this.#timers[0];
			if (!next || next.atMs > untilMs) break;
			this.#timers.shift();
			this.#nowMs = Math.max(this.#nowMs, next.atMs);
			next.action();
		}
		this.#nowMs = untilMs;
	}
}
