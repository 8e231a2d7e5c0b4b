/** The conversation of one session: its items in order, with their audio. */
import { itemErrors } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import { encodeStored } from '#simulator/session/audio-codec.ts';
import type { AudioFormat } from '#simulator/session/session-config.ts';
import type { InputRateHz, McpCallError, McpTool } from '#simulator/session/ports.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

/** The rate of everything the model says. */
export const OUTPUT_RATE_HZ = 24000;
/** 24 kHz mono: samples in a millisecond. */
export const SAMPLES_PER_MS = 24;

export interface InputAudioPart {
	type: 'input_audio';
	/** As the client sees it: null until a transcription completed. */
	transcript: string | null;
	audio: Int16Array[];
	rateHz: InputRateHz;
	/** What was said, once anybody told, whether or not the client asked for a transcription. */
	heardWords?: string;
}

export interface OutputAudioPart {
	type: 'output_audio';
	transcript: string;
	/** 16-bit mono at 24 kHz, whatever the format it is sent in. */
	audio: Int16Array[];
	isTruncated: boolean;
}

export interface ImagePart {
	type: 'input_image';
	/** A data URI, as the client sent it. */
	imageUrl: string;
	detail: 'auto' | 'low' | 'high';
	/** What it counts in `usage`. */
	tokens: number;
}

export type ContentPart =
	| { type: 'input_text'; text: string }
	| { type: 'output_text'; text: string }
	| InputAudioPart
	| OutputAudioPart
	| ImagePart;

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** Of messages of gpt-realtime-2 models. Source: a recorded GA session of gpt-realtime-2.1; the types do not have it. */
export type MessagePhase = 'commentary' | 'final_answer';

export interface MessageItem {
	kind: 'message';
	id: string;
	status: ItemStatus;
	role: 'user' | 'assistant' | 'system';
	content: ContentPart[];
	phase?: string;
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

export interface McpListToolsItem {
	kind: 'mcp_list_tools';
	id: string;
	serverLabel: string;
	tools: McpTool[];
}

export interface McpCallItem {
	kind: 'mcp_call';
	id: string;
	serverLabel: string;
	name: string;
	arguments: string;
	output: string | null;
	error: McpCallError | null;
	approvalRequestId: string | null;
}

export interface McpApprovalRequestItem {
	kind: 'mcp_approval_request';
	id: string;
	serverLabel: string;
	name: string;
	arguments: string;
}

export interface McpApprovalResponseItem {
	kind: 'mcp_approval_response';
	id: string;
	approvalRequestId: string;
	approve: boolean;
	reason: string | null;
}

export type ConversationItem =
	| MessageItem
	| FunctionCallItem
	| FunctionCallOutputItem
	| McpListToolsItem
	| McpCallItem
	| McpApprovalRequestItem
	| McpApprovalResponseItem;

export function countSamples(audio: readonly Int16Array[]): number {
	return audio.reduce((sum, chunk) => sum + chunk.length, 0);
}

/** Length of the audio of a part, ms. */
export function partAudioMs(part: InputAudioPart | OutputAudioPart): number {
	const rateHz = part.type === 'input_audio' ? part.rateHz : OUTPUT_RATE_HZ;
	return (countSamples(part.audio) * 1000) / rateHz;
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

function describePart(part: ContentPart, stored: StoredFormats | undefined): JsonObject {
	switch (part.type) {
		case 'input_text':
		case 'output_text':
			return { type: part.type, text: part.text };
		case 'input_image':
			// Whether the service repeats the image is not known: here it does, as with texts.
			return { type: part.type, image_url: part.imageUrl, detail: part.detail };
		case 'input_audio':
		case 'output_audio': {
			const isInput = part.type === 'input_audio';
			const format = isInput ? stored?.input : stored?.output;
			const audio = format && encodeStored(part.audio, isInput ? part.rateHz : OUTPUT_RATE_HZ, format);
			return { type: part.type, transcript: part.transcript, ...(audio === undefined ? {} : { audio }) };
		}
	}
}

function describeMessage(item: MessageItem, stored: StoredFormats | undefined): JsonObject {
	return {
		id: item.id,
		type: 'message',
		status: item.status,
		role: item.role,
		content: item.content.map((part) => describePart(part, stored)),
		...(item.phase === undefined ? {} : { phase: item.phase })
	};
}

/** Source: openai 7.55 types (RealtimeMcp...); no recording has them, so the order of keys is ours. */
function describeMcpItem(item: Exclude<ConversationItem, { kind: 'message' | `function_${string}` }>): JsonObject {
	switch (item.kind) {
		case 'mcp_list_tools':
			return { id: item.id, type: item.kind, server_label: item.serverLabel, tools: item.tools };
		case 'mcp_approval_response': {
			const { id, approvalRequestId, approve, reason } = item;
			return { id, type: item.kind, approval_request_id: approvalRequestId, approve, reason };
		}
		case 'mcp_approval_request': {
			const { id, serverLabel, name, arguments: args } = item;
			return { id, type: item.kind, server_label: serverLabel, name, arguments: args };
		}
		case 'mcp_call': {
			const { id, serverLabel, name, arguments: args, output, error, approvalRequestId } = item;
			const call = { id, type: item.kind, server_label: serverLabel, name, arguments: args };
			return { ...call, output, error, approval_request_id: approvalRequestId };
		}
	}
}

/** In which formats conversation.item.retrieved shows audio: those of the session. */
export interface StoredFormats {
	input: AudioFormat;
	output: AudioFormat;
}

/**
 * An item as events show it, keys in recorded order: no `object`, and no `status` on a function's output. Source: recorded
 * GA sessions. `stored` adds the audio, as only conversation.item.retrieved does.
 */
export function describeItem(item: ConversationItem, stored?: StoredFormats): JsonObject {
	switch (item.kind) {
		case 'message':
			return describeMessage(item, stored);
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
		default:
			return describeMcpItem(item);
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

	/** The request that an approval answers. */
	findApprovalRequest(id: string): McpApprovalRequestItem | undefined {
		const item = this.find(id);
		return item?.kind === 'mcp_approval_request' ? item : undefined;
	}

	/** Whether the client has decided about a request. */
	isDecided(approvalRequestId: string): boolean {
		return this.#items.some(
			(item) => item.kind === 'mcp_approval_response' && item.approvalRequestId === approvalRequestId
		);
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
		const durationMs = Math.floor(partAudioMs(part));
		if (audioEndMs > durationMs) return itemErrors.audioShorter(durationMs, audioEndMs);
		if (part.isTruncated) return itemErrors.alreadyTruncated(id);
		part.audio = truncateAudio(part.audio, audioEndMs * SAMPLES_PER_MS);
		// The transcript may hold words that were not heard. Source: openai 7.55 types (conversation.item.truncate).
		part.transcript = '';
		part.isTruncated = true;
		return undefined;
	}
}
