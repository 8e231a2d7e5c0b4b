/** Items as clients send them: what is allowed, and their way into the conversation. */
import { decodeBase64, decodeSamples } from '#simulator/session/audio-codec.ts';
import { itemErrors, invalidRequest, sessionErrors } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import { countImageTokens, readImage } from '#simulator/session/images.ts';
import { rateOf } from '#simulator/session/session-config.ts';
import type { AudioFormat } from '#simulator/session/session-config.ts';
import { flag, isJsonObject, list, nullable, object, oneOf, text, variant } from '#simulator/session/shapes.ts';
import type { JsonObject, ObjectShape, Shape } from '#simulator/session/shapes.ts';
import type { ContentPart, ConversationItem, MessageItem } from '#simulator/session/conversation.ts';
import type { McpCallError, McpTool } from '#simulator/session/ports.ts';

const inputText = object({ type: text, text }, ['text']);

const userPart = variant('type', {
	input_text: inputText,
	input_audio: object({ type: text, audio: text, transcript: nullable(text) }, ['audio']),
	input_image: object({ type: text, image_url: text, detail: oneOf('auto', 'low', 'high') }, ['image_url'])
});

/** The model's own audio cannot be put in: text is asked for. Source: a public issue (openai-agents-js 963). */
const assistantPart = variant('type', {
	output_text: object({ type: text, text }, ['text']),
	output_audio: object({ type: text, text, transcript: nullable(text), audio: text }, ['text'])
});

const systemPart = variant('type', { input_text: inputText });

const common: Record<string, Shape> = {
	id: { kind: 'string', maxLength: 512 },
	object: oneOf('realtime.item'),
	type: text,
	status: oneOf('completed', 'incomplete', 'in_progress')
};

function message(part: Shape): ObjectShape {
	return object({ ...common, role: text, phase: nullable(text), content: list(part) }, ['content']);
}

const messageItem = variant('role', {
	user: message(userPart),
	assistant: message(assistantPart),
	system: message(systemPart)
});

const calledFields = { ...common, server_label: text, name: text, arguments: text };
const calledRequired = ['server_label', 'name', 'arguments'];

const itemVariants: Record<string, Shape> = {
	message: messageItem,
	function_call: object({ ...common, name: text, call_id: text, arguments: text }, ['name', 'arguments']),
	function_call_output: object({ ...common, call_id: text, output: text }, ['call_id', 'output']),
	mcp_approval_response: object({ ...common, approval_request_id: text, approve: flag, reason: nullable(text) }, [
		'approval_request_id',
		'approve'
	]),
	// Earlier conversations are put back with these.
	mcp_list_tools: object({ ...common, server_label: text, tools: list({ kind: 'any' }) }, ['server_label', 'tools']),
	mcp_approval_request: object(calledFields, calledRequired),
	mcp_call: object(
		{
			...calledFields,
			approval_request_id: nullable(text),
			output: nullable(text),
			error: nullable({ kind: 'any' })
		},
		calledRequired
	)
};

/** `item` of conversation.item.create. Source: openai 7.55 types. */
export const itemShape: Shape = variant('type', itemVariants);

/** An entry of `response.input`: an item, or a reference to one of the conversation. */
export const responseInputShape: Shape = variant('type', {
	...itemVariants,
	item_reference: object({ type: text, id: text }, ['id'])
});

/** What turning a client's item into ours needs to know. */
export interface ItemContext {
	/** Makes ids such as `item_...` and `call_...` where the client gave none. */
	newId: (kind: string) => string;
	/** The session's input format: that of audio in items. */
	inputFormat: AudioFormat;
}

type Parsed<T> = T | { error: ApiError };

function parsePart(part: JsonObject, path: string, inputFormat: AudioFormat): Parsed<ContentPart> {
	switch (part['type']) {
		case 'input_audio': {
			const bytes = decodeBase64(part['audio'] as string);
			if (!bytes) return { error: sessionErrors.badAudio(`${path}.audio`) };
			const transcript = (part['transcript'] as string | null | undefined) ?? null;
			const audio = [decodeSamples(bytes, inputFormat)];
			const words = transcript === null ? {} : { heardWords: transcript };
			return { type: 'input_audio', transcript, audio, rateHz: rateOf(inputFormat), ...words };
		}
		case 'input_image': {
			const imageUrl = part['image_url'] as string;
			const detail = (part['detail'] as 'auto' | 'low' | 'high' | undefined) ?? 'auto';
			const image = readImage(imageUrl);
			if (!image) return { error: itemErrors.badImage(`${path}.image_url`) };
			return { type: 'input_image', imageUrl, detail, tokens: countImageTokens(image, detail) };
		}
		case 'input_text':
			return { type: 'input_text', text: part['text'] as string };
		case 'output_text':
			return { type: 'output_text', text: part['text'] as string };
		default:
			return {
				error: invalidRequest(
					'invalid_value',
					"Invalid value: 'output_audio'. Value must be 'output_text'.",
					`${path}.type`
				)
			};
	}
}

function parseMessage(item: JsonObject, id: string, path: string, inputFormat: AudioFormat): Parsed<MessageItem> {
	const content: ContentPart[] = [];
	for (const [index, part] of (item['content'] as JsonObject[]).entries()) {
		const parsed = parsePart(part, `${path}.content[${index}]`, inputFormat);
		if ('error' in parsed) return parsed;
		content.push(parsed);
	}
	const role = item['role'] as MessageItem['role'];
	const phase = item['phase'] as string | null | undefined;
	return { kind: 'message', id, status: 'completed', role, content, ...(phase ? { phase } : {}) };
}

function parseMcpItem(item: JsonObject, id: string): ConversationItem {
	const serverLabel = item['server_label'] as string;
	const call = { id, serverLabel, name: item['name'] as string, arguments: item['arguments'] as string };
	switch (item['type']) {
		case 'mcp_list_tools':
			return { kind: 'mcp_list_tools', id, serverLabel, tools: item['tools'] as McpTool[] };
		case 'mcp_approval_request':
			return { kind: 'mcp_approval_request', ...call };
		case 'mcp_approval_response': {
			const reason = (item['reason'] as string | null | undefined) ?? null;
			const approvalRequestId = item['approval_request_id'] as string;
			return { kind: 'mcp_approval_response', id, approvalRequestId, approve: item['approve'] as boolean, reason };
		}
		default:
			return {
				kind: 'mcp_call',
				...call,
				output: (item['output'] as string | null | undefined) ?? null,
				error: (item['error'] as McpCallError | null | undefined) ?? null,
				approvalRequestId: (item['approval_request_id'] as string | null | undefined) ?? null
			};
	}
}

/** Turns a checked client item into a stored one, or returns what is wrong with it. */
export function parseClientItem(
	item: JsonObject,
	path: string,
	{ newId, inputFormat }: ItemContext
): { item: ConversationItem } | { error: ApiError } {
	const id = (item['id'] as string | undefined) || newId('item');
	if (item['type'] === 'function_call') {
		const callId = (item['call_id'] as string | undefined) ?? newId('call');
		const call = { name: item['name'] as string, callId, arguments: item['arguments'] as string };
		return { item: { kind: 'function_call', id, status: 'completed', ...call } };
	}
	if (item['type'] === 'function_call_output') {
		const output = { callId: item['call_id'] as string, output: item['output'] as string };
		return { item: { kind: 'function_call_output', id, ...output } };
	}
	if (item['type'] !== 'message') return { item: parseMcpItem(item, id) };
	const parsed = parseMessage(item, id, path, inputFormat);
	return 'error' in parsed ? parsed : { item: parsed };
}

export function isItemReference(entry: unknown): entry is { type: 'item_reference'; id: string } {
	return isJsonObject(entry) && entry['type'] === 'item_reference';
}
