import { assert } from '../base/assert.ts';

/** A speaker's audio as one growing run of bytes, in the order in which it crossed the wire. */
export class ByteTrack {
	#bytes = new Uint8Array(1 << 16);
	#length = 0;

	get length(): number {
		return this.#length;
	}

	/** Adds bytes at the end; returns the offset of the first. */
	append(bytes: Uint8Array): number {
		const offset = this.#length;
		if (offset + bytes.length > this.#bytes.length) {
			const grown = new Uint8Array(Math.max(offset + bytes.length, this.#bytes.length * 2));
			grown.set(this.#bytes.subarray(0, offset));
			this.#bytes = grown;
		}
		this.#bytes.set(bytes, offset);
		this.#length += bytes.length;
		return offset;
	}

	/** A view of the bytes from `offset`, good until the next append. Throws when the range was never written. */
	read(offset: number, length: number): Uint8Array {
		assert(offset >= 0 && offset + length <= this.#length, `bytes ${offset} to ${offset + length} of a track`);
		return this.#bytes.subarray(offset, offset + length);
	}
}
