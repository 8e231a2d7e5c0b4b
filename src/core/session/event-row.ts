import { isObject, numberAt, objectAt, stringAt, type JsonObject } from '../base/json.ts';
import { base64Length } from '../audio/base64.ts';
import { findEventDefinition, gaType, type EventFamily } from '../protocol/catalog.ts';
import type { Result } from '../base/result.ts';
import { parseEvent, type ParseProblem, type WireEvent } from '../protocol/parse-event.ts';
import type { LogEntry } from '../recording/recorded-event.ts';

/** What the event list shows of one event. */
export interface EventRow {
	readonly seq: number;
	readonly at: number;
	readonly from: LogEntry['from'];
	/** The event's type; `(not JSON)` and the like for a message that is no event. */
	readonly type: string;
	readonly family: EventFamily | 'unknown' | 'broken';
	/** The most telling fields, in a few words. */
	readonly summary: string;
	/** Length of the raw text, in UTF-16 units: for JSON of ASCII the bytes on the wire. */
	readonly size: number;
}

/** Reads an entry as a row of the event list. */
export function deriveEventRow(entry: LogEntry): EventRow {
	return deriveRowOf(entry, parseEvent(entry.text));
}

/** Length of an entry's raw text, its audio as base64 included, in UTF-16 units. */
export function wireSize(entry: LogEntry): number {
	return entry.text.length + (entry.audio ? base64Length(entry.audio.length) : 0);
}

/** The same as `deriveEventRow` of an entry whose text was read already. */
export function deriveRowOf(entry: LogEntry, event: Result<WireEvent, ParseProblem>): EventRow {
	const { seq, at, from } = entry;
	const size = wireSize(entry);
	if (entry.binary) return { seq, at, from, size, type: '(binary)', family: 'broken', summary: 'a binary frame' };
	if (!event.ok) {
		const type = event.error.kind === 'not-json' ? '(not JSON)' : '(no event)';
		return { seq, at, from, size, type, family: 'broken', summary: entry.text.slice(0, 200) };
	}
	const { type, body } = event.value;
	const family = findEventDefinition(gaType(type))?.family ?? 'unknown';
	return { seq, at, from, size, type, family, summary: summarise(body, entry) };
}

/** `toLocaleString` makes one of these each time. */
const NUMBERS = new Intl.NumberFormat('en');

function summarise(body: JsonObject, entry: LogEntry): string {
	if (entry.audio) return `${NUMBERS.format(entry.audio.length)} bytes of audio`;
	const error = objectAt(body, 'error');
	if (error) return [stringAt(error, 'code'), stringAt(error, 'message')].filter(Boolean).join(': ');
	const response = objectAt(body, 'response');
	if (response) return summariseResponse(response);
	const item = objectAt(body, 'item');
	if (item)
		return [stringAt(item, 'role'), stringAt(item, 'type'), stringAt(item, 'status'), firstText(item)]
			.filter(Boolean)
			.join(' ');
	const parts: string[] = [];
	for (const key of SUMMARY_KEYS) {
		const number = numberAt(body, key);
		const text = stringAt(body, key) ?? (number === undefined ? undefined : NUMBERS.format(number));
		if (text !== undefined && text !== '') parts.push(`${key} ${text}`);
	}
	if (parts.length > 0) return parts.join(', ');
	// What a telephone service tells stands in a member that has the event's name.
	const told = objectAt(body, stringAt(body, 'event') ?? '');
	if (told) return TELEPHONE_KEYS.map((key) => stringAt(told, key)).find((text) => text !== undefined) ?? '';
	return stringAt(body, 'delta') ?? stringAt(body, 'transcript') ?? stringAt(body, 'text') ?? '';
}

const SUMMARY_KEYS = ['audio_start_ms', 'audio_end_ms', 'played_samples', 'reason', 'code', 'message', 'name', 'url'];
const TELEPHONE_KEYS = ['callSid', 'call_control_id', 'call_sid', 'digit', 'name'];

function summariseResponse(response: JsonObject): string {
	const details = objectAt(response, 'status_details');
	const tokens = numberAt(objectAt(response, 'usage'), 'total_tokens');
	return [stringAt(response, 'status'), stringAt(details, 'reason'), tokens && `${NUMBERS.format(tokens)} tokens`]
		.filter(Boolean)
		.join(', ');
}

function firstText(item: JsonObject): string {
	const content = item['content'];
	const part: unknown = Array.isArray(content) ? content[0] : undefined;
	if (!isObject(part)) return stringAt(item, 'name') ?? stringAt(item, 'output') ?? '';
	const text = stringAt(part, 'text') ?? stringAt(part, 'transcript');
	return text ? `"${text}"` : '';
}
