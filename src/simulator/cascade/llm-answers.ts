/** Answers from a language model: any server that speaks OpenAI's chat completions, streamed. */
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions';
import { ChatAnswer } from '#simulator/cascade/chat-answer.ts';
import { buildMessages } from '#simulator/cascade/chat-messages.ts';
import { buildToolSettings, ToolNames } from '#simulator/cascade/chat-tools.ts';
import { createEndpointClient } from '#simulator/cascade/endpoint-client.ts';
import { runExchange } from '#simulator/cascade/exchange.ts';
import type { Exchange } from '#simulator/cascade/exchange.ts';
import { brokenBy, StageFailure } from '#simulator/cascade/stage-failure.ts';
import type { Endpoint } from '#simulator/cascade/cascade-config.ts';
import type { AnswerListener, AnswerRequest, AnswerSource } from '#simulator/session/ports.ts';

/** The API wants a name; ours, for servers that have one model only. */
const DEFAULT_MODEL = 'default';
/** After the reason for stopping only `[DONE]` and the end of the stream are to come; a server that forgets them is forgiven. */
const LONGEST_GOODBYE_MS = 1000;

function buildRequest(
	endpoint: Endpoint,
	request: AnswerRequest,
	names: ToolNames
): ChatCompletionCreateParamsStreaming {
	const { tools, toolDemand, allowsSeveralCalls, maxOutputTokens } = request;
	const toolSettings = buildToolSettings(tools, toolDemand, allowsSeveralCalls, names);
	if ('problem' in toolSettings) throw brokenBy(endpoint, toolSettings.problem);
	return {
		model: endpoint.model ?? DEFAULT_MODEL,
		stream: true,
		messages: buildMessages(request.instructions, request.items, names),
		...toolSettings,
		...(maxOutputTokens === 'inf' ? {} : { max_tokens: maxOutputTokens })
	};
}

/** The next chunk, or undefined at the end. Once the model said why it stopped, nothing can go wrong any more. */
async function readChunk(
	exchange: Exchange,
	iterator: AsyncIterator<unknown>,
	answer: ChatAnswer,
	limitMs: number
): Promise<{ chunk: unknown } | undefined> {
	const isOver = answer.finishReason !== undefined;
	try {
		const next = await exchange.receive(
			() => iterator.next(),
			isOver ? Math.min(limitMs, LONGEST_GOODBYE_MS) : limitMs
		);
		return next.done === true ? undefined : { chunk: next.value };
	} catch (error) {
		if (isOver && error instanceof StageFailure) return undefined;
		throw error;
	}
}

/**
 * A language model as the session's answers. Text is told as it comes, calls when the answer is complete. The end is
 * `failed` with the type `server_error` and the code `llm_unreachable`, `llm_timeout` (silent for the endpoint's `timeoutMs`)
 * or `llm_error`, and a message that names the variable, the server's origin and the cause. `cancel` closes the connection.
 */
export function createLlmAnswers(endpoint: Endpoint): AnswerSource {
	const client = createEndpointClient(endpoint);

	const answer = async (request: AnswerRequest, listener: AnswerListener, exchange: Exchange): Promise<void> => {
		const names = new ToolNames(request.tools);
		const body = buildRequest(endpoint, request, names);
		const { signal } = exchange;
		const stream = await exchange.receive(() => client.chat.completions.create(body, { signal }));
		const iterator: AsyncIterator<unknown> = stream[Symbol.asyncIterator]();
		const chat = new ChatAnswer();
		for (;;) {
			const next = await readChunk(exchange, iterator, chat, endpoint.timeoutMs);
			if (!next) break;
			const text = chat.take(next.chunk);
			if (text !== '') exchange.tell(() => listener.onText(text));
		}
		if (chat.finishReason === 'content_filter') return exchange.end(() => listener.onEnd({ kind: 'filtered' }));
		if (chat.finishReason === undefined && !chat.hasContent) {
			throw brokenBy(endpoint, 'ended its stream without an answer. Does it stream (text/event-stream)?');
		}
		const calls = chat.finishCalls(names, request.allowsSeveralCalls);
		if (!calls.ok) throw brokenBy(endpoint, calls.error);
		for (const call of calls.value) exchange.tell(() => listener.onCall(call));
		exchange.end(() => listener.onEnd({ kind: 'completed' }));
	};

	return {
		wantsWords: true,
		answer: (request, listener) =>
			runExchange(
				endpoint,
				(exchange) => answer(request, listener, exchange),
				({ kind, message }) =>
					listener.onEnd({ kind: 'failed', error: { type: 'server_error', code: `llm_${kind}`, message } })
			)
	};
}
