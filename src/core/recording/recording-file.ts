import { isObject, listAt, stringAt, type JsonObject } from '../base/json.ts';
import { assert } from '../base/assert.ts';
import { fail, succeed, type Result } from '../base/result.ts';
import { sliceOfMember } from './json-member.ts';
import type { From, RecordedEvent, RecordingHeader } from './recorded-event.ts';
import { RecordingLog } from './recording-log.ts';

/** The version of `*.earshot.jsonl` that is written, and the highest that is read. See docs/recording-format.md. */
export const RECORDING_FORMAT = 1;

/** What the end of a recording file's name says of it. */
export const RECORDING_FILE_SUFFIX = '.earshot.jsonl';

/**
 * How a line of one format version becomes a line of the next. The payload needs no upgrade: it is what crossed the wire.
 *
 * To change the format: raise `RECORDING_FORMAT`, add the upgrader of the version before it to `UPGRADERS`, and add a
 * fixture of the old version to tests/fixtures, which stays for ever.
 */
interface Upgrader {
	readonly header: (header: JsonObject) => JsonObject;
	readonly line: (line: JsonObject) => JsonObject;
}

/** By the version that they read. Version 1 is the first, so there are none yet. */
const UPGRADERS: ReadonlyMap<number, Upgrader> = new Map();

/** No session is longer: a later time is a mistake of whoever wrote it. */
const MAX_AT_MS = 7 * 24 * 3_600_000;

/** A first event this late has the time of a clock on the wall, not of the recording. */
const WALL_TIME_MS = 10 * 365 * 24 * 3_600_000;

/** A recording as it was read from a file, and the lines that could not be. */
export interface ParsedRecording {
	readonly header: RecordingHeader;
	readonly log: RecordingLog;
	readonly skipped: readonly SkippedLine[];
	/** What was put right in the whole of it, each a sentence for the page. */
	readonly notes: readonly string[];
}

export interface SkippedLine {
	/** From 1; the header is line 1. */
	readonly line: number;
	/** A sentence for the page. */
	readonly reason: string;
}

export interface RecordingFileProblem {
	/** What is wrong and what to do, for the page. */
	readonly message: string;
}

/** The first line of a recording file, without its line end. */
export function formatHeader(header: RecordingHeader): string {
	const { earshot, id, startedAt, title, endpoint, transport, model, redacted } = header;
	return JSON.stringify({ earshot, id, startedAt, title, endpoint, transport, model, redacted });
}

/**
 * One line of a recording file, without its line end.
 *
 * Where the message is a JSON object on one line, its text is embedded as it is, with its own spelling, so that other
 * tools read it as JSON and Earshot reads the same bytes back; any other text is embedded as a JSON string.
 */
export function formatRecordedEvent(event: RecordedEvent): string {
	const { seq, at, from, raw, binary } = event;
	assert(Number.isFinite(at), `the time of event ${seq}`);
	const start = `{"seq":${seq},"at":${at},"from":"${from}",`;
	if (binary) return `${start}"binary":${JSON.stringify(raw)}}`;
	if (canEmbed(raw)) return `${start}"event":${raw}}`;
	return `${start}"raw":${JSON.stringify(raw)}}`;
}

/** The lines of a recording file, each with its line end. */
export function* formatRecordingFile(header: RecordingHeader, log: RecordingLog): Generator<string, void> {
	yield `${formatHeader(header)}\n`;
	for (let index = 0; index < log.length; index++) yield `${formatRecordedEvent(log.recorded(index))}\n`;
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
	const parsed = parseJson(line);
	if (!isObject(parsed)) return fail('This line is not a JSON object.');
	const fields = upgrade(parsed, version, 'line');
	const from = stringAt(fields, 'from');
	if (!isFrom(from)) return fail('This line does not say who sent it: "from" must be client, server or console.');
	const at = fields['at'];
	if (typeof at !== 'number')
		return fail('This line has no time: "at" must be milliseconds since the recording began.');
	if (!Number.isFinite(at)) return fail(WRONG_TIME);
	const seq = typeof fields['seq'] === 'number' ? fields['seq'] : 0;
	return readPayload(fields, line, { seq, at, from });
}

function readPayload(fields: JsonObject, line: string, stamp: Omit<RecordedEvent, 'raw'>): Result<RecordedEvent> {
	const payloads = ['event', 'raw', 'binary'].filter((key) => Object.hasOwn(fields, key));
	if (payloads.length !== 1) return fail('This line must hold one message: an "event", a "raw" or a "binary".');
	if (isObject(fields['event'])) {
		const raw = sliceOfMember(line, 'event');
		assert(raw !== undefined, 'an event that was parsed is in its line');
		return succeed({ ...stamp, raw });
	}
	const raw = stringAt(fields, 'raw');
	if (raw !== undefined) return succeed({ ...stamp, raw });
	const binary = stringAt(fields, 'binary');
	if (binary !== undefined) return succeed({ ...stamp, raw: binary, binary: true });
	return fail('This line’s message is of the wrong type: "event" holds an object, "raw" and "binary" hold text.');
}

/**
 * Reads a recording file. A line that cannot be read costs itself only: it is named in `skipped`, the rest is taken.
 *
 * Events are numbered by their place, and time that runs backwards stands still, so the log keeps its promises whatever
 * the file holds. Where `at` of the first event is wall time, as some writers mistake it, the recording begins there.
 */
export function parseRecordingFile(text: string): Result<ParsedRecording, RecordingFileProblem> {
	const lines = linesOf(text);
	const first = lines.next();
	const head = first.done ? fail({ message: EMPTY_FILE }) : parseHeader(first.value.text);
	if (!head.ok) return head;
	const log = new RecordingLog();
	const skipped: SkippedLine[] = [];
	let originMs: number | null = null;
	for (const { text: line, number, isLast } of lines) {
		const event = parseRecordingLine(line, head.value.version);
		if (!event.ok) {
			const isCut = isLast && parseJson(line) === undefined;
			skipped.push({ line: number, reason: isCut ? CUT_LINE : event.error });
			continue;
		}
		originMs ??= event.value.at > WALL_TIME_MS ? event.value.at : 0;
		const at = event.value.at - originMs;
		if (at > MAX_AT_MS) skipped.push({ line: number, reason: WRONG_TIME });
		else log.append({ ...event.value, seq: log.length, at: Math.max(log.lengthMs, at) });
	}
	return succeed({ header: head.value.header, log, skipped, notes: originMs ? [WALL_TIME] : [] });
}

const UNTITLED = 'Untitled recording';
const EMPTY_FILE = 'This file is empty: there is no recording in it.';
const NO_RECORDING =
	'This is not an Earshot recording: its first line must be a header that begins with {"earshot":1, and it is not. ' +
	`Choose a file that Earshot exported (its name ends in ${RECORDING_FILE_SUFFIX}).`;
const WRONG_TIME = 'This line’s time is no time of a session: "at" must be a number of milliseconds up to 7 days.';
const WALL_TIME =
	'The times in this file are wall time, not milliseconds since the recording began. They were counted from the first ' +
	'event.';
const CUT_LINE = 'The file ends in the middle of this line: it was cut off while it was written or copied.';

function newerFormat(version: number): string {
	return (
		`This recording was made by a newer Earshot (format ${version}); this one reads up to ${RECORDING_FORMAT}. ` +
		'Update Earshot to open it.'
	);
}

function parseHeader(line: string): Result<{ header: RecordingHeader; version: number }, RecordingFileProblem> {
	const parsed = parseJson(line);
	const version = isObject(parsed) && Object.hasOwn(parsed, 'earshot') ? parsed['earshot'] : undefined;
	if (!isObject(parsed) || typeof version !== 'number' || version < 1) return fail({ message: NO_RECORDING });
	if (version > RECORDING_FORMAT) return fail({ message: newerFormat(version) });
	const fields = upgrade(parsed, version, 'header');
	const startedAt = stringAt(fields, 'startedAt') ?? '';
	const title = stringAt(fields, 'title') ?? '';
	const header: RecordingHeader = {
		earshot: RECORDING_FORMAT,
		id: stringAt(fields, 'id') ?? '',
		startedAt: Number.isNaN(Date.parse(startedAt)) ? '1970-01-01T00:00:00.000Z' : startedAt,
		title: title.trim() === '' ? UNTITLED : title,
		endpoint: stringAt(fields, 'endpoint') ?? '',
		transport: stringAt(fields, 'transport') ?? '',
		model: stringAt(fields, 'model') ?? '',
		redacted: listAt(fields, 'redacted').filter((kind) => typeof kind === 'string')
	};
	return succeed({ header, version });
}

function upgrade(fields: JsonObject, version: number, part: keyof Upgrader): JsonObject {
	let upgraded = fields;
	for (let v = version; v < RECORDING_FORMAT; v++) upgraded = UPGRADERS.get(v)?.[part](upgraded) ?? upgraded;
	return upgraded;
}

interface Line {
	readonly text: string;
	readonly number: number;
	/** No line end follows it. */
	readonly isLast: boolean;
}

/** The lines that are not blank. Ends may be LF or CRLF; a byte order mark at the start is no part of the text. */
function* linesOf(text: string): Generator<Line, void> {
	let start = text.startsWith('\uFEFF') ? 1 : 0;
	for (let number = 1; start < text.length; number++) {
		const lineFeed = text.indexOf('\n', start);
		const end = lineFeed < 0 ? text.length : lineFeed;
		const line = text.slice(start, text[end - 1] === '\r' ? end - 1 : end);
		if (line.trim() !== '') yield { text: line, number, isLast: lineFeed < 0 };
		start = end + 1;
	}
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function isFrom(value: unknown): value is From {
	return value === 'client' || value === 'server' || value === 'console';
}
