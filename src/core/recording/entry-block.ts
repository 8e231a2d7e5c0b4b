import { assert } from '../base/assert.ts';
import { decodeUtf8, encodeUtf8Into } from '../base/utf8.ts';
import type { AudioRef, From, LogEntry, TrackName } from './recorded-event.ts';

/** Entries in a full block. */
export const ENTRIES_PER_BLOCK = 4096;

/**
 * Audio events of one utterance differ in their `event_id` and their payload only. What comes before and after that id
 * is held once.
 */
interface Shape {
	readonly head: string;
	readonly tail: string;
}

/**
 * A block as plain data, to be handed from a worker to the page, which copies a few arrays and no objects. About 40 bytes an audio event and 30
 * beside the text of any other: a million events take some 40 MB beside what is not audio.
 */
export interface EntryBlockData {
	readonly count: number;
	readonly at: Float64Array<ArrayBuffer>;
	/** Sender, kind of text and track: see `FROM` and the flags below. */
	readonly flags: Uint8Array<ArrayBuffer>;
	/** Where each entry's part of `text` ends; it begins where the one before ends. */
	readonly textEnd: Uint32Array<ArrayBuffer>;
	readonly text: Uint8Array<ArrayBuffer>;
	/** 1 + index in `shapes`; 0 for an entry whose text stands as a whole. */
	readonly shape: Uint16Array<ArrayBuffer>;
	readonly shapes: readonly Shape[];
	readonly audioOffset: Float64Array<ArrayBuffer>;
	readonly audioLength: Uint32Array<ArrayBuffer>;
	readonly audioIndex: Uint32Array<ArrayBuffer>;
}

const FROM: readonly From[] = ['client', 'server', 'console'];
const FROM_BITS = 3;
const IS_BINARY = 4;
/** The text is kept as a JSON string: it holds what UTF-8 cannot. */
const IS_ESCAPED = 8;
const IS_CALLER = 16;
const IS_MODEL = 32;

const NOTHING = new Uint8Array(0);
const MOST_SHAPES = 65_535;

/** Up to 4,096 entries as typed arrays and bytes; an entry is made when somebody looks at it. */
export class EntryBlock {
	#count = 0;
	#at = new Float64Array(0);
	#flags = NOTHING;
	#textEnd = new Uint32Array(0);
	#text = NOTHING;
	#shape = new Uint16Array(0);
	#shapes: Shape[] = [];
	#audioOffset = new Float64Array(0);
	#audioLength = new Uint32Array(0);
	#audioIndex = new Uint32Array(0);
	/** The shape that the last audio event of each track had: the next one nearly always has it too. */
	readonly #latest: Record<TrackName, number> = { caller: 0, model: 0 };

	static of(data: EntryBlockData): EntryBlock {
		const block = new EntryBlock();
		block.#count = data.count;
		block.#at = data.at;
		block.#flags = data.flags;
		block.#textEnd = data.textEnd;
		block.#text = data.text;
		block.#shape = data.shape;
		block.#shapes = [...data.shapes];
		block.#audioOffset = data.audioOffset;
		block.#audioLength = data.audioLength;
		block.#audioIndex = data.audioIndex;
		return block;
	}

	get count(): number {
		return this.#count;
	}

	get isFull(): boolean {
		return this.#count === ENTRIES_PER_BLOCK;
	}

	/** Bytes that the block holds, for whoever watches memory. */
	get byteLength(): number {
		return this.#text.byteLength + this.#at.length * (8 + 1 + 4 + 2 + 8 + 4 + 4);
	}

	/** Time of the entry at an index of this block, ms. */
	at(index: number): number {
		return this.#at[index]!;
	}

	/** Adds an entry behind the others. The block must not be full. */
	append(entry: Omit<LogEntry, 'seq'>): void {
		assert(!this.isFull, 'an entry is added to a full block');
		const index = this.#count;
		this.#reserve(index + 1);
		this.#at[index] = entry.at;
		let flags = FROM.indexOf(entry.from) | (entry.binary ? IS_BINARY : 0);
		if (entry.audio) {
			flags |= entry.audio.track === 'caller' ? IS_CALLER : IS_MODEL;
			this.#audioOffset[index] = entry.audio.offset;
			this.#audioLength[index] = entry.audio.length;
			this.#audioIndex[index] = entry.audio.index;
			this.#shape[index] = this.#shapeOf(entry.text, entry.audio.track);
		}
		const shape = this.#shapes[this.#shape[index]! - 1];
		if (shape) {
			this.#flags[index] = flags;
			this.#appendId(entry.text, shape, index);
			this.#count++;
			return;
		}
		let kept = entry.text;
		if (!kept.isWellFormed()) {
			flags |= IS_ESCAPED;
			kept = JSON.stringify(kept);
		}
		this.#flags[index] = flags;
		this.#appendText(kept, index);
		this.#count++;
	}

	/** The entry at an index of this block; `first` is the `seq` of the block's first. */
	entry(index: number, first: number): LogEntry {
		const flags = this.#flags[index]!;
		const seq = first + index;
		const at = this.#at[index]!;
		const from = FROM[flags & FROM_BITS]!;
		const audio = this.audio(index);
		if (!audio) return { seq, at, from, text: this.text(index), ...((flags & IS_BINARY) !== 0 && { binary: true }) };
		return new AudioEntry(this, index, { seq, at, from, audio });
	}

	/** The sender of the entry at an index. */
	from(index: number): From {
		return FROM[this.#flags[index]! & FROM_BITS]!;
	}

	audio(index: number): AudioRef | undefined {
		const flags = this.#flags[index]!;
		if ((flags & (IS_CALLER | IS_MODEL)) === 0) return undefined;
		return {
			track: (flags & IS_CALLER) !== 0 ? 'caller' : 'model',
			index: this.#audioIndex[index]!,
			offset: this.#audioOffset[index]!,
			length: this.#audioLength[index]!
		};
	}

	text(index: number): string {
		const start = index === 0 ? 0 : this.#textEnd[index - 1]!;
		const bytes = decodeUtf8(this.#text.subarray(start, this.#textEnd[index]));
		const kept = (this.#flags[index]! & IS_ESCAPED) === 0 ? bytes : (JSON.parse(bytes) as string);
		const shape = this.#shapes[this.#shape[index]! - 1];
		return shape ? shape.head + kept + shape.tail : kept;
	}

	/** What an audio entry's text has in common with others: the same object for texts that differ in `event_id` alone. */
	shape(index: number): object | undefined {
		return this.#shapes[this.#shape[index]! - 1];
	}

	/** The block as plain data of exactly its size. The arrays may be shared with this block until it grows. */
	data(): EntryBlockData {
		const count = this.#count;
		return {
			count,
			at: this.#at.slice(0, count),
			flags: this.#flags.slice(0, count),
			textEnd: this.#textEnd.slice(0, count),
			text: this.#text.slice(0, count === 0 ? 0 : this.#textEnd[count - 1]),
			shape: this.#shape.slice(0, count),
			shapes: this.#shapes,
			audioOffset: this.#audioOffset.slice(0, count),
			audioLength: this.#audioLength.slice(0, count),
			audioIndex: this.#audioIndex.slice(0, count)
		};
	}

	/** Gives back the room that a full block does not need. */
	trim(): void {
		const end = this.#count === 0 ? 0 : this.#textEnd[this.#count - 1]!;
		if (this.#text.length > end) this.#text = this.#text.slice(0, end);
	}

	#shapeOf(text: string, track: TrackName): number {
		const latest = this.#latest[track];
		const known = this.#shapes[latest - 1];
		if (known && hasShape(text, known)) return latest;
		if (this.#shapes.length === MOST_SHAPES) return 0;
		this.#shapes.push(newShape(text));
		this.#latest[track] = this.#shapes.length;
		return this.#shapes.length;
	}

	/** Writes the id alone: it is ASCII, a byte a character. */
	#appendId(text: string, { head, tail }: Shape, index: number): void {
		const start = index === 0 ? 0 : this.#textEnd[index - 1]!;
		const end = text.length - tail.length;
		const length = end - head.length;
		this.#makeRoom(start, length);
		for (let i = 0; i < length; i++) this.#text[start + i] = text.charCodeAt(head.length + i);
		this.#textEnd[index] = start + length;
	}

	#makeRoom(start: number, room: number): void {
		if (start + room <= this.#text.length) return;
		const grown = new Uint8Array(Math.max(start + room, Math.min(this.#text.length * 2, start + (1 << 20)), 4096));
		grown.set(this.#text.subarray(0, start));
		this.#text = grown;
	}

	#appendText(text: string, index: number): void {
		const start = index === 0 ? 0 : this.#textEnd[index - 1]!;
		this.#makeRoom(start, text.length * 3);
		this.#textEnd[index] = start + (text === '' ? 0 : encodeUtf8Into(text, this.#text.subarray(start)));
	}

	#reserve(count: number): void {
		if (count <= this.#at.length) return;
		const size = Math.min(ENTRIES_PER_BLOCK, Math.max(64, this.#at.length * 4));
		this.#at = grow(new Float64Array(size), this.#at);
		this.#flags = grow(new Uint8Array(size), this.#flags);
		this.#textEnd = grow(new Uint32Array(size), this.#textEnd);
		this.#shape = grow(new Uint16Array(size), this.#shape);
		this.#audioOffset = grow(new Float64Array(size), this.#audioOffset);
		this.#audioLength = grow(new Uint32Array(size), this.#audioLength);
		this.#audioIndex = grow(new Uint32Array(size), this.#audioIndex);
	}
}

/** Nearly all entries are audio, and nearly nobody reads their text. */
class AudioEntry implements LogEntry {
	readonly seq: number;
	readonly at: number;
	readonly from: From;
	readonly audio: AudioRef;
	readonly #block: EntryBlock;
	readonly #index: number;

	constructor(
		block: EntryBlock,
		index: number,
		{ seq, at, from, audio }: Required<Omit<LogEntry, 'text' | 'binary' | 'shape'>>
	) {
		this.seq = seq;
		this.at = at;
		this.from = from;
		this.audio = audio;
		this.#block = block;
		this.#index = index;
	}

	get text(): string {
		return this.#block.text(this.#index);
	}

	get shape(): object | undefined {
		return this.#block.shape(this.#index);
	}
}

function grow<T extends { set(source: T): void }>(grown: T, from: T): T {
	grown.set(from);
	return grown;
}

const EVENT_ID = /"event_id"\s*:\s*"/;
/** An id that is spelled as it is read: in a text that has one in place of another nothing else is different. */
const PLAIN_ID = /^[\w.:-]*$/;

/** The same as `PLAIN_ID` of one character: tested a million times in an hour. */
function isPlainCode(code: number): boolean {
	const letter = code | 0x20;
	return (
		(letter >= 0x61 && letter <= 0x7a) ||
		(code >= 0x30 && code <= 0x3a) ||
		code === 0x5f ||
		code === 0x2d ||
		code === 0x2e
	);
}

function hasShape(text: string, { head, tail }: Shape): boolean {
	if (tail === '') return text === head;
	const idEnd = text.length - tail.length;
	if (idEnd < head.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
	if (idEnd === head.length) return true;
	for (let at = head.length; at < idEnd; at++) if (!isPlainCode(text.charCodeAt(at))) return false;
	return true;
}

/** All around the `event_id` when there is a plain one, else the whole text. */
function newShape(text: string): Shape {
	const match = EVENT_ID.exec(text);
	if (!match) return { head: text, tail: '' };
	const start = match.index + match[0].length;
	const end = text.indexOf('"', start);
	const isPlain = end >= 0 && PLAIN_ID.test(text.slice(start, end));
	return isPlain ? { head: text.slice(0, start), tail: text.slice(end) } : { head: text, tail: '' };
}
