import type { From } from '../protocol/direction.ts';

/** What a term of the filter may begin with, in the order in which they are offered. */
export const FILTER_KEYS = ['type', 'from', 'item', 'response', 'call', 'after', 'before'] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

export const SENDERS: readonly From[] = ['client', 'server', 'console'];

/** A term as it is written: `-type:"a b"`. */
export interface FilterToken {
	/** First character, and the one after the last. */
	readonly start: number;
	readonly end: number;
	readonly isNot: boolean;
	/** The key before the colon as it was written, whether there is such a key or not; `null` for plain text. */
	readonly key: string | null;
	/** What follows the key, without its quotes. */
	readonly value: string;
	readonly isQuoted: boolean;
}

/** A term that can be looked for. All text is in lower case. */
export type FilterTerm = { readonly isNot: boolean } & (
	| { readonly kind: 'text'; readonly text: string }
	| { readonly kind: 'type' | 'item' | 'response' | 'call'; readonly pattern: Pattern }
	| { readonly kind: 'from'; readonly from: From }
	/** `ms` of session time, as the list shows it: whole milliseconds. */
	| { readonly kind: 'after' | 'before'; readonly ms: number }
);

/** A term that means nothing: it is left out, and the page says why. */
export interface FilterProblem {
	readonly term: string;
	readonly message: string;
}

export interface EventQuery {
	readonly terms: readonly FilterTerm[];
	readonly problems: readonly FilterProblem[];
}

/**
 * Reads the filter of the event list. A word must be in the type, the sender or the summary; so must the words of a
 * `"quoted phrase"`, as they stand. `type:`, `from:`, `item:`, `response:`, `call:`, `after:` and `before:` look there alone.
 * `-` before a term: it must not. A term that means nothing is left out and reported; a word with a colon that resembles no
 * key is a word like any other.
 */
export function parseQuery(text: string): EventQuery {
	const terms: FilterTerm[] = [];
	const problems: FilterProblem[] = [];
	for (const token of tokenise(text)) {
		const read = readTerm(token, text.slice(token.start, token.end));
		if (typeof read === 'string') problems.push({ term: text.slice(token.start, token.end), message: read });
		else if (read) terms.push(read);
	}
	return { terms, problems };
}

const SPACE = /\s/;
const KEY = /^([a-z]+):/i;

/** The terms of a filter, where they stand. */
export function tokenise(text: string): FilterToken[] {
	const tokens: FilterToken[] = [];
	let at = 0;
	while (at < text.length) {
		if (SPACE.test(text[at]!)) at++;
		else {
			const token = tokenAt(text, at);
			tokens.push(token);
			at = token.end;
		}
	}
	return tokens;
}

function tokenAt(text: string, start: number): FilterToken {
	const isNot = text[start] === '-' && start + 1 < text.length && !SPACE.test(text[start + 1]!);
	let at = start + (isNot ? 1 : 0);
	// No key is longer: a long word is not looked through for one.
	const written = KEY.exec(text.slice(at, at + 16))?.[1];
	const key = written !== undefined && (isKey(written) || meantKey(written)) ? written : null;
	if (key !== null) at += key.length + 1;
	if (text[at] === '"') {
		const quoted = readQuoted(text, at + 1);
		return { start, end: quoted.end, isNot, key, value: quoted.value, isQuoted: true };
	}
	let end = at;
	while (end < text.length && !SPACE.test(text[end]!)) end++;
	return { start, end, isNot, key, value: text.slice(at, end), isQuoted: false };
}

/** Up to the closing quote, or to the end where there is none yet. `\"` and `\\` stand for themselves. */
function readQuoted(text: string, start: number): { value: string; end: number } {
	let value = '';
	let at = start;
	while (at < text.length && text[at] !== '"') {
		if (text[at] === '\\' && (text[at + 1] === '"' || text[at + 1] === '\\')) at++;
		value += text[at++];
	}
	return { value, end: Math.min(at + 1, text.length) };
}

function isKey(word: string): word is FilterKey {
	return (FILTER_KEYS as readonly string[]).includes(word.toLowerCase());
}

/** The key that a word was meant to be, which it nearly is. */
function meantKey(word: string): FilterKey | undefined {
	return FILTER_KEYS.find((key) => isOneSlipAway(word.toLowerCase(), key));
}

/** Whether two words differ by one letter that is missing, too many or another, or by two that changed places. */
function isOneSlipAway(word: string, key: string): boolean {
	let head = 0;
	while (head < key.length && word[head] === key[head]) head++;
	const rest = key.slice(head);
	const wordRest = word.slice(head);
	return (
		wordRest.slice(1) === rest.slice(1) ||
		wordRest.slice(1) === rest ||
		wordRest === rest.slice(1) ||
		(wordRest[0] === rest[1] && wordRest[1] === rest[0] && wordRest.slice(2) === rest.slice(2))
	);
}

/** The term, why it is none, or `null` for one that asks for nothing. */
function readTerm({ isNot, key: written, value }: FilterToken, term: string): FilterTerm | string | null {
	const text = value.toLowerCase();
	if (written === null) return text === '' ? null : { kind: 'text', isNot, text };
	const key = written.toLowerCase();
	if (!isKey(key)) {
		return `There is no key ${written}:, perhaps ${meantKey(written)}: was meant. To look for it as text, write it in quotes: "${term}".`;
	}
	if (text === '') return `${key}: wants a value, such as ${KEY_EXAMPLES[key]}.`;
	if (key === 'from') {
		const from = SENDERS.find((sender) => sender === text);
		return from ? { kind: key, isNot, from } : `from: is client, server or console, and not ${shorten(value)}.`;
	}
	if (key === 'after' || key === 'before') {
		const ms = parseTimeMs(text);
		return ms === null
			? `${key}: takes a time as the list shows it, or with a unit, ${KEY_EXAMPLES[key]} or ${key}:80s, and not ${shorten(value)}.`
			: { kind: key, isNot, ms };
	}
	return { kind: key, isNot, pattern: new Pattern(text, key === 'type' ? '.' : '\n') };
}

export const KEY_EXAMPLES: Readonly<Record<FilterKey, string>> = {
	type: 'type:response.*',
	from: 'from:server',
	item: 'item:item_E7VIq',
	response: 'response:resp_E7VIr',
	call: 'call:call_E7VIs',
	after: 'after:1:20.5',
	before: 'before:1:20.5'
};

const MOST_SAID = 40;

function shorten(value: string): string {
	return value.length > MOST_SAID ? `${value.slice(0, MOST_SAID)}…` : value;
}

const CLOCK = /^(?:(\d{1,6}):)?(\d{1,6}):([0-5]?\d(?:\.\d{1,9})?)$/;
const WITH_UNIT = /^(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h)?$/;
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `1:20.5`, `1:02:07.350`, `80s`, `900ms`, or seconds: whole milliseconds; `null` for what is no time. */
function parseTimeMs(text: string): number | null {
	const clock = CLOCK.exec(text);
	if (clock) {
		const [, hours = '0', minutes, seconds] = clock;
		return Math.round((Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000);
	}
	const [, number, unit = 's'] = WITH_UNIT.exec(text) ?? [];
	return number === undefined ? null : Math.round(Number(number) * UNIT_MS[unit]!);
}

/**
 * Text in which `*` stands for any characters, that is compared with whole parts: of a type those between its dots
 * (`type:delta`, `type:response.*.done`), of an id all of it. Takes time in proportion to the text, whatever the pattern.
 */
export class Pattern {
	readonly #edge: string;
	readonly #pieces: readonly string[];

	/** @param edge stands between parts. */
	constructor(pattern: string, edge: string) {
		this.#edge = edge;
		this.#pieces = `${edge}${pattern.toLowerCase()}${edge}`.split('*').filter((piece) => piece !== '');
	}

	matches(text: string): boolean {
		const whole = `${this.#edge}${text.toLowerCase()}${this.#edge}`;
		let at = 0;
		for (const piece of this.#pieces) {
			const found = whole.indexOf(piece, at);
			if (found < 0) return false;
			at = found + piece.length;
		}
		return true;
	}
}

/** A term as it is written, with quotes where its value needs them. */
export function writeTerm(key: FilterKey, value: string, isNot = false): string {
	const isPlain = /^[^\s"]+$/.test(value);
	const written = isPlain ? value : `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
	return `${isNot ? '-' : ''}${key}:${written}`;
}

function isTerm(token: FilterToken, key: FilterKey, value: string): boolean {
	return token.key?.toLowerCase() === key && token.value.toLowerCase() === value.toLowerCase();
}

/** Whether the filter asks for this value of a key (1), refuses it (-1) or does not name it (0). */
export function stanceOf(text: string, key: FilterKey, value: string): -1 | 0 | 1 {
	const token = tokenise(text).find((each) => isTerm(each, key, value));
	return token ? (token.isNot ? -1 : 1) : 0;
}

/** The filter with a value of a key asked for, or refused; without the term where it was there already. */
export function toggleTerm(text: string, key: FilterKey, value: string, isNot = false): string {
	const tokens = tokenise(text);
	const wasThere = tokens.some((token) => isTerm(token, key, value) && token.isNot === isNot);
	const others = tokens.filter((token) => !isTerm(token, key, value));
	const kept = others.map(({ start, end }) => text.slice(start, end));
	return (wasThere ? kept : [...kept, writeTerm(key, value, isNot)]).join(' ');
}
