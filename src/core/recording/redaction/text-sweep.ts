import { hintOf, markOf, mergeFindings, type Finding, type Match } from './finding.ts';
import { JsonSweep } from './json-sweep.ts';
import { escapeJson, unescapeJson, walkJson, type DecodedText, type JsonPath } from './json-strings.ts';
import type { PathPattern } from './path-pattern.ts';
import { findPersonal, mayHoldPersonal, type PersonalKinds } from './personal-patterns.ts';
import { mayHoldSecret } from './pre-check.ts';
import { findSdpAddresses } from './sdp-addresses.ts';
import { findAssignments } from './secret-assignments.ts';
import { findSecrets } from './secret-patterns.ts';
import { decodePercent, escapePercent, findBase64Texts } from './text-layers.ts';

/** What is taken out besides secrets. */
export interface SweepRules {
	readonly personal: PersonalKinds;
	readonly paths: readonly PathPattern[];
}

/** Texts inside texts (JSON in a string, percent-encoding, base64) are opened this deep. */
const DEEPEST = 8;
/** All of them together are at most so many times as long as the message; what is left then is looked at as it is. */
const MOST_WORK = 12;
const FREE_WORK = 100_000;
/** In characters: what it costs to begin with JSON that stands in other text. */
const WORK_OF_BEGINNING = 256;

const JSON_BEGINS = /[{[]\s{0,16}["{[]/g;

/** Looks one text through, and all that stands in it in another spelling. */
export class TextSweep {
	readonly rules: SweepRules;
	readonly #whole: string;
	#work: number;
	#depth = 0;
	#marksOfKeys: number | undefined;
	/** The `type` of the event that the text is. */
	eventType: string | undefined;

	constructor(text: string, rules: SweepRules) {
		this.rules = rules;
		this.#whole = text;
		this.#work = text.length * MOST_WORK + FREE_WORK;
	}

	/**
	 * What is to be taken out of the text, in order and apart.
	 * @param goesOn the text is not all: a secret that has begun at its end counts too
	 */
	findings(path: JsonPath = [], goesOn = false): Finding[] {
		return mergeFindings(this.sweep(this.#whole, path, goesOn));
	}

	/** What is to be taken out of a text that stands at a path of the whole. */
	sweep(text: string, path: JsonPath, goesOn: boolean): Finding[] {
		this.#work -= text.length;
		if (this.#depth >= DEEPEST || this.#work < 0) return this.#flat(text, path, goesOn);
		this.#depth++;
		const findings = this.#opened(text, path, goesOn);
		this.#depth--;
		return findings;
	}

	/** Whether it is worth while to take a text apart. */
	mayHold(text: string): boolean {
		if (mayHoldSecret(text) || mayHoldPersonal(text, this.rules.personal)) return true;
		return this.rules.paths.some((path) => path.mayFitIn(text)) && /^\s*[{["]/.test(text);
	}

	/** The mark of a secret that is a key: each its own, so that no two members of an object get one name. */
	markOfKey(mark: string): string {
		this.#marksOfKeys ??= countMarks(this.#whole);
		const number = ++this.#marksOfKeys;
		return number > 1 && mark.endsWith(']') ? `${mark.slice(0, -1)} ${number}]` : mark;
	}

	#opened(text: string, path: JsonPath, goesOn: boolean): Finding[] {
		if (!this.mayHold(text)) return [];
		const first = /\S/.exec(text);
		if (first === null || !'{["'.includes(first[0])) return this.#loose(text, path, goesOn, 0);
		const json = this.#json(text, first.index, path, goesOn);
		if (json.isWhole && !/\S/.test(text.slice(json.end))) return json.findings;
		return [...json.findings, ...this.#loose(text, path, goesOn, json.end)];
	}

	#json(text: string, from: number, path: JsonPath, goesOn: boolean) {
		const visitor = new JsonSweep(text, path, goesOn, this);
		const { end, isWhole } = walkJson(text, from, visitor);
		if (this.#depth === 1) this.eventType ??= visitor.eventType;
		return { findings: visitor.findings, end, isWhole };
	}

	/** A text that is not all JSON: prose, a log's line, a form, a page, a message that was cut off. */
	#loose(text: string, path: JsonPath, goesOn: boolean, from: number): Finding[] {
		const found = [this.#flat(text, path, goesOn), this.#jsonWithin(text, path, goesOn, from)];
		if (/\\u00[0-7]/.test(text))
			found.push(this.#decoded(unescapeJson(text, 0, text.length), path, goesOn, escapeJson));
		const plain = decodePercent(text);
		if (plain) found.push(this.#decoded(plain, path, goesOn, escapePercent));
		for (const { start, end, text: inner } of findBase64Texts(text)) {
			const first = this.sweep(inner, path, goesOn && end === text.length)[0];
			// One character changed would make other words of all that follows: it goes as a whole.
			if (first) found.push([{ ...first, start, end, mark: markOf(first.kind) }]);
		}
		return found.flat();
	}

	#jsonWithin(text: string, path: JsonPath, goesOn: boolean, from: number): Finding[] {
		const found: Finding[][] = [];
		const begins = new RegExp(JSON_BEGINS);
		begins.lastIndex = from;
		for (let match = begins.exec(text); match && this.#work >= 0; match = begins.exec(text)) {
			this.#work -= WORK_OF_BEGINNING;
			const json = this.#json(text, match.index, path, goesOn);
			found.push(json.findings);
			begins.lastIndex = Math.max(json.end, match.index + 1);
		}
		return found.flat();
	}

	#decoded(inner: DecodedText, path: JsonPath, goesOn: boolean, escape: (mark: string) => string): Finding[] {
		return this.sweep(inner.text, path, goesOn).map((finding) => ({
			...finding,
			start: inner.sourceIndex(finding.start),
			end: inner.sourceIndex(finding.end),
			mark: escape(finding.mark)
		}));
	}

	/** What shows in a text as it stands. */
	#flat(text: string, path: JsonPath, goesOn: boolean): Finding[] {
		const matches = [
			findSecrets(text, goesOn),
			findAssignments(text, goesOn),
			findSdpAddresses(text),
			findPersonal(text, this.rules.personal)
		].flat();
		return matches.map((match) => this.finding(text, match, path));
	}

	/** What to say of a stretch of a text that is to be taken out. */
	finding(text: string, match: Match, path: JsonPath): Finding {
		const hint = hintOf(text.slice(match.start, match.end));
		return { ...match, mark: match.mark ?? markOf(match.kind), hint, path: this.#told(path) };
	}

	/** A path for people, of which no key tells what is taken out elsewhere. */
	#told(path: JsonPath): string {
		let told = '';
		for (const key of path.slice(0, MOST_KEYS_TOLD)) {
			if (typeof key === 'number') told += `[${key}]`;
			else told += (told && '.') + (this.#isHarmlessKey(key) ? key : '…');
		}
		return path.length > MOST_KEYS_TOLD ? `${told}…` : told;
	}

	#isHarmlessKey(key: string): boolean {
		if (key.length > LONGEST_KEY_TOLD) return false;
		if (!mayHoldSecret(key) && !mayHoldPersonal(key, this.rules.personal)) return true;
		return findSecrets(key, false).length === 0 && findPersonal(key, this.rules.personal).length === 0;
	}
}

/** The number up to which marks of keys may be there already. */
function countMarks(text: string): number {
	let most = 0;
	for (const [, number] of text.matchAll(/\[redacted: [a-z ]{1,20}?(?: (\d{1,9}))?\]/g))
		most = Math.max(most, Number(number ?? 1));
	return most;
}

const MOST_KEYS_TOLD = 12;
const LONGEST_KEY_TOLD = 60;
