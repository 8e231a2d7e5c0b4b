import { numberAt, objectAt, stringAt, type JsonObject } from '../base/json.ts';
import type { EventHandler } from './handler.ts';
import type { AnsweredUpdate, Session, SessionUpdate } from './session-model.ts';

/** The session's configuration: what the client asked for, and what the server made of it. */
export const SESSION_HANDLERS: Record<string, EventHandler> = {
	'session.created': (session, body) => takeConfig(session, body),
	'session.update': applyUpdate,
	'session.updated': applyUpdated,
	error: applyRefusal
};

/** Of updates that nobody answers, so many are remembered. */
const MOST_WAITING = 32;

function applyUpdate(session: Session, body: JsonObject, { seq, at }: { seq: number; at: number }): void {
	const requested = objectAt(body, 'session');
	if (!requested) return;
	const update: SessionUpdate = { seq, at, eventId: stringAt(body, 'event_id') ?? null, requested };
	session.waitingUpdates = [...session.waitingUpdates, update].slice(-MOST_WAITING);
}

function applyUpdated(session: Session, body: JsonObject, { at }: { at: number }): void {
	takeConfig(session, body);
	// The server answers in the order in which it was asked; what it sends does not name the event.
	answer(session, session.waitingUpdates[0], at, null);
}

/**
 * An error belongs to the update whose `event_id` it names; one that names none, when it speaks of the session, to the
 * oldest: not every vendor says the `event_id` back.
 */
function applyRefusal(session: Session, body: JsonObject, { at }: { at: number }): void {
	const error = objectAt(body, 'error');
	const eventId = stringAt(error, 'event_id');
	const code = stringAt(error, 'code') ?? null;
	const param = stringAt(error, 'param') ?? null;
	const isAboutSession = code === 'cannot_update_voice' || param === 'session' || param?.startsWith('session.');
	const refused =
		eventId !== undefined
			? session.waitingUpdates.find((update) => update.eventId === eventId)
			: isAboutSession
				? (session.waitingUpdates.find((update) => update.eventId === null) ?? session.waitingUpdates[0])
				: undefined;
	const message = stringAt(error, 'message') ?? 'The server did not say why.';
	answer(session, refused, at, { code, message, param });
}

function answer(
	session: Session,
	update: SessionUpdate | undefined,
	answeredAt: number,
	refusal: AnsweredUpdate['refusal']
): void {
	if (!update) return;
	session.waitingUpdates = session.waitingUpdates.filter((waiting) => waiting !== update);
	session.answeredUpdate = { ...update, answeredAt, effective: session.config, refusal };
}

function takeConfig(session: Session, body: JsonObject): void {
	const config = objectAt(body, 'session');
	if (!config) return;
	session.config = config;
	session.connection.expiresAt = numberAt(config, 'expires_at') ?? session.connection.expiresAt;
}
