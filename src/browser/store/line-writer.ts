import { encodeUtf8, encodeUtf8Into } from '#core/base/utf8.ts';
import { EntryBlock, type EntryBlockData } from '#core/recording/entry-block.ts';
import type { AudioRef, From, LogEntry, TrackName } from '#core/recording/recorded-event.ts';
import type { EntryReader } from '#core/recording/recording-log.ts';
import { lineOf } from './entry-line.ts';

/** Entries that can be had as the blocks that they lie in. */
export interface BlockReader extends EntryReader {
	/** The block that holds the entry at an index, and the index of the block's first. */
	blockAt(index: number): { readonly first: number; readonly data: EntryBlockData };
}

/** What is the same in all lines of audio events of one shape and sender. */
interface LineFrame {
	readonly track: TrackName;
	/** From behind the time to the varying part of the text. */
	readonly before: Uint8Array;
	/** From there to the audio's index. */
	readonly behind: Uint8Array;
}

interface OpenBlock {
	readonly first: number;
	readonly data: EntryBlockData;
	readonly block: EntryBlock;
	/** By sender and shape. */
	readonly frames: Record<From, LineFrame[]>;
}

const OFFSET = encodeUtf8(',"offset":');
const LENGTH = encodeUtf8(',"length":');
const SEQ = encodeUtf8('{"seq":');
const AT = encodeUtf8(',"at":');
const QUOTE = 34;
const BACKSLASH = 92;
/** Room for all of a line but its text: names, numbers. */
const FRAME_ROOM = 400;

/**
 * Writes the lines of entries. Of blocks it makes those of audio events, which nearly all are, from the bytes that lie
 * there, without making objects and strings of them: a third of the time. The lines are the same as those of `lineOf`.
 */
export class LineWriter {
	readonly #entries: EntryReader | BlockReader;
	#open: OpenBlock | undefined;
	#target = new Uint8Array(1 << 18);
	#end = 0;

	constructor(entries: EntryReader | BlockReader) {
		this.#entries = entries;
	}

	/** The lines of the entries from `first` up to `end`, in a buffer of their own. */
	lines(first: number, end: number): Uint8Array<ArrayBuffer> {
		this.#end = 0;
		for (let index = first; index < end; index++) {
			if (!this.#writeAudioLine(index)) this.#writeText(lineOf(this.#entries.entry(index)));
		}
		return this.#target.slice(0, this.#end);
	}

	/** How far into its track the audio of an entry reaches; `undefined` for one without audio. */
	audioOf(index: number): AudioRef | undefined {
		const open = this.#blockAt(index);
		return open ? open.block.audio(index - open.first) : this.#entries.entry(index).audio;
	}

	/** `false` when the line has to be made of the entry. */
	#writeAudioLine(seq: number): boolean {
		const open = this.#blockAt(seq);
		const index = seq - (open?.first ?? 0);
		const audio = open?.block.audio(index);
		const shape = open?.data.shape[index] ?? 0;
		if (!open || !audio || shape === 0) return false;
		const { data, block } = open;
		const start = index === 0 ? 0 : data.textEnd[index - 1]!;
		const end = data.textEnd[index]!;
		// A varying part that is kept as a JSON string begins so. It is not a text's own bytes then.
		if (end > start && data.text[start] === QUOTE) return false;
		const from = block.from(index);
		const frame = (open.frames[from][shape] ??= frameOf(from, data.shapes[shape - 1]!, audio));
		if (frame.track !== audio.track) return false;
		this.#reserve(FRAME_ROOM + frame.before.length + frame.behind.length + (end - start) * 6);
		this.#writeBytes(SEQ);
		this.#writeWhole(seq);
		this.#writeBytes(AT);
		this.#writeText(`${block.at(index)}`);
		this.#writeBytes(frame.before);
		this.#writeEscaped(data.text, start, end);
		this.#writeBytes(frame.behind);
		this.#writeWhole(audio.index);
		this.#writeBytes(OFFSET);
		this.#writeWhole(audio.offset);
		this.#writeBytes(LENGTH);
		this.#writeWhole(audio.length);
		this.#writeText('}}\n');
		return true;
	}

	#blockAt(index: number): OpenBlock | undefined {
		if (!('blockAt' in this.#entries)) return undefined;
		const open = this.#open;
		if (open && index >= open.first && index < open.first + open.data.count) return open;
		const { first, data } = this.#entries.blockAt(index);
		this.#open = { first, data, block: EntryBlock.of(data), frames: { client: [], server: [], console: [] } };
		return this.#open;
	}

	#reserve(count: number): void {
		if (this.#end + count <= this.#target.length) return;
		const grown = new Uint8Array(Math.max(this.#end + count, this.#target.length * 2));
		grown.set(this.#target.subarray(0, this.#end));
		this.#target = grown;
	}

	#writeBytes(bytes: Uint8Array): void {
		this.#target.set(bytes, this.#end);
		this.#end += bytes.length;
	}

	#writeText(text: string): void {
		this.#reserve(text.length * 3);
		// Short ASCII, which numbers are, is faster by hand.
		if (text.length > 24) this.#end += encodeUtf8Into(text, this.#target.subarray(this.#end));
		else for (let i = 0; i < text.length; i++) this.#target[this.#end++] = text.charCodeAt(i);
	}

	#writeWhole(value: number): void {
		if (value >= 1e9) return this.#writeText(`${value}`);
		let digits = 1;
		for (let power = 10; power <= value; power *= 10) digits++;
		for (let at = this.#end + digits - 1, rest = value; at >= this.#end; at--) {
			this.#target[at] = 48 + (rest % 10);
			// Below 2 ** 31, where this is exact and costs a third.
			rest = (rest / 10) | 0;
		}
		this.#end += digits;
	}

	/** Writes UTF-8 as it stands in a JSON string. */
	#writeEscaped(bytes: Uint8Array, start: number, end: number): void {
		for (let i = start; i < end; i++) {
			const byte = bytes[i]!;
			if (byte < 32) this.#writeText(JSON.stringify(String.fromCharCode(byte)).slice(1, -1));
			else {
				if (byte === QUOTE || byte === BACKSLASH) this.#target[this.#end++] = BACKSLASH;
				this.#target[this.#end++] = byte;
			}
		}
	}
}

function frameOf(from: From, { head, tail }: EntryBlockData['shapes'][number], audio: AudioRef): LineFrame {
	// The line of an entry whose varying part is empty, cut where that part and the numbers stand.
	const entry: LogEntry = {
		seq: 0,
		at: 0,
		from,
		text: head + tail,
		audio: { ...audio, index: 0, offset: 0, length: 0 }
	};
	const line = lineOf(entry).slice('{"seq":0,"at":0'.length, -'0,"offset":0,"length":0}}\n'.length);
	const headEnd = `,"from":"${from}","text":${JSON.stringify(head)}`.length - 1;
	return { track: audio.track, before: encodeUtf8(line.slice(0, headEnd)), behind: encodeUtf8(line.slice(headEnd)) };
}
