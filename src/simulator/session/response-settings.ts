/** What a response runs with: a snapshot of the session, and of what response.create asked for on top of it. */
import { isItemReference, parseClientItem, responseInputShape } from '#simulator/session/client-items.ts';
import type { ConversationItem } from '#simulator/session/conversation.ts';
import { itemErrors, responseErrors, sessionErrors } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import type { ToolDemand } from '#simulator/session/ports.ts';
import { normaliseFormat, normaliseToolChoice, normaliseTools } from '#simulator/session/session-config.ts';
import type { AudioFormat, RealtimeConfig } from '#simulator/session/session-config.ts';
import type { SessionContext } from '#simulator/session/session-context.ts';
import {
	audioFormat,
	checkToolChoice,
	maxOutputTokens,
	outputModalities,
	prompt,
	reasoning,
	toolChoice,
	tools,
	voice
} from '#simulator/session/session-shapes.ts';
import { flag, list, metadata, nullable, object, oneOf, text } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { countCached, countInput, fitContext } from '#simulator/session/usage.ts';
import type { TokenCount } from '#simulator/session/usage.ts';

/** What `response` may be in response.create. Source: openai 7.55 types. */
export const responseParams = object({
	audio: object({ output: object({ format: audioFormat, voice }) }),
	conversation: oneOf('auto', 'none'),
	input: list(responseInputShape),
	instructions: text,
	max_output_tokens: maxOutputTokens,
	metadata: nullable(metadata),
	output_modalities: outputModalities,
	parallel_tool_calls: flag,
	prompt,
	reasoning: nullable(reasoning),
	tool_choice: toolChoice,
	tools
});

/** Later session updates do not reach a response that is running. */
export interface ResponseSettings {
	isOutOfBand: boolean;
	model: string;
	instructions: string;
	outputModalities: string[];
	maxOutputTokens: number | 'inf';
	format: AudioFormat;
	voice: string;
	speed: number;
	metadata: JsonObject | null;
	tools: JsonObject[];
	toolDemand: ToolDemand;
	allowsSeveralCalls: boolean;
	/** What the answer sees. */
	items: readonly ConversationItem[];
	inputTokens: TokenCount;
	cachedTokens: TokenCount;
}

/** `tool_choice` as the session has it. */
function readDemand(choice: unknown): ToolDemand {
	if (typeof choice === 'string') return { kind: choice as 'none' | 'auto' | 'required' };
	const { name, server_label: serverLabel } = choice as { name?: string | null; server_label?: string };
	return {
		kind: 'tool',
		...(name ? { name } : {}),
		...(serverLabel === undefined ? {} : { serverLabel })
	};
}

/** The items that the answer sees: the conversation, or exactly those that response.create gave. */
function readInput(
	context: SessionContext,
	input: unknown[] | undefined
): { items: readonly ConversationItem[] } | { error: ApiError } {
	if (!input) return { items: [...context.conversation.items] };
	const items: ConversationItem[] = [];
	const itemContext = { newId: context.newId, inputFormat: context.config.audio.input.format };
	for (const [index, entry] of input.entries()) {
		const path = `response.input[${index}]`;
		if (isItemReference(entry)) {
			const found = context.conversation.find(entry.id);
			if (!found) return { error: itemErrors.noItemToReference(entry.id, `${path}.id`) };
			items.push(found);
			continue;
		}
		const parsed = parseClientItem(entry as JsonObject, path, itemContext);
		if ('error' in parsed) return parsed;
		items.push(parsed.item);
	}
	return { items };
}

/** Snapshots what a checked `response` asks for, or returns what is wrong with it. */
export function readResponseSettings(
	context: SessionContext,
	config: RealtimeConfig,
	params: JsonObject,
	state: { lockedVoice: string | undefined; contextBefore: TokenCount | undefined }
): ResponseSettings | { error: ApiError } {
	const isOutOfBand = params['conversation'] === 'none';
	const output = ((params['audio'] ?? {}) as JsonObject)['output'] as { voice?: string; format?: unknown } | undefined;
	const { lockedVoice } = state;
	if (output?.voice !== undefined && !isOutOfBand && (lockedVoice ?? output.voice) !== output.voice) {
		return { error: sessionErrors.voiceLocked() };
	}
	const offered = 'tools' in params ? normaliseTools(params['tools']) : config.tools;
	const choice = params['tool_choice'] ?? config.tool_choice;
	const fault = checkToolChoice(choice, offered, 'response.tool_choice');
	// The session's own choice may name a tool that this response does not have.
	if (fault && params['tool_choice'] !== undefined) return { error: fault };
	const input = readInput(context, params['input'] as unknown[] | undefined);
	if ('error' in input) return input;
	const instructions = (params['instructions'] as string | undefined) ?? config.instructions;
	const items = fitContext(instructions, input.items, offered, config.truncation);
	if (!items) return { error: responseErrors.contextTooLong() };
	const inputTokens = countInput(instructions, items, offered);
	return {
		isOutOfBand,
		model: config.model,
		instructions,
		outputModalities: (params['output_modalities'] as string[] | undefined) ?? config.output_modalities,
		maxOutputTokens: (params['max_output_tokens'] as number | 'inf' | undefined) ?? config.max_output_tokens,
		format: output?.format === undefined ? config.audio.output.format : normaliseFormat(output.format),
		voice: output?.voice ?? config.audio.output.voice,
		speed: config.audio.output.speed,
		metadata: (params['metadata'] as JsonObject | null | undefined) ?? null,
		tools: offered,
		toolDemand: fault ? { kind: 'auto' } : readDemand(normaliseToolChoice(choice)),
		allowsSeveralCalls: (params['parallel_tool_calls'] as boolean | undefined) ?? config.parallel_tool_calls,
		items,
		inputTokens,
		cachedTokens: countCached(inputTokens, state.contextBefore)
	};
}
