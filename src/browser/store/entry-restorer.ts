import { decodeUtf8 } from '#core/base/utf8.ts';
import { EntryBlock, type EntryBlockData } from '#core/recording/entry-block.ts';
import type { AudioRef, TrackName } from '#core/recording/recorded-event.ts';
import type { AudioIndex } from './audio-index.ts';
import { parseLine, type LineEntry } from './entry-line.ts';
import type { EntryCursor } from './recording-store.ts';
import type { EventChunk } from './schema.ts';

/**
 * Makes entries of the chunks of a recording, in blocks. Never fails: what is missing or broken is named in `damage`, and
 * everything before and after it is kept; an entry whose audio is not wholly stored is kept without it.
 */
export class EntryRestorer {
	readonly damage: string[] = [];
	/** How many entries the recording counts: what lies behind was added since. */
	readonly #eventCount: number;
	readonly #audio: Readonly<Record<TrackName, AudioIndex>>;
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
		const lines = linesOf(chunk);
		const end = Math.min(first + Math.max(lines.length, chunk.count), this.#eventCount);
		if (first + lines.length < end) this.#noteMissing(Math.max(first + lines.length, this.#next), end);
		for (let index = Math.max(first, this.#next); index < Math.min(first + lines.length, end); index++) {
			this.#addLine(lines[index - first]!, index);
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

	#addLine(line: string, index: number): void {
		const entry = parseLine(line);
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

function linesOf(chunk: EventChunk): string[] {
	if (!ArrayBuffer.isView(chunk.bytes)) return [];
	const lines = decodeUtf8(chunk.bytes).split('\n');
	// The last line is ended by a line feed too, unless its end was lost.
	if (lines.at(-1) === '') lines.pop();
	return lines;
}

function withoutAudio({ at, from, text }: LineEntry): LineEntry {
	return { at, from, text };
}
