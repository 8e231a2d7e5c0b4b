import {
	FILTER_KEYS,
	KEY_EXAMPLES,
	SENDERS,
	tokenise,
	writeTerm,
	type FilterKey,
	type FilterToken
} from './event-query.ts';
import type { EventCensus, Tally } from './event-census.ts';

/** Something that can stand where the caret is. */
export interface Suggestion {
	/** Takes the place of the term. */
	readonly text: string;
	/** What it is called in the list. */
	readonly label: string;
	/** What it means, or how many events it lets through. */
	readonly about: string;
}

export interface Completion {
	/** The term that is being written: its first character, and the one after its last. */
	readonly start: number;
	readonly end: number;
	/** What can be written here, in words. */
	readonly hint: string;
	readonly suggestions: readonly Suggestion[];
}

/** Nobody reads on. */
const MOST_SUGGESTED = 50;

const KEY_ABOUT: Readonly<Record<FilterKey, string>> = {
	type: 'events of a type',
	from: 'events of a sender',
	item: 'events about an item',
	response: 'events of a response',
	call: 'events about a function call',
	after: 'from a time on',
	before: 'before a time'
};

const KEY_HINT: Readonly<Record<FilterKey, string>> = {
	type: '* stands for any characters, and a part is enough: type:delta',
	from: 'Who sent the event; console is Earshot itself',
	item: '* stands for any characters',
	response: '* stands for any characters',
	call: '* stands for any characters',
	after: `A time as the list shows it, or with a unit: ${KEY_EXAMPLES.after}, after:80s`,
	before: `A time as the list shows it, or with a unit: ${KEY_EXAMPLES.before}, before:80s`
};

const START_HINT = 'Words, "quoted phrases", or a key; - before a term leaves out what it finds';

/** What can be written at the caret of a filter: keys, and after a key the values that are in the log. */
export function deriveCompletion(text: string, caret: number, census: EventCensus): Completion {
	const token = tokenise(text).find(({ start, end }) => start < caret && caret <= end);
	if (!token) return { start: caret, end: caret, hint: START_HINT, suggestions: suggestKeys('', '') };
	const { start, end } = token;
	const key = FILTER_KEYS.find((known) => known === token.key?.toLowerCase());
	if (!key) {
		const sign = token.isNot ? '-' : '';
		const written = text.slice(start + sign.length, caret);
		return { start, end, hint: START_HINT, suggestions: suggestKeys(written.toLowerCase(), sign) };
	}
	return { start, end, hint: KEY_HINT[key], suggestions: suggestValues(key, token, census) };
}

function suggestKeys(written: string, sign: string): Suggestion[] {
	return FILTER_KEYS.filter((key) => key.startsWith(written)).map((key) => ({
		text: `${sign}${key}:`,
		label: `${sign}${key}:`,
		about: KEY_ABOUT[key]
	}));
}

function suggestValues(key: FilterKey, { value, isNot }: FilterToken, census: EventCensus): Suggestion[] {
	const written = value.toLowerCase().replaceAll('*', '');
	const begins: Tally[] = [];
	const holds: Tally[] = [];
	for (const tally of valuesOf(key, census)) {
		const at = tally.value.toLowerCase().indexOf(written);
		if (at === 0) begins.push(tally);
		else if (at > 0) holds.push(tally);
	}
	return [...begins, ...holds].slice(0, MOST_SUGGESTED).map(({ value: label, count }) => ({
		text: writeTerm(key, label, isNot),
		label,
		about: count.toLocaleString('en')
	}));
}

function valuesOf(key: FilterKey, census: EventCensus): readonly Tally[] {
	if (key === 'type') return census.types();
	if (key === 'from') return SENDERS.map((from) => ({ value: from, count: census.countOf(from) }));
	if (key === 'after' || key === 'before') return [];
	return census.ids(key);
}
