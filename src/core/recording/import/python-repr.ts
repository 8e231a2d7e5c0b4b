/**
 * Reads what Python's `repr()` writes of strings, bytes and of the dicts, lists and plain values that `json.loads` makes.
 * Source: `unicode_repr` and `bytes_repr` of CPython; quotes are `'`, or `"` where the text holds `'` and no `"`.
 */

/** The value of a literal as JSON text, and where the literal ends. */
export interface PythonLiteral {
	readonly json: string;
	/** Index of the first character behind it. */
	readonly end: number;
}

const ESCAPE = /\\(?:([\\'"nrt])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/g;
const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const HIGHEST_CODE_POINT = 0x10ffff;

/**
 * The text between a repr's quotes without its escapes. What is no escape of `repr` stays as it is, so that a piece of one
 * that was cut out of its middle can be read too.
 */
export function unescapePython(inner: string): string {
	if (!inner.includes('\\')) return inner;
	return inner.replace(ESCAPE, (whole: string, plain?: string, x?: string, u?: string, long?: string) => {
		if (plain !== undefined) return CONTROLS[plain] ?? plain;
		const code = parseInt(x ?? u ?? long ?? '', 16);
		return code <= HIGHEST_CODE_POINT ? String.fromCodePoint(code) : whole;
	});
}

/** The text of a whole `repr` of a string, or `undefined` when it is none. */
export function parsePythonString(repr: string): string | undefined {
	const end = endOfString(repr, 0);
	return end === repr.length ? unescapePython(repr.slice(1, -1)) : undefined;
}

/** The bytes of a whole `repr` of bytes, `b'...'`, or `undefined` when it is none. */
export function parsePythonBytes(repr: string): Uint8Array | undefined {
	const text = repr.startsWith('b') ? parsePythonString(repr.slice(1)) : undefined;
	if (text === undefined) return undefined;
	const bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++) {
		const code = text.charCodeAt(i);
		if (code > 255) return undefined;
		bytes[i] = code;
	}
	return bytes;
}

/** The index behind the closing quote of the string that begins at `start`; -1 when there is none, or no end. */
function endOfString(text: string, start: number): number {
	const quote = text[start];
	if (quote !== "'" && quote !== '"') return -1;
	let end = text.indexOf(quote, start + 1);
	while (end >= 0 && isEscaped(text, end, start)) end = text.indexOf(quote, end + 1);
	return end < 0 ? -1 : end + 1;
}

function isEscaped(text: string, index: number, start: number): boolean {
	let at = index;
	while (at - 1 > start && text[at - 1] === '\\') at--;
	return (index - at) % 2 === 1;
}

const CONSTANTS: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null' };
const WORD = /(?:True|False|None)\b|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])/y;
const BETWEEN = /[\s,:]+/y;

/**
 * Reads the dict or list that begins at `start` as JSON text: same order, same numbers, `, ` and `: ` between. Returns
 * `undefined` when it is cut off, or holds what JSON has no word for (objects, tuples, `nan`).
 *
 * Keeps no stack of calls: it may be nested as deep as it likes. Of the punctuation only the brackets are checked; whoever
 * parses the JSON sees the rest.
 */
export function readPythonLiteral(text: string, start: number): PythonLiteral | undefined {
	const closers: string[] = [];
	const parts: string[] = [];
	let index = start;
	do {
		const char = text[index];
		if (char === '{' || char === '[') {
			closers.push(char === '{' ? '}' : ']');
			parts.push(char);
			index++;
		} else if (char === '}' || char === ']') {
			if (closers.pop() !== char) return undefined;
			parts.push(char);
			index++;
		} else {
			const end = readPlain(text, index, parts);
			if (end < 0) return undefined;
			index = end;
		}
	} while (closers.length > 0);
	return { json: parts.join(''), end: index };
}

/** Puts the string, number, constant or punctuation at `index` into `parts`; returns where it ends, -1 when it is none. */
function readPlain(text: string, index: number, parts: string[]): number {
	const stringEnd = endOfString(text, index);
	if (stringEnd >= 0) {
		parts.push(JSON.stringify(unescapePython(text.slice(index + 1, stringEnd - 1))));
		return stringEnd;
	}
	for (const pattern of [BETWEEN, WORD]) {
		pattern.lastIndex = index;
		const [found] = pattern.exec(text) ?? [];
		if (found === undefined) continue;
		parts.push(CONSTANTS[found] ?? found);
		return index + found.length;
	}
	return -1;
}
