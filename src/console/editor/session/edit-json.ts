import { assert } from '#core/base/assert.ts';
import { isObject, parseJson } from '#core/base/json.ts';
import { isSameJson } from '#core/protocol/session-compare.ts';
import type { JsonEdit } from '#core/protocol/session-rewrite.ts';
import { rangeOfMember, type JsonMember } from '#core/recording/json-member.ts';

/** A longer object or list is spelled over several lines. */
const LONGEST_LINE = 72;

/**
 * Changes one member in the text of a JSON object and leaves the rest of the text as it is spelled: the order of keys,
 * spaces and line breaks, numbers, escapes. A new member goes to the end of its object, in that object's style; objects on
 * the way that are missing are made, and what is no object there is replaced.
 *
 * @param text must be a JSON object
 */
export function editJson(text: string, { path, value }: JsonEdit): string {
	assert(path.length > 0 && isObject(parseJson(text)), 'only a member of an object can be edited');
	return value === undefined ? removeMember(text, path) : setMember(text, path, value);
}

export function editJsonAll(text: string, edits: readonly JsonEdit[]): string {
	return edits.reduce(editJson, text);
}

/** The text of the object at a member, as if it stood alone: its lines are moved to the left. */
export function standAlone(text: string, key: string): string {
	const member = rangeOfMember(text, key);
	assert(member, `the member ${key}`);
	const indent = lineIndent(text, member.start);
	// A line break is never inside a JSON string.
	return `${text.slice(member.start, member.end).replaceAll(`\n${indent}`, '\n')}\n`;
}

function setMember(text: string, path: readonly string[], value: unknown): string {
	let parent = rootOf(text);
	for (const [index, key] of path.entries()) {
		const wanted = nest(path.slice(index + 1), value);
		const member = memberOf(text, parent, key);
		if (!member) return insertMember(text, parent, key, wanted);
		const isLast = index === path.length - 1;
		if (isLast || text[member.start] !== '{') return replaceValue(text, member, wanted);
		parent = member;
	}
	return text;
}

function nest(keys: readonly string[], value: unknown): unknown {
	return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

function removeMember(text: string, path: readonly string[]): string {
	let left = text;
	for (;;) {
		const parent = parentOf(left, path);
		const member = parent && memberOf(left, parent, path.at(-1) ?? '');
		if (!member) return left;
		// The last of several members of one name counts: with it gone, the one before would.
		left = cut(left, parent, member);
	}
}

/** The object that holds the last key of a path, when all objects on the way are there. */
function parentOf(text: string, path: readonly string[]): JsonMember | undefined {
	let parent: JsonMember | undefined = rootOf(text);
	for (const key of path.slice(0, -1)) {
		parent = memberOf(text, parent, key);
		if (!parent || text[parent.start] !== '{') return undefined;
	}
	return parent;
}

function cut(text: string, parent: JsonMember, { start, end }: JsonMember): string {
	const keyStart = startOfKey(text, start);
	const next = end + leadingSpace(text.slice(end));
	if (text[next] === ',') return text.slice(0, keyStart) + text.slice(next + 1 + leadingSpace(text.slice(next + 1)));
	const before = text.slice(0, keyStart).trimEnd();
	if (before.endsWith(',')) return before.slice(0, -1) + text.slice(end);
	return `${text.slice(0, parent.start)}{}${text.slice(parent.end)}`;
}

/** From a value back over the colon to the opening quote of its key. */
function startOfKey(text: string, valueStart: number): number {
	const close = text.lastIndexOf('"', valueStart - 1);
	let open = text.lastIndexOf('"', close - 1);
	while (/\\*$/.exec(text.slice(0, open))![0].length % 2 === 1) open = text.lastIndexOf('"', open - 1);
	return open;
}

function insertMember(text: string, parent: JsonMember, key: string, value: unknown): string {
	const inner = text.slice(parent.start + 1, parent.end - 1);
	const lead = inner.slice(0, leadingSpace(inner));
	if (lead.length === inner.length) return insertFirst(text, parent, key, value);
	const at = parent.start + 1 + inner.trimEnd().length;
	const isList = lead.includes('\n');
	const indent = isList ? lead.slice(lead.lastIndexOf('\n') + 1) : lineIndent(text, parent.start);
	const gap = isList ? `${eolOf(text)}${indent}` : lead === '' ? '' : ' ';
	return `${text.slice(0, at)},${gap}${spellMember(text, key, value, indent)}${text.slice(at)}`;
}

function insertFirst(text: string, parent: JsonMember, key: string, value: unknown): string {
	const indent = lineIndent(text, parent.start);
	const inside = isMinified(text) ? '' : `${eolOf(text)}${indent}${unitOf(text)}`;
	const after = isMinified(text) ? '' : `${eolOf(text)}${indent}`;
	const member = spellMember(text, key, value, indent + unitOf(text));
	return `${text.slice(0, parent.start)}{${inside}${member}${after}}${text.slice(parent.end)}`;
}

function replaceValue(text: string, { start, end }: JsonMember, value: unknown): string {
	if (isSameJson(parseJson(text.slice(start, end)), value)) return text;
	return text.slice(0, start) + spell(text, value, lineIndent(text, start)) + text.slice(end);
}

function spellMember(text: string, key: string, value: unknown, indent: string): string {
	return `${JSON.stringify(key)}:${isMinified(text) ? '' : ' '}${spell(text, value, indent)}`;
}

/** A value in the style of the text around it, the lines after its first with this indent. */
function spell(text: string, value: unknown, indent: string): string {
	if (isMinified(text) || typeof value !== 'object' || value === null) return JSON.stringify(value);
	const lines = JSON.stringify(value, null, unitOf(text)).split('\n');
	const parts = Object.values(value as object);
	const isFlat = parts.every((part) => typeof part !== 'object' || part === null);
	const oneLine = lines.map((line) => line.trim()).join(' ');
	if (isFlat && oneLine.length <= LONGEST_LINE) {
		return Array.isArray(value) ? oneLine.replace(/^\[ /, '[').replace(/ \]$/, ']') : oneLine;
	}
	return lines.join(`${eolOf(text)}${indent}`);
}

/** The whole text's object, without the space around it. */
function rootOf(text: string): JsonMember {
	return { start: leadingSpace(text), end: text.trimEnd().length };
}

function memberOf(text: string, { start, end }: JsonMember, key: string): JsonMember | undefined {
	const member = rangeOfMember(text.slice(start, end), key);
	return member && { start: start + member.start, end: start + member.end };
}

function leadingSpace(text: string): number {
	return /^\s*/.exec(text)![0].length;
}

/** The space at the beginning of the line on which a place stands. */
function lineIndent(text: string, at: number): string {
	const line = text.slice(text.lastIndexOf('\n', at - 1) + 1, at);
	return line.slice(0, leadingSpace(line));
}

/** What one step of indentation is in this text: that of its first member, else two spaces. */
function unitOf(text: string): string {
	return /^\s*\{\r?\n([ \t]+)/.exec(text)?.[1] ?? '  ';
}

function eolOf(text: string): string {
	return text.includes('\r\n') ? '\r\n' : '\n';
}

/** All on one line without a space after its brace, and not just an empty object. */
function isMinified(text: string): boolean {
	return /^\s*\{"/.test(text) && !text.trim().includes('\n');
}
