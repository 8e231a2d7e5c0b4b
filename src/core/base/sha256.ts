// SHA-256 (FIPS 180-4) of data that comes in pieces. WebCrypto wants it whole, which is more than fits in memory.

const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;

/** The first 32 bits of the fractional part: of square roots and cube roots of primes, FIPS 180-4 takes its constants. */
const fraction = (x: number) => ((x - Math.floor(x)) * 2 ** 32) | 0;

const PRIMES = Array.from({ length: 312 }, (_, n) => n).filter(
	(n) => n > 1 && Array.from({ length: n - 2 }, (_, d) => d + 2).every((d) => n % d !== 0)
);
const ROUND_CONSTANTS = Int32Array.from(PRIMES.slice(0, 64), (prime) => fraction(Math.cbrt(prime)));
const START = PRIMES.slice(0, 8).map((prime) => fraction(Math.sqrt(prime)));

/** Computes one digest: `update` with all of the data in order, then `digest`. */
export class Sha256 {
	readonly #state = Int32Array.from(START);
	readonly #words = new Int32Array(64);
	/** The beginning of the block that is not whole yet. */
	readonly #block = new Uint8Array(BLOCK_BYTES);
	#blockLength = 0;
	#byteCount = 0;

	/** Adds the next bytes, which are not kept. */
	update(bytes: Uint8Array): void {
		this.#byteCount += bytes.length;
		let start = 0;
		if (this.#blockLength > 0) {
			start = Math.min(BLOCK_BYTES - this.#blockLength, bytes.length);
			this.#block.set(bytes.subarray(0, start), this.#blockLength);
			this.#blockLength += start;
			if (this.#blockLength < BLOCK_BYTES) return;
			this.#compress(this.#block, 0);
			this.#blockLength = 0;
		}
		for (; start + BLOCK_BYTES <= bytes.length; start += BLOCK_BYTES) this.#compress(bytes, start);
		this.#block.set(bytes.subarray(start));
		this.#blockLength = bytes.length - start;
	}

	/** The digest of all that was added, as 64 hexadecimal digits. To be called once. */
	digest(): string {
		const bitCount = this.#byteCount * 8;
		const isRoom = this.#blockLength < BLOCK_BYTES - LENGTH_BYTES;
		const padding = new Uint8Array((isRoom ? BLOCK_BYTES : 2 * BLOCK_BYTES) - this.#blockLength);
		padding[0] = 0x80;
		const view = new DataView(padding.buffer);
		view.setUint32(padding.length - 8, Math.floor(bitCount / 2 ** 32));
		view.setUint32(padding.length - 4, bitCount % 2 ** 32);
		this.update(padding);
		return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
	}

	#compress(bytes: Uint8Array, start: number): void {
		const words = this.#words;
		for (let i = 0, at = start; i < 16; i++, at += 4) {
			words[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
		}
		for (let i = 16; i < 64; i++) {
			const x = words[i - 15]!;
			const y = words[i - 2]!;
			const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
			const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
			words[i] = words[i - 16]! + s0 + words[i - 7]! + s1;
		}
		this.#mix(words);
	}

	#mix(words: Int32Array): void {
		const state = this.#state;
		// One by one: a typed array that is taken apart at once goes through an iterator.
		let a = state[0]!;
		let b = state[1]!;
		let c = state[2]!;
		let d = state[3]!;
		let e = state[4]!;
		let f = state[5]!;
		let g = state[6]!;
		let h = state[7]!;
		for (let i = 0; i < 64; i++) {
			const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
			const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
			const t1 = (h + s1 + ((e & f) ^ (~e & g)) + ROUND_CONSTANTS[i]! + words[i]!) | 0;
			const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
			h = g;
			g = f;
			f = e;
			e = (d + t1) | 0;
			d = c;
			c = b;
			b = a;
			a = (t1 + t2) | 0;
		}
		state[0]! += a;
		state[1]! += b;
		state[2]! += c;
		state[3]! += d;
		state[4]! += e;
		state[5]! += f;
		state[6]! += g;
		state[7]! += h;
	}
}
