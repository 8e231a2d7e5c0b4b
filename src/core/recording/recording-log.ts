import { assertPresent } from '../base/assert.ts';
import { countBefore } from '../base/binary-search.ts';
import { joinAudio, splitAudio } from './audio-split.ts';
import { ByteTrack } from './byte-track.ts';
import type { LogEntry, RecordedEvent, TrackName } from './recorded-event.ts';

/** The bytes that an entry brought to its track, beside the entry. */
export interface AppendedEntry {
	readonly entry: LogEntry;
	readonly audio?: Uint8Array;
}

/**
 * A recording in memory: entries in order, and each speaker's audio once, as bytes.
 *
 * Append-only. What is appended is the truth of which every pane is a view.
 */
export class RecordingLog {
	readonly tracks: Readonly<Record<TrackName, ByteTrack>> = { caller: new ByteTrack(), model: new ByteTrack() };
	#entries: LogEntry[] = [];

	get length(): number {
		return this.#entries.length;
	}

	/** Session time (ms) of the last entry; 0 when there is none. */
	get lengthMs(): number {
		return this.#entries.at(-1)?.at ?? 0;
	}

	/** Appends a recorded event, taking its audio out into the track. */
	append(event: RecordedEvent): AppendedEntry {
		const { seq, at, from, raw, binary } = event;
		const split = binary ? undefined : splitAudio(from, raw);
		if (!split) {
			const entry: LogEntry = { seq, at, from, text: raw, ...(binary && { binary }) };
			this.#entries.push(entry);
			return { entry };
		}
		const offset = this.tracks[split.track].append(split.bytes);
		const audio = { track: split.track, index: split.index, offset, length: split.bytes.length };
		const entry: LogEntry = { seq, at, from, text: split.text, audio };
		this.#entries.push(entry);
		return { entry, audio: split.bytes };
	}

	/**
	 * Takes back an entry that was stored. Its audio must be in the track, or come later by `tracks`. It is numbered by its
	 * place, because entries before it may be lost, and its time is never before that of the last one.
	 */
	restore(entry: LogEntry): void {
		const at = Number.isFinite(entry.at) ? Math.max(this.lengthMs, entry.at) : this.lengthMs;
		this.#entries.push({ ...entry, seq: this.#entries.length, at });
	}

	/** The entry at an index, which is its `seq`. Throws outside the log. */
	entry(index: number): LogEntry {
		return assertPresent(this.#entries[index], `entry ${index}`);
	}

	/** The message's raw text, byte for byte as it crossed the wire. */
	raw(index: number): string {
		const entry = this.entry(index);
		if (!entry.audio) return entry.text;
		const { track, index: at, offset, length } = entry.audio;
		return joinAudio(entry.text, at, this.tracks[track].read(offset, length));
	}

	/** The entry as the recorded event that it was. */
	recorded(index: number): RecordedEvent {
		const { seq, at, from, binary } = this.entry(index);
		return { seq, at, from, raw: this.raw(index), ...(binary && { binary }) };
	}

	/** How many entries happened at or before session time `ms`: the state at `ms` is the fold of so many entries. */
	countUpTo(ms: number): number {
		return countBefore(this.#entries.length, (index) => this.#entries[index]!.at <= ms);
	}
}
