import { findEventDefinition, gaType } from '../../protocol/catalog.ts';
import type { From } from '../recorded-event.ts';
import { findMembers, stringOf, type JsonMember } from '../json-member.ts';
import { timeInText, timeOfNumber, withoutTime, type MessageTime } from './message-time.ts';

/** An event as somebody's log holds it, with what the log says about it. */
export interface LoggedEvent {
	/** The event's text, spelled as in the log; of one that the log holds as a string, that string. */
	readonly raw: string;
	/** Empty where the log says that this was a message, and it is no event. */
	readonly type: string;
	/** Who sent events of this type, as the catalog has it. */
	readonly knownFrom: From | undefined;
	/** Who sent it, as the log says. */
	readonly saidFrom: From | undefined;
	/** It stands in a wrapper. */
	readonly isWrapped: boolean;
	readonly hasEventId: boolean;
	/** When it was seen, as the log says. */
	readonly time: MessageTime | undefined;
	/** A time among the event's own members: of the log, if every event has one, or else of some server. */
	readonly ownTime: MessageTime | undefined;
}

/** Where loggers put who sent a message, when, and the message, likelier ones first. */
const DIRECTIONS = ['direction', 'source', 'from', 'dir', 'sender', 'origin'];
const TIMES = [
	...['unix_timestamp_ms', 'timestamp_ms', 'timestamp', 'time', 'ts', 'at', '@timestamp', 'datetime', 'date'],
	...['createdAtMs', 'created_at_ms', 'createdAt', 'created_at', 't']
];
const PAYLOADS = [
	...['event', 'eventData', 'event_data', 'payload', 'data', 'message', 'msg', 'raw', 'text', 'body', 'frame', 'json']
];
const NAMES: ReadonlySet<string> = new Set(['type', 'event_id', ...DIRECTIONS, ...TIMES, ...PAYLOADS]);
/** A wrapper in a wrapper, and strings of them. */
const MAX_WRAPPERS = 4;

const WORDS: readonly (readonly [From, string])[] = [
	['client', 'client send sent sending out outgoing outbound tx up upstream c2s to_server -> => > >> >>> → ↑ ▲'],
	['server', 'server receive received receiving recv in incoming inbound rx down downstream s2c from_server'],
	['server', '<- <= < << <<< ← ↓ ▼'],
	['console', 'console']
];
const FROM_BY_WORD: ReadonlyMap<string, From> = new Map(
	WORDS.flatMap(([from, words]) => words.split(' ').map((word) => [word, from] as const))
);

/**
 * Reads a JSON object of a log as an event: one that stands there by itself, or in a wrapper that says who sent it or
 * when, as an object or as a string. `undefined` when there is none in it.
 *
 * Wrappers: the old console's `{time, source, event}`, `{seq, direction, event}`, the agents demo's `{direction,
 * eventName, eventData, timestamp}`, Hoppscotch's `{payload, source, ts}`, and others by the names in `DIRECTIONS`,
 * `TIMES` and `PAYLOADS`.
 *
 * @param text of a JSON object
 */
export function readLoggedEvent(text: string): LoggedEvent | undefined {
	return readObject(text, 0);
}

/** Whether it is an event that only Realtime has. Types of one word, as `error`, are everybody’s. */
export function isRealtime({ type, knownFrom }: Pick<LoggedEvent, 'type' | 'knownFrom'>): boolean {
	return knownFrom !== undefined && type.includes('.');
}

function readObject(text: string, wrappers: number): LoggedEvent | undefined {
	const members = findMembers(text, NAMES);
	const type = stringAt(text, members, 'type');
	const own = type === undefined ? undefined : describe(text, type, text, members);
	if (own?.knownFrom || wrappers >= MAX_WRAPPERS) return own;
	const inner = readPayload(text, members, wrappers);
	if (!inner) return own ?? readRaw(text, members);
	const saidFrom = inner.saidFrom ?? saidFromOf(text, members) ?? fromOfWord(type);
	// A type of its own that nobody knows: is it an event with another one in it, or a wrapper?
	if (own && !isRealtime(inner) && (!saidFrom || own.hasEventId)) return own;
	return { ...inner, saidFrom, isWrapped: true, time: inner.time ?? timeOf(text, members) };
}

function describe(raw: string, type: string, text: string, members: ReadonlyMap<string, JsonMember>): LoggedEvent {
	return {
		raw,
		type,
		knownFrom: type === '' ? undefined : findEventDefinition(gaType(type))?.from,
		saidFrom: saidFromOf(text, members),
		isWrapped: false,
		hasEventId: members.has('event_id'),
		time: undefined,
		ownTime: timeOf(text, members)
	};
}

/** The event that the likeliest of the members holds: one that the catalog knows, or else the first. */
function readPayload(
	text: string,
	members: ReadonlyMap<string, JsonMember>,
	wrappers: number
): LoggedEvent | undefined {
	let first: LoggedEvent | undefined;
	for (const name of PAYLOADS) {
		const member = members.get(name);
		if (!member) continue;
		const isObject = text[member.start] === '{';
		const payload = isObject ? text.slice(member.start, member.end) : stringAt(text, members, name);
		if (payload === undefined || !(isObject || isBraced(payload))) continue;
		const event = readObject(payload, wrappers + 1);
		if (event && isRealtime(event)) return event;
		first ??= event;
	}
	return first;
}

function isBraced(text: string): boolean {
	const trimmed = text.trim();
	return trimmed.startsWith('{') && trimmed.endsWith('}');
}

/** A message that is no event: `{"direction":"server","raw":"<html>"}`. */
function readRaw(text: string, members: ReadonlyMap<string, JsonMember>): LoggedEvent | undefined {
	const raw = stringAt(text, members, 'raw');
	if (raw === undefined || saidFromOf(text, members) === undefined) return undefined;
	return { ...describe(raw, '', text, members), isWrapped: true, time: timeOf(text, members), ownTime: undefined };
}

function saidFromOf(text: string, members: ReadonlyMap<string, JsonMember>): From | undefined {
	for (const name of DIRECTIONS) {
		const from = fromOfWord(stringAt(text, members, name));
		if (from) return from;
	}
	return undefined;
}

function fromOfWord(word: string | undefined): From | undefined {
	return word === undefined ? undefined : FROM_BY_WORD.get(word.trim().toLowerCase());
}

function timeOf(text: string, members: ReadonlyMap<string, JsonMember>): MessageTime | undefined {
	for (const name of TIMES) {
		const member = members.get(name);
		if (!member || member.end - member.start > 80) continue;
		const value = stringAt(text, members, name) ?? text.slice(member.start, member.end);
		const time = /^-?[\d.]+(?:e[+-]?\d+)?$/i.test(value) ? timeOfNumber(Number(value)) : timeInText(value);
		if (time) return time;
	}
	return undefined;
}

function stringAt(text: string, members: ReadonlyMap<string, JsonMember>, name: string): string | undefined {
	const member = members.get(name);
	return member && stringOf(text.slice(member.start, member.end));
}

/** What a line says before its event: a time, and in logs of wscat and others an arrow alone. */
export function readLinePrefix(prefix: string): Pick<LoggedEvent, 'time' | 'saidFrom'> {
	if (prefix === '') return { time: undefined, saidFrom: undefined };
	const rest = withoutTime(prefix).replace(/[[\]()|,:;]/g, ' ');
	return { time: timeInText(prefix), saidFrom: fromOfArrow(rest.trim()) };
}

function fromOfArrow(text: string): From | undefined {
	return /^\W{1,3}$/.test(text) ? FROM_BY_WORD.get(text) : undefined;
}
