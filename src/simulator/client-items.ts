/** Items as clients send them: what is allowed, and their way into the conversation. */
import { invalidRequest, sessionErrors } from '#simulator/errors.ts';
import type { ApiError } from '#simulator/errors.ts';
import { isJsonObject, later, list, nullable, object, oneOf, text, variant } from '#simulator/shapes.ts';
import type { JsonObject, ObjectShape, Shape } from '#simulator/shapes.ts';
import type { ContentPart, ConversationItem } from '#simulator/conversation.ts';

const inputText = object({ type: text, text }, ['text']);

const userPart = variant('type', {
	input_text: inputText,
	input_audio: object({ type: text, audio: text, transcript: nullable(text) }, ['audio']),
	input_image: later('image input')
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

const itemVariants: Record<string, Shape> = {
	message: messageItem,
	function_call: object({ ...common, name: text, call_id: text, arguments: text }, ['name', 'arguments']),
	function_call_output: object({ ...common, call_id: text, output: text }, ['call_id', 'output']),
	mcp_list_tools: later('MCP items'),
	mcp_call: later('MCP items'),
	mcp_approval_request: later('MCP items'),
	mcp_approval_response: later('MCP items')
};

/** `item` of conversation.item.create. Source: openai 7.55 types. */
export const itemShape: Shape = variant('type', itemVariants);

/** An entry of `response.input`: an item, or a reference to one of the conversation. */
export const responseInputShape: Shape = variant('type', {
	...itemVariants,
	item_reference: object({ type: text, id: text }, ['id'])
});

/** Decodes base64, or returns undefined when the text is not base64. */
export function decodeBase64(base64: string): Buffer | undefined {
	const bytes = Buffer.from(base64, 'base64');
	const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
	// Buffer skips what it does not know, so a difference in length is what shows a bad text.
	return bytes.length === Math.floor(((base64.length - padding) * 3) / 4) ? bytes : undefined;
}

/** Little-endian 16-bit mono samples, copied; half a sample at the end is left out. */
export function readSamples(bytes: Uint8Array): Int16Array {
	const whole = bytes.length - (bytes.length % 2);
	return new Int16Array(Uint8Array.prototype.slice.call(bytes, 0, whole).buffer);
}

function parsePart(part: JsonObject, path: string): ContentPart | { error: ApiError } {
	if (part['type'] === 'input_audio') {
		const bytes = decodeBase64(part['audio'] as string);
		if (!bytes) return { error: { ...sessionErrors.badAudio(), param: `${path}.audio` } };
		const transcript = (part['transcript'] as string | null | undefined) ?? null;
		return { type: 'input_audio', transcript, audio: [readSamples(bytes)] };
	}
	if (part['type'] === 'input_text') return { type: 'input_text', text: part['text'] as string };
	if (part['type'] === 'output_text') return { type: 'output_text', text: part['text'] as string };
	return {
		error: invalidRequest(
			'invalid_value',
			"Invalid value: 'output_audio'. Value must be 'output_text'.",
			`${path}.type`
		)
	};
}

/**
 * Turns a checked client item into a stored one, or returns what is wrong with it. `newId` makes ids such as `item_...`
 * and `call_...` where the client gave none.
 */
export function parseClientItem(
	item: JsonObject,
	path: string,
	newId: (kind: string) => string
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
	const content: ContentPart[] = [];
	for (const [index, part] of (item['content'] as JsonObject[]).entries()) {
		const parsed = parsePart(part, `${path}.content[${index}]`);
		if ('error' in parsed) return parsed;
		content.push(parsed);
	}
	const role = item['role'] as 'user' | 'assistant' | 'system';
	return { item: { kind: 'message', id, status: 'completed', role, content } };
}

export function isItemReference(entry: unknown): entry is { type: 'item_reference'; id: string } {
	return isJsonObject(entry) && entry['type'] === 'item_reference';
}
