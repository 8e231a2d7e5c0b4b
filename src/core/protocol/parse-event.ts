import { isObject, type JsonObject } from '../base/json.ts';
import { fail, succeed, type Result } from '../base/result.ts';
import { gaType } from './catalog.ts';
import { mediaStreamType } from './media-stream.ts';

/** A message that is a JSON object with a type: the least that every Realtime dialect agrees on. */
export interface WireEvent {
	/** The type as it was sent. Messages of telephone services have none: theirs is made of `event`, `twilio.media`. */
	readonly type: string;
	/** Its GA name, by which the session is folded. */
	readonly gaType: string;
	readonly body: JsonObject;
}

/** Why a message could not be read as an event, in words for the page. */
export interface ParseProblem {
	readonly kind: 'not-json' | 'not-an-object' | 'no-type';
	readonly message: string;
}

/** Reads a message's text as an event. Never validates further: unknown types and fields are kept and shown. */
export function parseEvent(text: string): Result<WireEvent, ParseProblem> {
	let body: unknown;
	try {
		body = JSON.parse(text);
	} catch (error) {
		const detail = error instanceof Error ? error.message : String(error);
		return fail({ kind: 'not-json', message: `This message is not JSON: ${detail}` });
	}
	if (!isObject(body)) {
		return fail({ kind: 'not-an-object', message: 'This message is JSON, but not an object as every event is.' });
	}
	const type = Object.hasOwn(body, 'type') ? body['type'] : mediaStreamType(body);
	if (typeof type !== 'string') {
		return fail({ kind: 'no-type', message: 'This message has no "type" of its own, so nobody can tell what it is.' });
	}
	return succeed({ type, gaType: gaType(type), body });
}
