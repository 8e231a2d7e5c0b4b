/** What an answer can know: what came since the model's last answer or call. */
import { partAudioMs } from '#simulator/session/conversation.ts';
import type { ConversationItem, InputAudioPart } from '#simulator/session/conversation.ts';
import type { AnswerRequest } from '#simulator/session/ports.ts';

/** What a tool gave back. */
export interface ToolOutput {
	/** Of the MCP server or the client; undefined when the call is not among the items. */
	tool: string | undefined;
	/** The output; of an MCP call that failed, the message of its error. */
	output: string;
}

export interface CallerLevel {
	seconds: number;
	/** Below full scale, in dB: negative. */
	dbfs: number;
}

export interface TurnFacts {
	request: AnswerRequest;
	/** What the caller typed; undefined when nothing. */
	typed: string | undefined;
	/** The words of the caller's audio, as far as anybody knows them. */
	transcript: string | undefined;
	/** Both, in the order in which they came. */
	text: string | undefined;
	hasAudio: boolean;
	hasImage: boolean;
	/** The oldest first. */
	outputs: readonly ToolOutput[];
	/** How many of the caller's items have audio, in all that the answer sees. */
	spokenTurns: number;
	/** Looks at every sample, so only on demand. */
	measureCaller: () => CallerLevel | undefined;
}

/** What the model itself put there. A finished MCP call is a call and its output in one. */
function isAnswer(item: ConversationItem): boolean {
	if (item.kind === 'message') return item.role === 'assistant';
	return item.kind === 'function_call' || item.kind === 'mcp_call' || item.kind === 'mcp_approval_request';
}

function measure(parts: readonly InputAudioPart[]): CallerLevel | undefined {
	let durationMs = 0;
	let energy = 0;
	let samples = 0;
	for (const part of parts) {
		durationMs += partAudioMs(part);
		for (const chunk of part.audio) {
			for (const sample of chunk) energy += sample * sample;
			samples += chunk.length;
		}
	}
	if (samples === 0) return undefined;
	return { seconds: durationMs / 1000, dbfs: 10 * Math.log10(Math.max(energy / samples / 32768 ** 2, 1e-10)) };
}

function readMcpOutput(item: ConversationItem): ToolOutput | undefined {
	if (item.kind !== 'mcp_call') return undefined;
	const output = item.output ?? item.error?.message;
	return output === undefined ? undefined : { tool: item.name, output };
}

/**
 * The newest outputs: what clients sent after the last answer, and the MCP calls since the caller's last words that
 * earlier answers of the session did not see.
 */
function findOutputs(
	items: readonly ConversationItem[],
	lastAnswer: number,
	seenCalls: ReadonlySet<string>
): ToolOutput[] {
	const outputs: ToolOutput[] = [];
	for (let i = lastAnswer; i >= 0; i--) {
		const item = items[i];
		if (!item || (item.kind === 'message' && item.role !== 'assistant')) break;
		const output = seenCalls.has(item.id) ? undefined : readMcpOutput(item);
		if (output) outputs.unshift(output);
	}
	for (const item of items.slice(lastAnswer + 1)) {
		if (item.kind !== 'function_call_output') continue;
		const call = items.find((other) => other.kind === 'function_call' && other.callId === item.callId);
		outputs.push({ tool: call?.kind === 'function_call' ? call.name : undefined, output: item.output });
	}
	return outputs;
}

const join = (texts: readonly string[]): string | undefined => (texts.length > 0 ? texts.join(' ') : undefined);

/** Looks at the items of a request. `seenCalls` are ids of MCP calls that earlier answers of the session reacted to. */
export function deriveTurnFacts(request: AnswerRequest, seenCalls: ReadonlySet<string> = new Set()): TurnFacts {
	const { items } = request;
	const lastAnswer = items.findLastIndex(isAnswer);
	const typed: string[] = [];
	const heard: string[] = [];
	const both: string[] = [];
	const audio: InputAudioPart[] = [];
	let hasImage = false;
	for (const item of items.slice(lastAnswer + 1)) {
		if (item.kind !== 'message' || item.role !== 'user') continue;
		for (const part of item.content) {
			if (part.type === 'input_text') {
				typed.push(part.text);
				both.push(part.text);
			} else if (part.type === 'input_audio') {
				audio.push(part);
				const words = part.heardWords ?? part.transcript;
				if (words) {
					heard.push(words);
					both.push(words);
				}
			} else if (part.type === 'input_image') hasImage = true;
		}
	}
	let caller: { level: CallerLevel | undefined } | undefined;
	return {
		request,
		typed: join(typed),
		transcript: join(heard),
		text: join(both),
		hasAudio: audio.length > 0,
		hasImage,
		outputs: findOutputs(items, lastAnswer, seenCalls),
		spokenTurns: items.filter(
			(item) =>
				item.kind === 'message' && item.role === 'user' && item.content.some(({ type }) => type === 'input_audio')
		).length,
		measureCaller: () => (caller ??= { level: measure(audio) }).level
	};
}
