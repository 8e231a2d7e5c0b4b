/**
 * Token counts. Audio is counted as the service counts it: 1 token per 100 ms in, 1 per 50 ms out, rounded down. Source:
 * recorded GA sessions (2796 ms of caller audio: 27). Text is an approximation, 4 characters to a token, because the
 * service's tokeniser is not here.
 */
import { audioMs } from '#simulator/conversation.ts';
import type { ConversationItem } from '#simulator/conversation.ts';
import type { JsonObject } from '#simulator/shapes.ts';

/** Ours: what a recorded bare turn had over its texts. */
const TOKENS_PER_ITEM = 2;

export interface TokenCount {
	text: number;
	audio: number;
}

export function countTextTokens(text: string): number {
	return Math.ceil(text.length / 4);
}

export function countOutputAudioTokens(durationMs: number): number {
	return Math.floor(durationMs / 50);
}

/** An answer comes back as input in later turns: its transcript as text, its audio at the output rate. */
function countItem(item: ConversationItem): TokenCount {
	if (item.kind === 'function_call')
		return { text: TOKENS_PER_ITEM + countTextTokens(item.name + item.arguments), audio: 0 };
	if (item.kind === 'function_call_output') return { text: TOKENS_PER_ITEM + countTextTokens(item.output), audio: 0 };
	const count = { text: TOKENS_PER_ITEM, audio: 0 };
	for (const part of item.content) {
		if (part.type === 'input_audio') count.audio += Math.floor(audioMs(part.audio) / 100);
		else if (part.type === 'output_audio') {
			count.audio += countOutputAudioTokens(audioMs(part.audio));
			count.text += countTextTokens(part.transcript);
		} else count.text += countTextTokens(part.text);
	}
	return count;
}

export function countInput(instructions: string, items: readonly ConversationItem[]): TokenCount {
	const total = { text: TOKENS_PER_ITEM + countTextTokens(instructions), audio: 0 };
	for (const item of items) {
		const count = countItem(item);
		total.text += count.text;
		total.audio += count.audio;
	}
	return total;
}

/** What of the input was there in the response before: whole steps of 64. Source: every recorded sample is a multiple of 64. */
export function countCached(input: TokenCount, before: TokenCount | undefined): TokenCount {
	const steps = (a: number, b: number): number => Math.floor(Math.min(a, b) / 64) * 64;
	return { text: steps(input.text, before?.text ?? 0), audio: steps(input.audio, before?.audio ?? 0) };
}

/** The `usage` of response.done, keys in recorded order. */
export function describeUsage(input: TokenCount, cached: TokenCount, output: TokenCount): JsonObject {
	const inputTokens = input.text + input.audio;
	const outputTokens = output.text + output.audio;
	return {
		total_tokens: inputTokens + outputTokens,
		input_tokens: inputTokens,
		output_tokens: outputTokens,
		input_token_details: {
			text_tokens: input.text,
			audio_tokens: input.audio,
			image_tokens: 0,
			cached_tokens: cached.text + cached.audio,
			cached_tokens_details: { text_tokens: cached.text, audio_tokens: cached.audio, image_tokens: 0 }
		},
		output_token_details: { text_tokens: output.text, audio_tokens: output.audio }
	};
}
