/** What waits to go out, in order: delays and silence hold it back, and nothing overtakes. */
import type { Schedule } from '#simulator/session/session-context.ts';

interface Waiting {
	dueMs: number;
	act: () => void;
}

export class Outbox {
	readonly #nowMs: () => number;
	readonly #schedule: Schedule;
	readonly #waiting: Waiting[] = [];
	#cancelTimer: (() => void) | undefined;
	#silence: { untilMs: number; cancel: () => void } | undefined;

	constructor(nowMs: () => number, schedule: Schedule) {
		this.#nowMs = nowMs;
		this.#schedule = schedule;
	}

	/** Whether nothing goes out now. */
	get isSilent(): boolean {
		return this.#silence !== undefined;
	}

	/** Does `act` after the delay and after all that came before: at once if nothing holds it back. */
	push(delayMs: number, act: () => void): void {
		if (delayMs <= 0 && this.#waiting.length === 0 && !this.#silence) return act();
		this.#waiting.push({ dueMs: this.#nowMs() + delayMs, act });
		this.#arm();
	}

	/** Lets nothing out for so long, then all that is due. A silence that lasts longer already goes on. */
	hold(forMs: number): void {
		const untilMs = this.#nowMs() + forMs;
		if (this.#silence && this.#silence.untilMs >= untilMs) return;
		this.#silence?.cancel();
		const cancel = this.#schedule(forMs, () => {
			this.#silence = undefined;
			this.#flush(untilMs);
		});
		this.#silence = { untilMs, cancel };
	}

	/** Forgets all that waits. */
	clear(): void {
		this.#waiting.length = 0;
		this.#cancelTimer?.();
		this.#cancelTimer = undefined;
		this.#silence?.cancel();
		this.#silence = undefined;
	}

	#arm(): void {
		const head = this.#waiting[0];
		if (!head || this.#cancelTimer || this.#silence) return;
		this.#cancelTimer = this.#schedule(Math.max(0, head.dueMs - this.#nowMs()), () => {
			this.#cancelTimer = undefined;
			// A real timer may ring a little before its time.
			this.#flush(head.dueMs);
		});
	}

	#flush(atLeastMs: number): void {
		const untilMs = Math.max(atLeastMs, this.#nowMs());
		while (!this.#silence) {
			const head = this.#waiting[0];
			if (!head || head.dueMs > untilMs) break;
			this.#waiting.shift();
			head.act();
		}
		this.#arm();
	}
}
