/** The text's value, or `undefined` when it is no JSON. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

/** A part of a text: from `start` up to `end`. */
export interface TextRange {
	readonly start: number;
	readonly end: number;
}

/**
 * Where a member's value stands in the text of a JSON object, so that its key order, spaces, escapes, number spellings
 * and double keys can be kept as they are. As in `JSON.parse`, the last of several members counts.
 *
 * @param text a JSON object that `JSON.parse` accepts
 */
export function rangeOfMember(text: string, key: string): TextRange | undefined {
	let found: TextRange | undefined;
	let index = skipSpace(text, text.indexOf('{') + 1);
	while (text[index] === '"') {
		const keyEnd = endOfString(text, index);
		const name: unknown = JSON.parse(text.slice(index, keyEnd));
		const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
		const end = endOfValue(text, start);
		if (name === key) found = { start, end };
		index = skipSpace(text, end);
		if (text[index] === ',') index = skipSpace(text, index + 1);
	}
	return found;
}

/** The text of a member's value as it is spelled; see `rangeOfMember`. */
export function sliceOfMember(text: string, key: string): string | undefined {
	const range = rangeOfMember(text, key);
	return range && text.slice(range.start, range.end);
}

function skipSpace(text: string, from: number): number {
	let index = from;
	while (index < text.length && ' \t\n\r'.includes(text[index]!)) index++;
	return index;
}

/** The index after a string's closing quote. Searches for quotes, because audio makes very long strings. */
function endOfString(text: string, start: number): number {
	let quote = text.indexOf('"', start + 1);
	while (quote >= 0 && isEscaped(text, quote)) quote = text.indexOf('"', quote + 1);
	return quote < 0 ? text.length : quote + 1;
}

function isEscaped(text: string, index: number): boolean {
	let backslashes = 0;
	while (text[index - 1 - backslashes] === '\\') backslashes++;
	return backslashes % 2 === 1;
}

function endOfValue(text: string, start: number): number {
	if (text[start] === '"') return endOfString(text, start);
	if (text[start] !== '{' && text[start] !== '[') return endOfPrimitive(text, start);
	let depth = 0;
	for (let index = start; index < text.length; index++) {
		const char = text[index]!;
		if (char === '"') index = endOfString(text, index) - 1;
		else if (char === '{' || char === '[') depth++;
		else if ((char === '}' || char === ']') && --depth === 0) return index + 1;
	}
	return text.length;
}

function endOfPrimitive(text: string, start: number): number {
	let index = start;
	while (index < text.length && !',}] \t\n\r'.includes(text[index]!)) index++;
	return index;
}
