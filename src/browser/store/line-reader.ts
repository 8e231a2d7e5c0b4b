import { decodeUtf8, encodeUtf8 } from '#core/base/utf8.ts';
import type { AudioRef, From, TrackName } from '#core/recording/recorded-event.ts';
import { parseLine, type LineEntry } from './entry-line.ts';

/** An audio event's line but for its numbers and the value of its `event_id`. */
interface KnownLine {
	readonly from: From;
	readonly track: TrackName;
	/** The text before and behind that value, and both together, which is the whole where there is no such value. */
	readonly head: string;
	readonly tail: string;
	readonly text: string;
	readonly hasId: boolean;
	/** The line from behind the time to the value, and from its end to the audio's index. */
	readonly before: Uint8Array;
	readonly behind: Uint8Array;
}

const SEQ = encodeUtf8('{"seq":');
const AT = encodeUtf8(',"at":');
const FROM = encodeUtf8(',"from":"');
const OFFSET = encodeUtf8(',"offset":');
const LENGTH = encodeUtf8(',"length":');
const END = encodeUtf8('}}');
const EVENT_ID = /"event_id"\s*:\s*"/;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
/** So many digits are a safe integer, whatever they are. */
const MOST_DIGITS = 15;

/**
 * Reads the lines of chunks. Nearly all of them are audio events that differ from the one before them, of the same sender,
 * in their numbers and their id: those are compared with it, byte by byte, and only what differs is read, which takes half
 * the time of parsing. Every other line is parsed. What comes out is the same.
 */
export class LineReader {
	/** By the first letter of the sender. */
	readonly #known: KnownLine[] = [];
	#bytes: Uint8Array = new Uint8Array(0);
	#at = 0;

	/** The entry of the line from `start` to `end` (without its line feed); `undefined` when it is broken. */
	read(bytes: Uint8Array, start: number, end: number): LineEntry | undefined {
		this.#bytes = bytes;
		this.#at = start;
		const known = this.#readKnown(end);
		if (known) return known;
		const entry = parseLine(decodeUtf8(bytes.subarray(start, end)));
		if (entry?.audio) this.#known[entry.from.charCodeAt(0)] = knownLine(entry, entry.audio);
		return entry;
	}

	#readKnown(end: number): LineEntry | undefined {
		if (!this.#skip(SEQ) || this.#readWhole() < 0 || !this.#skip(AT)) return undefined;
		const at = this.#readTime();
		const known = this.#known[this.#bytes[this.#at + FROM.length]!];
		if (at < 0 || !known || !this.#skip(known.before)) return undefined;
		const text = known.hasId ? known.head + this.#readPlain() + known.tail : known.text;
		if (!this.#skip(known.behind)) return undefined;
		const index = this.#readWhole();
		if (index < 0 || index > text.length || !this.#skip(OFFSET)) return undefined;
		const offset = this.#readWhole();
		if (offset < 0 || !this.#skip(LENGTH)) return undefined;
		const length = this.#readWhole();
		if (length < 0 || !this.#skip(END) || this.#at !== end) return undefined;
		return { at, from: known.from, text, audio: { track: known.track, index, offset, length } };
	}

	/** Whether these bytes are the next ones, which are passed then. */
	#skip(expected: Uint8Array): boolean {
		const bytes = this.#bytes;
		const at = this.#at;
		for (let i = 0; i < expected.length; i++) if (bytes[at + i] !== expected[i]) return false;
		this.#at = at + expected.length;
		return true;
	}

	/** The next whole number as JSON spells it; -1 when there is none, or one that may not be exact. */
	#readWhole(): number {
		const bytes = this.#bytes;
		const start = this.#at;
		let value = 0;
		let at = start;
		for (let byte = bytes[at]!; byte >= ZERO && byte <= NINE; byte = bytes[++at]!) value = value * 10 + byte - ZERO;
		this.#at = at;
		const digits = at - start;
		return digits === 0 || digits > MOST_DIGITS || (bytes[start] === ZERO && digits > 1) ? -1 : value;
	}

	/** The next number without an exponent; -1 when it is none, or may not be exact. */
	#readTime(): number {
		const start = this.#at;
		const whole = this.#readWhole();
		if (whole < 0 || this.#bytes[this.#at] !== POINT) return whole;
		const bytes = this.#bytes;
		let value = whole;
		let divisor = 1;
		let at = this.#at + 1;
		for (let byte = bytes[at]!; byte >= ZERO && byte <= NINE; byte = bytes[++at]!) {
			value = value * 10 + byte - ZERO;
			divisor *= 10;
		}
		this.#at = at;
		// Both are exact, so their quotient is the number nearest to what is written, which is what a parser gives.
		return divisor === 1 || at - start - 1 > MOST_DIGITS ? -1 : value / divisor;
	}

	/** The next characters that stand for themselves in a JSON string. */
	#readPlain(): string {
		const bytes = this.#bytes;
		const start = this.#at;
		let at = start;
		for (let byte = bytes[at]!; byte >= 32 && byte !== 34 && byte !== 92; byte = bytes[at]!) at++;
		this.#at = at;
		return decodeUtf8(bytes.subarray(start, at));
	}
}

function knownLine({ from, text }: LineEntry, { track }: AudioRef): KnownLine {
	const match = EVENT_ID.exec(text);
	const idStart = match ? match.index + match[0].length : text.length;
	const idEnd = match ? text.indexOf('"', idStart) : -1;
	const hasId = idEnd >= 0;
	const head = hasId ? text.slice(0, idStart) : text;
	const tail = hasId ? text.slice(idEnd) : '';
	return {
		from,
		track,
		head,
		tail,
		text,
		hasId,
		before: encodeUtf8(`,"from":"${from}","text":${JSON.stringify(head).slice(0, -1)}`),
		behind: encodeUtf8(`${JSON.stringify(tail).slice(1)},"audio":{"track":"${track}","index":`)
	};
}
