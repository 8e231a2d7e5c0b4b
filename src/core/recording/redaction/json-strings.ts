/** The keys and indices that lead to a value, from the outermost. */
export type JsonPath = readonly (string | number)[];

/**
 * Is told what stands where in a JSON text. Positions are indices in the text. The path is that of the value, or of the
 * key, and holds only during the call.
 */
export interface JsonVisitor {
	/** An object or list begins with its bracket at `start`. */
	open?(start: number, path: JsonPath, isList: boolean): void;
	/** Its closing bracket stands before `end`. */
	close?(end: number, path: JsonPath): void;
	/** A key, without its quotes. */
	key?(start: number, end: number, path: JsonPath): void;
	/** A string value, without its quotes. It is cut off where `end` is the text's length. */
	string?(start: number, end: number, path: JsonPath): void;
	/** A number, `true`, `false` or `null`. */
	primitive?(start: number, end: number, path: JsonPath): void;
}

/** How far a walk came. */
export interface JsonWalk {
	/** The index after the value, or that of the first character that JSON does not have there. */
	readonly end: number;
	/** The value is there from its beginning to its end. */
	readonly isWhole: boolean;
}

/**
 * Walks one JSON value from an index on, and tells a visitor of each of its parts in the order of the text. Needs no
 * memory but a path, whatever the nesting. A text that is cut off, or goes wrong, is told as far as it goes.
 */
export function walkJson(text: string, from: number, visitor: JsonVisitor): JsonWalk {
	return new JsonWalker(text, visitor).walk(from);
}

const PRIMITIVE = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
/** The walk ended, whole or not. */
const OVER = -1;

class JsonWalker {
	readonly #text: string;
	readonly #visitor: JsonVisitor;
	readonly #path: (string | number)[] = [];
	/** For each bracket that is open: whether it is a list's. */
	readonly #isList: boolean[] = [];
	#hasJustOpened = false;
	#stoppedAt = 0;

	constructor(text: string, visitor: JsonVisitor) {
		this.#text = text;
		this.#visitor = visitor;
	}

	walk(from: number): JsonWalk {
		let index = this.#value(this.#skipSpace(from));
		while (index !== OVER && this.#isList.length > 0) index = this.#next(this.#skipSpace(index));
		return index === OVER ? { end: this.#stoppedAt, isWhole: false } : { end: index, isWhole: true };
	}

	#stop(at: number): typeof OVER {
		this.#stoppedAt = at;
		return OVER;
	}

	/** What comes in an open object or list after a value, or after its bracket. */
	#next(index: number): number {
		const isList = this.#isList.at(-1)!;
		const code = this.#text.charCodeAt(index);
		const isFirst = this.#hasJustOpened;
		this.#hasJustOpened = false;
		if (code === (isList ? 0x5d : 0x7d)) return this.#close(index + 1);
		if (!isFirst && code !== 0x2c) return this.#stop(index);
		const at = isFirst ? index : this.#skipSpace(index + 1);
		if (!isList) return this.#member(at);
		this.#path[this.#path.length - 1] = (this.#path.at(-1) as number) + 1;
		return this.#value(at);
	}

	#member(start: number): number {
		if (this.#text.charCodeAt(start) !== 0x22) return this.#stop(start);
		const end = this.#endOfString(start + 1);
		this.#path[this.#path.length - 1] = unescapeJson(this.#text, start + 1, end).text;
		this.#visitor.key?.(start + 1, end, this.#path);
		if (end === this.#text.length) return this.#stop(end);
		const colon = this.#skipSpace(end + 1);
		if (this.#text.charCodeAt(colon) !== 0x3a) return this.#stop(colon);
		return this.#value(this.#skipSpace(colon + 1));
	}

	#value(index: number): number {
		const code = this.#text.charCodeAt(index);
		if (code === 0x22) return this.#string(index + 1);
		if (code === 0x7b || code === 0x5b) {
			this.#visitor.open?.(index, this.#path, code === 0x5b);
			this.#path.push(code === 0x5b ? -1 : '');
			this.#isList.push(code === 0x5b);
			this.#hasJustOpened = true;
			return index + 1;
		}
		PRIMITIVE.lastIndex = index;
		if (!PRIMITIVE.test(this.#text)) return this.#stop(index);
		this.#visitor.primitive?.(index, PRIMITIVE.lastIndex, this.#path);
		return PRIMITIVE.lastIndex;
	}

	#string(start: number): number {
		const end = this.#endOfString(start);
		this.#visitor.string?.(start, end, this.#path);
		return end < this.#text.length ? end + 1 : this.#stop(end);
	}

	#close(end: number): number {
		this.#path.pop();
		this.#isList.pop();
		this.#visitor.close?.(end, this.#path);
		return end;
	}

	#skipSpace(from: number): number {
		let index = from;
		for (;;) {
			const code = this.#text.charCodeAt(index);
			if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return index;
			index++;
		}
	}

	/** The index of the closing quote, or the text's length. */
	#endOfString(start: number): number {
		let quote = this.#text.indexOf('"', start);
		while (quote >= 0 && this.#isEscaped(quote, start)) quote = this.#text.indexOf('"', quote + 1);
		return quote < 0 ? this.#text.length : quote;
	}

	#isEscaped(index: number, start: number): boolean {
		let first = index;
		while (first > start && this.#text.charCodeAt(first - 1) === 0x5c) first--;
		return (index - first) % 2 === 1;
	}
}

/** A text that was spelled otherwise, and where each of its characters stands in that spelling. */
export class DecodedText {
	readonly text: string;
	readonly #start: number;
	/** The index of each character, and the end; absent where the spelling is the text itself. */
	readonly #indices: Uint32Array | undefined;

	/** @param indices where each UTF-16 unit of `text` begins in the source, then the source's end */
	constructor(text: string, start: number, indices?: Uint32Array) {
		this.text = text;
		this.#start = start;
		this.#indices = indices;
	}

	/** The index in the source of the character at `index`; that of the end for the text's length. */
	sourceIndex(index: number): number {
		return this.#indices ? this.#indices[index]! : this.#start + index;
	}
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
	['"', '"'],
	['\\', '\\'],
	['/', '/'],
	['b', '\b'],
	['f', '\f'],
	['n', '\n'],
	['r', '\r'],
	['t', '\t']
]);
const HEX = /[0-9a-fA-F]{4}/y;

/** Reads the escapes of JSON in a stretch of a text. What is no escape, or is cut off, stands for itself. */
export function unescapeJson(source: string, start: number, end: number): DecodedText {
	const spelled = source.slice(start, end);
	if (!spelled.includes('\\')) return new DecodedText(spelled, start);
	return decodeEscapes(spelled, start, '\\', (index) => {
		const short = SHORT_ESCAPES.get(spelled[index + 1] ?? '');
		if (short !== undefined) return { text: short, length: 2 };
		HEX.lastIndex = index + 2;
		if (spelled[index + 1] !== 'u' || !HEX.test(spelled)) return undefined;
		return { text: String.fromCharCode(parseInt(spelled.slice(index + 2, index + 6), 16)), length: 6 };
	});
}

/** An escape: the one UTF-16 unit that it stands for, and how many it takes. */
export interface Escape {
	readonly text: string;
	readonly length: number;
}

/**
 * Reads the escapes of a text, all of which begin with one sign.
 * @param read the escape at an index, if there is one
 */
export function decodeEscapes(
	spelled: string,
	start: number,
	sign: string,
	read: (index: number) => Escape | undefined
): DecodedText {
	const pieces: string[] = [];
	const indices = new Uint32Array(spelled.length + 1);
	let count = 0;
	let from = 0;
	const copyUntil = (to: number) => {
		if (to > from) pieces.push(spelled.slice(from, to));
		for (let index = from; index < to; index++) indices[count++] = start + index;
		from = to;
	};
	for (let at = spelled.indexOf(sign); at >= 0; at = spelled.indexOf(sign, Math.max(from, at + 1))) {
		const escape = read(at);
		if (!escape) continue;
		copyUntil(at);
		pieces.push(escape.text);
		indices[count++] = start + at;
		from = at + escape.length;
	}
	copyUntil(spelled.length);
	indices[count] = start + spelled.length;
	return new DecodedText(pieces.join(''), start, indices);
}

/** A text as it is spelled inside a JSON string. */
export function escapeJson(text: string): string {
	return text.replace(/["\\]/g, '\\$&');
}
