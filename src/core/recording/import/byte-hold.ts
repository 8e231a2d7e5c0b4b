/** A buffer larger than this is let go after use. */
const KEPT_BYTES = 2 ** 20;

/** Holds the bytes of something that came in pieces, up to a limit: of what is longer it only counts the bytes. */
export class ByteHold {
	readonly #maxBytes: number;
	#buffer = new Uint8Array(0);
	#length = 0;

	constructor(maxBytes: number) {
		this.#maxBytes = maxBytes;
	}

	/** How many bytes came, also those that were not kept. */
	get length(): number {
		return this.#length;
	}

	get isEmpty(): boolean {
		return this.#length === 0;
	}

	/** More came than are kept, and nothing is. */
	get isOver(): boolean {
		return this.#length > this.#maxBytes;
	}

	/** Adds `bytes[start..end)`. */
	add(bytes: Uint8Array, start: number, end: number): void {
		const length = this.#length + end - start;
		if (length > this.#maxBytes) {
			this.#buffer = new Uint8Array(0);
		} else {
			if (length > this.#buffer.length) this.#grow(length);
			this.#buffer.set(bytes.subarray(start, end), this.#length);
		}
		this.#length = length;
	}

	/** What is held, which may be looked at until the next `add`; nothing when it was too much. */
	get bytes(): Uint8Array {
		return this.#buffer.subarray(0, this.isOver ? 0 : this.#length);
	}

	/** What is held, which may be looked at until the next `add`; nothing when it was too much. Holds nothing after. */
	take(): Uint8Array {
		const taken = this.bytes;
		this.#length = 0;
		if (this.#buffer.length > KEPT_BYTES) this.#buffer = new Uint8Array(0);
		return taken;
	}

	/** The same, and the bytes stay as they are. */
	detach(): Uint8Array {
		const taken = this.take();
		this.#buffer = new Uint8Array(0);
		return taken;
	}

	#grow(length: number): void {
		const grown = new Uint8Array(Math.min(this.#maxBytes, Math.max(length, this.#buffer.length * 2, 4096)));
		grown.set(this.#buffer.subarray(0, this.#length));
		this.#buffer = grown;
	}
}
