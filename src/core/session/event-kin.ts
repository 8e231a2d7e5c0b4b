import { countBefore } from '../base/binary-search.ts';
import { isObject, listAt, objectAt, stringAt, type JsonObject } from '../base/json.ts';
import { isSentBy } from '../protocol/catalog.ts';
import { parseEvent, type WireEvent } from '../protocol/parse-event.ts';
import type { LogEntry } from '../recording/recorded-event.ts';
import { CauseFinder, type Cause, type LinkGround } from './event-kin-links.ts';
import { DeltaReader } from './read-delta.ts';

export type { LinkGround };

/** An event that caused the one in question, or that it led to. */
export interface KinLink {
	readonly seq: number;
	readonly ground: LinkGround;
}

/** The events that name the same item, response or call. */
export interface KinGroup {
	readonly kind: 'item' | 'response' | 'call';
	readonly id: string;
	/** In order; the event in question is among them. Grows with the log. */
	readonly seqs: readonly number[];
}

/** What belongs to an event, as far as the log was read. */
export interface EventKin {
	readonly causes: readonly KinLink[];
	readonly effects: readonly KinLink[];
	readonly groups: readonly KinGroup[];
}

const KINDS = ['item', 'response', 'call'] as const;
type Ids = Readonly<Record<(typeof KINDS)[number], readonly string[]>>;

/** An event names few things; what names more is not an event of this protocol. */
const MOST_NAMED = 64;
const NO_IDS: Ids = { item: [], response: [], call: [] };

/**
 * Who is whose kin in a log: built entry by entry in the order of the log, asked for any of them. Of what a million events
 * say it keeps their numbers by the ids that they name.
 */
export class KinIndex {
	readonly #groups = { item: new Map<string, number[]>(), response: new Map(), call: new Map() } as Readonly<
		Record<(typeof KINDS)[number], Map<string, number[]>>
	>;
	readonly #finder = new CauseFinder();
	readonly #causes = new Map<number, Cause>();
	readonly #effects = new Map<number, KinLink[]>();
	/** Where a response began. */
	readonly #begun = new Map<string, number>();
	/** The events that told the session's configuration. */
	readonly #configs: number[] = [];
	readonly #deltas = new DeltaReader();
	/** The event that was read last, and what it names: of audio nothing but the `event_id` changes. */
	#latest: { readonly event: WireEvent; readonly ids: Ids } | null = null;
	/** What caller audio without an `event_id` has in common. */
	#nameless: object | undefined;
	/** The ids of the event that was asked for last: it is asked for again as the log grows. */
	#asked: { readonly seq: number; readonly ids: Ids } | null = null;
	#count = 0;

	/** How many entries were taken in: the next one is this. */
	get count(): number {
		return this.#count;
	}

	/** Takes in the next entry. */
	add(entry: LogEntry): void {
		this.#count = entry.seq + 1;
		if (entry.binary) return;
		if (entry.audio && entry.from === 'client') return this.#addCallerAudio(entry);
		const event = entry.audio ? this.#deltas.read(entry) : parseEvent(entry.text);
		if (!event.ok) return;
		const { seq, from } = entry;
		const ids = this.#idsOf(event.value);
		for (const kind of KINDS) for (const id of ids[kind]) addTo(this.#groups[kind], id, seq);
		if (entry.audio || from === 'console' || !isSentBy(from, event.value.gaType)) return;
		this.#note(seq, event.value, ids);
		const cause = this.#finder.add(seq, from, event.value);
		if (!cause) return;
		this.#causes.set(seq, cause);
		const effects = this.#effects.get(cause.seq);
		const effect = { seq, ground: cause.ground };
		if (effects) effects.push(effect);
		else this.#effects.set(cause.seq, [effect]);
	}

	/** The kin of an entry of the log that was taken in. */
	kinOf(entry: LogEntry): EventKin {
		if (this.#asked?.seq !== entry.seq) this.#asked = { seq: entry.seq, ids: readEntryIds(entry) };
		const { ids } = this.#asked;
		const groups = KINDS.flatMap((kind) =>
			ids[kind].map((id) => ({ kind, id, seqs: this.#groups[kind].get(id) ?? [] }))
		).filter(({ seqs }) => seqs.length > 1);
		const cause = this.#causes.get(entry.seq) ?? this.#beginningOf(ids, entry.seq);
		return { causes: cause ? [cause] : [], effects: this.#effects.get(entry.seq) ?? [], groups };
	}

	/** The last event at or before `seq` that told the session's configuration; `null` when none had. */
	configSeq(seq: number): number | null {
		const index = countBefore(this.#configs.length, (at) => this.#configs[at]! <= seq) - 1;
		return this.#configs[index] ?? null;
	}

	/** What belongs to a response exists because it began. */
	#beginningOf(ids: Ids, seq: number): Cause | null {
		for (const id of ids.response) {
			const begun = this.#begun.get(id);
			if (begun !== undefined && begun < seq) return { seq: begun, ground: 'id' };
		}
		return null;
	}

	#note(seq: number, { gaType }: WireEvent, ids: Ids): void {
		if (gaType === 'session.created' || gaType === 'session.updated') this.#configs.push(seq);
		const [response] = ids.response;
		if (gaType === 'response.created' && response !== undefined) this.#begun.set(response, seq);
	}

	/** Fifty a second, and all that can matter of one is its `event_id`. */
	#addCallerAudio(entry: LogEntry): void {
		if (entry.shape !== undefined && entry.shape === this.#nameless) return;
		const event = parseEvent(entry.text);
		const eventId = event.ok ? stringAt(event.value.body, 'event_id') : undefined;
		if (eventId === undefined) this.#nameless = entry.shape;
		this.#finder.addSent({ seq: entry.seq, eventId });
	}

	#idsOf(event: WireEvent): Ids {
		if (this.#latest?.event !== event) this.#latest = { event, ids: readIds(event.body) };
		return this.#latest.ids;
	}
}

function addTo(groups: Map<string, number[]>, id: string, seq: number): void {
	const group = groups.get(id);
	if (group) group.push(seq);
	else groups.set(id, [seq]);
}

function readEntryIds(entry: LogEntry): Ids {
	const event = entry.binary ? null : parseEvent(entry.text);
	return event?.ok ? readIds(event.value.body) : NO_IDS;
}

/** The items, responses and calls that an event is about: not those that it only mentions as the ones before. */
function readIds(body: JsonObject): Ids {
	const item = objectAt(body, 'item');
	const response = objectAt(body, 'response');
	const output = listAt(response, 'output').slice(0, MOST_NAMED).filter(isObject);
	return {
		item: named([stringAt(body, 'item_id'), stringAt(item, 'id'), ...output.map((one) => stringAt(one, 'id'))]),
		response: named([stringAt(body, 'response_id'), stringAt(response, 'id')]),
		call: named([
			stringAt(body, 'call_id'),
			stringAt(item, 'call_id'),
			...output.map((one) => stringAt(one, 'call_id'))
		])
	};
}

function named(ids: readonly (string | undefined)[]): string[] {
	return [...new Set(ids.filter((id) => id !== undefined && id !== ''))] as string[];
}
