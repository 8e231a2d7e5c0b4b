/** Secrets that can be told by what they look like, wherever they stand. */
import {
	ALPHANUMERIC,
	characterClass,
	CharacterRuns,
	DOTTED_KEY_CHARACTERS,
	KEY_CHARACTERS,
	TOKEN68,
	type CharacterClass
} from './character-runs.ts';
import type { Match } from './finding.ts';
import type { RedactionKind } from './redaction-options.ts';
import { decodeBase64Text } from './text-layers.ts';

/** How the keys of one maker look. */
interface KeyShape {
	readonly begins: readonly string[];
	readonly characters: CharacterClass;
	/** How many characters come after the beginning, at least; or exactly. */
	readonly least?: number;
	readonly exactly?: number;
	/** The rest has a digit, a capital or a long stretch, and so is no word: `sk-learn`, `sk-fading-circle`. */
	readonly isMixed?: true;
	/** A pattern of the rest. */
	readonly rest?: RegExp;
	readonly kind?: RedactionKind;
}

const SLACK = characterClass(/[A-Za-z0-9-]/);

/** Sources: the makers' own documentation, and what they ask secret scanners to look for. The first that fits decides. */
const SHAPES: readonly KeyShape[] = [
	{
		begins: ['proj', 'svcacct', 'admin', 'ant', 'None', 'or-v1', 'lf'].map((part) => `sk-${part}-`),
		characters: KEY_CHARACTERS,
		least: 6
	},
	{ begins: ['sk-'], characters: KEY_CHARACTERS, least: 8, isMixed: true },
	{ begins: ['ek_'], characters: KEY_CHARACTERS, least: 6, kind: 'client secret' },
	{ begins: ['xai-'], characters: KEY_CHARACTERS, least: 12, isMixed: true },
	{ begins: ['AIza'], characters: KEY_CHARACTERS, exactly: 35 },
	{ begins: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'gsk_', 'r8_'], characters: ALPHANUMERIC, least: 20 },
	{ begins: ['github_pat_', 'glpat-', 'GOCSPX-'], characters: KEY_CHARACTERS, least: 16 },
	{ begins: ['a', 'b', 'c', 'e', 'o', 'p', 'r', 's'].map((kind) => `xox${kind}-`), characters: SLACK, least: 10 },
	{ begins: ['xapp-'], characters: SLACK, least: 10, isMixed: true },
	{ begins: ['AKIA', 'ASIA'], characters: ALPHANUMERIC, exactly: 16, rest: /^[0-9A-Z]+$/ },
	{ begins: ['SK'], characters: ALPHANUMERIC, exactly: 32, rest: /^[0-9a-f]+$/ },
	{ begins: ['hf_', 'npm_', 'pplx-'], characters: ALPHANUMERIC, least: 20, isMixed: true },
	{ begins: ['sk_', 'rk_', 'whsec_'], characters: KEY_CHARACTERS, least: 16, isMixed: true },
	{ begins: ['ya29.'], characters: DOTTED_KEY_CHARACTERS, least: 20, kind: 'token' }
];

const SHAPE_OF = new Map(SHAPES.flatMap((shape) => shape.begins.map((text) => [text, shape] as const)));
const BEGINNINGS = [...SHAPE_OF.keys()].sort((a, b) => b.length - a.length).map((text) => text.replaceAll('.', '\\.'));
const BEGINNING = new RegExp(BEGINNINGS.join('|'), 'g');

/** Words that begin as keys do. */
const WORDS = ['learn', 'SK', 'sk'];
const LONG_STRETCH = /[A-Za-z0-9]{16}/;

/**
 * Whether a key may begin at an index: not within a word. What stands before may be an escape (`%22`, `\n`, `\u0022`) that
 * only looks like the end of a word.
 */
function isBoundary(text: string, index: number): boolean {
	if (index === 0 || !/[A-Za-z0-9]/.test(text[index - 1]!)) return true;
	return /(?:%[0-9A-Fa-f]{2}|\\[nrtbf]|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2})$/.test(
		text.slice(Math.max(0, index - 6), index)
	);
}

/**
 * Finds secrets by their looks. Takes a time that grows with the length of the text and no faster.
 * @param goesOn the text is not all: what has only begun at its end counts too
 */
export function findSecrets(text: string, goesOn: boolean): Match[] {
	return [
		...findKeys(text, goesOn),
		...findWebTokens(text, goesOn),
		...findCredentials(text, goesOn),
		...findSubprotocols(text),
		...findAzureKeys(text),
		...findUserInfo(text),
		...findPrivateKeys(text)
	];
}

function* findKeys(text: string, goesOn: boolean): Generator<Match, void> {
	const runs = new Map<CharacterClass, CharacterRuns>();
	const failures = { end: 0, count: 0 };
	const beginning = new RegExp(BEGINNING);
	for (let match = beginning.exec(text); match; match = beginning.exec(text)) {
		const { 0: begins, index: start } = match;
		const shape = SHAPE_OF.get(begins)!;
		if (!isBoundary(text, start) && !isUnlikeWords(text, start, begins)) continue;
		let ofClass = runs.get(shape.characters);
		if (!ofClass) runs.set(shape.characters, (ofClass = new CharacterRuns(text, shape.characters)));
		const from = start + begins.length;
		const end = ofClass.end(from);
		const isKey = goesOn && end === text.length ? isBegunKey(text, from, shape) : isWholeKey(text, from, end, shape);
		if (isKey) yield { start, end, kind: shape.kind ?? 'api key' };
		else if (failures.end === end) failures.count++;
		else Object.assign(failures, { end, count: 1 });
		// A row that begins as a key does again and again (`sk-sk-sk-`) is none.
		if (isKey || failures.count > MOST_FAILURES) beginning.lastIndex = Math.max(end, beginning.lastIndex);
	}
}

const MOST_FAILURES = 16;
const LONGEST_EXAMINED = 512;
const LONG_BEGINNING = 7;

/** Whether what begins inside a word is a key all the same: `keysk-proj-…`. */
function isUnlikeWords(text: string, start: number, begins: string): boolean {
	const rest = text.slice(start + begins.length, start + begins.length + 20);
	return begins.length >= LONG_BEGINNING && /^[\w-]{20}$/.test(rest) && /\d/.test(rest) && /[A-Z]/.test(rest);
}

function isWholeKey(text: string, from: number, end: number, shape: KeyShape): boolean {
	const length = end - from;
	if (shape.exactly !== undefined ? length !== shape.exactly : length < shape.least!) return false;
	const rest = text.slice(from, Math.min(end, from + LONGEST_EXAMINED));
	if (shape.rest && !shape.rest.test(rest)) return false;
	return !shape.isMixed || /[0-9A-Z]/.test(rest) || LONG_STRETCH.test(rest);
}

function isBegunKey(text: string, from: number, shape: KeyShape): boolean {
	const rest = text.slice(from, from + LONGEST_EXAMINED);
	if (rest === '' || (shape.rest && !shape.rest.test(rest))) return false;
	if (shape.exactly !== undefined && text.length - from > shape.exactly) return false;
	return !WORDS.some((word) => word.startsWith(rest));
}

const SHORTEST_TOKEN_PART = 8;

/** JSON Web Tokens: three parts of base64url, the first of which holds `{"`. Source: RFC 7519. */
function* findWebTokens(text: string, goesOn: boolean): Generator<Match, void> {
	const parts = new CharacterRuns(text, KEY_CHARACTERS);
	const begin = /eyJ/g;
	for (let match = begin.exec(text); match; match = begin.exec(text)) {
		const start = match.index;
		if (!isBoundary(text, start)) continue;
		let end = parts.end(start);
		if (end - start < SHORTEST_TOKEN_PART) continue;
		let count = 1;
		while (text[end] === '.' && count < 5) {
			end = parts.end(end + 1);
			count++;
		}
		const isBegun = goesOn && end === text.length;
		if (!isBegun && (count < 3 || end - start < 4 * SHORTEST_TOKEN_PART)) continue;
		yield { start, end, kind: 'token' };
		begin.lastIndex = end;
	}
}

/** `Bearer` and `Basic` with what follows. Source: RFC 6750, RFC 7617. */
function* findCredentials(text: string, goesOn: boolean): Generator<Match, void> {
	const scheme = /(?<![A-Za-z0-9])(?:bearer|basic)(?:[ \t]{1,4}|%20|\+)/gi;
	const values = new CharacterRuns(text, TOKEN68);
	for (let match = scheme.exec(text); match; match = scheme.exec(text)) {
		const start = scheme.lastIndex;
		const end = values.end(start);
		const isSecret = /^basic/i.test(match[0])
			? decodeBase64Text(text.slice(start, end))?.includes(':')
			: looksRandom(text, start, end) || (goesOn && end === text.length && /[^a-z]/.test(text.slice(start, end)));
		if (!isSecret) continue;
		yield { start, end, kind: 'authorization' };
		scheme.lastIndex = end;
	}
}

/** Whether a value is a token rather than a word: eight characters with a digit or with a capital inside, or very many. */
export function looksRandom(text: string, start: number, end: number): boolean {
	const value = text.slice(start, Math.min(end, start + LONGEST_EXAMINED));
	return value.length >= SHORTEST_TOKEN_PART && (/\d/.test(value) || /.[A-Z]/.test(value) || value.length >= 32);
}

/** WebSocket subprotocols that carry what gets in, as browsers can send no header. Source: the openai package, 7.55. */
function* findSubprotocols(text: string): Generator<Match, void> {
	const name = /(?:(insecure-api-key)|api-key|access-token|client-secret|bearer|authorization)\.(?=[\w-])/g;
	const values = new CharacterRuns(text, TOKEN68);
	for (let match = name.exec(text); match; match = name.exec(text)) {
		const start = name.lastIndex;
		const end = values.end(start);
		if (!match[1] && (end - start < 16 || !looksRandom(text, start, end))) continue;
		yield { start, end, kind: text.startsWith('ek_', start) ? 'client secret' : 'api key' };
		name.lastIndex = end;
	}
}

/** Azure's keys of 84 characters, which carry a signature in their middle. Source: Microsoft's key format (CASK). */
const AZURE_KEY = /(?<=^|[^A-Za-z0-9]|\\[nrtbf]|%[0-9A-Fa-f]{2})[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{27}(?![A-Za-z0-9])/g;

function* findAzureKeys(text: string): Generator<Match, void> {
	for (const { 0: key, index } of text.matchAll(AZURE_KEY)) {
		yield { start: index, end: index + key.length, kind: 'api key' };
	}
}

const LONGEST_USER_INFO = 512;

/** The user and password of an address. Source: RFC 3986, 3.2.1. */
function* findUserInfo(text: string): Generator<Match, void> {
	for (const { 0: slashes, index } of text.matchAll(/:\\{0,8}\/\\{0,8}\//g)) {
		const start = index + slashes.length;
		const authority = /^[^\s"'`<>/?#\\]*/.exec(text.slice(start, start + LONGEST_USER_INFO))![0];
		const info = authority.slice(0, Math.max(0, authority.lastIndexOf('@')));
		if (!/^[^:]*:./.test(info) && info.length < 20) continue;
		if (info === USER_INFO_MARK) continue;
		yield { start, end: start + info.length, kind: 'password', mark: USER_INFO_MARK };
	}
}

/** Before an `@`, brackets would make the address one that most readers refuse. */
const USER_INFO_MARK = 'redacted:redacted';

/** PEM. Source: RFC 7468. */
function* findPrivateKeys(text: string): Generator<Match, void> {
	const begin = /-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----/g;
	for (let match = begin.exec(text); match; match = begin.exec(text)) {
		const end = text.indexOf('-----END', begin.lastIndex);
		yield { start: begin.lastIndex, end: end < 0 ? text.length : end, kind: 'secret' };
		begin.lastIndex = end < 0 ? text.length : end;
	}
}
