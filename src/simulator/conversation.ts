/** The conversation of one session: its items in order, with their audio. */
import { itemErrors } from '#simulator/errors.ts';
import type { ApiError } from '#simulator/errors.ts';
import type { JsonObject } from '#simulator/shapes.ts';

/** 24 kHz mono: samples in a millisecond. */
export const SAMPLES_PER_MS = 24;

export type ContentPart =
	| { type: 'input_text'; text: string }
	| { type: 'output_text'; text: string }
	| { type: 'input_audio'; transcript: string | null; audio: Int16Array[] }
	| { type: 'output_audio'; transcript: string; audio: Int16Array[]; isTruncated: boolean };

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

export interface MessageItem {
	kind: 'message';
	id: string;
	status: ItemStatus;
	role: 'user' | 'assistant' | 'system';
	content: ContentPart[];
}

export interface FunctionCallItem {
	kind: 'function_call';
	id: string;
	status: ItemStatus;
	name: string;
	callId: string;
	arguments: string;
}

export interface FunctionCallOutputItem {
	kind: 'function_call_output';
	id: string;
	callId: string;
	output: string;
}

export type ConversationItem = MessageItem | FunctionCallItem | FunctionCallOutputItem;

export function countSamples(audio: readonly Int16Array[]): number {
	return audio.reduce((sum, chunk) => sum + chunk.length, 0);
}

export function audioMs(audio: readonly Int16Array[]): number {
	return countSamples(audio) / SAMPLES_PER_MS;
}

/** Keeps the first `samples` of a list of chunks. */
export function truncateAudio(audio: readonly Int16Array[], samples: number): Int16Array[] {
	const kept: Int16Array[] = [];
	let left = samples;
	for (const chunk of audio) {
		if (left <= 0) break;
		kept.push(chunk.length <= left ? chunk : chunk.slice(0, left));
		left -= chunk.length;
	}
	return kept;
}

export function encodeAudio(audio: readonly Int16Array[]): string {
	const views = audio.map((chunk) => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
	return views.length === 1 && views[0] ? views[0].toString('base64') : Buffer.concat(views).toString('base64');
}

function describePart(part: ContentPart, withAudio: boolean): JsonObject {
	switch (part.type) {
		case 'input_text':
		case 'output_text':
			return { type: part.type, text: part.text };
		case 'input_audio':
		case 'output_audio':
			return {
				type: part.type,
				transcript: part.transcript,
				...(withAudio ? { audio: encodeAudio(part.audio) } : {})
			};
	}
}

/**
 * An item as events show it, keys in recorded order: no `object`, and no `status` on a function's output. Source: recorded
 * GA sessions. `withAudio` adds the audio, as only conversation.item.retrieved does.
 */
export function describeItem(item: ConversationItem, withAudio = false): JsonObject {
	switch (item.kind) {
		case 'message':
			return {
				id: item.id,
				type: 'message',
				status: item.status,
				role: item.role,
				content: item.content.map((part) => describePart(part, withAudio))
			};
		case 'function_call':
			return {
				id: item.id,
				type: 'function_call',
				status: item.status,
				name: item.name,
				call_id: item.callId,
				arguments: item.arguments
			};
		case 'function_call_output':
			return { id: item.id, type: 'function_call_output', call_id: item.callId, output: item.output };
	}
}

/** Where an item went: what its `added` and its `done` name as the item before it. */
export interface Placement {
	previousItemId: string | null;
	index: number;
}

export class Conversation {
	readonly #items: ConversationItem[] = [];

	/** In conversation order. */
	get items(): readonly ConversationItem[] {
		return this.#items;
	}

	get lastItemId(): string | null {
		return this.#items.at(-1)?.id ?? null;
	}

	find(id: string): ConversationItem | undefined {
		return this.#items.find((item) => item.id === id);
	}

	hasCall(callId: string): boolean {
		return this.#items.some((item) => item.kind === 'function_call' && item.callId === callId);
	}

	append(item: ConversationItem): Placement {
		const placement = { previousItemId: this.lastItemId, index: this.#items.length };
		this.#items.push(item);
		return placement;
	}

	/**
	 * Adds an item where the client asked: `root` is the start, nothing (or "") the end. An id that is there already is
	 * accepted. Source: tests of another server that are also run against the service.
	 */
	insert(item: ConversationItem, after: string | null | undefined): Placement | { error: ApiError } {
		if (after === null || after === undefined || after === '') return this.append(item);
		if (after === 'root') {
			this.#items.unshift(item);
			return { previousItemId: null, index: 0 };
		}
		const index = this.#items.findLastIndex((candidate) => candidate.id === after);
		if (index < 0) return { error: itemErrors.noItemBefore(after) };
		this.#items.splice(index + 1, 0, item);
		return { previousItemId: after, index: index + 1 };
	}

	remove(id: string): boolean {
		const index = this.#items.findIndex((item) => item.id === id);
		if (index >= 0) this.#items.splice(index, 1);
		return index >= 0;
	}

	/** Shortens the model's audio to `audioEndMs` and forgets its transcript. Returns the error when it cannot. */
	truncate(id: string, contentIndex: number, audioEndMs: number): ApiError | undefined {
		const item = this.find(id);
		if (!item) return itemErrors.noItemToTruncate(id);
		const part = item.kind === 'message' ? item.content[contentIndex] : undefined;
		if (!part || part.type !== 'output_audio') return itemErrors.notModelAudio();
		const durationMs = Math.floor(audioMs(part.audio));
		if (audioEndMs > durationMs) return itemErrors.audioShorter(durationMs, audioEndMs);
		if (part.isTruncated) return itemErrors.alreadyTruncated(id);
		part.audio = truncateAudio(part.audio, audioEndMs * SAMPLES_PER_MS);
		// The transcript may hold words that were not heard. Source: openai 7.55 types (conversation.item.truncate).
		part.transcript = '';
		part.isTruncated = true;
		return undefined;
	}
}
