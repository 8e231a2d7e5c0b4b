import type { LogEntry, TrackName } from '../recording/recorded-event.ts';
import { deriveEventRow, matchesFilter, parseFilter, type EventRow } from './event-row.ts';
import { DeltaReader } from './read-delta.ts';
import type { Result } from '../base/result.ts';

/**
 * A filter of the event list that is asked about a million events: nearly all of them are audio, whose rows differ in
 * nothing but their size.
 */
export class EventFilter {
	readonly words: readonly string[];
	readonly #audio: Readonly<Record<TrackName, AudioFilter>>;

	/** @param text every word must be in the type, the sender or the summary; `-word` must not */
	constructor(text: string) {
		this.words = parseFilter(text);
		this.#audio = { caller: new AudioFilter(this.words), model: new AudioFilter(this.words) };
	}

	/** Lets every event through. */
	get isEmpty(): boolean {
		return this.words.length === 0;
	}

	matches(entry: LogEntry): boolean {
		if (this.isEmpty) return true;
		if (entry.audio) return this.#audio[entry.audio.track].matches(entry, entry.audio.length);
		return matchesFilter(deriveEventRow(entry), this.words);
	}
}

/** What became of the audio events of one track that were seen last. */
class AudioFilter {
	readonly #words: readonly string[];
	readonly #reader = new DeltaReader();
	#event: Result<unknown, unknown> | null = null;
	#from: EventRow['from'] | null = null;
	/** By length of the audio. */
	#known = new Map<number, boolean>();

	constructor(words: readonly string[]) {
		this.#words = words;
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
		const matches = matchesFilter(deriveEventRow(entry), this.#words);
		this.#known.set(length, matches);
		return matches;
	}
}
