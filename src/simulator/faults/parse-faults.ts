/** Checks faults as a scenario or a client writes them, and fills in what they leave out. */
import { findEventDefinition, gaType } from '#core/protocol/catalog.ts';
import { Fields, listChoices, show, Wrong } from '#simulator/faults/fault-fields.ts';
import { ANY_EVENT, TRANSLATION_CLIENT_EVENTS, TRANSLATION_SERVER_EVENTS } from '#simulator/faults/faults.ts';
import type {
	Chance,
	ClientEventTrigger,
	EventTrigger,
	Fault,
	FaultKind,
	ResponseTrigger,
	ServerErrorFault,
	TimeTrigger
} from '#simulator/faults/faults.ts';
import { isJsonObject } from '#simulator/session/shapes.ts';

/** An hour, which is how long a session lasts. */
const ANY_TIME = { min: 0, max: 3_600_000 };
const SOME_TIME = { min: 1, max: 3_600_000 };
const ANY_COUNT = { min: 1, max: 1_000_000 };

/** What a close frame can carry. Source: RFC 6455, 7.4. */
const CLOSE_CODES = '1000 to 1003, 1007 to 1014 or 3000 to 4999';
const LONGEST_REASON = 123;
export const TORN = 1006;

interface Triggers {
	afterMs: TimeTrigger;
	event: EventTrigger;
	clientEvent: ClientEventTrigger;
	response: ResponseTrigger;
}
type TriggerName = keyof Triggers;

const TRIGGER_NAMES: readonly TriggerName[] = ['afterMs', 'event', 'clientEvent', 'response'];
const WIRE_TRIGGERS = ['afterMs', 'event', 'clientEvent'] as const;

const ONCE: Chance = { probability: 1, every: false };
/** In the middle of the first response: the client knows that it began. */
const FIRST_OUTPUT: EventTrigger = { event: 'response.output_item.added', nth: 1, ...ONCE };
const FIRST_RESPONSE: ResponseTrigger = { response: 1, ...ONCE };

function readEventType(fields: Fields, name: 'event' | 'clientEvent'): string {
	const value = fields.raw(name);
	const path = `${fields.path}.${name}`;
	const isServer = name === 'event';
	const from = isServer ? 'server' : 'client';
	const example = isServer ? 'response.output_audio.delta' : 'input_audio_buffer.append';
	if (typeof value === 'string') {
		const ofTranslation = isServer ? TRANSLATION_SERVER_EVENTS : TRANSLATION_CLIENT_EVENTS;
		const isKnown = value === ANY_EVENT || ofTranslation.includes(value) || findEventDefinition(value)?.from === from;
		if (isKnown) return value;
		const newName = gaType(value);
		if (newName !== value) throw new Wrong(path, `${show(value)} is a name of the retired beta; use "${newName}"`);
	}
	const remedy = `use a type as it is on the wire, such as "${example}", or "${ANY_EVENT}"`;
	throw new Wrong(path, `${show(value)} is no ${from} event; ${remedy}`);
}

function readChance(fields: Fields): Chance {
	return { probability: fields.fraction('probability', 1), every: fields.flag('every', false) };
}

const triggerReaders: { [Name in TriggerName]: (fields: Fields) => Triggers[Name] } = {
	afterMs: (fields) => {
		// Again and again after no time at all would never end.
		const range = fields.raw('every') === true ? SOME_TIME : ANY_TIME;
		return { afterMs: fields.wholeNumber('afterMs', range), ...readChance(fields) };
	},
	event: (fields) => ({
		event: readEventType(fields, 'event'),
		nth: fields.wholeNumber('nth', ANY_COUNT, 1),
		...readChance(fields)
	}),
	clientEvent: (fields) => ({
		clientEvent: readEventType(fields, 'clientEvent'),
		nth: fields.wholeNumber('nth', ANY_COUNT, 1),
		...readChance(fields)
	}),
	response: (fields) => ({ response: fields.wholeNumber('response', ANY_COUNT), ...readChance(fields) })
};

/** Reads `when`, which must be of one of the kinds that go with the fault. */
function readTrigger<Name extends TriggerName>(
	fields: Fields,
	kind: FaultKind,
	allowed: readonly Name[]
): Triggers[Name] | undefined {
	const value = fields.raw('when');
	if (value === undefined) return undefined;
	const path = `${fields.path}.when`;
	const listed = listChoices(allowed.map((name) => `"${name}"`));
	if (!isJsonObject(value)) throw new Wrong(path, `${show(value)} is not an object; give it ${listed}`);
	const given = TRIGGER_NAMES.filter((name) => value[name] !== undefined);
	if (given.length !== 1) {
		throw new Wrong(path, `it names ${given.length === 0 ? 'no moment' : 'several moments'}; give it one of ${listed}`);
	}
	const name = allowed.find((candidate) => candidate === given[0]);
	if (name === undefined) {
		throw new Wrong(`${path}.${given[0]}`, `"${kind}" cannot happen at that moment; use ${listed}`);
	}
	const counted = name === 'event' || name === 'clientEvent' ? ['nth'] : [];
	const names = [name, ...counted, 'probability', 'every'];
	return triggerReaders[name](new Fields(value, path, `a moment named by "${name}"`, names));
}

function readCloseCode(fields: Fields): number {
	const given = fields.raw('code');
	const value = given === undefined ? TORN : given;
	const code = typeof value === 'number' && Number.isInteger(value) ? value : 0;
	const isValid = (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005) || (code >= 3000 && code <= 4999);
	if (isValid) return code;
	throw new Wrong(`${fields.path}.code`, `${show(value)} is no close code; use ${TORN} (torn) or ${CLOSE_CODES}`);
}

/** Ours: what a server that closes with such a code says. */
const DEFAULT_REASONS: Record<number, string> = {
	1001: 'Going away',
	1008: 'Policy violation',
	1011: 'Internal server error',
	1012: 'Service restart',
	1013: 'Try again later'
};

function readReason(fields: Fields, code: number): string {
	const value = fields.raw('reason');
	const path = `${fields.path}.reason`;
	if (value === undefined) return code === TORN ? '' : (DEFAULT_REASONS[code] ?? '');
	if (typeof value !== 'string' || value.length > LONGEST_REASON || !/^[ -~]*$/.test(value)) {
		throw new Wrong(path, `${show(value)} is not a text of at most ${LONGEST_REASON} ASCII characters`);
	}
	if (code === TORN && value !== '') {
		throw new Wrong(path, `a socket that is torn (${TORN}) gives no reason; leave it out, or use another code`);
	}
	return value;
}

function readServerError(fields: Fields): ServerErrorFault {
	const as = fields.choice('as', ['response', 'event'], 'response');
	if (as === 'response') {
		return { fault: 'server_error', as, when: readTrigger(fields, 'server_error', ['response']) ?? FIRST_RESPONSE };
	}
	return { fault: 'server_error', as, when: readTrigger(fields, 'server_error', TRIGGER_NAMES) ?? FIRST_OUTPUT };
}

/** The fields of each kind besides `fault` and `when`, and how they are read. */
const kinds: { [Kind in FaultKind]: { names: readonly string[]; read: (fields: Fields) => Fault } } = {
	delay: {
		names: ['ms', 'jitterMs'],
		read: (fields) => {
			const when = readTrigger(fields, 'delay', WIRE_TRIGGERS);
			const ms = fields.wholeNumber('ms', ANY_TIME);
			const jitterMs = fields.wholeNumber('jitterMs', ANY_TIME, 0);
			return { fault: 'delay', ms, jitterMs, ...(when ? { when } : {}) };
		}
	},
	drop: {
		names: ['code', 'reason'],
		read: (fields) => {
			const code = readCloseCode(fields);
			const when = readTrigger(fields, 'drop', WIRE_TRIGGERS) ?? FIRST_OUTPUT;
			return { fault: 'drop', code, reason: readReason(fields, code), when };
		}
	},
	rate_limit: {
		names: [],
		read: (fields) => ({
			fault: 'rate_limit',
			when: readTrigger(fields, 'rate_limit', ['response']) ?? FIRST_RESPONSE
		})
	},
	server_error: { names: ['as'], read: readServerError },
	malformed: {
		names: ['as'],
		read: (fields) => ({
			fault: 'malformed',
			as: fields.choice('as', ['cut', 'html'], 'cut'),
			when: readTrigger(fields, 'malformed', WIRE_TRIGGERS) ?? FIRST_OUTPUT
		})
	},
	expire: {
		names: ['announce'],
		read: (fields) => ({
			fault: 'expire',
			announce: fields.flag('announce', false),
			when: readTrigger(fields, 'expire', WIRE_TRIGGERS) ?? { afterMs: 10_000, ...ONCE }
		})
	},
	slow_consumer: {
		names: ['forMs'],
		read: (fields) => ({
			fault: 'slow_consumer',
			forMs: fields.wholeNumber('forMs', SOME_TIME, 5000),
			when: readTrigger(fields, 'slow_consumer', WIRE_TRIGGERS) ?? {
				clientEvent: 'input_audio_buffer.append',
				nth: 1,
				...ONCE
			}
		})
	},
	silence: {
		names: ['forMs'],
		read: (fields) => ({
			fault: 'silence',
			forMs: fields.wholeNumber('forMs', SOME_TIME, 5000),
			when: readTrigger(fields, 'silence', WIRE_TRIGGERS) ?? FIRST_OUTPUT
		})
	}
};

/** @throws Wrong */
export function parseFault(value: unknown, path: string): Fault {
	if (!isJsonObject(value)) throw new Wrong(path, `${show(value)} is not an object with a "fault"`);
	const kind = value['fault'];
	if (typeof kind !== 'string' || !Object.hasOwn(kinds, kind)) {
		const known = listChoices(Object.keys(kinds).map((name) => `"${name}"`));
		throw new Wrong(
			`${path}.fault`,
			`${kind === undefined ? 'is missing' : `${show(kind)} is not known`}; use ${known}`
		);
	}
	const { names, read } = kinds[kind as FaultKind];
	return read(new Fields(value, path, `"${kind}"`, ['fault', ...names, 'when']));
}

/** What a caught error says, if it is about what somebody wrote. */
export function describeWrong(error: unknown): { error: string } {
	if (error instanceof Wrong) return { error: error.message };
	throw error;
}

/**
 * Checks a list of faults and fills in their defaults. The error names the place, what is wrong and what to do:
 * `faults[1].code: 999 is no close code; use 1006 (torn) or ...`. What it returns passes the check again unchanged.
 */
export function parseFaults(value: unknown): { faults: Fault[] } | { error: string } {
	if (!Array.isArray(value)) return { error: `faults: ${show(value)} is not a list of faults` };
	try {
		return { faults: value.map((entry, index) => parseFault(entry, `faults[${index}]`)) };
	} catch (error) {
		return describeWrong(error);
	}
}
