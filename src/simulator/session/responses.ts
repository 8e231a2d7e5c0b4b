/** The responses of one session: who may start one, which is active, how they are cancelled. */
import type { McpApprovalRequestItem, McpApprovalResponseItem } from '#simulator/session/conversation.ts';
import { responseErrors } from '#simulator/session/errors.ts';
import type { McpServers } from '#simulator/session/mcp-servers.ts';
import type { AnswerRequest, Cancellable } from '#simulator/session/ports.ts';
import { ResponseRun } from '#simulator/session/response-run.ts';
import type { RunEdges } from '#simulator/session/response-run.ts';
import { readResponseSettings, responseParams } from '#simulator/session/response-settings.ts';
import type { ResponseSettings } from '#simulator/session/response-settings.ts';
import type { RealtimeConfig } from '#simulator/session/session-config.ts';
import type { HandlerTable, SessionContext } from '#simulator/session/session-context.ts';
import { nullable, object, text } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import type { Transcriptions } from '#simulator/session/transcriptions.ts';
import type { OutputTokens } from '#simulator/session/response-output.ts';
import { countContextAfter, sumTokens } from '#simulator/session/usage.ts';
import type { TokenCount } from '#simulator/session/usage.ts';

/** A figure to subtract from; nothing is ever limited. Source: the limit of a recorded GA session. */
const RATE_LIMIT_TOKENS = 15_000_000;

export interface ResponsesOptions {
	context: SessionContext;
	mcpServers: McpServers;
	transcriptions: Transcriptions;
	/** A response of the conversation begins. */
	onCreated: () => void;
	/** A response of the conversation is over; what it said sounds for that long. */
	onDone: (playoutMs: number) => void;
	/** Whether a turn of the caller is in progress. */
	isCallerSpeaking: () => boolean;
}

const NOTHING: Cancellable = { cancel: () => {} };

export class Responses {
	readonly #options: ResponsesOptions;
	readonly #context: SessionContext;
	readonly #outOfBand = new Set<ResponseRun>();
	readonly #timers = new Set<() => void>();
	/** Calls that the client approved and that are still to be run. */
	readonly #approved: McpApprovalRequestItem[] = [];
	/** The response that runs an approved call: nobody asked for it in so many words. */
	#approvedRun: ResponseRun | undefined;
	/** What the client asked for while an approved call was running. */
	#askedMeanwhile: JsonObject | undefined;
	/** The one response of the default conversation that is running. */
	#active: ResponseRun | undefined;
	#createdCount = 0;
	/** What the model had in mind when the last response had ended. */
	#contextBefore: TokenCount | undefined;
	#lockedVoice: string | undefined;

	constructor(options: ResponsesOptions) {
		this.#options = options;
		this.#context = options.context;
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

	/**
	 * The client has decided about a call. An approved one is run at once, in a response of its own: a client of the service
	 * sends nothing more and waits for its result. Our reading; no recording shows it.
	 */
	takeApproval(request: McpApprovalRequestItem, approval: McpApprovalResponseItem): void {
		if (!approval.approve) return;
		this.#approved.push(request);
		this.runApproved();
	}

	dispose(): void {
		for (const cancel of this.#timers) cancel();
		this.#active?.dispose();
		for (const run of this.#outOfBand) run.dispose();
	}

	#create(params: JsonObject): void {
		if (params['conversation'] !== 'none' && this.#active) {
			// A client that approves a call may ask for the answer to it at once: it gets it after the call.
			if (this.#active === this.#approvedRun && !this.#askedMeanwhile) {
				this.#askedMeanwhile = params;
				return;
			}
			return this.#context.fail(responseErrors.alreadyActive(this.#active.id));
		}
		const settings = this.#snapshot(params);
		if ('error' in settings) return this.#context.fail(settings.error);
		const turn = ++this.#createdCount;
		this.#start(settings, (run) => this.#ask(run, turn));
		this.#options.mcpServers.list(settings.tools);
	}

	#snapshot(params: JsonObject): ReturnType<typeof readResponseSettings> {
		const config = this.#context.config as RealtimeConfig;
		const state = { lockedVoice: this.#lockedVoice, contextBefore: this.#contextBefore };
		return readResponseSettings(this.#context, config, params, state);
	}

	#start(settings: ResponseSettings, answer: RunEdges['answer']): ResponseRun {
		const { isOutOfBand } = settings;
		const number = this.#createdCount;
		const run = new ResponseRun(this.#context, settings, {
			answer,
			whenReady: (action) => this.#whenReady(action),
			findMcpCall: ({ name, serverLabel }) => this.#options.mcpServers.findCall(settings.tools, name, serverLabel),
			nextFault: () => this.#context.dependencies.faults.nextResponse(number),
			onAudio: (usedVoice) => {
				if (!isOutOfBand) this.#lockedVoice ??= usedVoice;
			},
			onDone: (done, output) => this.#finish(done, output)
		});
		if (isOutOfBand) this.#outOfBand.add(run);
		else {
			this.#active = run;
			this.#options.onCreated();
		}
		run.start();
		return run;
	}

	/** The answer waits for tools that are being listed, and for the caller's words if it wants them. */
	#whenReady(action: () => void): () => void {
		const { mcpServers, transcriptions } = this.#options;
		let cancelListed = (): void => {};
		let cancelHeard = (): void => {};
		// Asked a little later, so that the listing which this response itself brings about is seen.
		const cancelFirst = this.#context.dependencies.schedule(0, () => {
			cancelListed = mcpServers.whenListed(() => {
				if (this.#context.dependencies.answers.wantsWords) cancelHeard = transcriptions.whenHeard(action);
				else action();
			});
		});
		return () => {
			cancelFirst();
			cancelListed();
			cancelHeard();
		};
	}

	#ask(run: ResponseRun, turn: number): Cancellable {
		const { settings } = run;
		const request: AnswerRequest = {
			turn,
			model: settings.model,
			voice: settings.voice,
			modality: settings.outputModalities.includes('audio') ? 'audio' : 'text',
			instructions: settings.instructions,
			items: settings.items,
			tools: this.#options.mcpServers.describeCallable(settings.tools),
			toolDemand: settings.toolDemand,
			allowsSeveralCalls: settings.allowsSeveralCalls,
			maxOutputTokens: settings.maxOutputTokens,
			metadata: settings.metadata,
			isOutOfBand: settings.isOutOfBand
		};
		return this.#context.dependencies.answers.answer(request, {
			onText: (words, phase) => run.takeText(words, phase),
			onMessageEnd: () => run.completeMessage(),
			onCall: (call) => run.takeCall(call),
			onEnd: (end) => run.endAnswer(end)
		});
	}

	/** Runs the next approved call, unless a response is running or the caller is speaking. */
	runApproved(): void {
		const isFree = !this.#active && !this.#options.isCallerSpeaking();
		const request = isFree ? this.#approved.shift() : undefined;
		if (!request) return;
		const settings = this.#snapshot({});
		if ('error' in settings) return this.#context.fail(settings.error);
		const found = this.#options.mcpServers.findCall(settings.tools, request.name, request.serverLabel);
		this.#createdCount++;
		this.#approvedRun = this.#start(settings, (run) => {
			if (found) {
				const { name, arguments: args } = request;
				run.takeApprovedCall({ server: found.server, name, arguments: args, approvalRequestId: request.id });
				run.endAnswer({ kind: 'completed' });
			} else {
				const message = `The tool '${request.name}' of '${request.serverLabel}' is no longer in the session.`;
				run.endAnswer({ kind: 'failed', error: { type: 'invalid_request_error', code: 'mcp_tool_gone', message } });
			}
			return NOTHING;
		});
	}

	#cancel(id: string | null | undefined): void {
		const run = id ? [this.#active, ...this.#outOfBand].find((candidate) => candidate?.id === id) : this.#active;
		if (run) run.cancel('client_cancelled');
		else this.#context.fail(responseErrors.notActive());
	}

	#finish(run: ResponseRun, output: OutputTokens | undefined): void {
		this.#outOfBand.delete(run);
		const { inputTokens } = run.settings;
		if (output && !run.settings.isOutOfBand) this.#contextBefore = countContextAfter(inputTokens, output);
		const totalTokens = output ? sumTokens(inputTokens) + output.text + output.audio : 0;
		const { schedule, pace, nowMs } = this.#context.dependencies;
		const cancel = schedule(pace.rateLimitsMs, () => {
			this.#timers.delete(cancel);
			const resetSeconds = Math.round((totalTokens / RATE_LIMIT_TOKENS) * 60 * 1000) / 1000;
			const limit = { name: 'tokens', limit: RATE_LIMIT_TOKENS, remaining: RATE_LIMIT_TOKENS - totalTokens };
			this.#context.emit('rate_limits.updated', { rate_limits: [{ ...limit, reset_seconds: resetSeconds }] });
		});
		this.#timers.add(cancel);
		if (this.#active !== run) return;
		this.#active = undefined;
		this.#approvedRun = undefined;
		this.#options.onDone(Math.max(0, (run.soundsUntilMs ?? nowMs()) - nowMs()));
		const asked = this.#askedMeanwhile;
		this.#askedMeanwhile = undefined;
		if (asked) this.#create(asked);
		else this.runApproved();
	}
}
