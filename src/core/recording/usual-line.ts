import { encodeUtf8 } from '../base/utf8.ts';
import type { AudioRef, From, TrackName } from './recorded-event.ts';

/**
 * Recognising, on the bytes, lines that are spelled as Earshot spells them. Nearly all lines of a file are audio events
 * that differ from the one before in numbers, an id and the audio: nothing of them needs to be parsed. Whatever is spelled
 * otherwise is not recognised here, and parsed as JSON.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const UNDERSCORE = 0x5f;

const SEQ = encodeUtf8('{"seq":');
const AT = encodeUtf8(',"at":');
const FROM = encodeUtf8(',"from":"');
const EVENT = encodeUtf8('","event":');

const SENDERS: readonly { readonly from: From; readonly name: Uint8Array }[] = (
	['client', 'server', 'console'] as const
).map((from) => ({ from, name: encodeUtf8(from) }));

/** So many digits are a whole number that is exact, and one division by a power of ten rounds as JSON.parse does. */
const MOST_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: MOST_DIGITS + 1 }, (_, exponent) => 10 ** exponent);

/** Whether the bytes from `at` on are these. */
export function hasBytesAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
	if (at + expected.length > bytes.length) return false;
	for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
	return true;
}

/** Reads a number as Earshot spells it. One object for all numbers, so that none is made for each. */
class NumberReader {
	value = 0;

	/** Reads the digits from `at` on; returns the index after them, or -1 when this is not so plain a number. */
	readWhole(bytes: Uint8Array, at: number): number {
		let value = 0;
		let end = at;
		for (; end < bytes.length; end++) {
			const code = bytes[end]!;
			if (code < ZERO || code > NINE) break;
			value = value * 10 + (code - ZERO);
		}
		const digits = end - at;
		if (digits === 0 || digits > MOST_DIGITS || (digits > 1 && bytes[at] === ZERO)) return -1;
		this.value = value;
		return end;
	}

	/** The same for a number with or without decimals. */
	readDecimal(bytes: Uint8Array, at: number): number {
		const whole = this.readWhole(bytes, at);
		if (whole < 0 || bytes[whole] !== POINT) return whole;
		let value = this.value;
		let end = whole + 1;
		for (; end < bytes.length; end++) {
			const code = bytes[end]!;
			if (code < ZERO || code > NINE) break;
			value = value * 10 + (code - ZERO);
		}
		const decimals = end - whole - 1;
		if (decimals === 0 || end - at - 1 > MOST_DIGITS) return -1;
		this.value = value / POWERS_OF_TEN[decimals]!;
		return end;
	}
}

const numbers = new NumberReader();

/** Reads `{"seq":7,"at":140.271,"from":"client","event":`. */
export class StartOfLine {
	at = 0;
	from: From = 'client';

	/** Returns the index of the message's first byte, or -1 when the line does not begin so. */
	read(bytes: Uint8Array, start: number): number {
		if (!hasBytesAt(bytes, start, SEQ)) return -1;
		let index = numbers.readWhole(bytes, start + SEQ.length);
		if (index < 0 || !hasBytesAt(bytes, index, AT)) return -1;
		index = numbers.readDecimal(bytes, index + AT.length);
		this.at = numbers.value;
		if (index < 0 || !hasBytesAt(bytes, index, FROM)) return -1;
		index += FROM.length;
		for (const { from, name } of SENDERS) {
			if (!hasBytesAt(bytes, index, name)) continue;
			this.from = from;
			return hasBytesAt(bytes, index + name.length, EVENT) ? index + name.length + EVENT.length : -1;
		}
		return -1;
	}
}

/**
 * What may differ between two messages of one shape: the value of an `event_id` that needs no escapes, and whole numbers,
 * in quotation marks or without. Such a value in the place of another changes nothing of what the message is: it stays JSON
 * of the same types. (A key can stand in no string, where its quotation marks are escaped; a number after a colon in a
 * string is text like any other.)
 */
const EVENT_ID = String.raw`"event_id"\s*:\s*"(?<id>[A-Za-z0-9_-]+)(?=")`;
const WHOLE_NUMBER = String.raw`:\s*(?<mark>"?)(?<number>0|[1-9]\d{0,14})(?="?\s*[,}])`;
const IDS = new RegExp(EVENT_ID, 'dg');
const IDS_AND_NUMBERS = new RegExp(`${EVENT_ID}|${WHOLE_NUMBER}`, 'dg');

/** A message's text with all blanked that may differ in messages of its shape. */
export function skeletonOf(text: string): string {
	return text.replaceAll(IDS_AND_NUMBERS, (match, id: string | undefined) =>
		id === undefined ? ':0' : '"event_id":""'
	);
}

/** Text that must be there, and what may stand before it. */
interface Piece {
	readonly before: 'nothing' | 'id' | 'number';
	readonly text: string;
	readonly bytes: Uint8Array;
}

function piecesOf(text: string, variables: RegExp): Piece[] {
	const pieces: Piece[] = [];
	let start = 0;
	let before: Piece['before'] = 'nothing';
	for (const { indices } of text.matchAll(variables)) {
		const { id, number } = indices?.groups ?? {};
		const [from, to] = id ?? number ?? [start, start];
		const fixed = text.slice(start, from);
		pieces.push({ before, text: fixed, bytes: encodeUtf8(fixed) });
		before = id ? 'id' : 'number';
		start = to;
	}
	const rest = text.slice(start);
	pieces.push({ before, text: rest, bytes: encodeUtf8(rest) });
	return pieces;
}

/** A part of a message's text in which nothing may differ but ids and numbers. */
class ShapePart {
	readonly #pieces: readonly Piece[];
	/** Where what may differ began and ended when the part was matched last, for each piece. */
	readonly #starts: number[];
	readonly #ends: number[];
	/** Length of the text of what was matched last. */
	textLength = 0;

	constructor(text: string, variables: RegExp) {
		this.#pieces = piecesOf(text, variables);
		this.#starts = this.#pieces.map(() => 0);
		this.#ends = this.#pieces.map(() => 0);
	}

	/** Returns the index after the part when the bytes from `at` on are it, else -1. */
	match(bytes: Uint8Array, at: number): number {
		let index = at;
		let textLength = 0;
		for (let i = 0; i < this.#pieces.length; i++) {
			const piece = this.#pieces[i]!;
			const start = index;
			if (piece.before === 'id') index = endOfId(bytes, start);
			else if (piece.before === 'number') index = numbers.readWhole(bytes, start);
			if (index < 0 || !hasBytesAt(bytes, index, piece.bytes)) return -1;
			this.#starts[i] = start;
			this.#ends[i] = index;
			textLength += index - start + piece.text.length;
			index += piece.bytes.length;
		}
		this.textLength = textLength;
		return index;
	}

	/** The text of what was matched last. */
	text(bytes: Uint8Array): string {
		let text = this.#pieces[0]!.text;
		for (let i = 1; i < this.#pieces.length; i++) {
			for (let at = this.#starts[i]!; at < this.#ends[i]!; at++) text += String.fromCharCode(bytes[at]!);
			text += this.#pieces[i]!.text;
		}
		return text;
	}
}

/** The index after an id, which may be empty. */
function endOfId(bytes: Uint8Array, start: number): number {
	let index = start;
	while (index < bytes.length && isIdByte(bytes[index]!)) index++;
	return index;
}

function isIdByte(code: number): boolean {
	const letter = code | 0x20;
	return (letter >= 0x61 && letter <= 0x7a) || (code >= ZERO && code <= NINE) || code === UNDERSCORE || code === MINUS;
}

/** What the audio events of one utterance have in common: all but the audio, the id and maybe numbers. */
export class AudioShape {
	readonly #before: ShapePart;
	readonly #after: ShapePart;
	/** Length of the payload that was matched last: the next one is nearly always as long. */
	#payloadLength = 0;
	/** Where the payload stands, after `matchStart` and `matchEnd`. */
	payloadStart = 0;
	payloadEnd = 0;

	/**
	 * @param text an audio event's text without its payload, as `splitAudio` gives it
	 * @param index where the payload stood
	 * @param hasNumbers numbers may differ too
	 */
	constructor(text: string, index: number, hasNumbers: boolean) {
		const variables = hasNumbers ? IDS_AND_NUMBERS : IDS;
		this.#before = new ShapePart(text.slice(0, index), variables);
		this.#after = new ShapePart(text.slice(index), variables);
	}

	/**
	 * Returns the index after the message that begins at `at`, when it has this shape; else -1. Whether the payload is
	 * base64 is not looked at.
	 */
	match(bytes: Uint8Array, at: number): number {
		const start = this.#before.match(bytes, at);
		if (start < 0) return -1;
		let end = start + this.#payloadLength;
		if (bytes[end] !== QUOTE) end = bytes.indexOf(QUOTE, start);
		if (end < 0) return -1;
		const after = this.#after.match(bytes, end);
		if (after < 0) return -1;
		this.payloadStart = start;
		this.payloadEnd = end;
		this.#payloadLength = end - start;
		return after;
	}

	/** The text without its payload of the message that was matched last. */
	text(bytes: Uint8Array): string {
		return this.#before.text(bytes) + this.#after.text(bytes);
	}

	/** Index at which the payload stood in that text. */
	get index(): number {
		return this.#before.textLength;
	}
}

const AUDIO = encodeUtf8(',"audio":{"track":"');
const INDEX = encodeUtf8('","index":');
const OFFSET = encodeUtf8(',"offset":');
const LENGTH = encodeUtf8(',"length":');
const END = encodeUtf8('}');
/** With three numbers of 15 digits. */
const MOST_REFERENCE_BYTES = 110;

const TRACKS: readonly { readonly track: TrackName; readonly name: Uint8Array }[] = (['caller', 'model'] as const).map(
	(track) => ({ track, name: encodeUtf8(track) })
);

/** Reads `,"audio":{"track":"model","index":120,"offset":48000,"length":960}`, as it stands beside a message in a zip. */
export class ReferenceReader {
	#track: TrackName = 'caller';
	#index = 0;
	#offset = 0;
	#length = 0;

	/** What was read last. */
	value(): AudioRef {
		return { track: this.#track, index: this.#index, offset: this.#offset, length: this.#length };
	}

	/** Looks for one that ends at `end`, not before `start`. Returns the index at which it begins, or -1. */
	find(bytes: Uint8Array, start: number, end: number): number {
		const first = Math.max(start, end - MOST_REFERENCE_BYTES);
		for (let at = end - AUDIO.length; at >= first; at--) {
			if (bytes[at] === COMMA && this.read(bytes, at) === end) return at;
		}
		return -1;
	}

	/** Returns the index after it, or -1 when there is none that is spelled so. */
	read(bytes: Uint8Array, at: number): number {
		if (!hasBytesAt(bytes, at, AUDIO)) return -1;
		const found = TRACKS.find(({ name }) => hasBytesAt(bytes, at + AUDIO.length, name));
		if (!found) return -1;
		this.#track = found.track;
		let next = readNumberAfter(bytes, at + AUDIO.length + found.name.length, INDEX);
		this.#index = numbers.value;
		next = readNumberAfter(bytes, next, OFFSET);
		this.#offset = numbers.value;
		next = readNumberAfter(bytes, next, LENGTH);
		this.#length = numbers.value;
		return next >= 0 && hasBytesAt(bytes, next, END) ? next + END.length : -1;
	}
}

function readNumberAfter(bytes: Uint8Array, at: number, label: Uint8Array): number {
	return at >= 0 && hasBytesAt(bytes, at, label) ? numbers.readWhole(bytes, at + label.length) : -1;
}
