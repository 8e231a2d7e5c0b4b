import { assert } from '../base/assert.ts';

/** A speaker's audio, as one run of bytes in the order in which it crossed the wire. */
export interface TrackBytes {
	readonly length: number;
	/** The bytes from `offset`, when they are at hand: else `undefined`, and `load` gets them. */
	peek(offset: number, length: number): Uint8Array | undefined;
	/** The bytes from `offset`. Rejects when they cannot be read any more. Throws when the range was never written. */
	load(offset: number, length: number): Promise<Uint8Array>;
	/** Fills `target` with the bytes from `offset`, where that spares a copy. Rejects and throws as `load` does. */
	loadInto?(offset: number, target: Uint8Array): Promise<void>;
}

/** Bytes in a block: no block is ever copied when the track grows. */
const BLOCK_BYTES = 1 << 20;

/** A track in memory, which grows at its end. */
export class ByteTrack implements TrackBytes {
	readonly #blocks: Uint8Array<ArrayBuffer>[] = [];
	#length = 0;

	get length(): number {
		return this.#length;
	}

	/** Adds bytes at the end; returns the offset of the first. */
	append(bytes: Uint8Array): number {
		const offset = this.#length;
		let taken = 0;
		while (taken < bytes.length) {
			const inBlock = this.#length % BLOCK_BYTES;
			if (inBlock === 0) this.#blocks.push(new Uint8Array(BLOCK_BYTES));
			const count = Math.min(BLOCK_BYTES - inBlock, bytes.length - taken);
			this.#blocks.at(-1)!.set(bytes.subarray(taken, taken + count), inBlock);
			this.#length += count;
			taken += count;
		}
		return offset;
	}

	/** The bytes from `offset`, a copy when they lie in several blocks. Throws when the range was never written. */
	read(offset: number, length: number): Uint8Array<ArrayBuffer> {
		assert(offset >= 0 && offset + length <= this.#length, `bytes ${offset} to ${offset + length} of a track`);
		const first = Math.floor(offset / BLOCK_BYTES);
		const start = offset % BLOCK_BYTES;
		if (length === 0) return new Uint8Array(0);
		if (start + length <= BLOCK_BYTES) return this.#blocks[first]!.subarray(start, start + length);
		const joined = new Uint8Array(length);
		for (let filled = 0, block = first, from = start; filled < length; block++, from = 0) {
			const piece = this.#blocks[block]!.subarray(from, Math.min(BLOCK_BYTES, from + length - filled));
			joined.set(piece, filled);
			filled += piece.length;
		}
		return joined;
	}

	peek(offset: number, length: number): Uint8Array {
		return this.read(offset, length);
	}

	load(offset: number, length: number): Promise<Uint8Array> {
		return Promise.resolve(this.read(offset, length));
	}
}
