import { isObject, listAt, objectAt, stringAt, type JsonObject } from '../base/json.ts';
import type { LogEntry } from '../recording/recorded-event.ts';
import { ensureItem } from './apply-conversation.ts';
import { addToResponse, utteranceOf } from './apply-audio.ts';
import type { EventHandler } from './handler.ts';
import type { Item, Response, Session } from './session-model.ts';

/** Responses begin, stream text and arguments, and end. Keyed by ids: closing events of items interleave. */
export const RESPONSE_HANDLERS: Record<string, EventHandler> = {
	'response.create': (session, body) => {
		session.requestedResponseIds.push(stringAt(body, 'event_id') ?? null);
		session.requestedResponses++;
	},
	'response.created': applyResponseCreated,
	'response.done': applyResponseDone,
	'response.output_text.delta': (session, body, entry) => appendText(session, body, entry, 'typed'),
	'response.output_text.done': (session, body, entry) => finishText(session, body, entry, 'typed', 'text'),
	'response.output_audio_transcript.delta': (session, body, entry) => appendText(session, body, entry, 'transcript'),
	'response.output_audio_transcript.done': (session, body, entry) =>
		finishText(session, body, entry, 'transcript', 'transcript'),
	'response.function_call_arguments.delta': (session, body, entry) => appendText(session, body, entry, 'arguments'),
	'response.function_call_arguments.done': (session, body, entry) =>
		finishText(session, body, entry, 'arguments', 'arguments'),
	'response.output_audio.done': (session, body, entry) => {
		const utterance = utteranceOf(session, body, entry);
		if (utterance) utterance.complete = true;
	}
};

function applyResponseCreated(session: Session, body: JsonObject, entry: LogEntry): void {
	const wire = objectAt(body, 'response');
	const id = stringAt(wire, 'id');
	if (!wire || !id) return;
	const response: Response = {
		id,
		status: stringAt(wire, 'status') ?? 'in_progress',
		reason: null,
		createdAt: entry.at,
		firstAudioAt: null,
		doneAt: null,
		// Documented of out-of-band responses; a server that does not send the field means the default conversation.
		isDefault: !(Object.hasOwn(wire, 'conversation_id') && wire['conversation_id'] === null),
		itemIds: [],
		usage: null
	};
	session.responses.set(id, response);
	dropRequest(session, 0);
	if (response.isDefault) session.activeResponseId = id;
}

/** A request that an `error` refuses will not be answered by `response.created`. */
export function dropRefusedRequest(session: Session, error: JsonObject | undefined): void {
	const ids = session.requestedResponseIds;
	const eventId = stringAt(error, 'event_id');
	if (eventId !== undefined) dropRequest(session, ids.indexOf(eventId));
	else if (isAboutResponse(error)) dropRequest(session, Math.max(0, ids.indexOf(null)));
}

/** Whether an error that names no event speaks of a `response.create`. */
function isAboutResponse(error: JsonObject | undefined): boolean {
	const param = stringAt(error, 'param');
	const isRefusal = stringAt(error, 'code') === 'conversation_already_has_active_response';
	return isRefusal || param === 'response' || param?.startsWith('response.') === true;
}

/** Forgets the request at an index; none when there is no such request. */
function dropRequest(session: Session, index: number): void {
	if (index < 0) return;
	session.requestedResponseIds.splice(index, 1);
	session.requestedResponses = session.requestedResponseIds.length;
}

function applyResponseDone(session: Session, body: JsonObject, entry: LogEntry): void {
	const wire = objectAt(body, 'response');
	const response = session.responses.get(stringAt(wire, 'id') ?? '');
	if (session.activeResponseId === stringAt(wire, 'id')) session.activeResponseId = null;
	if (!wire || !response) return;
	const details = objectAt(wire, 'status_details');
	const error = objectAt(details, 'error');
	response.status = stringAt(wire, 'status') ?? 'completed';
	response.reason = stringAt(details, 'reason') ?? stringAt(error, 'code') ?? null;
	response.doneAt = entry.at;
	response.usage = objectAt(wire, 'usage') ?? null;
	const known = new Set(response.itemIds);
	for (const item of listAt(wire, 'output')) {
		const id = isObject(item) ? stringAt(item, 'id') : undefined;
		if (id) known.add(id);
	}
	response.itemIds = [...known];
	for (const id of known) {
		for (const utterance of session.utterancesByItem.get(id)?.values() ?? []) {
			if (utterance.responseId === response.id) utterance.complete = true;
		}
	}
	if (response.status === 'failed') {
		const message = stringAt(error, 'message') ?? 'The response failed; the server did not say why.';
		session.problems.push({ seq: entry.seq, at: entry.at, message, code: response.reason });
	}
}

function appendText(session: Session, body: JsonObject, entry: LogEntry, kind: Item['textKind']): void {
	const item = modelItem(session, body, entry);
	if (!item || item.textDone) return;
	item.textKind = kind;
	item.text += stringAt(body, 'delta') ?? '';
}

function finishText(session: Session, body: JsonObject, entry: LogEntry, kind: Item['textKind'], field: string): void {
	const item = modelItem(session, body, entry);
	if (!item) return;
	item.textKind = kind;
	item.text = stringAt(body, field) ?? item.text;
	item.textDone = true;
}

function modelItem(session: Session, body: JsonObject, entry: LogEntry): Item | undefined {
	const item = ensureItem(session, stringAt(body, 'item_id'), entry);
	if (!item) return undefined;
	item.role ??= 'assistant';
	item.responseId ??= stringAt(body, 'response_id') ?? null;
	addToResponse(session, item.responseId, item.id);
	return item;
}
