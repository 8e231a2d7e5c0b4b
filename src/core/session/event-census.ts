import type { From } from '../protocol/direction.ts';
import { parseEvent } from '../protocol/parse-event.ts';
import type { LogEntry, TrackName } from '../recording/recorded-event.ts';
import { readEventIds, type IdKind } from './event-ids.ts';
import { deriveRowOf, type EventRow } from './event-row.ts';
import { DeltaReader } from './read-delta.ts';

/** Something that events have in common, and how many have it. */
export interface Tally {
	readonly value: string;
	readonly count: number;
}

export interface TypeTally extends Tally {
	readonly family: EventRow['family'];
}

/** Different types, and different ids of a kind, that are told apart; what comes later is counted together. */
const MOST_TYPES = 2000;
const MOST_IDS = 20_000;
/** Longer ones are nobody's that would be chosen from a list. */
const MOST_LENGTH = 200;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** How many events of a log have which type, sender, item, response and call. */
export class EventCensus {
	/** Events that were counted. */
	eventCount = 0;
	/** Events whose type has no tally of its own, because there are too many types. */
	otherTypes = 0;
	readonly #senders: Record<From, number> = { client: 0, server: 0, console: 0 };
	readonly #types = new Map<string, Mutable<TypeTally>>();
	readonly #ids: Readonly<Record<IdKind, Map<string, Mutable<Tally>>>> = {
		item: new Map(),
		response: new Map(),
		call: new Map()
	};
	readonly #audio: Readonly<Record<TrackName, AudioTallies>> = {
		caller: new AudioTallies(),
		model: new AudioTallies()
	};

	/** Counts the log's next event. */
	add(entry: LogEntry): void {
		this.eventCount++;
		this.#senders[entry.from]++;
		if (!entry.audio) {
			this.#count(this.#talliesOf(entry, parseEvent(entry.text)));
			return;
		}
		const audio = this.#audio[entry.audio.track];
		const event = audio.reader.read(entry);
		if (event !== audio.event || entry.from !== audio.from) {
			audio.event = event;
			audio.from = entry.from;
			audio.tallies = this.#talliesOf(entry, event);
		}
		this.#count(audio.tallies);
	}

	countOf(from: From): number {
		return this.#senders[from];
	}

	/** The types that are there, the most frequent first. */
	types(): TypeTally[] {
		return [...this.#types.values()].sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
	}

	/** The ids that are there, the newest first. */
	ids(kind: IdKind): Tally[] {
		return [...this.#ids[kind].values()].reverse();
	}

	#count(tallies: readonly (Mutable<Tally> | null)[]): void {
		for (const tally of tallies) {
			if (tally) tally.count++;
			else this.otherTypes++;
		}
	}

	/** What an event is counted for; `null` stands for a type without a tally. */
	#talliesOf(entry: LogEntry, event: ReturnType<typeof parseEvent>): (Mutable<Tally> | null)[] {
		const { type, family } = deriveRowOf(entry, event);
		const ids = event.ok ? readEventIds(event.value.body) : null;
		return [
			tallyOf(this.#types, type, MOST_TYPES, { value: type, family, count: 0 }),
			...(['item', 'response', 'call'] as const).flatMap((kind) =>
				(ids?.[kind] ?? []).flatMap((id) => tallyOf(this.#ids[kind], id, MOST_IDS, { value: id, count: 0 }) ?? [])
			)
		];
	}
}

/** What the audio events of one track are counted for that were seen last. */
class AudioTallies {
	readonly reader = new DeltaReader();
	event: ReturnType<DeltaReader['read']> | null = null;
	from: From | null = null;
	tallies: readonly (Mutable<Tally> | null)[] = [];
}

/** The tally of a value, a new one while there is room. */
function tallyOf<T extends Tally>(tallies: Map<string, T>, value: string, most: number, fresh: T): T | null {
	const known = tallies.get(value);
	if (known) return known;
	if (tallies.size === most || value.length > MOST_LENGTH) return null;
	tallies.set(value, fresh);
	return fresh;
}
