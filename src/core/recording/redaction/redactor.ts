import { decodeBase64, encodeBase64 } from '../../audio/base64.ts';
import type { From } from '../recorded-event.ts';
import { DeltaStreams, readTextDelta, type TextDelta } from './delta-streams.ts';
import { mergeFindings, replaceFindings, type Finding } from './finding.ts';
import { escapeJson, unescapeJson, walkJson, type JsonPath } from './json-strings.ts';
import { findLogprobs } from './logprobs.ts';
import { parsePathPattern } from './path-pattern.ts';
import type { Redaction, RedactionKind, RedactionOptions, Redactor } from './redaction-options.ts';
import { findIpAddresses } from './sdp-addresses.ts';
import { isAddressHeader, isPlaceholder, kindOfName, schemeLength } from './secret-names.ts';
import { beginsAsText, escapePercent } from './text-layers.ts';
import { SpreadPersonal } from './spread-personal.ts';
import { TextSweep, type SweepRules } from './text-sweep.ts';

const MOST_FOUND = 500;

/**
 * A redactor for one recording, whose messages it is given in their order. Throws when one of `options.paths` cannot be
 * read: see `parsePathPattern`, which says why.
 */
export function createRedactor(options: RedactionOptions): Redactor {
	return new RecordingRedactor(options);
}

class RecordingRedactor implements Redactor {
	readonly counts = new Map<RedactionKind, number>();
	readonly found: Redaction[] = [];
	readonly #rules: SweepRules;
	/** The same for a text whose personal data is known beforehand. */
	readonly #secretRules: SweepRules;
	readonly #streams = new DeltaStreams();
	/** `null` until messages were foreseen, or while nothing personal is looked for. */
	#spread: SpreadPersonal | null = null;
	#isForeseen = false;

	constructor({ paths = [], emails = false, phones = false, cards = false }: RedactionOptions) {
		const patterns = paths.map((path) => {
			const pattern = parsePathPattern(path);
			if (!pattern.ok) throw new Error(pattern.error);
			return pattern.value;
		});
		this.#rules = { personal: { emails, phones, cards }, paths: patterns };
		this.#secretRules = { personal: {}, paths: patterns };
	}

	foresee(from: From, raw: string): void {
		const { personal } = this.#rules;
		if (!personal.emails && !personal.phones && !personal.cards) return;
		this.#spread ??= new SpreadPersonal(personal);
		this.#spread.foresee(from, raw);
	}

	message(from: From, raw: string): string {
		const audio = this.#rules.paths.length > 0 ? undefined : findAudio(raw);
		const text = audio ? raw.slice(0, audio.start) + raw.slice(audio.end) : raw;
		const delta = readTextDelta(from, text);
		const rules = delta && this.#spread ? this.#secretRules : this.#rules;
		const sweep = new TextSweep(text, rules);
		const begun = delta ? this.#goingOn(delta, text, rules) : [];
		const findings = mergeFindings([...begun, ...sweep.findings()]);
		if (findings.length === 0) return raw;
		const type = sweep.eventType ?? (delta && !sweep.mayHold(delta.type) ? delta.type : 'message');
		for (const finding of findings) this.#note(finding, finding.path ? `${type} ${finding.path}` : type);
		const all = mergeFindings([...findings, ...findLogprobs(text, findings[0]!)]);
		return replaceFindings(raw, audio ? all.map((finding) => moved(finding, audio)) : all);
	}

	binary(from: From, base64: string): string {
		const bytes = decodeBase64(base64);
		if (!bytes.ok) return base64;
		// Each byte as a character: what is looked for, and what takes its place, is ASCII.
		const text = textOfBytes(bytes.value);
		const redacted = beginsAsText(base64, 0) ? this.message(from, text) : this.#secretsOf(text, 'binary frame');
		return redacted === text ? base64 : encodeBase64(Uint8Array.from(redacted, (unit) => unit.charCodeAt(0)));
	}

	headerValue(name: string, value: string): string {
		const kind = kindOfName(name, 'header');
		if (kind) {
			const start = schemeLength(value);
			if (isPlaceholder(value.slice(start))) return value;
			const sweep = new TextSweep(value, this.#rules);
			return this.#replace(value, [sweep.finding(value, { start, end: value.length, kind }, [])], name);
		}
		const sweep = new TextSweep(value, this.#rules);
		const addresses = isAddressHeader(name) ? findIpAddresses(value) : [];
		const protocols = name.toLowerCase() === 'sec-websocket-protocol' ? findProtocolTokens(value) : [];
		const findings = [...addresses, ...protocols].map((match) => sweep.finding(value, match, []));
		return this.#replace(value, mergeFindings([...findings, ...sweep.findings()]), name);
	}

	url(url: string): string {
		const findings = new TextSweep(url, this.#rules).findings();
		return this.#replace(
			url,
			findings.map((finding) => ({ ...finding, mark: escapePercent(finding.mark) })),
			'address'
		);
	}

	text(text: string, where: string): string {
		return this.#replace(text, new TextSweep(text, this.#rules).findings(), where);
	}

	/** Bytes that are no text look like a number or an address now and then. */
	#secretsOf(text: string, where: string): string {
		return this.#replace(text, new TextSweep(text, { personal: {}, paths: [] }).findings(), where);
	}

	/** What is to be taken out of a piece of a text because of the pieces before it. */
	#goingOn(delta: TextDelta, text: string, rules: SweepRules): Finding[] {
		const secrets = this.#streams.next(delta, (joined) => new TextSweep(joined, rules).findings(['delta'], true));
		const findings = [...secrets, ...this.#personalOf(delta)];
		if (findings.length === 0) return [];
		const { start, end } = findDelta(text);
		const spelled = unescapeJson(text, start, end);
		return findings.map((finding) => ({
			...finding,
			start: spelled.sourceIndex(finding.start),
			end: spelled.sourceIndex(finding.end),
			mark: escapeJson(finding.mark)
		}));
	}

	/** What of a piece is personal, when all pieces were foreseen. */
	#personalOf({ stream }: TextDelta): Finding[] {
		if (!this.#spread) return [];
		if (!this.#isForeseen) this.#spread.finish();
		this.#isForeseen = true;
		return this.#spread.next(stream).map((finding) => ({ ...finding, path: 'delta' }));
	}

	#replace(text: string, findings: readonly Finding[], where: string): string {
		if (findings.length === 0) return text;
		for (const finding of findings) this.#note(finding, finding.path ? `${where} ${finding.path}` : where);
		return replaceFindings(text, findings);
	}

	#note({ kind, hint, isRest }: Finding, where: string): void {
		if (isRest) return;
		this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
		if (this.found.length < MOST_FOUND) this.found.push({ kind, where, hint });
	}
}

/** Deepgram's way: `token, <key>`; and `bearer`, `access_token` alike. */
const PROTOCOL_TOKEN = /(?:^|,)\s{0,4}(?:token|bearer|access_token)\s{0,4},\s{0,4}([^\s,]+)/dgi;

function findProtocolTokens(value: string) {
	return [...value.matchAll(PROTOCOL_TOKEN)].flatMap(({ indices }) => {
		const [start, end] = indices![1]!;
		return isPlaceholder(value.slice(start, end)) ? [] : [{ start, end, kind: 'api key' as const }];
	});
}

/** The last `delta` of an event: the one that counts. */
function findDelta(text: string): { start: number; end: number } {
	let found = { start: 0, end: 0 };
	walkJson(text, 0, {
		string(start: number, end: number, path: JsonPath) {
			if (path.length === 1 && path[0] === 'delta') found = { start, end };
		}
	});
	return found;
}

const BLOCK = 8192;

function textOfBytes(bytes: Uint8Array): string {
	const blocks: string[] = [];
	for (let start = 0; start < bytes.length; start += BLOCK) {
		blocks.push(String.fromCharCode(...bytes.subarray(start, start + BLOCK)));
	}
	return blocks.join('');
}

/** Shorter ones cost little. */
const SHORTEST_AUDIO = 400;

/** A stretch of a message. */
interface Stretch {
	readonly start: number;
	readonly end: number;
}

/** The payload of a message with audio in it: nothing is looked for in base64 that is no text and that is long. */
function findAudio(raw: string): Stretch | undefined {
	if (raw.length < SHORTEST_AUDIO) return undefined;
	const match = /"(?:audio|delta|payload)"\s{0,8}:\s{0,8}"/.exec(raw);
	if (!match) return undefined;
	const start = match.index + match[0].length;
	const end = raw.indexOf('"', start);
	if (end - start < SHORTEST_AUDIO) return undefined;
	return beginsAsText(raw, start) || /[^A-Za-z0-9+/=]/.test(raw.slice(start, end)) ? undefined : { start, end };
}

function moved(finding: Finding, audio: Stretch): Finding {
	const by = audio.end - audio.start;
	const move = (index: number) => (index > audio.start ? index + by : index);
	return { ...finding, start: move(finding.start), end: move(finding.end) };
}
