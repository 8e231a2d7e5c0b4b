/** What tells who somebody is. Taken out only where the user asks for it. */
import { characterClass } from './character-runs.ts';
import type { Match } from './finding.ts';
import type { RedactionOptions } from './redaction-options.ts';

/** Which of them are looked for. */
export type PersonalKinds = Pick<RedactionOptions, 'emails' | 'phones' | 'cards'>;

/** Finds what is asked for in a text. Takes a time that grows with the length of the text and no faster. */
export function findPersonal(text: string, kinds: PersonalKinds): Match[] {
	return [
		...(kinds.emails ? findEmails(text) : []),
		// A card's number before a phone's: it may look like one.
		...(kinds.cards ? findCards(text) : []),
		...(kinds.phones ? findPhones(text) : [])
	];
}

/** Whether a text may hold something that is asked for, for the price of a short look. */
export function mayHoldPersonal(text: string, kinds: PersonalKinds): boolean {
	if (kinds.emails && text.includes('@')) return true;
	return Boolean(kinds.phones || kinds.cards) && /\d[\d ()./-]{6,}/.test(text);
}

/** Longest parts. Source: RFC 5321, 4.5.3.1. */
const LONGEST_LOCAL_PART = 64;
const LONGEST_DOMAIN = 255;
const LOCAL_PART = characterClass(/[\w.!#$%&'*+=?^`{|}~-]/, true);
const DOMAIN_BEGINS =
	/^(?:[A-Za-z0-9\u0080-\uffff](?:[A-Za-z0-9\u0080-\uffff-]{0,61}[A-Za-z0-9\u0080-\uffff])?\.)+[A-Za-z\u0080-\uffff]{2,24}(?![\w-])/;

function* findEmails(text: string): Generator<Match, void> {
	let from = 0;
	for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
		const start = beginOfLocalPart(text, Math.max(from, at - LONGEST_LOCAL_PART), at);
		const domain = start < at && DOMAIN_BEGINS.exec(text.slice(at + 1, at + 1 + LONGEST_DOMAIN))?.[0];
		if (!domain) continue;
		from = at + 1 + domain.length;
		yield { start, end: from, kind: 'email' };
	}
}

function beginOfLocalPart(text: string, from: number, at: number): number {
	let start = at;
	while (start > from) {
		const code = text.charCodeAt(start - 1);
		if (code < 128 ? LOCAL_PART.ascii[code] === 0 : !/[\p{L}\p{M}\p{N}]/u.test(text[start - 1]!)) break;
		start--;
	}
	while (start < at && text[start] === '.') start++;
	return start;
}

/** Groups of digits as people write them, with up to three separators between. */
const DIGIT_GROUPS = /(?<![\w@#$€£%/:.,+-])\+?\(?\d{1,15}(?:[ ./()-]{1,3}\d{1,15}){0,8}(?![\w@%/:]|[.,-]\d)/g;
const FEWEST_DIGITS = 8;
const MOST_DIGITS = 15; // E.164

/** Dates, times and big numbers, which have separators too. */
const NO_PHONE = [
	/^\d{4}[-./]\d{1,2}[-./]\d{1,2}/, // 2026-11-20
	/^\d{1,2}[-./]\d{1,2}[-./]\d{2,4}(?!\d)/, // 20.11.2026
	/^[1-9]\d{0,2}(?:[ .]\d{3})+$/, // 12 345 678
	/^\d+\.\d+$/, // 1234.5678
	/^[1-9]\d*(?:\.\d+){3,}$/, // a version
	/(?:^|[^\d.])[1-9]\d{0,2}(?:\.\d{1,3}){3}(?![\d.])/ // a network address, by itself or among other numbers
];

function* findPhones(text: string): Generator<Match, void> {
	for (const { 0: spelled, index } of text.matchAll(DIGIT_GROUPS)) {
		if (isPhone(spelled)) yield { start: index, end: index + spelled.length, kind: 'phone number' };
	}
}

function isPhone(spelled: string): boolean {
	const digits = spelled.replace(/\D/g, '').length;
	if (digits < FEWEST_DIGITS || digits > MOST_DIGITS) return false;
	if (spelled.startsWith('+')) return true;
	if (NO_PHONE.some((other) => other.test(spelled))) return false;
	const groups = spelled.split(/\D+/).filter((group) => group !== '');
	if (groups.length < 2) return false; // a bare row of digits is a count, a time or an id
	return spelled.includes('(') || groups.length > 2 || groups[0]!.startsWith('0');
}

const CARD = /(?<![\w.+-])\d(?:[ -]?\d){12,18}(?![\w-]|\.\d)/g;
/** How the numbers of the big networks begin, and how long they are. Source: ISO/IEC 7812 and the networks' own lists. */
const NETWORKS =
	/^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,16}|35\d{14,17}|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|62\d{14,17}|(?:50|5[6-9]|6\d)\d{11,17})$/;

function* findCards(text: string): Generator<Match, void> {
	for (const { 0: spelled, index } of text.matchAll(CARD)) {
		if (isCardNumber(spelled)) yield { start: index, end: index + spelled.length, kind: 'card number' };
	}
}

/** Whether digits, with or without separators, are a payment card's: of a known network, and with the right last digit. */
export function isCardNumber(spelled: string): boolean {
	const digits = spelled.replace(/\D/g, '');
	if (!NETWORKS.test(digits)) return false;
	let sum = 0;
	for (let index = 0; index < digits.length; index++) {
		const digit = Number(digits[digits.length - 1 - index]);
		sum += index % 2 === 0 ? digit : digit < 5 ? 2 * digit : 2 * digit - 9; // Luhn
	}
	return sum % 10 === 0;
}
