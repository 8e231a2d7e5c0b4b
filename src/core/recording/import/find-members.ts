/** Where a member's value stands in the text of its object: `text.slice(start, end)`. */
export interface JsonMember {
	readonly start: number;
	readonly end: number;
}

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
	while (text[at] === '"') {
		const keyEnd = endOfString(text, at);
		const name = stringOf(text.slice(at, keyEnd));
		const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
		const end = endOfValue(text, start);
		if (name !== undefined && names.has(name)) found.set(name, { start, end });
		at = skipSpace(text, end);
		if (text[at] === ',') at = skipSpace(text, at + 1);
	}
	return found;
}

/** The string that a JSON text spells, or `undefined` when it spells none. */
export function stringOf(json: string): string | undefined {
	if (!json.startsWith('"')) return undefined;
	if (!json.includes('\\') && json.indexOf('"', 1) === json.length - 1) return json.slice(1, -1);
	try {
		return String(JSON.parse(json));
	} catch {
		return undefined;
	}
}

function skipSpace(text: string, from: number): number {
	let at = from;
	while (at < text.length && ' \t\n\r'.includes(text[at]!)) at++;
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
	while (text[index - 1 - backslashes] === '\\') backslashes++;
	return backslashes % 2 === 1;
}

function endOfValue(text: string, start: number): number {
	if (text[start] === '"') return endOfString(text, start);
	if (text[start] !== '{' && text[start] !== '[') return endOfScalar(text, start);
	let depth = 0;
	for (let at = start; at < text.length; at++) {
		const char = text[at]!;
		if (char === '"') at = endOfString(text, at) - 1;
		else if (char === '{' || char === '[') depth++;
		else if ((char === '}' || char === ']') && --depth === 0) return at + 1;
	}
	return text.length;
}

function endOfScalar(text: string, start: number): number {
	let at = start;
	while (at < text.length && !',}] \t\n\r'.includes(text[at]!)) at++;
	return at;
}
