import { parseJson, stringAt } from '#core/base/json.ts';
import type { EntryReader } from '#core/recording/recording-log.ts';
import { deriveEventRow, type EventRow } from '#core/session/event-row.ts';
import type { FoldedRun } from './event-folds.ts';

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

/** Characters of a run's text that are read: a line holds no more. */
const MOST_TEXT = 400;
/** Events that are read for it: pieces may be empty. */
const MOST_PIECES = 400;

interface ReadText {
	readonly version: number;
	text: string;
	/** The last event that was read. */
	seq: number;
	pieces: number;
}

/** The texts that runs of pieces make, as far as a line shows them. What a run gains is read alone. */
export class RunTexts {
	readonly #log: EntryReader;
	readonly #texts = new Map<number, ReadText>();

	constructor(log: EntryReader) {
		this.#log = log;
	}

	/**
	 * @param version of the list: with another one the run may hold other events
	 * @param nextOf the event of the run after another
	 */
	text({ run, firstSeq }: FoldedRun, version: number, nextOf: (seq: number) => number | null): string {
		let known = this.#texts.get(run);
		if (known?.version !== version) {
			this.#texts.delete(run);
			known = { version, text: this.#read(firstSeq), seq: firstSeq, pieces: 1 };
			this.#texts.set(run, known);
			if (this.#texts.size > MOST_ROWS) this.#texts.delete(this.#texts.keys().next().value!);
		}
		while (known.text.length < MOST_TEXT && known.pieces < MOST_PIECES) {
			const next = nextOf(known.seq);
			if (next === null) break;
			known.text += this.#read(next);
			known.seq = next;
			known.pieces++;
		}
		return known.text.slice(0, MOST_TEXT);
	}

	#read(seq: number): string {
		return stringAt(parseJson(this.#log.entry(seq).text), 'delta') ?? '';
	}
}
