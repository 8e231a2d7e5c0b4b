import { isObject, type JsonObject, listAt, parseJson, stringAt } from '../base/json.ts';
import { fail, succeed, type Result } from '../base/result.ts';
import type { RecordingHeader } from './recorded-event.ts';
import { RECORDING_FORMAT, upgrade, UPGRADES, type UpgradeTable } from './upgrade.ts';

export interface RecordingFileProblem {
	/** What is wrong and what to do, for the page. */
	readonly message: string;
}

/** What a header may hold; what is beyond is cut off. Lengths in UTF-16 units. */
export const HEADER_LIMITS = { text: 2000, list: 50, listText: 100, note: 20_000 } as const;

const CLOCKS: readonly unknown[] = ['monotonic', 'wall', 'order'] satisfies RecordingHeader['clock'][];
const UNTITLED = 'Untitled recording';
const UNKNOWN_START = '1970-01-01T00:00:00.000Z';

export const EMPTY_FILE = 'This file is empty: there is no recording in it.';

const NO_RECORDING =
	'This is not an Earshot recording: its first line must be a header that begins with {"earshot":1, and it is not. ' +
	'Choose a file that Earshot exported (its name ends in .earshot.jsonl).';

function newerFormat(version: number, format: number): string {
	return (
		`This recording was made by a newer Earshot (format ${version}); this one reads up to ${format}. ` +
		'Update Earshot to open it.'
	);
}

/** The first line of a recording file, without its line end. What is not known of a recording is left out. */
export function formatHeader(header: RecordingHeader): string {
	const { earshot, id, startedAt, title, endpoint, transport, model, redacted, clock, source, tags, note } = header;
	const always = { earshot, id, startedAt, title, endpoint, transport, model, redacted };
	return JSON.stringify({ ...always, clock, source, tags: tags?.length ? tags : undefined, note });
}

/** Reads the first line of a recording file. Only `earshot` must be there; fields of the wrong type count as absent. */
export function parseHeader(
	line: string,
	table: UpgradeTable = UPGRADES
): Result<{ readonly header: RecordingHeader; readonly version: number }, RecordingFileProblem> {
	const parsed = parseJson(line);
	const version = isObject(parsed) && Object.hasOwn(parsed, 'earshot') ? parsed['earshot'] : undefined;
	if (!isObject(parsed) || typeof version !== 'number' || version < 1) return fail({ message: NO_RECORDING });
	if (version > table.format) return fail({ message: newerFormat(version, table.format) });
	if (!Number.isInteger(version)) return fail({ message: NO_RECORDING });
	return succeed({ header: readHeader(upgrade(parsed, version, 'header', table)), version });
}

function readHeader(fields: JsonObject): RecordingHeader {
	const startedAt = textAt(fields, 'startedAt') ?? '';
	const title = textAt(fields, 'title') ?? '';
	const clock = Object.hasOwn(fields, 'clock') ? fields['clock'] : undefined;
	const source = textAt(fields, 'source');
	const tags = textsAt(fields, 'tags');
	const note = textAt(fields, 'note', HEADER_LIMITS.note);
	return {
		earshot: RECORDING_FORMAT,
		id: textAt(fields, 'id') ?? '',
		startedAt: readTime(startedAt),
		title: title.trim() === '' ? UNTITLED : title,
		endpoint: textAt(fields, 'endpoint') ?? '',
		transport: textAt(fields, 'transport') ?? '',
		model: textAt(fields, 'model') ?? '',
		redacted: textsAt(fields, 'redacted'),
		...(isClock(clock) && { clock }),
		...(source !== undefined && { source }),
		...(tags.length > 0 && { tags }),
		...(note !== undefined && { note })
	};
}

function textAt(fields: JsonObject, key: string, most: number = HEADER_LIMITS.text): string | undefined {
	return stringAt(fields, key)?.slice(0, most);
}

function textsAt(fields: JsonObject, key: string): string[] {
	const texts = listAt(fields, key).filter((text) => typeof text === 'string');
	return texts.slice(0, HEADER_LIMITS.list).map((text) => text.slice(0, HEADER_LIMITS.listText));
}

function isClock(value: unknown): value is NonNullable<RecordingHeader['clock']> {
	return CLOCKS.includes(value);
}

/** A time as it is written, when it is ISO 8601; another spelling of a time is written anew. */
function readTime(text: string): string {
	if (/^\d{4}-\d\d-\d\d(T[\d:.]{5,20}(Z|[+-]\d\d:?\d\d)?)?$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
	const ms = Date.parse(text);
	return Number.isNaN(ms) ? UNKNOWN_START : new Date(ms).toISOString();
}
