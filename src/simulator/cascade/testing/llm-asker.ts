/** Asks a language model that a test plays. */
import { createLlmAnswers } from '#simulator/cascade/llm-answers.ts';
import { answerRequest, configFrom, noteAnswer } from '#simulator/cascade/testing/listeners.ts';
import type { AnswerEntry, Heard } from '#simulator/cascade/testing/listeners.ts';
import type { OpenAiStub, StubCall } from '#simulator/cascade/testing/openai-stub.ts';
import type {
	AnswerRequest,
	AnswerSource,
	CallableTool,
	Cancellable,
	ResponseFailure
} from '#simulator/session/ports.ts';

export const KEY = 'sk-local-4711';

export const completed: AnswerEntry = { end: { kind: 'completed' } };

/** A tool with one argument. */
export function tool(name: string, serverLabel?: string): CallableTool {
	return {
		name,
		description: `Does ${name}`,
		parameters: { type: 'object', properties: { a: { type: 'number' } } },
		...(serverLabel === undefined ? {} : { serverLabel })
	};
}

export class LlmAsker {
	readonly #stub: OpenAiStub;

	constructor(stub: OpenAiStub) {
		this.#stub = stub;
	}

	/** Answers from the stub, with more or other variables. */
	source(env: Record<string, string> = {}): AnswerSource {
		return createLlmAnswers(configFrom({ EARSHOT_LLM_URL: this.#stub.url, EARSHOT_LLM_KEY: KEY, ...env }).llm);
	}

	ask(
		request: Partial<AnswerRequest> = {},
		answers = this.source()
	): { heard: Heard<AnswerEntry>; running: Cancellable } {
		const { listener, heard } = noteAnswer();
		return { heard, running: answers.answer(answerRequest(request), listener) };
	}

	/** Asks, lets `play` answer, and gives all that was told. */
	async told(
		play: (call: StubCall) => void,
		request: Partial<AnswerRequest> = {},
		env: Record<string, string> = {}
	): Promise<AnswerEntry[]> {
		const { heard } = this.ask(request, this.source(env));
		play(await this.#stub.next());
		await heard.ended;
		return heard.told;
	}

	/** The error of an answer that fails. */
	async failure(play: (call: StubCall) => void): Promise<ResponseFailure> {
		const entry = (await this.told(play)).at(-1);
		if (entry && 'end' in entry && entry.end.kind === 'failed') return entry.end.error;
		throw new Error(`No failure: ${JSON.stringify(entry)}`);
	}

	/** The body that is sent for a request. */
	async sentBody(request: Partial<AnswerRequest>, env: Record<string, string> = {}): Promise<Record<string, unknown>> {
		const { heard } = this.ask(request, this.source(env));
		const call = await this.#stub.next();
		call.begin().finish();
		await heard.ended;
		return call.json;
	}
}
