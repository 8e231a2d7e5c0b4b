import { deriveEventRow, matchesFilter, parseFilter, type EventRow } from '#core/session/event-row.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';

/** The rows of the event list: every event of a log that passes the filter, read once, as they come. */
export class EventList {
	filter = $state('');
	rows = $state.raw<readonly EventRow[]>([]);
	total = $state(0);
	readonly #log: RecordingLog;
	#all: EventRow[] = [];
	#passing: EventRow[] = [];
	#words: string[] = [];

	constructor(log: RecordingLog) {
		this.#log = log;
	}

	/** Takes in what the log has gained. */
	update(): void {
		if (this.#all.length === this.#log.length) return;
		let hasNew = false;
		for (let i = this.#all.length; i < this.#log.length; i++) {
			const row = deriveEventRow(this.#log.entry(i));
			this.#all.push(row);
			if (!matchesFilter(row, this.#words)) continue;
			this.#passing.push(row);
			hasNew = true;
		}
		this.total = this.#all.length;
		if (hasNew) this.rows = this.#passing.slice();
	}

	setFilter(text: string): void {
		this.filter = text;
		this.#words = parseFilter(text);
		this.#passing = this.#all.filter((row) => matchesFilter(row, this.#words));
		this.rows = this.#passing.slice();
	}
}
