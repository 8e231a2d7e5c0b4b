import { isObject, listAt, objectAt, stringAt, type JsonObject } from '../base/json.ts';
import type { LogEntry } from '../recording/recorded-event.ts';
import { applyTruncateClaim, applyTruncated } from './apply-truncation.ts';
import type { EventHandler } from './handler.ts';
import type { Item, Session } from './session-model.ts';

/** Items enter, fill and leave the conversation; transcripts of the caller arrive beside them. */
export const CONVERSATION_HANDLERS: Record<string, EventHandler> = {
	'conversation.item.added': (session, body, entry) => {
		applyItem(session, body, entry, true);
	},
	'conversation.item.done': applyItem,
	'conversation.item.retrieved': applyItem,
	'response.output_item.added': applyItem,
	'response.output_item.done': applyItem,
	'conversation.item.deleted': (session, body) => {
		const item = session.items.get(stringAt(body, 'item_id') ?? '');
		if (item) item.deleted = true;
	},
	'conversation.item.truncate': applyTruncateClaim,
	'conversation.item.truncated': applyTruncated,
	'input_audio_buffer.committed': (session, body, entry) => {
		const isNew = !session.items.has(stringAt(body, 'item_id') ?? '');
		const item = ensureItem(session, stringAt(body, 'item_id'), entry);
		if (!item) return;
		item.role = 'user';
		item.hasAudio = true;
		place(session, item, body, isNew);
	},
	'conversation.item.input_audio_transcription.delta': (session, body, entry) => {
		const item = ensureItem(session, stringAt(body, 'item_id'), entry);
		if (!item) return;
		item.textKind = 'transcript';
		item.text += stringAt(body, 'delta') ?? '';
	},
	'conversation.item.input_audio_transcription.completed': (session, body, entry) => {
		const item = ensureItem(session, stringAt(body, 'item_id'), entry);
		if (!item) return;
		item.textKind = 'transcript';
		item.text = stringAt(body, 'transcript') ?? item.text;
		item.textDone = true;
	},
	'conversation.item.input_audio_transcription.failed': (session, body, entry) => {
		const message = stringAt(objectAt(body, 'error'), 'message') ?? 'Input transcription failed.';
		session.problems.push({ seq: entry.seq, at: entry.at, message, code: 'transcription_failed' });
	}
};

/** The item with this id, made and put at the end of the conversation when it is new. */
export function ensureItem(session: Session, id: string | undefined, entry: LogEntry): Item | undefined {
	if (!id) return undefined;
	const known = session.items.get(id);
	if (known) return known;
	const item: Item = {
		id,
		type: 'message',
		role: null,
		status: null,
		at: entry.at,
		responseId: null,
		text: '',
		textKind: 'none',
		textDone: false,
		hasAudio: false,
		name: null,
		callId: null,
		keptMs: null,
		deleted: false
	};
	session.items.set(id, item);
	session.itemOrder.push(id);
	return item;
}

function applyItem(session: Session, body: JsonObject, entry: LogEntry, isEntering = false): void {
	const wire = objectAt(body, 'item');
	const isNew = !session.items.has(stringAt(wire, 'id') ?? '');
	const item = ensureItem(session, stringAt(wire, 'id'), entry);
	if (!wire || !item) return;
	item.type = stringAt(wire, 'type') ?? item.type;
	item.status = stringAt(wire, 'status') ?? item.status;
	item.name = stringAt(wire, 'name') ?? item.name;
	item.callId = stringAt(wire, 'call_id') ?? item.callId;
	item.responseId = stringAt(body, 'response_id') ?? item.responseId;
	const role = stringAt(wire, 'role');
	if (role === 'user' || role === 'assistant' || role === 'system') item.role = role;
	readContent(item, wire);
	if (isNew || isEntering) place(session, item, body, isNew && isEntering);
}

/**
 * A new item goes behind the item that the event names. A known one is moved there only by the events that tell where it
 * entered the conversation, and only behind an item that is known: its words or its output may have come first. Never by
 * others: the service sends `previous_item_id: null` in `conversation.item.done` of the second item (17 of 17 recorded
 * sessions), and xAI in every event of a response.
 */
function place(session: Session, item: Item, body: JsonObject, mayBeFirst: boolean): void {
	const previous = stringAt(body, 'previous_item_id');
	const isAtStart = mayBeFirst && Object.hasOwn(body, 'previous_item_id') && body['previous_item_id'] === null;
	if (previous === item.id || !(isAtStart || (previous && session.items.has(previous)))) return;
	const order = session.itemOrder;
	// From the end: nearly all items enter there, and most stand there already.
	const from = order.lastIndexOf(item.id);
	if (order[from - 1] === previous) return;
	order.splice(from, 1);
	order.splice(previous ? order.lastIndexOf(previous) + 1 : 0, 0, item.id);
}

function readContent(item: Item, wire: JsonObject): void {
	if (item.type === 'function_call' || item.type === 'mcp_call') {
		setText(item, stringAt(wire, 'arguments'), 'arguments', stringAt(wire, 'status') !== 'in_progress');
		return;
	}
	if (item.type === 'function_call_output') {
		setText(item, stringAt(wire, 'output'), 'output', true);
		return;
	}
	const typed: string[] = [];
	const spoken: string[] = [];
	for (const part of listAt(wire, 'content')) {
		if (!isObject(part)) continue;
		const type = stringAt(part, 'type');
		if (type === 'input_audio') item.hasAudio = true;
		const text = stringAt(part, 'text');
		const transcript = stringAt(part, 'transcript');
		if (text !== undefined) typed.push(text);
		else if (transcript !== undefined) spoken.push(transcript);
	}
	const isDone = stringAt(wire, 'status') !== 'in_progress';
	if (spoken.length > 0) setText(item, spoken.join('\n'), 'transcript', isDone);
	else if (typed.length > 0) setText(item, typed.join('\n'), 'typed', isDone);
}

function setText(item: Item, text: string | undefined, kind: Item['textKind'], isDone: boolean): void {
	if (text === undefined || (text === '' && item.text !== '')) return;
	item.text = text;
	item.textKind = kind;
	item.textDone = item.textDone || isDone;
}
