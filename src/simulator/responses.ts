/** The responses of one session: who may start one, which is active, how they are cancelled. */
import type { ConversationItem } from '#simulator/conversation.ts';
import { isItemReference, parseClientItem, responseInputShape } from '#simulator/client-items.ts';
import { itemErrors, responseErrors, sessionErrors } from '#simulator/errors.ts';
import type { ApiError } from '#simulator/errors.ts';
import { ResponseRun } from '#simulator/response-run.ts';
import type { ResponseSettings } from '#simulator/response-run.ts';
import { createScenarioPlayer, deriveTurnFacts } from '#simulator/scenario.ts';
import type { ScenarioPlayer } from '#simulator/scenario.ts';
import {
	audioFormat,
	maxOutputTokens,
	outputModalities,
	reasoning,
	toolChoice,
	tools,
	voice
} from '#simulator/session-config.ts';
import type { HandlerTable, SessionContext } from '#simulator/session-context.ts';
import { flag, later, list, metadata, nullable, object, oneOf, text } from '#simulator/shapes.ts';
import type { JsonObject } from '#simulator/shapes.ts';
import { countCached, countInput } from '#simulator/usage.ts';
import type { TokenCount } from '#simulator/usage.ts';

/** A figure to subtract from; nothing is ever limited. Source: the limit of a recorded GA session. */
const RATE_LIMIT_TOKENS = 15_000_000;

/** What `response` may be in response.create. Source: openai 7.55 types, less what the simulator does not do yet. */
const responseParams = object({
	audio: object({ output: object({ format: audioFormat, voice }) }),
	conversation: oneOf('auto', 'none'),
	input: list(responseInputShape),
	instructions: text,
	max_output_tokens: maxOutputTokens,
	metadata: nullable(metadata),
	output_modalities: outputModalities,
	parallel_tool_calls: flag,
	prompt: nullable(later('stored prompts')),
	reasoning: nullable(reasoning),
	tool_choice: toolChoice,
	tools
});

export class Responses {
	readonly #context: SessionContext;
	readonly #player: ScenarioPlayer;
	readonly #outOfBand = new Set<ResponseRun>();
	readonly #timers = new Set<() => void>();
	/** The one response of the default conversation that is running. */
	#active: ResponseRun | undefined;
	#createdCount = 0;
	#inputBefore: TokenCount | undefined;
	#lockedVoice: string | undefined;

	constructor(context: SessionContext) {
		this.#context = context;
		this.#player = createScenarioPlayer(context.dependencies.scenario);
	}

	/** The voice the model was heard with, once it was. */
	get lockedVoice(): string | undefined {
		return this.#lockedVoice;
	}

	get handlers(): HandlerTable {
		return {
			'response.create': {
				shape: object({ response: nullable(responseParams) }),
				apply: (event) => this.#create((event['response'] ?? {}) as JsonObject)
			},
			'response.cancel': {
				shape: object({ response_id: nullable(text) }),
				apply: (event) => this.#cancel(event['response_id'] as string | null | undefined)
			}
		};
	}

	/** The answer to a turn that turn detection ended. */
	createForTurn(): void {
		this.#create({});
	}

	/** The caller began to speak. */
	interrupt(): void {
		this.#active?.cancel('turn_detected');
	}

	dispose(): void {
		for (const cancel of this.#timers) cancel();
		this.#active?.dispose();
		for (const run of this.#outOfBand) run.dispose();
	}

	#create(params: JsonObject): void {
		const isOutOfBand = params['conversation'] === 'none';
		if (!isOutOfBand && this.#active) {
			this.#context.fail(responseErrors.alreadyActive(this.#active.id));
			return;
		}
		const settings = this.#snapshot(params, isOutOfBand);
		if ('error' in settings) {
			this.#context.fail(settings.error);
			return;
		}
		this.#createdCount++;
		this.#inputBefore = settings.inputTokens;
		const run = new ResponseRun(this.#context, settings, {
			onAudio: (usedVoice) => {
				if (!isOutOfBand) this.#lockedVoice ??= usedVoice;
			},
			onDone: (done, totalTokens) => this.#finish(done, totalTokens)
		});
		if (isOutOfBand) this.#outOfBand.add(run);
		else this.#active = run;
		run.start();
	}

	#cancel(id: string | null | undefined): void {
		const run = id ? [this.#active, ...this.#outOfBand].find((candidate) => candidate?.id === id) : this.#active;
		if (run) run.cancel('client_cancelled');
		else this.#context.fail(responseErrors.notActive());
	}

	#finish(run: ResponseRun, totalTokens: number): void {
		if (this.#active === run) this.#active = undefined;
		this.#outOfBand.delete(run);
		const { schedule, pace } = this.#context.dependencies;
		const cancel = schedule(pace.rateLimitsMs, () => {
			this.#timers.delete(cancel);
			const resetSeconds = Math.round((totalTokens / RATE_LIMIT_TOKENS) * 60 * 1000) / 1000;
			const limit = { name: 'tokens', limit: RATE_LIMIT_TOKENS, remaining: RATE_LIMIT_TOKENS - totalTokens };
			this.#context.emit('rate_limits.updated', { rate_limits: [{ ...limit, reset_seconds: resetSeconds }] });
		});
		this.#timers.add(cancel);
	}

	#snapshot(params: JsonObject, isOutOfBand: boolean): ResponseSettings | { error: ApiError } {
		const { config } = this.#context;
		const audio = ((params['audio'] ?? {}) as JsonObject)['output'] as { voice?: string } | undefined;
		const chosenVoice = audio?.voice ?? config.audio.output.voice;
		if (audio?.voice !== undefined && !isOutOfBand && (this.#lockedVoice ?? audio.voice) !== audio.voice) {
			return { error: sessionErrors.voiceLocked() };
		}
		const items = this.#readInput(params['input'] as unknown[] | undefined);
		if ('error' in items) return items;
		const instructions = (params['instructions'] as string | undefined) ?? config.instructions;
		const inputTokens = countInput(instructions, items.items);
		const facts = deriveTurnFacts(items.items, {
			turn: this.#createdCount + 1,
			model: config.model,
			voice: chosenVoice
		});
		return {
			isOutOfBand,
			outputModalities: (params['output_modalities'] as string[] | undefined) ?? config.output_modalities,
			maxOutputTokens: (params['max_output_tokens'] as number | 'inf' | undefined) ?? config.max_output_tokens,
			format: config.audio.output.format,
			voice: chosenVoice,
			speed: config.audio.output.speed,
			metadata: params['metadata'] ?? null,
			plan: [{ kind: 'message', text: this.#player.answer(facts) }],
			inputTokens,
			cachedTokens: countCached(inputTokens, this.#inputBefore)
		};
	}

	/** The items that the answer sees: the conversation, or exactly those that response.create gave. */
	#readInput(input: unknown[] | undefined): { items: readonly ConversationItem[] } | { error: ApiError } {
		if (!input) return { items: this.#context.conversation.items };
		const items: ConversationItem[] = [];
		for (const [index, entry] of input.entries()) {
			const path = `response.input[${index}]`;
			if (isItemReference(entry)) {
				const found = this.#context.conversation.find(entry.id);
				if (!found) return { error: itemErrors.noItemToReference(entry.id, `${path}.id`) };
				items.push(found);
				continue;
			}
			const parsed = parseClientItem(entry as JsonObject, path, this.#context.newId);
			if ('error' in parsed) return parsed;
			items.push(parsed.item);
		}
		return { items };
	}
}
