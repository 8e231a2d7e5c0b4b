/** Spellings in which a text may hide in another: percent-encoding, and base64. */
import { decodeEscapes, type DecodedText } from './json-strings.ts';

const HEX = /[0-9a-fA-F]{2}/y;

/**
 * Reads percent-encoding (RFC 3986, 2.1), byte for byte: what is looked for is ASCII. `undefined` when there is none of
 * an ASCII character.
 */
export function decodePercent(text: string): DecodedText | undefined {
	if (!/%[0-7][0-9a-fA-F]/.test(text)) return undefined;
	return decodeEscapes(text, 0, '%', (index) => {
		HEX.lastIndex = index + 1;
		if (!HEX.test(text)) return undefined;
		return { text: String.fromCharCode(parseInt(text.slice(index + 1, index + 3), 16)), length: 3 };
	});
}

/** A text as it may stand in a percent-encoded one, and still be read. */
export function escapePercent(text: string): string {
	return text.replaceAll(' ', '%20').replaceAll('"', '%22');
}

/** A stretch of a text that is base64 of another. */
export interface Base64Stretch {
	readonly start: number;
	readonly end: number;
	/** What it holds, each byte as one character, as far as it is a text. */
	readonly text: string;
}

const NO_VALUE = 255;
const CODE_VALUES = new Uint8Array(128).fill(NO_VALUE);
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
for (let value = 0; value < 64; value++) CODE_VALUES[ALPHABET.charCodeAt(value)] = value;
CODE_VALUES['-'.charCodeAt(0)] = 62;
CODE_VALUES['_'.charCodeAt(0)] = 63;

/** Fewer characters hold no secret worth the look. */
export const SHORTEST_BASE64 = 20;
/** Bytes of so many characters, of which the last ones may be cut off. */
const SHORTEST_TEXT = 13;
const RUN = /(?<![\w+/-])[\w+/-]{20,}={0,2}/g;
/** So many characters tell whether it is a text: 36 bytes. */
const PROBE = 48;
/** A run may begin with something else, `id_` or a folder: so many of its pieces are tried as the beginning. */
const MOST_BEGINNINGS = 4;

/** The stretches of a text that are base64 (either alphabet of RFC 4648) of something that begins as a text. */
export function* findBase64Texts(text: string): Generator<Base64Stretch, void> {
	for (const { 0: run, index } of text.matchAll(RUN)) {
		let tried = 0;
		for (const offset of beginnings(run)) {
			if (!beginsAsText(run, offset)) continue;
			yield { start: index + offset, end: index + run.length, text: decode(run, offset, run.length) };
			if (++tried === MOST_BEGINNINGS) break;
		}
	}
}

function* beginnings(run: string): Generator<number, void> {
	yield 0;
	for (const { index } of run.matchAll(/(?<=[/_-])[A-Za-z0-9+]{20}/g)) yield index;
}

/** Whether what base64 holds from an index on begins as a text in UTF-8 does, without control characters. */
export function beginsAsText(text: string, start: number): boolean {
	const end = Math.min(text.length, start + PROBE);
	const check = new TextCheck();
	let word = 0;
	let bits = 0;
	for (let index = start; index < end; index++) {
		const code = text.charCodeAt(index);
		const value = code < 128 ? CODE_VALUES[code]! : NO_VALUE;
		if (value === NO_VALUE) break;
		word = ((word << 6) | value) & 0xffff;
		bits += 6;
		if (bits < 8) continue;
		bits -= 8;
		if (!check.accepts((word >> bits) & 255)) return false;
	}
	return check.count >= SHORTEST_TEXT;
}

/** Follows the bytes of a text in UTF-8. */
class TextCheck {
	count = 0;
	/** How many bytes of the present character are to come. */
	#toCome = 0;

	/** Whether the text may go on with this byte. */
	accepts(byte: number): boolean {
		this.count++;
		if (this.#toCome > 0) {
			this.#toCome--;
			return byte >= 0x80 && byte < 0xc0;
		}
		if (byte < 0x80) return byte >= 32 ? byte !== 127 : byte === 9 || byte === 10 || byte === 13;
		this.#toCome = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
		return byte >= 0xc2 && byte <= 0xf4;
	}
}

/** What a base64 text holds, each byte as one character; `undefined` when that is no text. */
export function decodeBase64Text(base64: string): string | undefined {
	const expected = Math.floor((base64.replace(/=+$/, '').length * 3) / 4);
	const text = decode(base64, 0, base64.length);
	return text.length === expected && expected > 0 ? text : undefined;
}

const BLOCK = 8192;

/** Reads base64 until something else comes, or what it holds is a text no more. */
function decode(text: string, start: number, end: number): string {
	const blocks: string[] = [];
	const check = new TextCheck();
	let bytes: number[] = [];
	let word = 0;
	let bits = 0;
	for (let index = start; index < end; index++) {
		const value = CODE_VALUES[text.charCodeAt(index)] ?? NO_VALUE;
		if (value === NO_VALUE) break;
		word = ((word << 6) | value) & 0xffff;
		bits += 6;
		if (bits < 8) continue;
		bits -= 8;
		const byte = (word >> bits) & 255;
		if (!check.accepts(byte)) break;
		if (bytes.push(byte) < BLOCK) continue;
		blocks.push(String.fromCharCode(...bytes));
		bytes = [];
	}
	return blocks.join('') + String.fromCharCode(...bytes);
}
