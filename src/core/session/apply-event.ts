import { objectAt, stringAt, type JsonObject } from '../base/json.ts';
import { isSentBy } from '../protocol/catalog.ts';
import type { WireEvent } from '../protocol/parse-event.ts';
import { parseEvent } from '../protocol/parse-event.ts';
import type { LogEntry } from '../recording/recorded-event.ts';
import { AUDIO_HANDLERS, applyCallerAudio } from './apply-audio.ts';
import { AUDIO_FILE_HANDLERS } from './apply-audio-file.ts';
import { CONSOLE_HANDLERS } from './apply-console.ts';
import { CONVERSATION_HANDLERS } from './apply-conversation.ts';
import { dropRefusedRequest, RESPONSE_HANDLERS } from './apply-response.ts';
import { SESSION_HANDLERS } from './apply-session.ts';
import { TWILIO_HANDLERS } from './apply-twilio.ts';
import type { EventHandler } from './handler.ts';
import { DeltaReader } from './read-delta.ts';
import type { Session } from './session-model.ts';

const ERROR_HANDLERS: Record<string, EventHandler> = { error: applyError };

const TABLES = [
	...[SESSION_HANDLERS, ERROR_HANDLERS, CONVERSATION_HANDLERS, RESPONSE_HANDLERS],
	...[AUDIO_HANDLERS, CONSOLE_HANDLERS, AUDIO_FILE_HANDLERS, TWILIO_HANDLERS]
];

/** By GA type. An event may concern several tables: each of its handlers is called, in the order of the tables. */
const HANDLERS: ReadonlyMap<string, readonly EventHandler[]> = collectHandlers();

function collectHandlers(): Map<string, EventHandler[]> {
	const handlers = new Map<string, EventHandler[]>();
	for (const [type, handler] of TABLES.flatMap((table) => Object.entries(table))) {
		handlers.set(type, [...(handlers.get(type) ?? []), handler]);
	}
	return handlers;
}

/** Only a memory of what was parsed last: it changes how fast an entry is read, never what is read. */
const modelAudio = new DeltaReader();

/**
 * Folds the next entry of a log into the session. The only function that changes a session.
 *
 * Never throws for what an entry holds: a message that is no event becomes a problem of the session, an event that
 * nobody knows changes nothing but the count and the time.
 */
export function applyEntry(session: Session, entry: LogEntry): void {
	session.at = entry.at;
	session.eventCount = entry.seq + 1;
	if (entry.binary) {
		addProblem(session, entry, 'A binary frame: the Realtime API sends text only.', 'binary_frame');
		return;
	}
	if (entry.audio?.track === 'caller' && entry.from === 'client') {
		applyCallerAudio(session, entry, entry.audio);
		return;
	}
	// Nothing that folds audio reads the id of its event.
	const event = entry.audio ? modelAudio.read(entry) : parseEvent(entry.text);
	if (!event.ok) {
		addProblem(session, entry, event.error.message, event.error.kind);
		return;
	}
	const { gaType, body } = event.value;
	// Only its own sender's events count: a server that sends `earshot.*` tells nothing of what this side did.
	if (!isSentBy(entry.from, gaType)) return;
	for (const handle of HANDLERS.get(gaType) ?? []) handle(session, body, entry);
}

/** Reads the events that `applyEntry` folds without changing anything: for callers that only want to look. */
export function readEntry(entry: LogEntry): WireEvent | null {
	const event = entry.binary ? null : parseEvent(entry.text);
	return event?.ok ? event.value : null;
}

function applyError(session: Session, body: JsonObject, entry: LogEntry): void {
	const error = objectAt(body, 'error');
	const message = stringAt(error, 'message') ?? 'The server sent an error without a message.';
	addProblem(session, entry, message, stringAt(error, 'code') ?? stringAt(error, 'type') ?? null);
	dropRefusedRequest(session, error);
}

function addProblem(session: Session, entry: LogEntry, message: string, code: string | null): void {
	session.problems.push({ seq: entry.seq, at: entry.at, message, code });
}
