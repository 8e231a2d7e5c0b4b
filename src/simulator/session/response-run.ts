/**
 * One response from response.created to response.done, which is sent exactly once. Its settings are fixed when it starts.
 *
 *   waiting   created; for the first item's time, for tools that are being listed, for words that are being understood
 *   answering the answer source says what comes; outputs are sent one after the other
 *   done      response.done was sent
 */
import { CallOutput } from '#simulator/session/call-output.ts';
import { describeItem } from '#simulator/session/conversation.ts';
import { McpApprovalOutput, McpCallOutput } from '#simulator/session/mcp-output.ts';
import type { McpCallPlan } from '#simulator/session/mcp-output.ts';
import { MessageOutput } from '#simulator/session/message-output.ts';
import type {
	AnswerEnd,
	Cancellable,
	McpServerConfig,
	PlannedCall,
	ResponseFailure
} from '#simulator/session/ports.ts';
import type { OutputEnd, OutputOptions, OutputTokens, ResponseOutput } from '#simulator/session/response-output.ts';
import type { ResponseSettings } from '#simulator/session/response-settings.ts';
import { isFirstGeneration } from '#simulator/session/session-config.ts';
import type { SessionContext } from '#simulator/session/session-context.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { describeUsage, NO_TOKENS } from '#simulator/session/usage.ts';

export interface RunEdges {
	/** Runs `action` once the answer may be thought up: at once, or later. Returns how to call it off. */
	whenReady: (action: () => void) => () => void;
	/** Asks the answer source. */
	answer: (run: ResponseRun) => Cancellable;
	/** How to call a tool of an MCP server. */
	findMcpCall: (call: PlannedCall) => { server: McpServerConfig; needsApproval: boolean } | undefined;
	/** The failure that this response is to end with, if any. */
	nextFault: () => ResponseFailure | undefined;
	onAudio: (voice: string) => void;
	/** Right after response.done. `output`: what it said; undefined when nothing of it is counted. */
	onDone: (run: ResponseRun, output: OutputTokens | undefined) => void;
}

type ResponseStatus = 'completed' | 'cancelled' | 'incomplete' | 'failed';

export class ResponseRun {
	readonly id: string;
	readonly settings: ResponseSettings;
	readonly #context: SessionContext;
	readonly #edges: RunEdges;
	readonly #outputs: ResponseOutput[] = [];
	/** The output whose turn it is. */
	#current = 0;
	/** An output that was sent whole and is closed a little later than the next begins. */
	#unclosed: ResponseOutput | undefined;
	/** A message that the answer source broke off. */
	#cutOff: MessageOutput | undefined;
	#answer: Cancellable | undefined;
	#answerEnd: AnswerEnd | undefined;
	#callCount = 0;
	#mayBegin = false;
	#isDone = false;
	#firstAudioAtMs: number | undefined;
	#cancelStart: (() => void)[] = [];

	constructor(context: SessionContext, settings: ResponseSettings, edges: RunEdges) {
		this.#context = context;
		this.#edges = edges;
		this.settings = settings;
		this.id = context.newId('resp');
	}

	/** Until when what was sent sounds, if it is played as it comes; unix ms. Undefined when nothing sounds. */
	get soundsUntilMs(): number | undefined {
		if (this.#firstAudioAtMs === undefined) return undefined;
		const audioMs = this.#outputs.reduce(
			(sum, output) => sum + (output instanceof MessageOutput ? output.sentAudioMs : 0),
			0
		);
		return this.#firstAudioAtMs + audioMs;
	}

	/** Sends response.created and sets the answer going. */
	start(): void {
		const { dependencies } = this.#context;
		this.#context.emit('response.created', { response: this.#describe('in_progress', null, null) });
		const cancelTimer = dependencies.schedule(dependencies.pace.firstItemMs, () => {
			this.#mayBegin = true;
			this.#advance();
		});
		this.#cancelStart.push(cancelTimer);
		this.#cancelStart.push(this.#edges.whenReady(() => this.#beginAnswer()));
	}

	/** Ends it early: the closing run of what had begun, then response.done. Does nothing after the end. */
	cancel(reason: 'turn_detected' | 'client_cancelled'): void {
		if (this.#isDone) return;
		this.#stopAnswer();
		this.#closeBegun();
		this.#finish('cancelled', { type: 'cancelled', reason });
	}

	/** Stops without a word. */
	dispose(): void {
		this.#isDone = true;
		this.#stopAnswer();
		for (const output of this.#outputs) output.dispose();
	}

	// --- What the answer source says ---------------------------------------------------------------------------------

	/** Words of a message. */
	takeText(text: string, phase: string | undefined): void {
		if (this.#isDone || this.#answerEnd || text === '') return;
		const last = this.#outputs.at(-1);
		const isOpen = last instanceof MessageOutput && !last.isTextComplete;
		const message = isOpen ? last : this.#addMessage(phase);
		message.append(text);
		this.#advance();
	}

	completeMessage(): void {
		const last = this.#outputs.at(-1);
		if (last instanceof MessageOutput) last.complete();
	}

	/** A call, as far as the client allows calls. */
	takeCall(call: PlannedCall): void {
		const { toolDemand, allowsSeveralCalls } = this.settings;
		if (this.#isDone || this.#answerEnd || toolDemand.kind === 'none') return;
		if (this.#callCount > 0 && !allowsSeveralCalls) return;
		this.#callCount++;
		this.completeMessage();
		const found = this.#edges.findMcpCall(call);
		if (found) {
			const plan = { server: found.server, name: call.name, arguments: call.arguments, approvalRequestId: null };
			this.#outputs.push(this.#createMcpOutput(plan, found.needsApproval));
		} else this.#outputs.push(new CallOutput(this.#outputOptions(), call));
		this.#advance();
	}

	/** A call that the client has approved. */
	takeApprovedCall(plan: McpCallPlan): void {
		if (this.#isDone) return;
		this.#outputs.push(this.#createMcpOutput(plan, false));
		this.#advance();
	}

	endAnswer(end: AnswerEnd): void {
		if (this.#isDone || this.#answerEnd) return;
		const last = this.#outputs.at(-1);
		// What ends an answer early cuts off the message that was being said.
		if (end.kind !== 'completed' && last instanceof MessageOutput && !last.isTextComplete) this.#cutOff = last;
		this.completeMessage();
		this.#answerEnd = end;
		this.#advance();
	}

	// --- Sending it --------------------------------------------------------------------------------------------------

	#beginAnswer(): void {
		if (this.#isDone) return;
		const fault = this.#edges.nextFault();
		if (fault) this.endAnswer({ kind: 'failed', error: fault });
		else this.#answer = this.#edges.answer(this);
	}

	#stopAnswer(): void {
		for (const cancel of this.#cancelStart) cancel();
		this.#cancelStart = [];
		this.#answer?.cancel();
	}

	#outputOptions(): OutputOptions {
		const outputIndex = this.#outputs.length;
		const { isOutOfBand, maxOutputTokens } = this.settings;
		return {
			context: this.#context,
			responseId: this.id,
			outputIndex,
			isOutOfBand,
			tokenBudget: () => (maxOutputTokens === 'inf' ? Infinity : maxOutputTokens - this.#countOutput()),
			onEnd: (end) => this.#endOutput(outputIndex, end)
		};
	}

	#addMessage(phase: string | undefined): MessageOutput {
		const { outputModalities, voice, speed, format, model } = this.settings;
		const message = new MessageOutput({
			...this.#outputOptions(),
			modality: outputModalities.includes('audio') ? 'audio' : 'text',
			voice,
			speed,
			format,
			phase: isFirstGeneration(model) ? undefined : (phase ?? 'final_answer'),
			onAudio: () => {
				this.#firstAudioAtMs ??= this.#context.dependencies.nowMs();
				this.#edges.onAudio(voice);
			}
		});
		this.#outputs.push(message);
		return message;
	}

	#createMcpOutput(plan: McpCallPlan, needsApproval: boolean): ResponseOutput {
		const options = this.#outputOptions();
		return needsApproval ? new McpApprovalOutput(options, plan) : new McpCallOutput(options, plan);
	}

	/** Begins the output whose turn it is, or ends the response when all is sent. */
	#advance(): void {
		if (!this.#mayBegin || this.#isDone) return;
		const output = this.#outputs[this.#current];
		if (output) {
			if (output.hasBegun) return;
			const { firstAudioMs, firstItemMs } = this.#context.dependencies.pace;
			output.begin(this.#current === 0 ? firstAudioMs - firstItemMs : 0);
		} else if (this.#answerEnd) this.#finishAnswered(this.#answerEnd);
	}

	#endOutput(index: number, end: OutputEnd): void {
		if (this.#isDone) return;
		const output = this.#outputs[index] as ResponseOutput;
		if (end.kind !== 'completed') {
			this.#stopAnswer();
			this.#closeBegun();
			if (end.kind === 'max_output_tokens') {
				return this.#finish('incomplete', { type: 'incomplete', reason: 'max_output_tokens' });
			}
			const message = `The simulator's speech failed: ${end.error.message}`;
			const error = { type: 'server_error', code: 'speech_failed', message };
			return this.#finish('failed', { type: 'failed', error });
		}
		this.#current = index + 1;
		// Source: a recorded session of gpt-realtime-2.1: a message is closed after the arguments of the call that follows.
		const closesLater =
			!isFirstGeneration(this.settings.model) &&
			output instanceof MessageOutput &&
			this.#outputs[this.#current] instanceof CallOutput;
		this.#unclosed?.close('completed');
		this.#unclosed = closesLater ? output : undefined;
		if (!closesLater) output.close(output === this.#cutOff ? 'incomplete' : 'completed');
		this.#advance();
	}

	#closeBegun(): void {
		this.#unclosed?.close('completed');
		this.#unclosed = undefined;
		const output = this.#outputs[this.#current];
		if (output?.hasBegun) output.close('incomplete');
	}

	#countOutput(): number {
		return this.#outputs.reduce((sum, { tokens }) => sum + tokens.text + tokens.audio, 0);
	}

	#finishAnswered(end: AnswerEnd): void {
		if (end.kind === 'completed') this.#finish('completed', null);
		else if (end.kind === 'filtered') {
			this.#finish('incomplete', { type: 'incomplete', reason: 'content_filter' });
		} else this.#finish('failed', { type: 'failed', error: end.error });
	}

	#finish(status: ResponseStatus, statusDetails: JsonObject | null): void {
		this.dispose();
		const output = { ...NO_TOKENS };
		for (const { tokens } of this.#outputs) {
			output.text += tokens.text;
			output.audio += tokens.audio;
		}
		// Nothing is counted for a response that ended before its first item. Source: recorded sessions, 15 cases.
		const isCounted = status === 'completed' || this.#outputs.some(({ hasBegun }) => hasBegun);
		const { inputTokens, cachedTokens } = this.settings;
		const usage = isCounted
			? describeUsage(inputTokens, cachedTokens, output)
			: describeUsage(NO_TOKENS, NO_TOKENS, NO_TOKENS);
		this.#context.emit('response.done', { response: this.#describe(status, statusDetails, usage) });
		this.#edges.onDone(this, isCounted ? output : undefined);
	}

	#describe(status: string, statusDetails: JsonObject | null, usage: JsonObject | null): JsonObject {
		const { isOutOfBand, outputModalities, maxOutputTokens, format, voice, metadata } = this.settings;
		return {
			object: 'realtime.response',
			id: this.id,
			status,
			status_details: statusDetails,
			output: this.#outputs.filter(({ hasBegun }) => hasBegun).map(({ item }) => describeItem(item)),
			conversation_id: isOutOfBand ? null : this.#context.conversationId,
			output_modalities: outputModalities,
			max_output_tokens: maxOutputTokens,
			audio: { output: { format, voice } },
			usage,
			metadata
		};
	}
}
