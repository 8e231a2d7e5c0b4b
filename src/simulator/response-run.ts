/** One response from response.created to response.done, which is sent exactly once. Its settings are fixed when it starts. */
import { describeItem } from '#simulator/conversation.ts';
import { MessageOutput } from '#simulator/message-output.ts';
import type { MessageEnd } from '#simulator/message-output.ts';
import type { AudioFormat } from '#simulator/session-config.ts';
import type { SessionContext } from '#simulator/session-context.ts';
import type { JsonObject } from '#simulator/shapes.ts';
import { describeUsage } from '#simulator/usage.ts';
import type { TokenCount } from '#simulator/usage.ts';

/** One entry of an answer; answers are lists, so that other kinds of output can stand beside messages. */
export interface PlannedOutput {
	kind: 'message';
	text: string;
}

/** A snapshot: later session updates do not reach a response that is running. */
export interface ResponseSettings {
	isOutOfBand: boolean;
	outputModalities: string[];
	maxOutputTokens: number | 'inf';
	format: AudioFormat;
	voice: string;
	speed: number;
	metadata: unknown;
	plan: PlannedOutput[];
	inputTokens: TokenCount;
	cachedTokens: TokenCount;
}

export interface RunListener {
	onAudio: (voice: string) => void;
	/** Right after response.done. */
	onDone: (run: ResponseRun, totalTokens: number) => void;
}

type ResponseStatus = 'completed' | 'cancelled' | 'incomplete' | 'failed';

const NO_TOKENS: TokenCount = { text: 0, audio: 0 };

export class ResponseRun {
	readonly id: string;
	readonly settings: ResponseSettings;
	readonly #context: SessionContext;
	readonly #listener: RunListener;
	readonly #outputs: MessageOutput[] = [];
	#cancelStart: (() => void) | undefined;
	#isDone = false;

	constructor(context: SessionContext, settings: ResponseSettings, listener: RunListener) {
		this.#context = context;
		this.#listener = listener;
		this.settings = settings;
		this.id = context.newId('resp');
	}

	/** Sends response.created and sets the answer going. */
	start(): void {
		const { dependencies } = this.#context;
		this.#context.emit('response.created', { response: this.#describe('in_progress', null, null) });
		this.#prepareNext();
		this.#cancelStart = dependencies.schedule(dependencies.pace.firstItemMs, () => {
			this.#outputs[0]?.begin(dependencies.pace.firstAudioMs - dependencies.pace.firstItemMs);
		});
	}

	/** Ends it early: the closing run of what had begun, then response.done. Does nothing after the end. */
	cancel(reason: 'turn_detected' | 'client_cancelled'): void {
		if (this.#isDone) return;
		this.#closeOpenOutput();
		this.#finish('cancelled', { type: 'cancelled', reason });
	}

	/** Stops without a word. */
	dispose(): void {
		this.#isDone = true;
		this.#cancelStart?.();
		for (const output of this.#outputs) output.dispose();
	}

	#prepareNext(): MessageOutput | undefined {
		const outputIndex = this.#outputs.length;
		const planned = this.settings.plan[outputIndex];
		if (!planned) return undefined;
		const { isOutOfBand, voice, speed, maxOutputTokens, outputModalities } = this.settings;
		const output = new MessageOutput({
			context: this.#context,
			responseId: this.id,
			outputIndex,
			isOutOfBand,
			modality: outputModalities.includes('audio') ? 'audio' : 'text',
			text: planned.text,
			voice,
			speed,
			tokenBudget: maxOutputTokens === 'inf' ? Infinity : maxOutputTokens - this.#countOutput(),
			onAudio: () => this.#listener.onAudio(voice),
			onEnd: (end) => this.#endOutput(output, end)
		});
		this.#outputs.push(output);
		output.prepare();
		return output;
	}

	#endOutput(output: MessageOutput, end: MessageEnd): void {
		if (this.#isDone) return;
		if (output.hasBegun) output.close(end.kind === 'completed' ? 'completed' : 'incomplete');
		if (end.kind === 'max_output_tokens')
			this.#finish('incomplete', { type: 'incomplete', reason: 'max_output_tokens' });
		else if (end.kind === 'failed') {
			const message = `The simulator's speech failed: ${end.error.message}`;
			this.#finish('failed', { type: 'failed', error: { type: 'server_error', code: 'speech_failed', message } });
		} else {
			const next = this.#prepareNext();
			if (next) next.begin(0);
			else this.#finish('completed', null);
		}
	}

	#closeOpenOutput(): void {
		const output = this.#outputs.at(-1);
		if (output?.hasBegun) output.close('incomplete');
	}

	#countOutput(): number {
		return this.#outputs.reduce((sum, { tokens }) => sum + tokens.text + tokens.audio, 0);
	}

	#finish(status: ResponseStatus, statusDetails: JsonObject | null): void {
		this.dispose();
		const output = { text: 0, audio: 0 };
		for (const { tokens } of this.#outputs) {
			output.text += tokens.text;
			output.audio += tokens.audio;
		}
		const hasOutput = this.#outputs.some(({ hasBegun }) => hasBegun);
		// Nothing is counted for a response that ended before its first item. Source: recorded sessions, 15 cases.
		const { inputTokens, cachedTokens } = this.settings;
		const usage = hasOutput
			? describeUsage(inputTokens, cachedTokens, output)
			: describeUsage(NO_TOKENS, NO_TOKENS, NO_TOKENS);
		this.#context.emit('response.done', { response: this.#describe(status, statusDetails, usage) });
		this.#listener.onDone(this, usage['total_tokens'] as number);
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
