import type { EntryReader } from '#core/recording/recording-log.ts';
import { deriveEventRow, type EventRow } from '#core/session/event-row.ts';

/** Rows that are kept after they were drawn. */
const MOST_ROWS = 1000;

/** The rows of a log's events, read when they are asked for; the last thousand of them are kept. */
export class EventRows {
	readonly #log: EntryReader;
	readonly #rows = new Map<number, EventRow>();

	constructor(log: EntryReader) {
		this.#log = log;
	}

	row(seq: number): EventRow {
		const known = this.#rows.get(seq);
		if (known) return known;
		const row = deriveEventRow(this.#log.entry(seq));
		this.#rows.set(seq, row);
		for (const oldest of this.#rows.keys()) {
			if (this.#rows.size <= MOST_ROWS) break;
			this.#rows.delete(oldest);
		}
		return row;
	}
}
