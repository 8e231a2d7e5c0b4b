import { countBefore } from '#core/base/binary-search.ts';
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

	/** The `seq` of the row after or before `seq` that passes the filter; `null` at the ends. */
	neighbour(seq: number, direction: 1 | -1): number | null {
		const before = countBefore(this.rows.length, (i) => this.rows[i]!.seq < seq);
		const isShown = this.rows[before]?.seq === seq;
		const index = direction === -1 ? before - 1 : isShown ? before + 1 : before;
		return this.rows[index]?.seq ?? null;
	}

	setFilter(text: string): void {
		this.filter = text;
		this.#words = parseFilter(text);
		this.#passing = this.#all.filter((row) => matchesFilter(row, this.#words));
		this.rows = this.#passing.slice();
	}
}
