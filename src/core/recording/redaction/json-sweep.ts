import { isMark, markOf, type Finding } from './finding.ts';
import { escapeJson, unescapeJson, type DecodedText, type JsonPath, type JsonVisitor } from './json-strings.ts';
import { isCardNumber } from './personal-patterns.ts';
import type { RedactionKind } from './redaction-options.ts';
import { isPlaceholder, kindOfName, kindOfToolHeader, schemeLength } from './secret-names.ts';
import { beginsAsText } from './text-layers.ts';
import type { TextSweep } from './text-sweep.ts';

/** What a key says of the object or list below it. */
type Surroundings =
	| 'headers'
	/** Headers that are sent to a tool's server. */
	| 'tool headers'
	| 'tools'
	| 'tool'
	/** Members are named as a tool's parameters are: they say what is secret, and are not. */
	| 'schema'
	/** Each member `token` is a piece of a word. */
	| 'words'
	| 'other';

/** An object or list that is open. */
interface Frame {
	/** Its key says that all strings in it are secret. */
	readonly kind: RedactionKind | undefined;
	readonly surroundings: Surroundings;
	/** All of it is taken out, from this index on. */
	readonly takenFrom: number | undefined;
	/** Its member `name`, and its member `value`: `{"name":"Authorization","value":"…"}`. */
	name?: string;
	value?: { readonly start: number; readonly end: number };
	/** It is a value with a date at which it stops being worth anything. */
	expires?: true;
	/** In a list of headers: the string before, which may be the name. */
	previous?: string;
}

const KEY_SURROUNDINGS: Readonly<Record<string, Surroundings>> = {
	headers: 'headers',
	header: 'headers',
	rawHeaders: 'headers',
	request_headers: 'headers',
	response_headers: 'headers',
	requestHeaders: 'headers',
	responseHeaders: 'headers',
	sip_headers: 'headers',
	tools: 'tools',
	mcp_servers: 'tools',
	mcpServers: 'tools',
	properties: 'schema',
	patternProperties: 'schema',
	parameters: 'schema',
	$defs: 'schema',
	definitions: 'schema',
	logprobs: 'words',
	top_logprobs: 'words'
};

/** Finds what is to be taken out of a JSON text while it is walked: by names, by paths, and by what its strings hold. */
export class JsonSweep implements JsonVisitor {
	readonly findings: Finding[] = [];
	/** The outermost object's `type`, when nothing of it is taken out. */
	eventType: string | undefined;
	readonly #text: string;
	/** Where the text itself stands. */
	readonly #base: JsonPath;
	readonly #goesOn: boolean;
	readonly #sweep: TextSweep;
	readonly #frames: Frame[] = [];

	constructor(text: string, base: JsonPath, goesOn: boolean, sweep: TextSweep) {
		this.#text = text;
		this.#base = base;
		this.#goesOn = goesOn;
		this.#sweep = sweep;
	}

	open(start: number, path: JsonPath, isList: boolean): void {
		const parent = this.#frames.at(-1);
		const key = path.at(-1);
		// What a tool's parameter is named after is a description, not a value.
		const named = parent?.surroundings === 'schema' ? undefined : this.#kindByName(key, parent);
		this.#frames.push({
			kind: parent?.kind ?? named,
			surroundings: surroundingsOf(key, parent?.surroundings ?? 'other', isList),
			takenFrom: this.#isTaken(path) ? start : undefined
		});
	}

	close(end: number, path: JsonPath): void {
		const frame = this.#frames.pop()!;
		if (frame.takenFrom !== undefined) this.#replace(frame.takenFrom, end, 'path', path);
		if (!frame.value || frame.kind) return;
		const { start, end: valueEnd } = frame.value;
		const value = unescapeJson(this.#text, start, valueEnd);
		const named = frame.name === undefined ? undefined : kindOfName(frame.name, 'header');
		if (named) this.#secret(value, named, [...path, 'value']);
		else if (frame.expires && /^\S{8,}$/.test(value.text)) this.#secret(value, 'client secret', [...path, 'value']);
	}

	key(start: number, end: number, path: JsonPath): void {
		const frame = this.#frames.at(-1);
		const key = path.at(-1) as string;
		if (frame && key === 'expires_at') frame.expires = true;
		if (!this.#sweep.mayHold(key)) return;
		for (const finding of this.#within(unescapeJson(this.#text, start, end), path.slice(0, -1), end)) {
			this.findings.push({ ...finding, mark: this.#sweep.markOfKey(finding.mark) });
		}
	}

	string(start: number, end: number, path: JsonPath): void {
		const frame = this.#frames.at(-1);
		const key = path.at(-1);
		const value = unescapeJson(this.#text, start, end);
		const count = this.findings.length;
		const kind = frame?.kind ?? this.#kindByName(key, frame) ?? kindByNeighbour(frame, key);
		if (this.#isTaken(path)) this.#whole(value, 'path', path);
		else if (kind) this.#secret(value, kind, path);
		else for (const finding of this.#within(value, path, end)) this.findings.push(finding);
		if (frame) remember(frame, key, value, start, end);
		const isType = path.length === 1 && key === 'type' && value.text.length <= LONGEST_TYPE;
		if (isType && this.findings.length === count) this.eventType = value.text;
	}

	primitive(start: number, end: number, path: JsonPath): void {
		const spelled = this.#text.slice(start, end);
		if (spelled === 'null') return;
		const taken = this.#isTaken(path) ? 'path' : this.#kindOfPrimitive(spelled, path.at(-1));
		if (taken) this.#replace(start, end, taken, path);
	}

	/** A number may be a password or a key, and a card's; one at `token` is a count, and a short one a switch. */
	#kindOfPrimitive(spelled: string, key: string | number | undefined): RedactionKind | undefined {
		if (!/^\d{4}/.test(spelled)) return undefined;
		const kind = this.#kindByName(key, this.#frames.at(-1));
		if (kind && kind !== 'token' && kind !== 'cookie') return kind;
		return this.#sweep.rules.personal.cards && /^\d+$/.test(spelled) && isCardNumber(spelled)
			? 'card number'
			: undefined;
	}

	#kindByName(key: string | number | undefined, frame: Frame | undefined): RedactionKind | undefined {
		if (typeof key !== 'string' || frame?.surroundings === 'words') return undefined;
		if (frame?.surroundings === 'tool headers') return kindOfToolHeader(key);
		return kindOfName(key, frame?.surroundings === 'headers' ? 'header' : 'member');
	}

	#isTaken(path: JsonPath): boolean {
		const { paths } = this.#sweep.rules;
		if (paths.length === 0 || path.length > DEEPEST) return false;
		const whole = this.#base.length === 0 ? path : this.#absolute(path);
		return whole.length > 0 && paths.some((pattern) => pattern.fits(whole));
	}

	#absolute(path: JsonPath): JsonPath {
		return [...this.#base, ...path.slice(0, DEEPEST)];
	}

	/** A string that its name makes a secret, but for the word that says how it gets in. */
	#secret(value: DecodedText, kind: RedactionKind, path: JsonPath): void {
		const start = schemeLength(value.text);
		if (isPlaceholder(value.text.slice(start))) return;
		this.#value(value, start, kind, path);
	}

	#whole(value: DecodedText, kind: RedactionKind, path: JsonPath): void {
		if (value.text !== '' && !isMark(value.text)) this.#value(value, 0, kind, path);
	}

	#value(value: DecodedText, from: number, kind: RedactionKind, path: JsonPath): void {
		const match = { start: from, end: value.text.length, kind };
		this.findings.push(this.#placed(this.#sweep.finding(value.text, match, this.#absolute(path)), value));
	}

	/** A value that is no string: one takes its place. */
	#replace(start: number, end: number, kind: RedactionKind, path: JsonPath): void {
		const match = { start, end, kind, mark: `"${markOf(kind)}"` };
		this.findings.push(this.#sweep.finding(this.#text, match, this.#absolute(path)));
	}

	/** What a string or a key holds. */
	#within(value: DecodedText, path: JsonPath, end: number): Finding[] {
		if (isLongBinary(value.text) || !this.#sweep.mayHold(value.text)) return [];
		const goesOn = this.#goesOn && end === this.#text.length;
		const findings = this.#sweep.sweep(value.text, this.#absolute(path), goesOn);
		return findings.map((finding) => this.#placed(finding, value));
	}

	#placed(finding: Finding, value: DecodedText): Finding {
		return {
			...finding,
			start: value.sourceIndex(finding.start),
			end: value.sourceIndex(finding.end),
			mark: escapeJson(finding.mark)
		};
	}
}

const LONG_BINARY = 1024;
const BINARY = /^(?:data:[\w/+.;=-]{1,100},)?(?=([A-Za-z0-9+/]+={0,2}$))/;

/** Whether a string is a picture or a sound in base64: nothing is looked for in what is long and no text. */
function isLongBinary(text: string): boolean {
	if (text.length < LONG_BINARY) return false;
	const base64 = BINARY.exec(text)?.[1];
	return base64 !== undefined && !beginsAsText(base64, 0);
}

const LONGEST_TYPE = 100;
/** Keys beyond these are not told, nor do paths reach there. */
const DEEPEST = 100;

function surroundingsOf(key: string | number | undefined, parent: Surroundings, isList: boolean): Surroundings {
	if (parent === 'words') return 'words';
	if (parent === 'tools' && !isList) return 'tool';
	if (typeof key !== 'string') return parent === 'tool' ? 'other' : parent;
	const own = Object.hasOwn(KEY_SURROUNDINGS, key) ? KEY_SURROUNDINGS[key]! : 'other';
	return own === 'headers' && parent === 'tool' ? 'tool headers' : own;
}

/** In `["Authorization", "…"]` the string before is the name. */
function kindByNeighbour(frame: Frame | undefined, key: string | number | undefined): RedactionKind | undefined {
	if (typeof key !== 'number' || frame?.surroundings !== 'headers' || frame.previous === undefined) return undefined;
	return kindOfName(frame.previous, 'header');
}

function remember(
	frame: Frame,
	key: string | number | undefined,
	value: DecodedText,
	start: number,
	end: number
): void {
	if (typeof key === 'number') frame.previous = value.text;
	else if (key === 'name' || key === 'key' || key === 'header') frame.name = value.text;
	else if (key === 'value') frame.value = { start, end };
}
