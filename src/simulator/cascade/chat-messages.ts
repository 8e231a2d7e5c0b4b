/**
 * A Realtime conversation as chat messages. What chat has no form for is said in round brackets, and honestly: a model
 * that is told nothing would guess.
 */
import type {
	ChatCompletionAssistantMessageParam,
	ChatCompletionContentPart,
	ChatCompletionMessageFunctionToolCall,
	ChatCompletionMessageParam
} from 'openai/resources/chat/completions';
import { partAudioMs } from '#simulator/session/conversation.ts';
import type {
	ContentPart,
	ConversationItem,
	InputAudioPart,
	McpApprovalRequestItem,
	McpApprovalResponseItem,
	MessageItem
} from '#simulator/session/conversation.ts';
import type { ToolNames } from '#simulator/cascade/chat-tools.ts';

const NO_OUTPUT_YET = '(There is no output yet.)';

function describeCaller(part: InputAudioPart): string {
	const words = part.heardWords ?? part.transcript ?? undefined;
	if (words !== undefined && words.trim() !== '') return words.trim();
	const seconds = (partAudioMs(part) / 1000).toFixed(1);
	return words === undefined
		? `(The caller spoke for ${seconds} seconds. Nobody could tell the words.)`
		: `(The caller said no words in ${seconds} seconds.)`;
}

/** What a part of a message says, as text; an image says nothing. */
function textOf(part: ContentPart): string {
	switch (part.type) {
		case 'input_text':
		case 'output_text':
			return part.text;
		case 'input_audio':
			return describeCaller(part);
		case 'output_audio':
			// After a truncation nobody knows which words were heard.
			return part.isTruncated ? `${part.transcript} (interrupted)`.trim() : part.transcript;
		case 'input_image':
			return '';
	}
}

const joinTexts = (parts: readonly ContentPart[]): string =>
	parts
		.map(textOf)
		.filter((text) => text !== '')
		.join('\n');

/** Text alone is one string, which every server takes; with an image the parts stay parts, in their order. */
function userContent(parts: readonly ContentPart[]): string | ChatCompletionContentPart[] {
	if (!parts.some((part) => part.type === 'input_image')) return joinTexts(parts);
	return parts.flatMap((part): ChatCompletionContentPart[] => {
		if (part.type === 'input_image') {
			return [{ type: 'image_url', image_url: { url: part.imageUrl, detail: part.detail } }];
		}
		const text = textOf(part);
		return text === '' ? [] : [{ type: 'text', text }];
	});
}

/** The arguments of an earlier call; servers that read them refuse what is not JSON, such as those of a call cut short. */
function safeArguments(text: string): string {
	try {
		JSON.parse(text);
		return text;
	} catch {
		return '{}';
	}
}

/** Messages as chat wants them: one user message at a time, calls together, every call followed by its output. */
class MessageList {
	readonly #messages: ChatCompletionMessageParam[] = [];
	#userParts: ContentPart[] = [];
	#calls: { call: ChatCompletionMessageFunctionToolCall; output: string }[] = [];

	addSystem(text: string): void {
		this.#flush();
		if (text !== '') this.#messages.push({ role: 'system', content: text });
	}

	addUser(parts: readonly ContentPart[]): void {
		if (this.#userParts.length === 0) this.#flush();
		this.#userParts.push(...parts);
	}

	addAssistant(text: string): void {
		this.#flush();
		if (text !== '') this.#messages.push({ role: 'assistant', content: text });
	}

	addCall(id: string, name: string, args: string, output: string): void {
		if (this.#userParts.length > 0) this.#flush();
		const call = { id, type: 'function' as const, function: { name, arguments: safeArguments(args) } };
		this.#calls.push({ call, output });
	}

	/** The calls so far have been answered: the next one was made later, and is no sibling of theirs. */
	endCalls(): void {
		if (this.#calls.length > 0) this.#flush();
	}

	/**
	 * All messages. Models answer somebody: where nobody spoke since the last answer (a greeting, a call without a turn of the
	 * caller), a message says so, because many chat templates want one of the user at the end.
	 */
	finish(): ChatCompletionMessageParam[] {
		this.#flush();
		const last = this.#messages.findLast((message) => message.role !== 'system');
		if (last?.role !== 'user' && last?.role !== 'tool') {
			const content = last ? '(The caller has said nothing since.)' : '(The caller has not said anything yet.)';
			this.#messages.push({ role: 'user', content });
		}
		return this.#messages;
	}

	#flush(): void {
		const content = userContent(this.#userParts);
		if (content.length > 0) this.#messages.push({ role: 'user', content });
		this.#userParts = [];
		if (this.#calls.length === 0) return;
		const toolCalls = this.#calls.map(({ call }) => call);
		const last = this.#messages.at(-1);
		// What it said before it called belongs to the same message.
		if (last?.role === 'assistant' && !last.tool_calls) last.tool_calls = toolCalls;
		else
			this.#messages.push({
				role: 'assistant',
				content: null,
				tool_calls: toolCalls
			} as ChatCompletionAssistantMessageParam);
		for (const { call, output } of this.#calls) {
			this.#messages.push({ role: 'tool', tool_call_id: call.id, content: output });
		}
		this.#calls = [];
	}
}

/** What an MCP call gave that waits for approval or did not get it; undefined when the call itself is in the conversation. */
function approvalOutcome(request: McpApprovalRequestItem, items: readonly ConversationItem[]): string | undefined {
	if (items.some((item) => item.kind === 'mcp_call' && item.approvalRequestId === request.id)) return undefined;
	const answer = items.find(
		(item): item is McpApprovalResponseItem =>
			item.kind === 'mcp_approval_response' && item.approvalRequestId === request.id
	);
	if (!answer) return '(The call waits for approval.)';
	if (answer.approve) return NO_OUTPUT_YET;
	return answer.reason ? `(The call was not approved: ${answer.reason})` : '(The call was not approved.)';
}

function addMessage(list: MessageList, item: MessageItem): void {
	if (item.role === 'user') list.addUser(item.content);
	else if (item.role === 'system') list.addSystem(joinTexts(item.content));
	else list.addAssistant(joinTexts(item.content));
}

/**
 * The messages for a conversation: instructions as the first `system`, then its items in order. Consecutive user items
 * become one message, consecutive calls one `assistant` message with the text before them; the output of a call stands
 * right behind it, wherever it is in the conversation, and says so when there is none.
 */
export function buildMessages(
	instructions: string,
	items: readonly ConversationItem[],
	names: ToolNames
): ChatCompletionMessageParam[] {
	const list = new MessageList();
	const outputs = new Map<string, string>();
	const callIds = new Set<string>();
	for (const item of items) {
		if (item.kind === 'function_call_output') outputs.set(item.callId, item.output);
		else if (item.kind === 'function_call') callIds.add(item.callId);
	}
	list.addSystem(instructions);
	for (const item of items) {
		switch (item.kind) {
			case 'message':
				addMessage(list, item);
				break;
			case 'function_call':
				list.addCall(item.callId, names.nameOf(item.name), item.arguments, outputs.get(item.callId) ?? NO_OUTPUT_YET);
				break;
			case 'function_call_output':
				list.endCalls();
				// `tool` is only for calls that are there; the call of this one was left out of the input.
				if (!callIds.has(item.callId)) {
					list.addUser([{ type: 'input_text', text: `(A tool that was called before gave: ${item.output})` }]);
				}
				break;
			case 'mcp_call': {
				const output = item.output ?? item.error?.message ?? NO_OUTPUT_YET;
				list.addCall(item.id, names.nameOf(item.name, item.serverLabel), item.arguments, output);
				list.endCalls();
				break;
			}
			case 'mcp_approval_request': {
				const outcome = approvalOutcome(item, items);
				if (outcome === undefined) break;
				list.addCall(item.id, names.nameOf(item.name, item.serverLabel), item.arguments, outcome);
				list.endCalls();
				break;
			}
		}
	}
	return list.finish();
}
