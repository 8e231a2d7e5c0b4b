import { EntryBlock, type EntryBlockData } from '#core/recording/entry-block.ts';
import type { AudioRef, TrackName } from '#core/recording/recorded-event.ts';
import type { AudioIndex } from './audio-index.ts';
import type { LineEntry } from './entry-line.ts';
import { LineReader } from './line-reader.ts';
import type { EntryCursor } from './recording-store.ts';
import type { EventChunk } from './schema.ts';

const LINE_FEED = 10;

/**
 * Makes entries of the chunks of a recording, in blocks. Never fails: what is missing or broken is named in `damage`, and
 * everything before and after it is kept; an entry whose audio is not wholly stored is kept without it.
 */
export class EntryRestorer {
	readonly damage: string[] = [];
	/** How many entries the recording counts: what lies behind was added since. */
	readonly #eventCount: number;
	readonly #audio: Readonly<Record<TrackName, AudioIndex>>;
	readonly #reader = new LineReader();
	#block = new EntryBlock();
	#full: EntryBlockData[] = [];
	#next: number;
	#lastAt: number;
	#silencedCount = 0;

	constructor(from: EntryCursor, eventCount: number, audio: Readonly<Record<TrackName, AudioIndex>>) {
		this.#next = from.index;
		this.#lastAt = from.at;
		this.#eventCount = eventCount;
		this.#audio = audio;
	}

	/** Where the next reading goes on. */
	get cursor(): EntryCursor {
		return { index: this.#next, at: this.#lastAt };
	}

	get isComplete(): boolean {
		return this.#next >= this.#eventCount;
	}

	/** Takes in a chunk that begins with the entry `first`. They come in order; entries from before the cursor are passed over. */
	addChunk(first: number, chunk: EventChunk): void {
		if (first > this.#next) this.#noteMissing(this.#next, Math.min(first, this.#eventCount));
		const bytes = ArrayBuffer.isView(chunk.bytes) ? chunk.bytes : new Uint8Array(0);
		const ends = lineEnds(bytes);
		const end = Math.min(first + Math.max(ends.length, chunk.count), this.#eventCount);
		if (first + ends.length < end) this.#noteMissing(Math.max(first + ends.length, this.#next), end);
		for (let index = Math.max(first, this.#next); index < Math.min(first + ends.length, end); index++) {
			const line = index - first;
			this.#addEntry(this.#reader.read(bytes, line === 0 ? 0 : ends[line - 1]! + 1, ends[line]!), index);
		}
		this.#next = Math.max(this.#next, end);
	}

	/** The entries since the last call. */
	takeBlocks(): EntryBlockData[] {
		if (this.#block.count > 0) this.#closeBlock();
		const blocks = this.#full;
		this.#full = [];
		return blocks;
	}

	/** All chunks have come. */
	finish(): void {
		if (!this.isComplete) this.#noteMissing(this.#next, this.#eventCount);
		this.#next = Math.max(this.#next, this.#eventCount);
		const count = this.#silencedCount;
		if (count > 0) this.damage.push(`${count} audio ${count === 1 ? 'event is' : 'events are'} kept without audio.`);
	}

	#addEntry(entry: LineEntry | undefined, index: number): void {
		if (!entry) {
			this.damage.push(`Event ${index} could not be read and is left out.`);
			return;
		}
		const isWhole = !entry.audio || this.#isStored(entry.audio);
		if (!isWhole) this.#silencedCount++;
		this.#lastAt = Math.max(this.#lastAt, entry.at);
		if (this.#block.isFull) this.#closeBlock();
		this.#block.append({ ...(isWhole ? entry : withoutAudio(entry)), at: this.#lastAt });
	}

	#isStored({ track, offset, length }: AudioRef): boolean {
		return this.#audio[track].isStored(offset, length);
	}

	#closeBlock(): void {
		this.#full.push(this.#block.data());
		this.#block = new EntryBlock();
	}

	#noteMissing(first: number, end: number): void {
		if (end <= first) return;
		this.damage.push(end - first === 1 ? `Event ${first} is missing.` : `Events ${first} to ${end - 1} are missing.`);
	}
}

/** Where each line ends. The last one is ended by a line feed too, unless its end was lost. */
function lineEnds(bytes: Uint8Array): number[] {
	const ends: number[] = [];
	let start = 0;
	for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
		ends.push(end);
		start = end + 1;
	}
	if (start < bytes.length) ends.push(bytes.length);
	return ends;
}

function withoutAudio({ at, from, text }: LineEntry): LineEntry {
	return { at, from, text };
}
