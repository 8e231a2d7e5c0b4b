import { isObject, type JsonObject } from '../base/json.ts';

/** Fields of an effective session that `session.update` does not take. Source: recorded `session.created`, openai 7.55 types. */
const SERVER_FIELDS: readonly string[] = ['object', 'id', 'model', 'expires_at', 'client_secret'];

/**
 * A session as it was in force, as a session to ask for: without the fields that only the server sets, and without those
 * that are null because nothing was asked for. Turn detection stays when it is null: that is a choice.
 */
export function adoptSession(effective: JsonObject): JsonObject {
	const wanted: Record<string, unknown> = {};
	for (const [key, value] of Object.entries(effective)) {
		if (SERVER_FIELDS.includes(key) || (value === null && key !== 'turn_detection')) continue;
		wanted[key] = isObject(value) ? adoptSession(value) : value;
	}
	return wanted;
}
