import { isObject, type JsonObject } from '../base/json.ts';
import { deriveJsonDifferences, formatKeys, type JsonDifference } from './session-compare.ts';

/** An `error` event's answer to a `session.update`. */
export interface SessionRefusal {
	readonly code: string | null;
	readonly message: string;
	/** The field that is at fault, `session.audio.output.speed`. */
	readonly param: string | null;
}

/** Between what was asked for and what is in force. `undefined` stands for a value that is not there. */
export interface SessionDifference {
	/** `audio.output.voice` */
	readonly path: string;
	/**
	 * - `refused`: the update was refused, and this is not in force
	 * - `changed`: the server has another value than the one asked for
	 * - `missing`: the server's session does not tell of it
	 * - `filled`: it was not asked for, and the server has a value
	 */
	readonly kind: 'refused' | 'changed' | 'missing' | 'filled';
	readonly requested: unknown;
	readonly effective: unknown;
	/** Why, where the protocol tells. */
	readonly reason: string | null;
}

/** Told by the server alone, never asked for. Source: recorded `session.created` and `session.updated`. */
const SERVER_FIELDS: readonly string[] = ['object', 'id', 'expires_at', 'client_secret'];

const VOICE = 'audio.output.voice';

/**
 * What keeps a field as it is. Sources: the API's `cannot_update_voice` error and guide (voice), types of openai 7.55
 * (speed: only between turns; tracing: fixed once it is set); the model is part of the address that was connected to.
 */
const REASONS: Readonly<Record<string, string>> = {
	model: 'The model is fixed when the session is opened. Choose it beside Connect, and connect again.',
	[VOICE]: 'The voice is locked once the model has spoken. Start a new session, or apply it before the first answer.',
	'audio.output.speed': 'The speed can be changed between turns only, not while the model answers.',
	tracing: 'Tracing cannot be changed once it is set. Start a new session.'
};

const WHOLE = 'Refused with the rest: the server takes an update whole or not at all.';

/**
 * Compares the session of a `session.update` with the one in force after the server's answer.
 *
 * @param requested the update's `session`
 * @param effective the session of `session.updated`, or, when it was refused, what was in force before and still is
 * @param refusal the `error` that answered, when it was refused: the update is then not in force at all
 * @returns what did not take, the field at fault first; then what was filled in. Empty when all is as it was asked for
 */
export function deriveSessionDifferences(
	requested: JsonObject,
	effective: JsonObject,
	refusal: SessionRefusal | null = null
): readonly SessionDifference[] {
	const all = deriveJsonDifferences(requested, effective).filter(isTelling);
	const asked = all.filter(({ before }) => before !== undefined);
	if (refusal) return refused(asked, refusal);
	const filled = all.filter(({ before }) => before === undefined);
	return [...asked, ...filled].map(accepted);
}

/**
 * The part of a session that is not in force yet, to be sent alone: an update changes nothing that it does not name. What
 * the API sets as one piece (`turn_detection`, a format, the tools) stays whole. `null` when all of it is in force.
 *
 * A member that was taken out of the session is no change: to ask for nothing is not to ask for a default.
 */
export function deriveSessionChanges(requested: JsonObject, inForce: JsonObject): JsonObject | null {
	const places = deriveJsonDifferences(requested, inForce)
		.filter((difference) => isTelling(difference) && difference.before !== undefined)
		.map(({ keys }) => keys);
	if (places.length === 0) return null;
	if (places.some(([first]) => first === 'type')) return requested;
	const names = new Set(places.map((keys) => formatKeys(keys[0] === 'audio' ? keys.slice(0, 3) : keys.slice(0, 1))));
	const changes = pick(requested, '', names);
	return Object.hasOwn(requested, 'type') ? { type: requested['type'], ...changes } : changes;
}

function pick(object: JsonObject, prefix: string, names: ReadonlySet<string>): JsonObject {
	const picked: Record<string, unknown> = {};
	for (const [key, value] of Object.entries(object)) {
		const path = formatKeys(prefix === '' ? [key] : [...prefix.split('.'), key]);
		if (names.has(path)) picked[key] = value;
		else if (isObject(value) && [...names].some((name) => name.startsWith(`${path}.`))) {
			picked[key] = pick(value, path, names);
		}
	}
	return picked;
}

/** Null and absent say the same of what was asked for, and the server's own fields say nothing about it. */
function isTelling({ keys, before, after }: JsonDifference): boolean {
	if (keys.length === 1 && before === undefined && SERVER_FIELDS.includes(String(keys[0]))) return false;
	return !(before === null && after === undefined);
}

function accepted({ keys, before, after }: JsonDifference): SessionDifference {
	const path = formatKeys(keys);
	if (before === undefined) return { path, kind: 'filled', requested: before, effective: after, reason: null };
	const kind = after === undefined ? 'missing' : 'changed';
	return { path, kind, requested: before, effective: after, reason: reasonOf(path, before) };
}

function reasonOf(path: string, requested: unknown): string | null {
	// Source: a recorded session, in which "" brought the service's own instructions back.
	if (path === 'instructions' && requested === '') return 'Empty instructions bring the server’s own back.';
	return REASONS[path] ?? null;
}

function refused(asked: readonly JsonDifference[], refusal: SessionRefusal): readonly SessionDifference[] {
	const culprit = culpritOf(refusal);
	const rows = asked.map(({ keys, before, after }): SessionDifference => {
		const path = formatKeys(keys);
		const isCulprit = culprit !== null && isPartOf(path, culprit);
		const reason = isCulprit ? refusalReason(path, refusal) : culprit === null ? refusal.message : WHOLE;
		return { path, kind: 'refused', requested: before, effective: after, reason };
	});
	const isAtFault = (row: SessionDifference) => culprit !== null && isPartOf(row.path, culprit);
	const atFault = rows.filter(isAtFault);
	if (culprit !== null && atFault.length === 0) {
		const reason = refusalReason(culprit, refusal);
		atFault.push({ path: culprit, kind: 'refused', requested: undefined, effective: undefined, reason });
	}
	return [...atFault, ...rows.filter((row) => !isAtFault(row))];
}

/** The path at fault inside the session, or `null` when the error does not tell. */
function culpritOf({ code, param }: SessionRefusal): string | null {
	if (code === 'cannot_update_voice') return VOICE;
	return param?.startsWith('session.') ? param.slice('session.'.length) : null;
}

/** The server's words, and what to do about them where it is certain what they mean: a voice may just be misspelled. */
function refusalReason(path: string, { code, message }: SessionRefusal): string {
	const isCertain = path === 'model' || code === 'cannot_update_voice';
	return isCertain ? `${message} ${REASONS[path] ?? ''}`.trimEnd() : message;
}

/** Whether one of two places lies in the other, or they are the same. */
function isPartOf(one: string, other: string): boolean {
	const [short, long] = one.length < other.length ? [one, other] : [other, one];
	return long === short || (long.startsWith(short) && /^[.[]/.test(long.slice(short.length)));
}
