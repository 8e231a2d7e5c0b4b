const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LF = 0x0a;
/** What a short string costs less to walk through than to search. */
const WALKED_BYTES = 24;
/** A value that is nested deeper than this is no message. */
const MAX_DEPTH = 100_000;

/** What a byte outside of a string means. */
const OTHER = 0;
const SPACE = 1;
const STRING = 2;
const OPEN_OBJECT = 3;
const OPEN_LIST = 4;
const CLOSE_OBJECT = 5;
const CLOSE_LIST = 6;
const COMMA = 7;
const COLON = 8;
const SCALAR = 9;

const CLASS = new Uint8Array(256);
for (const space of ' \t\r\n') CLASS[space.charCodeAt(0)] = SPACE;
for (const [char, meaning] of Object.entries({
	'"': STRING,
	'{': OPEN_OBJECT,
	'[': OPEN_LIST,
	'}': CLOSE_OBJECT,
	']': CLOSE_LIST,
	',': COMMA,
	':': COLON
})) {
	CLASS[char.charCodeAt(0)] = meaning;
}
// Numbers, true, false, null; and what Python and JavaScript write besides: NaN, Infinity, None, undefined.
for (let byte = 0x20; byte < 0x7f; byte++) {
	if (/[-+.\w]/.test(String.fromCharCode(byte))) CLASS[byte] = SCALAR;
}

/** What a strict skipper expects next. */
const VALUE = 0;
const AFTER_VALUE = 1;
const KEY_OR_END = 2;
const KEY = 3;
const AFTER_KEY = 4;
const VALUE_OR_END = 5;

/** Why a value is broken, to go on after `This object is not whole: `. */
const NO_JSON = 'it is no JSON from some point on.';
const CUT_STRING = 'a text in it does not end on its line.';
const TOO_DEEP = `it is nested deeper than ${MAX_DEPTH.toLocaleString('en-US')} levels.`;
/** It broke at the next object's opening bracket, at the beginning of a line. */
export const NEXT_OBJECT = 'the next one begins before it ends.';

/** `skip`: the bytes given end inside the value. */
export const NOT_YET = -1;
/** `skip`: this is no JSON value; `brokenAt` says where. */
export const BROKEN = -2;

/**
 * Finds where a JSON value ends, in bytes that come in pieces cut anywhere. Nesting is counted, never recursed.
 *
 * A lenient one counts brackets and hops over strings, so that damage inside a value costs only that value. A strict
 * one knows the grammar, so that it stops where text only looked like JSON. Both stop at a line feed inside a string,
 * which JSON does not have: there something was cut off.
 */
export class JsonSkipper {
	/** `skip` returned `BROKEN`: the index in the piece, and why. */
	brokenAt = 0;
	brokenBecause = '';
	/** Whether the value has a key so far. Strict only. */
	hasKey = false;
	/** How many line feeds came in the value. Strict only. */
	lineFeeds = 0;
	/** The next line feed in the piece that was looked for; the piece's length when there is none. */
	lineFeed = -1;
	readonly #isStrict: boolean;
	#bytes: Uint8Array = new Uint8Array(0);
	#depth = 0;
	#isInString = false;
	/** The next byte is escaped. */
	#isEscaped = false;
	#isInScalar = false;
	#expects = VALUE;
	#because = NO_JSON;
	/** For each level of a strict one whether it is a list. */
	#isList = new Uint8Array(64);
	/** How far the line is indented, while nothing but spaces has come on it; else -1. */
	#indent = -1;
	#baseIndent = 0;
	/** The first key stands on the line of the opening bracket. */
	#isCompact = false;

	constructor({ isStrict }: { readonly isStrict: boolean }) {
		this.#isStrict = isStrict;
	}

	/**
	 * The next bytes. They are looked at until the next ones come.
	 * @param lineFeed when they are given again: what `lineFeed` was before others were
	 */
	give(bytes: Uint8Array, lineFeed = -1): void {
		this.#bytes = bytes;
		this.lineFeed = lineFeed;
	}

	/** Whether the innermost level so far is a list. Strict only. */
	get isInList(): boolean {
		return this.#depth > 0 && this.#isList[this.#depth - 1] === 1;
	}

	/**
	 * A value begins at the next byte that is skipped.
	 *
	 * @param indent how many spaces stand before it on its line. An object that begins a line no further in, inside one
	 * that had its first key on its own line, is the next one after one that was cut off. Strict only.
	 */
	begin(indent = 0): void {
		this.#depth = 0;
		this.#isInString = this.#isEscaped = this.#isInScalar = false;
		this.#expects = VALUE;
		this.#because = NO_JSON;
		this.#indent = -1;
		this.#baseIndent = indent;
		this.#isCompact = this.hasKey = false;
		this.lineFeeds = 0;
	}

	/** The index after the value's last byte, `NOT_YET` or `BROKEN`. */
	skip(from: number): number {
		const bytes = this.#bytes;
		let at = from;
		if (this.#isInString) {
			at = this.#skipString(at);
			if (at < 0 || this.#depth === 0) return at;
		}
		while (at < bytes.length) {
			const byte = bytes[at]!;
			const meaning = CLASS[byte]!;
			if (this.#isInScalar && meaning !== SCALAR && meaning !== OTHER) {
				this.#isInScalar = false;
				if (this.#depth === 0) return at;
			}
			if (this.#isStrict ? !this.#accept(meaning, byte) : byte === BACKSLASH) return this.#break(at, this.#because);
			at++;
			if (meaning === STRING) {
				this.#isInString = true;
				at = this.#skipString(at);
				if (at < 0) return at;
			} else if (meaning === OPEN_OBJECT || meaning === OPEN_LIST) {
				this.#depth++;
			} else if (meaning === CLOSE_OBJECT || meaning === CLOSE_LIST) {
				this.#depth--;
			} else {
				if (meaning === SCALAR || meaning === OTHER) this.#isInScalar = true;
				continue;
			}
			if (this.#depth <= 0) return at;
		}
		return NOT_YET;
	}

	/** The index after the string's closing quote. */
	#skipString(from: number): number {
		const bytes = this.#bytes;
		let at = this.#isEscaped ? from + 1 : from;
		this.#isEscaped = false;
		for (;;) {
			const quote = this.#findQuote(at);
			const end = quote < 0 ? bytes.length : quote;
			let backslashes = 0;
			while (end - backslashes > at && bytes[end - 1 - backslashes] === BACKSLASH) backslashes++;
			const isEscaped = backslashes % 2 === 1;
			if (quote >= 0 && isEscaped) {
				at = quote + 1;
				continue;
			}
			const lineFeed = this.#findLineFeed(from);
			if (lineFeed < end) return this.#break(lineFeed, CUT_STRING);
			this.#isEscaped = isEscaped;
			if (quote < 0) return NOT_YET;
			this.#isInString = false;
			return quote + 1;
		}
	}

	#findQuote(from: number): number {
		const bytes = this.#bytes;
		const walked = Math.min(from + WALKED_BYTES, bytes.length);
		let at = from;
		while (at < walked && bytes[at] !== QUOTE) at++;
		if (at < walked) return at;
		return at < bytes.length ? bytes.indexOf(QUOTE, at) : -1;
	}

	#findLineFeed(from: number): number {
		if (this.lineFeed < from) {
			const found = this.#bytes.indexOf(LF, from);
			this.lineFeed = found < 0 ? this.#bytes.length : found;
		}
		return this.lineFeed;
	}

	/** Whether the grammar allows what comes. */
	#accept(meaning: number, byte: number): boolean {
		if (meaning === SPACE) {
			if (byte === LF) {
				this.#indent = 0;
				this.lineFeeds++;
			} else if (this.#indent >= 0) this.#indent++;
			return true;
		}
		const indent = this.#indent;
		this.#indent = -1;
		if (this.#isInScalar && meaning === SCALAR) return true;
		const isNextLine = meaning === OPEN_OBJECT && indent >= 0 && indent <= this.#baseIndent;
		if (isNextLine && this.#isCompact) {
			this.#because = NEXT_OBJECT;
			return false;
		}
		switch (this.#expects) {
			case VALUE_OR_END:
				return meaning === CLOSE_LIST ? this.#close() : this.#acceptValue(meaning);
			case VALUE:
				return this.#acceptValue(meaning);
			case KEY_OR_END:
				return meaning === CLOSE_OBJECT ? this.#close() : this.#acceptKey(meaning);
			case KEY:
				return this.#acceptKey(meaning);
			case AFTER_KEY:
				this.#expects = VALUE;
				return meaning === COLON;
			default:
				return this.#acceptAfterValue(meaning);
		}
	}

	#acceptValue(meaning: number): boolean {
		if (meaning === OPEN_OBJECT || meaning === OPEN_LIST) {
			const isList = meaning === OPEN_LIST;
			if (this.#depth === this.#isList.length) this.#deepen();
			this.#isList[this.#depth] = isList ? 1 : 0;
			this.#expects = isList ? VALUE_OR_END : KEY_OR_END;
			return this.#depth < MAX_DEPTH;
		}
		this.#expects = AFTER_VALUE;
		return meaning === STRING || meaning === SCALAR;
	}

	#acceptKey(meaning: number): boolean {
		if (!this.hasKey) {
			this.hasKey = meaning === STRING;
			this.#isCompact = this.lineFeeds === 0;
		}
		this.#expects = AFTER_KEY;
		return meaning === STRING;
	}

	#acceptAfterValue(meaning: number): boolean {
		const isInList = this.#isList[this.#depth - 1] === 1;
		if (meaning === COMMA) {
			this.#expects = isInList ? VALUE : KEY;
			return true;
		}
		return meaning === (isInList ? CLOSE_LIST : CLOSE_OBJECT);
	}

	#close(): boolean {
		this.#expects = AFTER_VALUE;
		return true;
	}

	#deepen(): void {
		const deeper = new Uint8Array(this.#isList.length * 2);
		deeper.set(this.#isList);
		this.#isList = deeper;
	}

	#break(at: number, because: string): number {
		this.brokenAt = at;
		this.brokenBecause = this.#depth >= MAX_DEPTH ? TOO_DEEP : because;
		return BROKEN;
	}
}
