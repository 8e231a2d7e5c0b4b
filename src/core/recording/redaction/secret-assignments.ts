/** Secrets in running text that a name announces: `api_key=…`, `x-api-key: …`, `"password":"…"`, `?sig=…`. */
import { characterClass, CharacterRuns } from './character-runs.ts';
import { markOf, type Match } from './finding.ts';
import type { RedactionKind } from './redaction-options.ts';
import { isPlaceholder, kindOfName, schemeLength } from './secret-names.ts';
import { looksRandom } from './secret-patterns.ts';
import { escapePercent } from './text-layers.ts';

/** The end of a name, its closing quote, and the sign. In JSON inside JSON backslashes stand before the quotes. */
const SIGN =
	/(?:key|token|secret|passw(?:or)?d|passphrase|passcode|pwd|pass|auth|authorization|cookies?|credentials?|jwt|signature|sig|bearer|connectionstring|sid|session)s?\d?(\\{0,8}["'])?[ \t]{0,4}(=>|[:=](?!=))[ \t]{0,4}/gi;
const LONGEST_NAME = 60;

const UNQUOTED = characterClass(/[^\s&;,"'`<>(){}[\]\\]/, true);
const PARAMETER = characterClass(/[^\s&;,"'`<>(){}[\]\\#]/, true);
const QUOTED = { '"': characterClass(/[^"]/, true), "'": characterClass(/[^']/, true) };
const TO_LINE_END = characterClass(/[^\r\n"'\\]/, true);

/** A value after a sign. */
interface Value {
	readonly start: number;
	readonly end: number;
	readonly isQuoted: boolean;
}

/**
 * Finds the values that a name announces as secret. Takes a time that grows with the length of the text and no faster.
 * @param goesOn the text is not all: a value that ends with it counts however short
 */
export function findAssignments(text: string, goesOn: boolean): Match[] {
	const found: Match[] = [];
	const values = new ValueReader(text);
	const sign = new RegExp(SIGN);
	for (let match = sign.exec(text); match; match = sign.exec(text)) {
		const name = nameBefore(text, match.index, sign.lastIndex);
		const isSet = match[2] === '=';
		const isParameter = isSet && /[?&#;]/.test(text[name.start - 1] ?? '');
		const place = isParameter ? 'parameter' : !isSet && name.text.includes('-') ? 'header' : 'member';
		const kind = kindOfName(name.text, place);
		if (!kind) continue;
		const value = isParameter
			? values.readParameter(sign.lastIndex)
			: values.read(sign.lastIndex, kind, match[1] !== undefined);
		const isBegun = goesOn && value.end === text.length;
		const isSure = isParameter || value.isQuoted || (isSet && isBegun);
		const certainty = isSure ? 'sure' : isSet || place === 'header' ? 'set' : isBegun ? 'begun' : 'said';
		const secret = secretPart(text, value, kind, certainty);
		if (!secret) continue;
		const bareQuote = value.isQuoted ? undefined : match[1];
		// A number at "token" is a count.
		if (bareQuote && kind === 'token') continue;
		found.push({ ...secret, kind, mark: markIn(kind, isParameter, bareQuote) });
		sign.lastIndex = secret.end;
	}
	return found;
}

/** @param bareQuote the quote of the name, where JSON has no quotes around its value: a string takes the place of a number */
function markIn(kind: RedactionKind, isParameter: boolean, bareQuote = ''): string {
	return isParameter ? escapePercent(markOf(kind)) : bareQuote + markOf(kind) + bareQuote;
}

/** The whole name of which only the end is known. */
function nameBefore(text: string, index: number, end: number): { readonly text: string; readonly start: number } {
	let start = index;
	while (start > 0 && index - start < LONGEST_NAME && /[\w.-]/.test(text[start - 1]!)) start--;
	return { text: /^[\w.-]*/.exec(text.slice(start, end))![0], start };
}

/** Reads the values of one text. */
class ValueReader {
	readonly #text: string;
	readonly #unquoted: CharacterRuns;
	readonly #parameters: CharacterRuns;
	readonly #quoted: Readonly<Record<'"' | "'", CharacterRuns>>;
	readonly #lines: CharacterRuns;

	constructor(text: string) {
		this.#text = text;
		this.#unquoted = new CharacterRuns(text, UNQUOTED);
		this.#parameters = new CharacterRuns(text, PARAMETER);
		this.#quoted = { '"': new CharacterRuns(text, QUOTED['"']), "'": new CharacterRuns(text, QUOTED["'"]) };
		this.#lines = new CharacterRuns(text, TO_LINE_END);
	}

	/** A value in an address. */
	readParameter(start: number): Value {
		return { start, end: this.#parameters.end(start), isQuoted: false };
	}

	/** @param isJson the name stood in quotes, so what is unquoted is a number or a word of JSON */
	read(from: number, kind: RedactionKind, isJson: boolean): Value {
		let start = from;
		if (isJson) start = this.#intoObject(start);
		let backslashes = 0;
		while (this.#text[start + backslashes] === '\\' && backslashes < 8) backslashes++;
		const quote = this.#text[start + backslashes];
		if (quote === '"' || quote === "'") {
			start += backslashes + 1;
			const end = this.#quoted[quote].end(start);
			const isClosed = end < this.#text.length;
			return { start, end: isClosed ? Math.max(start, end - backslashes) : end, isQuoted: true };
		}
		if (kind === 'cookie') return { start, end: this.#lines.end(start), isQuoted: false };
		const scheme = kind === 'authorization' ? schemeLength(this.#text.slice(start, start + 40)) : 0;
		return { start, end: this.#unquoted.end(start + scheme), isQuoted: false };
	}

	/** Over `{"value":`, as in `"client_secret":{"value":"…"`. */
	#intoObject(start: number): number {
		const match = /^\{\s{0,4}\\{0,8}"value\\{0,8}"\s{0,4}:\s{0,4}/.exec(this.#text.slice(start, start + 48));
		return start + (match?.[0].length ?? 0);
	}
}

/** How sure it is that a value is what its name says: prose has names and colons too. */
type Certainty = 'sure' | 'set' | 'said' | 'begun';

const SHORTEST_VALUE = 4;
const LONGEST_EXAMINED = 512;

/** The part of a value that is secret, if it is one. */
function secretPart(
	text: string,
	value: Value,
	kind: RedactionKind,
	certainty: Certainty
): { readonly start: number; readonly end: number } | undefined {
	const scheme = schemeLength(text.slice(value.start, value.end));
	const start = value.start + scheme;
	const secret = text.slice(start, Math.min(value.end, start + LONGEST_EXAMINED));
	if (isPlaceholder(secret)) return undefined;
	const isSecret =
		certainty === 'sure' ||
		(scheme > 0 && kind === 'authorization') ||
		(certainty === 'begun' && /[^A-Za-z]|.[A-Z]/.test(secret)) ||
		(secret.length >= SHORTEST_VALUE && kind === 'cookie' && secret.includes('=')) ||
		(secret.length >= SHORTEST_VALUE && certainty === 'set') ||
		looksRandom(text, start, value.end);
	return isSecret ? { start, end: value.end } : undefined;
}
