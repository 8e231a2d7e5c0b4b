import { fail, succeed, type Result } from '../base/result.ts';
import { decodeUtf8, encodeUtf8Into } from '../base/utf8.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PADDING = 61;

/** Newer engines bring a vectorised codec; older ones get the tables below. Source: ECMAScript 2026, Uint8Array base64. */
interface NativeCodec {
	toBase64?: (this: Uint8Array) => string;
	setFromBase64?: (this: Uint8Array, text: string, options: { lastChunkHandling: 'strict' }) => { written: number };
}
const nativeEncode = (Uint8Array.prototype as NativeCodec).toBase64;
const nativeDecodeInto = (Uint8Array.prototype as NativeCodec).setFromBase64;

const STRICT = { lastChunkHandling: 'strict' } as const;
const NOT_CANONICAL = 'not canonical base64';

/** Encodes bytes as padded standard base64. */
export function encodeBase64(bytes: Uint8Array): string {
	return nativeEncode ? nativeEncode.call(bytes) : encodeWithTable(bytes);
}

/**
 * Decodes **canonical** base64 only: standard alphabet, padded, no white space, unused bits zero. So that
 * `encodeBase64(decodeBase64(text).value) === text` for every text that it accepts.
 */
export function decodeBase64(text: string): Result<Uint8Array> {
	if (!nativeDecodeInto) return decodeWithTable(text);
	if (text.length % 4 !== 0) return fail(NOT_CANONICAL);
	const bytes = new Uint8Array(base64ByteLength(text));
	return decodeNatively(text, bytes) ? succeed(bytes) : fail(NOT_CANONICAL);
}

/**
 * Whether the text is canonical; its bytes fill `target` from the start.
 *
 * The native decoder skips white space even in strict mode. Each four of it make three bytes fewer than the length of the
 * text promises, and padding accounts for two at most.
 */
function decodeNatively(text: string, target: Uint8Array): boolean {
	try {
		return nativeDecodeInto!.call(target, text, STRICT).written === base64ByteLength(text);
	} catch {
		return false;
	}
}

/** The number of bytes that a canonical base64 text of this length and padding holds. */
export function base64ByteLength(text: string): number {
	const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
	return Math.max(0, (text.length / 4) * 3 - padding);
}

/** The length of the base64 text of this many bytes. */
export function base64Length(byteLength: number): number {
	return Math.ceil(byteLength / 3) * 4;
}

/** Decodes canonical base64 where it stands among other bytes, one text after the other into the same buffer. */
export class Base64Decoder {
	readonly #isNative: boolean;
	#buffer = new Uint8Array(4096);
	/** The text, where it can be read two characters at a time. */
	#ascii = new Uint8Array(0);

	/** @param isNative use the engine's codec; given by tests only: both must agree */
	constructor(isNative = nativeDecodeInto !== undefined) {
		this.#isNative = isNative;
	}

	/**
	 * The bytes of the base64 that stands from `start` up to `end`, as a view that holds until the next call; `undefined`
	 * when it is not canonical.
	 */
	decode(ascii: Uint8Array, start: number, end: number): Uint8Array<ArrayBuffer> | undefined {
		const count = end - start;
		if (count % 4 !== 0) return undefined;
		this.#buffer = withRoom(this.#buffer, (count / 4) * 3);
		if (!this.#isNative) {
			this.#ascii = withRoom(this.#ascii, count);
			this.#ascii.set(ascii.subarray(start, end));
			return this.#view(decodeAscii(this.#ascii, count, this.#buffer));
		}
		// What is no ASCII makes another length, or characters that are no base64.
		const text = decodeUtf8(ascii.subarray(start, end));
		return this.#view(text.length === count && decodeNatively(text, this.#buffer) ? base64ByteLength(text) : -1);
	}

	#view(length: number): Uint8Array<ArrayBuffer> | undefined {
		return length < 0 ? undefined : this.#buffer.subarray(0, length);
	}
}

function withRoom(buffer: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
	return buffer.length >= length
		? buffer
		: new Uint8Array(Math.max(length, Math.min(buffer.length * 2, 1 << 20), 4096));
}

/** The table codec, exported for its own tests: both must agree. */
export function encodeWithTable(bytes: Uint8Array): string {
	const { codes } = tables();
	const length = base64Length(bytes.length);
	const ascii = scratchOf(length);
	let out = 0;
	for (let i = 0; i < bytes.length; i += 3) {
		const left = bytes.length - i;
		const word = (bytes[i]! << 16) | ((left > 1 ? bytes[i + 1]! : 0) << 8) | (left > 2 ? bytes[i + 2]! : 0);
		const first = codes[word >> 12]!;
		const second = codes[word & 0xfff]!;
		ascii[out] = first >> 8;
		ascii[out + 1] = first;
		ascii[out + 2] = left > 1 ? second >> 8 : PADDING;
		ascii[out + 3] = left > 2 ? second : PADDING;
		out += 4;
	}
	return decodeUtf8(ascii.subarray(0, length));
}

/** The table codec, exported for its own tests: both must agree. */
export function decodeWithTable(text: string): Result<Uint8Array> {
	const count = text.length;
	if (count % 4 !== 0) return fail(NOT_CANONICAL);
	const ascii = scratchOf(count);
	// What is no ASCII does not fit, or makes bytes that are no base64.
	if (encodeUtf8Into(text, ascii.subarray(0, count)) !== count) return fail(NOT_CANONICAL);
	const bytes = new Uint8Array(base64ByteLength(text));
	return decodeAscii(ascii, count, bytes) < 0 ? fail(NOT_CANONICAL) : succeed(bytes);
}

let scratch = new Uint8Array(0);

/** Bytes to work in, which hold what they held before: making new ones costs more than what is done in them. */
function scratchOf(length: number): Uint8Array<ArrayBuffer> {
	if (length > MOST_SCRATCH_BYTES) return new Uint8Array(length);
	scratch = withRoom(scratch, length);
	return scratch;
}

const MOST_SCRATCH_BYTES = 1 << 20;

/** Two characters stand for 12 bits. */
interface Tables {
	/** The codes of both, for each 12 bits. */
	readonly codes: Uint16Array;
	/**
	 * The 12 bits of two codes as they lie in the first and second byte of three, and in the second and third; the first
	 * byte lowest. By the codes read as a 16-bit number. Negative for what is no base64.
	 */
	readonly left: Int32Array;
	readonly right: Int32Array;
}

let made: Tables | undefined;

function tables(): Tables {
	if (made) return made;
	const codes = new Uint16Array(4096);
	const left = new Int32Array(65_536).fill(-1);
	const right = new Int32Array(65_536).fill(-1);
	for (let bits = 0; bits < 4096; bits++) {
		const pair = Uint8Array.of(ALPHABET.charCodeAt(bits >> 6), ALPHABET.charCodeAt(bits & 63));
		codes[bits] = (pair[0]! << 8) | pair[1]!;
		const key = new Uint16Array(pair.buffer)[0]!;
		left[key] = (bits >> 4) | ((bits & 15) << 12);
		right[key] = (bits & 0xf00) | ((bits & 255) << 16);
	}
	made = { codes, left, right };
	return made;
}

/**
 * Decodes the first `count` characters, a multiple of four. `ascii` begins at the start of its buffer. Returns the number
 * of bytes, or -1 when it is not canonical.
 */
function decodeAscii(ascii: Uint8Array, count: number, target: Uint8Array): number {
	if (count === 0) return 0;
	const { left, right } = tables();
	const pairs = new Uint16Array(ascii.buffer, 0, count / 2);
	// All but the last four characters, which may be padded: by sixteens, then by fours.
	const end = pairs.length - 2;
	let out = 0;
	let seen = 0;
	let i = 0;
	for (; i + 8 <= end; i += 8, out += 12) {
		const a = left[pairs[i]!]! | right[pairs[i + 1]!]!;
		const b = left[pairs[i + 2]!]! | right[pairs[i + 3]!]!;
		const c = left[pairs[i + 4]!]! | right[pairs[i + 5]!]!;
		const d = left[pairs[i + 6]!]! | right[pairs[i + 7]!]!;
		seen |= a | b | c | d;
		target[out] = a;
		target[out + 1] = a >> 8;
		target[out + 2] = a >> 16;
		target[out + 3] = b;
		target[out + 4] = b >> 8;
		target[out + 5] = b >> 16;
		target[out + 6] = c;
		target[out + 7] = c >> 8;
		target[out + 8] = c >> 16;
		target[out + 9] = d;
		target[out + 10] = d >> 8;
		target[out + 11] = d >> 16;
	}
	for (; i < end; i += 2, out += 3) {
		const a = left[pairs[i]!]! | right[pairs[i + 1]!]!;
		seen |= a;
		target[out] = a;
		target[out + 1] = a >> 8;
		target[out + 2] = a >> 16;
	}
	const lastLength = decodeLast(ascii, count - 4, target, out);
	return seen < 0 || lastLength < 0 ? -1 : out + lastLength;
}

/** The last four characters. Returns the number of their bytes, or -1. */
function decodeLast(ascii: Uint8Array, at: number, target: Uint8Array, out: number): number {
	const padding = ascii[at + 3] !== PADDING ? 0 : ascii[at + 2] !== PADDING ? 1 : 2;
	let word = 0;
	for (let i = 0; i < 4; i++) {
		const value = i < 4 - padding ? ALPHABET.indexOf(String.fromCharCode(ascii[at + i]!)) : 0;
		if (value < 0) return -1;
		word = (word << 6) | value;
	}
	if ((word & ((1 << (8 * padding)) - 1)) !== 0) return -1;
	for (let i = 0; i < 3 - padding; i++) target[out + i] = word >> (16 - 8 * i);
	return 3 - padding;
}
