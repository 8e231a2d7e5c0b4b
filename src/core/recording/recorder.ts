import type { From } from './recorded-event.ts';
import type { AppendedEntry, MemoryLog } from './recording-log.ts';

/**
 * Stamps messages and appends them to a log, before anyone parses them.
 *
 * Order is the order of the calls; time never runs backwards, whatever the clock does.
 */
export class Recorder {
	readonly log: MemoryLog;
	readonly #now: () => number;
	readonly #onAppend: (appended: AppendedEntry) => void;
	#lastAt = 0;

	/**
	 * @param now monotonic milliseconds since the recording began
	 * @param onAppend called synchronously after each append: the store and the fold hang here
	 */
	constructor(log: MemoryLog, now: () => number, onAppend: (appended: AppendedEntry) => void) {
		this.log = log;
		this.#now = now;
		this.#onAppend = onAppend;
	}

	/** Records a text message. `at` (ms) may be given when it is known better than by "now". */
	record(from: From, raw: string, at?: number): void {
		this.#append(from, raw, at, false);
	}

	/** Records a binary frame, as base64. */
	recordBinary(from: From, base64: string): void {
		this.#append(from, base64, undefined, true);
	}

	#append(from: From, raw: string, at: number | undefined, binary: boolean): void {
		this.#lastAt = Math.max(this.#lastAt, at ?? this.#now());
		const event = { seq: this.log.length, at: this.#lastAt, from, raw };
		this.#onAppend(this.log.append(binary ? { ...event, binary: true } : event));
	}
}
