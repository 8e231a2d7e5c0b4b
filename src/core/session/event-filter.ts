import type { Result } from '../base/result.ts';
import type { From } from '../protocol/direction.ts';
import { parseEvent, type WireEvent } from '../protocol/parse-event.ts';
import type { LogEntry, TrackName } from '../recording/recorded-event.ts';
import { readEventIds, type IdKind } from './event-ids.ts';
import { parseQuery, SENDERS, type FilterTerm } from './event-query.ts';
import { deriveEventRow, deriveRowOf, type EventRow } from './event-row.ts';
import { DeltaReader } from './read-delta.ts';

/** An entry's text as an event, or why it is none. */
type ReadEvent = Result<WireEvent, unknown>;

/**
 * A filter of the event list that is asked about a million events: nearly all of them are audio, whose rows differ in
 * nothing but their size and their time. What can be told without reading the event is told first.
 */
export class EventFilter {
	/** Lets every event through. */
	readonly isEmpty: boolean;
	readonly #senders: ReadonlySet<From>;
	/** Session time in whole ms: from the first on, and before the second. */
	readonly #startMs: number;
	readonly #endMs: number;
	readonly #isOfRow: boolean;
	readonly #row: RowFilter;
	readonly #audio: Readonly<Record<TrackName, AudioFilter>>;

	/** @param text see `parseQuery`; several values of one key are alternatives, all else must hold together */
	constructor(text: string) {
		const { terms } = parseQuery(text);
		this.isEmpty = terms.length === 0;
		const asked = terms.flatMap((term) => (term.kind === 'from' && !term.isNot ? [term.from] : []));
		const refused = terms.flatMap((term) => (term.kind === 'from' && term.isNot ? [term.from] : []));
		this.#senders = new Set((asked.length > 0 ? asked : SENDERS).filter((from) => !refused.includes(from)));
		this.#startMs = Math.max(-Infinity, ...timesOf(terms, 'after', 'before'));
		this.#endMs = Math.min(Infinity, ...timesOf(terms, 'before', 'after'));
		this.#row = new RowFilter(terms);
		this.#isOfRow = !this.#row.isEmpty;
		this.#audio = { caller: new AudioFilter(this.#row), model: new AudioFilter(this.#row) };
	}

	matches(entry: LogEntry): boolean {
		if (this.isEmpty) return true;
		const ms = Math.round(entry.at);
		if (ms < this.#startMs || ms >= this.#endMs || !this.#senders.has(entry.from)) return false;
		if (!this.#isOfRow) return true;
		if (entry.audio) return this.#audio[entry.audio.track].matches(entry, entry.audio.length);
		const event = parseEvent(entry.text);
		return this.#row.matches(deriveRowOf(entry, event), event);
	}
}

/** The times of a key's terms, and of those that refuse the other key: not before a time is at it or after it. */
function timesOf(terms: readonly FilterTerm[], key: 'after' | 'before', opposite: 'after' | 'before'): number[] {
	return terms.flatMap((term) => {
		if (term.kind !== 'after' && term.kind !== 'before') return [];
		return term.kind === (term.isNot ? opposite : key) ? [term.ms] : [];
	});
}

const ID_KINDS: readonly IdKind[] = ['item', 'response', 'call'];

type PatternTerm = Extract<FilterTerm, { readonly kind: 'type' | IdKind }>;

/** The terms that are about what an event says. */
class RowFilter {
	readonly #texts: readonly { readonly isNot: boolean; readonly text: string }[];
	readonly #types: readonly PatternTerm[];
	readonly #ids: readonly { readonly kind: IdKind; readonly terms: readonly PatternTerm[] }[];

	constructor(terms: readonly FilterTerm[]) {
		this.#texts = terms.flatMap((term) => (term.kind === 'text' ? [term] : []));
		const of = (kind: 'type' | IdKind) => terms.filter((term): term is PatternTerm => term.kind === kind);
		this.#types = of('type');
		this.#ids = ID_KINDS.map((kind) => ({ kind, terms: of(kind) })).filter((each) => each.terms.length > 0);
	}

	get isEmpty(): boolean {
		return this.#texts.length + this.#types.length + this.#ids.length === 0;
	}

	matches(row: EventRow, event: ReadEvent): boolean {
		if (!passes(this.#types, [row.type])) return false;
		if (this.#texts.length > 0) {
			const text = `${row.type} ${row.from} ${row.summary}`.toLowerCase();
			if (this.#texts.some((term) => text.includes(term.text) === term.isNot)) return false;
		}
		if (this.#ids.length === 0) return true;
		const ids = readEventIds(event.ok ? event.value.body : {});
		return this.#ids.every(({ kind, terms }) => passes(terms, ids[kind]));
	}
}

/** One of the terms that ask fits a value, where there are such; none of those that refuse does. */
function passes(terms: readonly PatternTerm[], values: readonly string[]): boolean {
	const fits = ({ pattern }: PatternTerm) => values.some((value) => pattern.matches(value));
	const asked = terms.filter((term) => !term.isNot);
	return (asked.length === 0 || asked.some(fits)) && !terms.some((term) => term.isNot && fits(term));
}

/** What became of the audio events of one track that were seen last. */
class AudioFilter {
	readonly #row: RowFilter;
	readonly #reader = new DeltaReader();
	#event: ReadEvent | null = null;
	#from: From | null = null;
	/** By length of the audio. */
	#known = new Map<number, boolean>();

	constructor(row: RowFilter) {
		this.#row = row;
	}

	matches(entry: LogEntry, length: number): boolean {
		const event = this.#reader.read(entry);
		if (event !== this.#event || entry.from !== this.#from) {
			this.#event = event;
			this.#from = entry.from;
			this.#known = new Map();
		}
		const known = this.#known.get(length);
		if (known !== undefined) return known;
		const matches = this.#row.matches(deriveEventRow(entry), event);
		this.#known.set(length, matches);
		return matches;
	}
}
