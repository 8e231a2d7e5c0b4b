/** Reads what a client sent, as far as every kind of session does it alike: JSON, type, id, shape. */
import { invalidRequest, invalidType, missingParameter, sessionErrors } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import type { ClientEventHandler, HandlerTable } from '#simulator/session/session-context.ts';
import { checkShape, isJsonObject } from '#simulator/session/shapes.ts';
import type { JsonObject, Shape } from '#simulator/session/shapes.ts';

/** Source: openai 7.55 types. */
const clientEventId: Shape = { kind: 'string', maxLength: 512 };

/** Ours. What is nested deeper could not be said back: the means for that give up at some thousands. */
export const DEEPEST_NESTING = 100;

/** Whether a parsed JSON value has more than `limit` objects and lists inside one another. Needs no stack of its own. */
export function isDeeperThan(value: unknown, limit: number): boolean {
	let level: object[] = typeof value === 'object' && value !== null ? [value] : [];
	for (let depth = 1; level.length > 0; depth++) {
		if (depth > limit) return true;
		const next: object[] = [];
		for (const container of level) {
			for (const inner of Object.values(container) as unknown[]) {
				if (typeof inner === 'object' && inner !== null) next.push(inner);
			}
		}
		level = next;
	}
	return false;
}

/** What is wrong with a value that is nested too deeply, if it is. */
export function checkNesting(value: unknown, what = 'Invalid event'): ApiError | undefined {
	return isDeeperThan(value, DEEPEST_NESTING)
		? invalidRequest('invalid_value', `${what}: nested too deeply. At most ${DEEPEST_NESTING} levels are read.`)
		: undefined;
}

export type ReadEvent =
	| { handler: ClientEventHandler; fields: JsonObject; eventId: string | null }
	/** `eventId` is what the error echoes. */
	| { error: ApiError; eventId: string | null };

/** Reads an event and finds its handler. `refuse` words the error for a type that has none. */
export function readClientEvent(text: string, handlers: HandlerTable, refuse: (type: string) => ApiError): ReadEvent {
	let event: unknown;
	try {
		event = JSON.parse(text);
	} catch {
		return { error: sessionErrors.invalidJson(), eventId: null };
	}
	if (!isJsonObject(event)) return { error: sessionErrors.notAnObject(event), eventId: null };
	const { type, event_id: sentId, ...fields } = event;
	const idFault = sentId === undefined || sentId === null ? undefined : checkShape(clientEventId, sentId, 'event_id');
	// An id that is wrong is not said back.
	const eventId = typeof sentId === 'string' && !idFault ? sentId : null;
	const fail = (error: ApiError): ReadEvent => ({ error, eventId });
	const nesting = checkNesting(event);
	if (nesting) return fail(nesting);
	if (type === undefined) return fail(missingParameter('type'));
	if (typeof type !== 'string') return fail(invalidType('type', 'a string', type));
	const handler = Object.hasOwn(handlers, type) ? handlers[type] : undefined;
	if (!handler) return fail(refuse(type));
	const fault = idFault ?? checkShape(handler.shape, fields, '');
	return fault ? fail(fault) : { handler, fields, eventId };
}
