import { assert, assertPresent } from '../base/assert.ts';
import { isObject, type JsonObject, numberAt, parseJson, stringAt } from '../base/json.ts';
import { fail, succeed, type Result } from '../base/result.ts';
import { joinAudio } from './audio-split.ts';
import { rangeOfMember } from './json-member.ts';
import type { AudioRef, From, LogEntry, RecordedEvent } from './recorded-event.ts';
import { RECORDING_FORMAT, upgrade, UPGRADES, type UpgradeTable } from './upgrade.ts';

export const WRONG_TIME =
	'This line’s time is no time of a session: "at" must be a number of milliseconds up to 7 days.';

/**
 * One line of a recording file, without its line end.
 *
 * Where the message is a JSON object on one line, its text is embedded as it is, with its own spelling, so that other
 * tools read it as JSON and Earshot reads the same bytes back; any other text is embedded as a JSON string.
 */
export function formatRecordedEvent(event: RecordedEvent): string {
	const { seq, at, from, raw, binary } = event;
	const member = binary ? `"binary":${JSON.stringify(raw)}` : messageMember(raw, canEmbed(raw));
	return `${startOfLine(seq, at, from)}${member}}`;
}

/**
 * The line of an entry whose audio, if it has any, is `bytes`. The same as `formatRecordedEvent` gives for its raw text,
 * but without looking into the audio.
 */
export function formatEntry(entry: LogEntry, bytes: Uint8Array | undefined): string {
	const { seq, at, from, text, binary, audio } = entry;
	if (binary || !audio) return formatRecordedEvent({ seq, at, from, raw: text, ...(binary && { binary }) });
	assert(bytes?.length === audio.length, `the audio of entry ${seq}`);
	// Base64 changes nothing of whether a text can be embedded.
	return `${startOfLine(seq, at, from)}${messageMember(joinAudio(text, audio.index, bytes), canEmbed(text))}}`;
}

/**
 * The line of an entry in the `recording.jsonl` of a zip: the audio is left out, and `audio` beside the message says where
 * in its track it lies.
 */
export function formatReferenceLine({ seq, at, from, text, binary, audio }: LogEntry): string {
	if (binary || !audio) return formatRecordedEvent({ seq, at, from, raw: text, ...(binary && { binary }) });
	const { track, index, offset, length } = audio;
	const reference = JSON.stringify({ track, index, offset, length });
	return `${startOfLine(seq, at, from)}${messageMember(text, canEmbed(text))},"audio":${reference}}`;
}

function startOfLine(seq: number, at: number, from: From): string {
	assert(Number.isFinite(at), `the time of event ${seq}`);
	return `{"seq":${seq},"at":${at},"from":"${from}",`;
}

function messageMember(raw: string, isEmbedded: boolean): string {
	return isEmbedded ? `"event":${raw}` : `"raw":${JSON.stringify(raw)}`;
}

/**
 * Whether a slice of the line gives the text back: a JSON object without a line end, without space around it, and whole
 * in UTF-8, which has no lone surrogates.
 */
function canEmbed(raw: string): boolean {
	if (!raw.startsWith('{') || !raw.endsWith('}') || /[\n\r]/.test(raw) || !raw.isWellFormed()) return false;
	return parseJson(raw) !== undefined;
}

/** Reads one line after the header. The reason of a failure is a sentence for the page. */
export function parseRecordingLine(line: string, version: number = RECORDING_FORMAT): Result<RecordedEvent> {
	const parsed = readRecordingLine(line, version);
	return parsed.ok ? succeed(parsed.value.event) : parsed;
}

/** A line as it was read. */
export interface RecordingLine {
	readonly event: RecordedEvent;
	/** Index in the line at which the message's text stands as it is; `null` when it stands in a JSON string. */
	readonly rawAt: number | null;
	/** Where the message's audio lies, as the line of a zip says it. Nothing is known yet of whether that is so. */
	readonly reference?: AudioRef;
}

/** The same as `parseRecordingLine`, with what else is known of the line. */
export function readRecordingLine(
	line: string,
	version: number,
	table: UpgradeTable = UPGRADES
): Result<RecordingLine> {
	// A look at its beginning costs less than the exception of the parser.
	const parsed = /^\s*\{/.test(line) ? parseJson(line) : undefined;
	if (!isObject(parsed)) return fail('This line is not a JSON object.');
	const fields = upgrade(parsed, version, 'line', table);
	const from = stringAt(fields, 'from');
	if (!isFrom(from)) return fail('This line does not say who sent it: "from" must be client, server or console.');
	const at = fields['at'];
	if (typeof at !== 'number')
		return fail('This line has no time: "at" must be milliseconds since the recording began.');
	if (!Number.isFinite(at)) return fail(WRONG_TIME);
	const seq = typeof fields['seq'] === 'number' ? fields['seq'] : 0;
	return readPayload(line, parsed, fields, { seq, at, from });
}

function readPayload(
	line: string,
	parsed: JsonObject,
	fields: JsonObject,
	stamp: Omit<RecordedEvent, 'raw'>
): Result<RecordingLine> {
	const payloads = ['event', 'raw', 'binary'].filter((key) => Object.hasOwn(fields, key));
	if (payloads.length !== 1) return fail('This line must hold one message: an "event", a "raw" or a "binary".');
	const reference = parseReference(Object.hasOwn(fields, 'audio') ? fields['audio'] : undefined);
	const event = fields['event'];
	if (isObject(event)) {
		// An older format may have named it otherwise.
		const key = parsed['event'] === event ? 'event' : Object.keys(parsed).find((name) => parsed[name] === event);
		const range = assertPresent(rangeOfMember(line, key ?? 'event'), 'an event that was parsed');
		const raw = line.slice(range.start, range.end);
		return succeed({ event: { ...stamp, raw }, rawAt: range.start, ...(reference && { reference }) });
	}
	const raw = stringAt(fields, 'raw');
	if (raw !== undefined) return succeed({ event: { ...stamp, raw }, rawAt: null, ...(reference && { reference }) });
	const binary = stringAt(fields, 'binary');
	if (binary !== undefined) return succeed({ event: { ...stamp, raw: binary, binary: true }, rawAt: null });
	return fail('This line’s message is of the wrong type: "event" holds an object, "raw" and "binary" hold text.');
}

/** Reads the `audio` beside a message; `undefined` when there is none, or it is none of ours. */
export function parseReference(value: unknown): AudioRef | undefined {
	const track = stringAt(value, 'track');
	const index = numberAt(value, 'index');
	const offset = numberAt(value, 'offset');
	const length = numberAt(value, 'length');
	if ((track !== 'caller' && track !== 'model') || index === undefined) return undefined;
	if (offset === undefined || length === undefined || length === 0) return undefined;
	if (![index, offset, length].every((number) => Number.isSafeInteger(number) && number >= 0)) return undefined;
	return { track, index, offset, length };
}

function isFrom(value: unknown): value is From {
	return value === 'client' || value === 'server' || value === 'console';
}
