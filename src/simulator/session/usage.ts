/**
 * Token counts. Audio is counted as the service counts it: 1 token per 100 ms in, 1 per 50 ms out, rounded down. Source:
 * recorded GA sessions (2796 ms of caller audio: 27). Text is an approximation, 4 characters to a token, because the
 * service's tokeniser is not here.
 */
import { partAudioMs } from '#simulator/session/conversation.ts';
import type { ConversationItem } from '#simulator/session/conversation.ts';
import { isJsonObject } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

/** Ours: what a recorded bare turn had over its texts. */
const TOKENS_PER_ITEM = 2;
/** What a response may see: 32,000 less 4,096 of output, less some reserve. Source: published context of gpt-realtime. */
const CONTEXT_TOKENS = 28_224;

export interface TokenCount {
	text: number;
	audio: number;
	image: number;
}

export const NO_TOKENS: TokenCount = { text: 0, audio: 0, image: 0 };

export function sumTokens({ text, audio, image }: TokenCount): number {
	return text + audio + image;
}

function add(a: TokenCount, b: TokenCount): TokenCount {
	return { text: a.text + b.text, audio: a.audio + b.audio, image: a.image + b.image };
}

export function countTextTokens(text: string): number {
	return Math.ceil(text.length / 4);
}

export function countInputAudioTokens(durationMs: number): number {
	return Math.floor(durationMs / 100);
}

export function countOutputAudioTokens(durationMs: number): number {
	return Math.floor(durationMs / 50);
}

/** An answer comes back as input in later turns: its transcript as text, its audio at the output rate. */
function countItem(item: ConversationItem): TokenCount {
	const ofText = (...texts: string[]): TokenCount => ({
		...NO_TOKENS,
		text: TOKENS_PER_ITEM + countTextTokens(texts.join(''))
	});
	switch (item.kind) {
		case 'function_call':
		case 'mcp_approval_request':
			return ofText(item.name, item.arguments);
		case 'function_call_output':
			return ofText(item.output);
		case 'mcp_call':
			return ofText(item.name, item.arguments, item.output ?? '');
		case 'mcp_list_tools':
			return ofText(JSON.stringify(item.tools));
		case 'mcp_approval_response':
			return ofText();
	}
	let count: TokenCount = { ...NO_TOKENS, text: TOKENS_PER_ITEM };
	for (const part of item.content) {
		if (part.type === 'input_image') count = add(count, { ...NO_TOKENS, image: part.tokens });
		else if (part.type === 'input_audio') {
			count = add(count, { ...NO_TOKENS, audio: countInputAudioTokens(partAudioMs(part)) });
		} else if (part.type === 'output_audio') {
			const audio = countOutputAudioTokens(partAudioMs(part));
			count = add(count, { text: countTextTokens(part.transcript), audio, image: 0 });
		} else count = add(count, { ...NO_TOKENS, text: countTextTokens(part.text) });
	}
	return count;
}

/** `tools` as the session has them; their definitions are part of what the model reads. */
export function countInput(
	instructions: string,
	items: readonly ConversationItem[],
	tools: readonly unknown[] = []
): TokenCount {
	const ofTools = tools.length === 0 ? 0 : countTextTokens(JSON.stringify(tools));
	const start = { ...NO_TOKENS, text: TOKENS_PER_ITEM + countTextTokens(instructions) + ofTools };
	return items.map(countItem).reduce(add, start);
}

/**
 * The newest items that fit into the model's context. `truncation` as the session has it: `auto` drops what does not fit,
 * a retention ratio drops down to that part of the context, `disabled` gives undefined when not all fits. Source: openai
 * 7.55 types (RealtimeTruncation).
 */
export function fitContext(
	instructions: string,
	items: readonly ConversationItem[],
	tools: readonly unknown[],
	truncation: unknown
): readonly ConversationItem[] | undefined {
	const fixed = sumTokens(countInput(instructions, [], tools));
	const counts = items.map((item) => sumTokens(countItem(item)));
	let total = counts.reduce((sum, count) => sum + count, fixed);
	const { limit, goal } = readLimits(truncation, fixed);
	if (total <= limit) return items;
	if (truncation === 'disabled') return undefined;
	let dropped = 0;
	while (total > goal && dropped < items.length - 1) total -= counts[dropped++] ?? 0;
	return items.slice(dropped);
}

function readLimits(truncation: unknown, fixed: number): { limit: number; goal: number } {
	if (!isJsonObject(truncation)) return { limit: CONTEXT_TOKENS, goal: CONTEXT_TOKENS };
	const limits = truncation['token_limits'] as { post_instructions?: number } | null | undefined;
	const limit = Math.min(CONTEXT_TOKENS, fixed + (limits?.post_instructions ?? CONTEXT_TOKENS));
	return { limit, goal: limit * (truncation['retention_ratio'] as number) };
}

/** What was left in the context after a response: what it read and what it said, and what separates the two. */
export function countContextAfter(input: TokenCount, output: { text: number; audio: number }): TokenCount {
	return { ...input, text: input.text + output.text + TOKENS_PER_ITEM, audio: input.audio + output.audio };
}

/**
 * What of the input was there when the response before had ended: whole steps of 64. Source: every recorded sample is a
 * multiple of 64; three recorded pairs of responses (63 read and 22 said, then 64 cached; 347 and 36, then 384).
 */
export function countCached(input: TokenCount, before: TokenCount | undefined): TokenCount {
	const steps = (a: number, b = 0): number => Math.floor(Math.min(a, b) / 64) * 64;
	return {
		text: steps(input.text, before?.text),
		audio: steps(input.audio, before?.audio),
		image: steps(input.image, before?.image)
	};
}

/** The `usage` of response.done, keys in recorded order. */
export function describeUsage(input: TokenCount, cached: TokenCount, output: TokenCount): JsonObject {
	const inputTokens = sumTokens(input);
	const outputTokens = output.text + output.audio;
	return {
		total_tokens: inputTokens + outputTokens,
		input_tokens: inputTokens,
		output_tokens: outputTokens,
		input_token_details: {
			text_tokens: input.text,
			audio_tokens: input.audio,
			image_tokens: input.image,
			cached_tokens: sumTokens(cached),
			cached_tokens_details: { text_tokens: cached.text, audio_tokens: cached.audio, image_tokens: cached.image }
		},
		output_token_details: { text_tokens: output.text, audio_tokens: output.audio }
	};
}
