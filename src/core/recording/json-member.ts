import { parseJson } from '../base/json.ts';

/** Where a member's value stands in the text of its object: `text.slice(start, end)`. */
export interface JsonMember {
	readonly start: number;
	readonly end: number;
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * The wanted members of a JSON object, by name, from its text. Only the object's own members are looked at, and values
 * are not parsed, so that an object that holds much audio costs little. As in `JSON.parse`, the last of several members
 * of one name counts.
 *
 * Never throws: of a text that is no JSON object come the members that could be told.
 */
export function findMembers(text: string, names: ReadonlySet<string>): Map<string, JsonMember> {
	const found = new Map<string, JsonMember>();
	let at = skipSpace(text, text.indexOf('{') + 1);
	while (text.charCodeAt(at) === QUOTE) {
		const keyEnd = endOfString(text, at);
		const name = stringOf(text.slice(at, keyEnd));
		const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
		const end = endOfValue(text, start);
		if (name !== undefined && names.has(name)) found.set(name, { start, end });
		at = skipSpace(text, end);
		if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
	}
	return found;
}

/** The string that a JSON text spells, or `undefined` when it spells none. */
export function stringOf(json: string): string | undefined {
	if (json.charCodeAt(0) !== QUOTE) return undefined;
	if (!json.includes('\\') && json.indexOf('"', 1) === json.length - 1) return json.slice(1, -1);
	const value = parseJson(json);
	return typeof value === 'string' ? value : undefined;
}

function isSpace(code: number): boolean {
	return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function skipSpace(text: string, from: number): number {
	let at = from;
	while (isSpace(text.charCodeAt(at))) at++; // NaN after the end
	return at;
}

/** The index after a string's closing quote. */
function endOfString(text: string, start: number): number {
	let quote = text.indexOf('"', start + 1);
	while (quote >= 0 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
	return quote < 0 ? text.length : quote + 1;
}

function isEscaped(text: string, index: number): boolean {
	let backslashes = 0;
	while (text.charCodeAt(index - 1 - backslashes) === BACKSLASH) backslashes++;
	return backslashes % 2 === 1;
}

function endOfValue(text: string, start: number): number {
	const first = text.charCodeAt(start);
	if (first === QUOTE) return endOfString(text, start);
	if (first !== OPEN_OBJECT && first !== OPEN_LIST) return endOfScalar(text, start);
	let depth = 0;
	for (let at = start; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === QUOTE) at = endOfString(text, at) - 1;
		else if (code === OPEN_OBJECT || code === OPEN_LIST) depth++;
		else if ((code === CLOSE_OBJECT || code === CLOSE_LIST) && --depth === 0) return at + 1;
	}
	return text.length;
}

function endOfScalar(text: string, start: number): number {
	for (let at = start; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === COMMA || code === CLOSE_OBJECT || code === CLOSE_LIST || isSpace(code)) return at;
	}
	return text.length;
}

/** Where a member's value stands in the text of a JSON object; see `findMembers`. */
export function rangeOfMember(text: string, key: string): JsonMember | undefined {
	return findMembers(text, new Set([key])).get(key);
}

/** The text of a member's value as it is spelled: key order, spaces, escapes and number spellings stay as they are. */
export function sliceOfMember(text: string, key: string): string | undefined {
	const range = rangeOfMember(text, key);
	return range && text.slice(range.start, range.end);
}
