import { assert, assertPresent } from '../base/assert.ts';
import { countBefore } from '../base/binary-search.ts';
import { joinAudio, splitAudio } from './audio-split.ts';
import { ByteTrack, type TrackBytes } from './byte-track.ts';
import { EntryBlock, type EntryBlockData } from './entry-block.ts';
import type { LogEntry, RecordedEvent, TrackName } from './recorded-event.ts';

/** The bytes that an entry brought to its track, beside the entry. */
export interface AppendedEntry {
	readonly entry: LogEntry;
	readonly audio?: Uint8Array;
}

/** The entries of a recording, in order. */
export interface EntryReader {
	readonly length: number;
	/** The entry at an index, which is its `seq`. Throws outside the log. */
	entry(index: number): LogEntry;
}

/** The two tracks of a recording. */
export type Tracks<T extends TrackBytes = TrackBytes> = Readonly<Record<TrackName, T>>;

/**
 * A recording's entries in order, and where its audio is. The entries lie in memory as typed arrays and bytes; objects are
 * made of them when somebody looks. The audio lies in memory too while a recording is made, else wherever it is stored.
 *
 * Append-only. What is appended is the truth of which every pane is a view.
 */
export class RecordingLog<T extends TrackBytes = TrackBytes> implements EntryReader {
	readonly tracks: Tracks<T>;
	readonly #blocks: EntryBlock[] = [];
	/** The index of each block's first entry. */
	readonly #firsts: number[] = [];
	#length = 0;
	#lengthMs = 0;

	constructor(tracks: Tracks<T>) {
		this.tracks = tracks;
	}

	get length(): number {
		return this.#length;
	}

	/** Session time (ms) of the last entry; 0 when there is none. */
	get lengthMs(): number {
		return this.#lengthMs;
	}

	/** Bytes that the entries take, without audio. */
	get byteLength(): number {
		return this.#blocks.reduce((sum, block) => sum + block.byteLength, 0);
	}

	/**
	 * Takes in an entry whose audio, if it has any, lies in its track or will. It is numbered by its place, because entries
	 * before it may be lost, and its time is never before that of the last one.
	 */
	restore(entry: Omit<LogEntry, 'seq'>): void {
		const at = Number.isFinite(entry.at) ? Math.max(this.#lengthMs, entry.at) : this.#lengthMs;
		const { from, text, binary, audio } = entry;
		this.#openBlock().append({ at, from, text, ...(binary && { binary }), ...(audio && { audio }) });
		this.#length++;
		this.#lengthMs = at;
	}

	/** Takes in a block behind all that there is. Its times must not be before the last entry's. */
	addBlock(data: EntryBlockData): void {
		if (data.count === 0) return;
		this.#blocks.at(-1)?.trim();
		this.#firsts.push(this.#length);
		const block = EntryBlock.of(data);
		assert(block.at(0) >= this.#lengthMs, 'a block comes before the end of the log');
		this.#blocks.push(block);
		this.#length += data.count;
		this.#lengthMs = block.at(data.count - 1);
	}

	entry(index: number): LogEntry {
		const [block, first] = this.#blockOf(index);
		return block.entry(index - first, first);
	}

	/** The block that holds the entry at an index, as plain data, and the index of its first entry. */
	blockAt(index: number): { readonly first: number; readonly data: EntryBlockData } {
		const [block, first] = this.#blockOf(index);
		return { first, data: block.data() };
	}

	/** Time (ms) of the entry at an index: cheaper than the entry. */
	at(index: number): number {
		const [block, first] = this.#blockOf(index);
		return block.at(index - first);
	}

	/** The message's raw text, byte for byte as it crossed the wire, when its audio is at hand: else `loadRaw` gets it. */
	peekRaw(index: number): string | undefined {
		const { text, audio } = this.entry(index);
		if (!audio) return text;
		const bytes = this.tracks[audio.track].peek(audio.offset, audio.length);
		return bytes && joinAudio(text, audio.index, bytes);
	}

	/** The message's raw text, byte for byte as it crossed the wire. Rejects when its audio cannot be read any more. */
	async loadRaw(index: number): Promise<string> {
		const { text, audio } = this.entry(index);
		if (!audio) return text;
		return joinAudio(text, audio.index, await this.tracks[audio.track].load(audio.offset, audio.length));
	}

	/** How many entries happened at or before session time `ms`: the state at `ms` is the fold of so many entries. */
	countUpTo(ms: number): number {
		return countBefore(this.#length, (index) => this.at(index) <= ms);
	}

	#openBlock(): EntryBlock {
		const last = this.#blocks.at(-1);
		if (last && !last.isFull) return last;
		last?.trim();
		const block = new EntryBlock();
		this.#blocks.push(block);
		this.#firsts.push(this.#length);
		return block;
	}

	#blockOf(index: number): [EntryBlock, number] {
		assert(index >= 0 && index < this.#length, `entry ${index}`);
		const at = countBefore(this.#firsts.length, (i) => this.#firsts[i]! <= index) - 1;
		return [assertPresent(this.#blocks[at], `the block of entry ${index}`), this.#firsts[at]!];
	}
}

/** A recording in memory, audio included: what a session writes, and what small files are read into. */
export class MemoryLog extends RecordingLog<ByteTrack> {
	constructor() {
		super({ caller: new ByteTrack(), model: new ByteTrack() });
	}

	/** Appends a recorded event, taking its audio out into the track. */
	append(event: RecordedEvent): AppendedEntry {
		const { at, from, raw, binary } = event;
		const seq = this.length;
		const split = binary ? undefined : splitAudio(from, raw);
		const stamp = { at: Math.max(this.lengthMs, at), from };
		if (!split) {
			const entry: LogEntry = { seq, ...stamp, text: raw, ...(binary && { binary }) };
			this.restore(entry);
			return { entry };
		}
		const offset = this.tracks[split.track].append(split.bytes);
		const audio = { track: split.track, index: split.index, offset, length: split.bytes.length };
		const entry: LogEntry = { seq, ...stamp, text: split.text, audio };
		this.restore(entry);
		return { entry, audio: split.bytes };
	}

	/** The message's raw text, byte for byte as it crossed the wire. */
	raw(index: number): string {
		return assertPresent(this.peekRaw(index), `the raw text of entry ${index}`);
	}

	/** The entry as the recorded event that it was. */
	recorded(index: number): RecordedEvent {
		const { seq, at, from, binary } = this.entry(index);
		return { seq, at, from, raw: this.raw(index), ...(binary && { binary }) };
	}
}
