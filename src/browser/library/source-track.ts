import { Base64Decoder, base64Length } from '#core/audio/base64.ts';
import { assert } from '#core/base/assert.ts';
import { countBefore } from '#core/base/binary-search.ts';
import type { TrackBytes } from '#core/recording/byte-track.ts';
import type { FileBlocks } from './file-blocks.ts';

/** A track that lies outside of memory: nothing is ever at hand. */
abstract class RemoteTrack implements TrackBytes {
	abstract readonly length: number;

	peek(): undefined {
		return undefined;
	}

	/** The bytes from `offset`; those beyond the end of the track are left out. */
	load(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
		assert(offset >= 0 && length >= 0, `bytes ${offset} to ${offset + length} of a track`);
		const count = Math.min(length, this.length - offset);
		return count > 0 ? this.read(offset, count) : Promise.resolve(new Uint8Array(0));
	}

	protected abstract read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

const PIECE_BYTES = 1 << 20;

/** A track whose bytes are handed to the browser, piece by piece: it keeps them outside of our memory, on disk if need be. */
export class BlobTrack extends RemoteTrack {
	readonly #pieces: Blob[] = [];
	#open: Uint8Array<ArrayBuffer> | null = null;
	#openLength = 0;

	get length(): number {
		return this.#pieces.length * PIECE_BYTES + this.#openLength;
	}

	/** Adds bytes at the end; returns the offset of the first. */
	append(bytes: Uint8Array): number {
		const offset = this.length;
		let taken = 0;
		while (taken < bytes.length) {
			const count = Math.min(PIECE_BYTES - this.#openLength, bytes.length - taken);
			// Made when it is needed: a file may hold hundreds of recordings without audio.
			this.#open ??= new Uint8Array(PIECE_BYTES);
			this.#open.set(bytes.subarray(taken, taken + count), this.#openLength);
			this.#openLength += count;
			taken += count;
			if (this.#openLength < PIECE_BYTES) continue;
			this.#pieces.push(new Blob([this.#open]));
			this.#openLength = 0;
		}
		return offset;
	}

	protected async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
		const end = offset + length;
		const stored = this.#pieces.length * PIECE_BYTES;
		// Before anything is waited for: the open piece may be another one then.
		const tail = this.#open?.slice(Math.max(0, offset - stored), Math.max(0, end - stored)) ?? new Uint8Array(0);
		const first = Math.floor(offset / PIECE_BYTES);
		const blob = new Blob(this.#pieces.slice(first, Math.ceil(end / PIECE_BYTES)));
		const start = offset - first * PIECE_BYTES;
		const head = offset < stored ? await blob.slice(start, start + Math.min(end, stored) - offset).arrayBuffer() : null;
		if (!head) return tail;
		if (tail.length === 0) return new Uint8Array(head);
		const joined = new Uint8Array(length);
		joined.set(new Uint8Array(head));
		joined.set(tail, head.byteLength);
		return joined;
	}
}

/** A track whose bytes stand in a file as the base64 of its messages: only where is remembered. */
export class FileTrack extends RemoteTrack {
	readonly #file: FileBlocks;
	readonly #decoder = new Base64Decoder();
	/** Bytes of payloads that stand nowhere in the file as base64 of their own. */
	readonly #aside = new BlobTrack();
	/**
	 * For each payload, where its base64 stands in the file (of one that lies aside, -1 less its offset there), and where its
	 * bytes begin in the track.
	 */
	#payloadAt = new Float64Array(1024);
	#offsets = new Float64Array(1024);
	#count = 0;
	#length = 0;
	#isLost = false;

	/** @param file shared by the tracks that stand in it */
	constructor(file: FileBlocks) {
		super();
		this.#file = file;
	}

	get length(): number {
		return this.#length;
	}

	/** The file could not be read again, or was another one: it changed, or was taken away. */
	get isLost(): boolean {
		return this.#isLost;
	}

	/** Adds a payload that stands in the file otherwise than as its base64; returns the offset of its first byte. */
	appendBytes(bytes: Uint8Array): number {
		return this.append(-1 - this.#aside.append(bytes), bytes.length);
	}

	/** Adds the payload whose base64 stands at `payloadAt` in the file; returns the offset of its first byte. */
	append(payloadAt: number, byteLength: number): number {
		if (this.#count === this.#offsets.length) {
			this.#payloadAt = doubled(this.#payloadAt);
			this.#offsets = doubled(this.#offsets);
		}
		const offset = this.#length;
		this.#payloadAt[this.#count] = payloadAt;
		this.#offsets[this.#count] = offset;
		this.#count++;
		this.#length += byteLength;
		return offset;
	}

	/** Fills `target`, which lies in the track as a whole. */
	async loadInto(offset: number, target: Uint8Array): Promise<void> {
		const end = offset + target.length;
		assert(offset >= 0 && end <= this.#length, `bytes ${offset} to ${end} of a track`);
		if (target.length === 0) return;
		let index = countBefore(this.#count, (i) => this.#offsets[i]! <= offset) - 1;
		while (index < this.#count && this.#offsets[index]! < end) {
			index = await this.#readFrom(index, offset, target);
		}
	}

	protected async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
		const bytes = new Uint8Array(length);
		await this.loadInto(offset, bytes);
		return bytes;
	}

	/** Reads the payloads that stand in one block of the file; returns the index of the next one. */
	async #readFrom(first: number, offset: number, target: Uint8Array): Promise<number> {
		const start = this.#payloadAt[first]!;
		if (start < 0) {
			this.#place(await this.#aside.load(-1 - start, this.#byteLength(first)), first, offset, target);
			return first + 1;
		}
		const edge = this.#file.blockEnd(start);
		let end = first + 1;
		while (end < this.#count && this.#offsets[end]! < offset + target.length) {
			if (this.#payloadAt[end]! < start || this.#endInFile(end) > edge) break;
			end++;
		}
		const piece = await this.#file.load(start, this.#endInFile(end - 1)).catch((error: unknown) => {
			this.#isLost = true;
			throw error;
		});
		for (let index = first; index < end; index++) {
			const from = this.#payloadAt[index]! - start;
			const decoded = this.#decoder.decode(piece, from, from + this.#base64Length(index));
			if (!decoded) {
				this.#isLost = true;
				throw new Error('The file has changed since it was read. Import it again.');
			}
			this.#place(decoded, index, offset, target);
		}
		return end;
	}

	/** Puts a payload's bytes where they belong in what begins at `offset` of the track. */
	#place(bytes: Uint8Array, index: number, offset: number, target: Uint8Array): void {
		const at = this.#offsets[index]! - offset;
		// Nearly all lie in it as a whole.
		if (at >= 0 && at + bytes.length <= target.length) return target.set(bytes, at);
		const skipped = Math.max(0, -at);
		const place = Math.max(0, at);
		target.set(bytes.subarray(skipped, skipped + target.length - place), place);
	}

	#byteLength(index: number): number {
		return (index + 1 < this.#count ? this.#offsets[index + 1]! : this.#length) - this.#offsets[index]!;
	}

	#base64Length(index: number): number {
		return base64Length(this.#byteLength(index));
	}

	#endInFile(index: number): number {
		return this.#payloadAt[index]! + this.#base64Length(index);
	}
}

function doubled(array: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
	const grown = new Float64Array(array.length * 2);
	grown.set(array);
	return grown;
}
