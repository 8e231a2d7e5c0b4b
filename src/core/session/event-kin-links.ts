import { isObject, objectAt, stringAt, type JsonObject } from '../base/json.ts';
import type { WireEvent } from '../protocol/parse-event.ts';

/** How a link is known: an id names the other event, or it is the next that it can be, in the order of the log. */
export type LinkGround = 'id' | 'order';

/** An event that another one caused, and how that is known. */
export interface Cause {
	readonly seq: number;
	readonly ground: LinkGround;
}

interface Request extends Sent {
	/** What its answer must name, as far as the request says it. */
	readonly names: Names;
}

interface Sent {
	readonly seq: number;
	readonly eventId: string | undefined;
}

/** What a request and its answer have in common. `undefined` where one of them does not say. */
interface Names {
	readonly itemId?: string | undefined;
	readonly callId?: string | undefined;
	readonly responseId?: string | undefined;
	/** Type and role of an item. */
	readonly itemKind?: string | undefined;
}

/** Requests of one type that wait for an answer; and client events that an error may name. Older ones are forgotten. */
const MOST_WAITING = 500;
const MOST_EVENT_IDS = 10_000;

/** Which client event a server event answers. Source: the types of the openai package, 7.55.0, and recorded sessions. */
const ANSWERS: Readonly<Record<string, string>> = {
	'session.updated': 'session.update',
	'input_audio_buffer.committed': 'input_audio_buffer.commit',
	'input_audio_buffer.cleared': 'input_audio_buffer.clear',
	'output_audio_buffer.cleared': 'output_audio_buffer.clear',
	'response.created': 'response.create',
	'conversation.item.added': 'conversation.item.create',
	'conversation.item.retrieved': 'conversation.item.retrieve',
	'conversation.item.truncated': 'conversation.item.truncate',
	'conversation.item.deleted': 'conversation.item.delete'
};
const REQUESTS: ReadonlySet<string> = new Set([...Object.values(ANSWERS), 'response.cancel']);

/** What an error that names no event is about: by its code, or by the member that its `param` begins with. */
const REFUSALS: Readonly<Record<string, string>> = {
	conversation_already_has_active_response: 'response.create',
	input_audio_buffer_commit_empty: 'input_audio_buffer.commit',
	response_cancel_not_active: 'response.cancel',
	response: 'response.create',
	session: 'session.update',
	item: 'conversation.item.create'
};

/**
 * Finds the event that caused an event, reading a log from its start. The protocol names the cause only in errors; other
 * answers are told by the ids that they share with a request, or else answer the oldest request that waits for one.
 */
export class CauseFinder {
	readonly #waiting = new Map<string, Request[]>();
	readonly #eventIds = new Map<string, number>();
	/** The client event that made an item, until the item is done. */
	readonly #makers = new Map<string, Cause>();
	/** Items that no client event made: of committed audio, or of a response. */
	readonly #ownItems = new Set<string>();
	/** The event that told a function call's whole arguments. */
	readonly #calls = new Map<string, number>();

	/** Takes in a client event of which nothing but its id matters. */
	addSent({ seq, eventId }: Sent): void {
		if (eventId === undefined) return;
		this.#eventIds.delete(eventId);
		this.#eventIds.set(eventId, seq);
		forgetOldest(this.#eventIds, MOST_EVENT_IDS);
	}

	/** Takes in an event that its sender can send, and says what caused it. */
	add(seq: number, from: 'client' | 'server', { gaType, body }: WireEvent): Cause | null {
		return from === 'client' ? this.#addRequest(seq, gaType, body) : this.#addAnswer(seq, gaType, body);
	}

	#addRequest(seq: number, gaType: string, body: JsonObject): Cause | null {
		const eventId = stringAt(body, 'event_id');
		this.addSent({ seq, eventId });
		const names = namesOf(body);
		if (REQUESTS.has(gaType)) {
			const waiting = this.#waiting.get(gaType) ?? [];
			waiting.push({ seq, eventId, names });
			if (waiting.length > MOST_WAITING) waiting.shift();
			this.#waiting.set(gaType, waiting);
		}
		const call = gaType === 'conversation.item.create' ? this.#calls.get(names.callId ?? '') : undefined;
		return call === undefined ? null : { seq: call, ground: 'id' };
	}

	#addAnswer(seq: number, gaType: string, body: JsonObject): Cause | null {
		const names = namesOf(body);
		if (gaType === 'error') return this.#refused(objectAt(body, 'error'));
		if (gaType === 'response.function_call_arguments.done' && names.callId !== undefined) {
			this.#calls.set(names.callId, seq);
			forgetOldest(this.#calls, MOST_EVENT_IDS);
		}
		const isOwn = gaType === 'response.output_item.added' || gaType === 'input_audio_buffer.committed';
		if (isOwn && names.itemId !== undefined) {
			this.#ownItems.add(names.itemId);
			forgetOldest(this.#ownItems, MOST_EVENT_IDS);
		}
		if (gaType === 'conversation.item.done') return this.#makerOf(names.itemId);
		if (gaType === 'response.done') return isCancelled(body) ? this.#answered('response.cancel', names) : null;
		const request = Object.hasOwn(ANSWERS, gaType) ? ANSWERS[gaType]! : null;
		if (request === null) return null;
		if (gaType !== 'conversation.item.added') return this.#answered(request, names);
		if (this.#ownItems.delete(names.itemId ?? '')) return null;
		const maker = this.#answered(request, names);
		if (maker && names.itemId !== undefined) this.#makers.set(names.itemId, maker);
		forgetOldest(this.#makers, MOST_EVENT_IDS);
		return maker;
	}

	#makerOf(itemId: string | undefined): Cause | null {
		const maker = this.#makers.get(itemId ?? '');
		if (maker) this.#makers.delete(itemId!);
		return maker ?? null;
	}

	/** The request of a type that shares an id with its answer, else the oldest that it can belong to. It waits no longer. */
	#answered(type: string, answer: Names): Cause | null {
		const waiting = this.#waiting.get(type) ?? [];
		const named = waiting.findIndex(({ names }) => sharesId(names, answer) && fits(names, answer));
		const index = named >= 0 ? named : waiting.findIndex(({ names }) => fits(names, answer));
		if (index < 0) return null;
		return { seq: waiting.splice(index, 1)[0]!.seq, ground: named >= 0 ? 'id' : 'order' };
	}

	#refused(error: JsonObject | undefined): Cause | null {
		const eventId = stringAt(error, 'event_id');
		if (eventId !== undefined) {
			const seq = this.#eventIds.get(eventId);
			if (seq === undefined) return null;
			for (const waiting of this.#waiting.values()) {
				const index = waiting.findIndex((request) => request.seq === seq);
				if (index >= 0) waiting.splice(index, 1);
			}
			return { seq, ground: 'id' };
		}
		const code = stringAt(error, 'code') ?? '';
		const param = stringAt(error, 'param')?.split(/[.[]/, 1)[0] ?? '';
		const key = [code, param].find((name) => Object.hasOwn(REFUSALS, name));
		const waiting = key === undefined ? [] : (this.#waiting.get(REFUSALS[key]!) ?? []);
		// One with an id would have been named.
		const index = waiting.findIndex((request) => request.eventId === undefined);
		return index < 0 ? null : { seq: waiting.splice(index, 1)[0]!.seq, ground: 'order' };
	}
}

function namesOf(body: JsonObject): Names {
	const item = objectAt(body, 'item');
	return {
		itemId: stringAt(body, 'item_id') ?? stringAt(item, 'id'),
		callId: stringAt(body, 'call_id') ?? stringAt(item, 'call_id'),
		responseId: stringAt(body, 'response_id') ?? stringAt(objectAt(body, 'response'), 'id'),
		itemKind: isObject(item) ? `${stringAt(item, 'type')} ${stringAt(item, 'role') ?? ''}` : undefined
	};
}

/** Nothing that both say differs. */
function fits(request: Names, answer: Names): boolean {
	return (['itemId', 'callId', 'responseId', 'itemKind'] as const).every(
		(key) => request[key] === undefined || answer[key] === undefined || request[key] === answer[key]
	);
}

function sharesId(request: Names, answer: Names): boolean {
	return (['itemId', 'callId', 'responseId'] as const).some(
		(key) => request[key] !== undefined && request[key] === answer[key]
	);
}

/** Source: `RealtimeResponseStatus` of the openai package, 7.55.0. */
function isCancelled(body: JsonObject): boolean {
	const response = objectAt(body, 'response');
	return stringAt(objectAt(response, 'status_details'), 'reason') === 'client_cancelled';
}

function forgetOldest(kept: Map<string, unknown> | Set<string>, most: number): void {
	for (const oldest of kept.keys()) {
		if (kept.size <= most) return;
		kept.delete(oldest);
	}
}
