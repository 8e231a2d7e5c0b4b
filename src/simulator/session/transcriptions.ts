/** What the caller said: asked for where the client or the answering side wants it, and told as transcription events. */
import { partAudioMs } from '#simulator/session/conversation.ts';
import type { InputAudioPart, MessageItem } from '#simulator/session/conversation.ts';
import { joinChunks } from '#simulator/session/audio-codec.ts';
import { splitDeltas } from '#simulator/session/deltas.ts';
import type { Cancellable } from '#simulator/session/ports.ts';
import type { SessionContext } from '#simulator/session/session-context.ts';
import type { TranscriptionSettings } from '#simulator/session/session-config.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { countInputAudioTokens } from '#simulator/session/usage.ts';

/** One turn's words on their way to the client. */
interface Pending {
	item: MessageItem;
	part: InputAudioPart;
	/** Undefined: only the answering side wants to know. */
	settings: TranscriptionSettings | undefined;
	wantsLogProbs: boolean;
	/** Deltas that are known and not sent yet. */
	queue: string[];
	sentCount: number;
	words: string;
	end: { transcript: string } | { error: { code: string; message: string } } | undefined;
	cancelTimer: (() => void) | undefined;
	hearing: Cancellable;
}

/** The family that is billed by time and sends its words in another way. Source: openai 7.55 types; a recorded GA session. */
const isWhisper = (model: string | undefined): boolean => /whisper/.test(model ?? '');

export class Transcriptions {
	readonly #context: SessionContext;
	readonly #pending = new Set<Pending>();
	readonly #waiting = new Set<() => void>();
	#spokenTurns = 0;

	constructor(context: SessionContext) {
		this.#context = context;
	}

	/** The number of the spoken turn that comes next, from 1. */
	get nextSpokenTurn(): number {
		return this.#spokenTurns + 1;
	}

	/** Call it for each item that the caller's audio became. */
	begin(item: MessageItem, part: InputAudioPart): void {
		const spokenTurn = ++this.#spokenTurns;
		const { config, dependencies } = this.#context;
		const settings = config.audio.input.transcription ?? undefined;
		const wantsWords = config.type === 'realtime' && dependencies.answers.wantsWords;
		if (!settings && !wantsWords) return;
		const pending: Pending = {
			item,
			part,
			settings,
			wantsLogProbs: config.include?.includes('item.input_audio_transcription.logprobs') ?? false,
			queue: [],
			sentCount: 0,
			words: '',
			end: undefined,
			cancelTimer: undefined,
			hearing: { cancel: () => {} }
		};
		this.#pending.add(pending);
		const { model, language, prompt } = settings ?? {};
		pending.hearing = dependencies.hearing.hear(
			{
				itemId: item.id,
				spokenTurn,
				samples: joinChunks(part.audio),
				rateHz: part.rateHz,
				...(model === undefined ? {} : { model }),
				...(language ? { language } : {}),
				...(prompt ? { prompt } : {})
			},
			{
				onWords: (delta) => this.#take(pending, delta),
				onDone: (transcript) => this.#end(pending, { transcript }),
				onError: (error) => this.#end(pending, { error })
			}
		);
	}

	/** Calls back once every turn so far is understood or will not be: at once, or later. Returns how to call it off. */
	whenHeard(action: () => void): () => void {
		if ([...this.#pending].every(({ end }) => end)) {
			action();
			return () => {};
		}
		this.#waiting.add(action);
		return () => void this.#waiting.delete(action);
	}

	dispose(): void {
		for (const pending of this.#pending) {
			pending.hearing.cancel();
			pending.cancelTimer?.();
		}
		this.#pending.clear();
		this.#waiting.clear();
	}

	#take(pending: Pending, delta: string): void {
		pending.words += delta;
		pending.queue.push(...splitDeltas(delta));
		this.#pump(pending);
	}

	#end(pending: Pending, end: NonNullable<Pending['end']>): void {
		pending.end = end;
		if ('transcript' in end) pending.part.heardWords = end.transcript;
		this.#pump(pending);
		if ([...this.#pending].some((other) => !other.end)) return;
		const ready = [...this.#waiting];
		this.#waiting.clear();
		for (const action of ready) action();
	}

	/** Sends what is there, one piece at a time. */
	#pump(pending: Pending): void {
		if (pending.cancelTimer) return;
		const { settings, end } = pending;
		if (!settings) {
			if (end) this.#pending.delete(pending);
			return;
		}
		if (pending.queue.length === 0 && !end) return;
		const { schedule, pace } = this.#context.dependencies;
		pending.cancelTimer = schedule(pace.transcriptionMs, () => {
			pending.cancelTimer = undefined;
			if (pending.end && 'error' in pending.end) return this.#fail(pending, pending.end.error);
			// whisper-1 says all of it at once. Source: openai 7.55 types.
			if (settings.model === 'whisper-1') pending.queue = [];
			const delta = pending.queue.shift();
			if (delta !== undefined) this.#sendDelta(pending, delta);
			else if (pending.end && 'transcript' in pending.end) return this.#complete(pending, pending.end.transcript);
			this.#pump(pending);
		});
	}

	#place(pending: Pending): JsonObject {
		return { item_id: pending.item.id, content_index: 0 };
	}

	#sendDelta(pending: Pending, delta: string): void {
		// Source: a recorded GA session: the first word of gpt-realtime-whisper has a space before it.
		const isFirstOfWhisper = pending.sentCount === 0 && pending.settings?.model === 'gpt-realtime-whisper';
		const shown = isFirstOfWhisper && !delta.startsWith(' ') ? ` ${delta}` : delta;
		pending.sentCount++;
		this.#context.emit('conversation.item.input_audio_transcription.delta', {
			...this.#place(pending),
			delta: shown,
			...(pending.wantsLogProbs ? { logprobs: describeLogProbs([shown]) } : {}),
			obfuscation: this.#context.obfuscate(shown)
		});
	}

	#complete(pending: Pending, transcript: string): void {
		this.#pending.delete(pending);
		pending.part.transcript = transcript;
		const { model } = pending.settings ?? {};
		const durationMs = partAudioMs(pending.part);
		if (model === 'whisper-1' && transcript !== '') this.#sendWhole(pending, transcript);
		if (model === 'gpt-4o-transcribe-diarize') this.#sendSegment(pending, transcript, durationMs);
		const pieces = splitDeltas(transcript);
		this.#context.emit('conversation.item.input_audio_transcription.completed', {
			...this.#place(pending),
			transcript,
			...(pending.wantsLogProbs ? { logprobs: describeLogProbs(pieces) } : {}),
			usage: describeTranscriptionUsage(model, durationMs, pieces.length)
		});
	}

	#sendWhole(pending: Pending, transcript: string): void {
		const fields = { ...this.#place(pending), delta: transcript };
		const obfuscation = this.#context.obfuscate(transcript);
		this.#context.emit('conversation.item.input_audio_transcription.delta', { ...fields, obfuscation });
	}

	/** One speaker: only the caller is on this line. */
	#sendSegment(pending: Pending, text: string, durationMs: number): void {
		this.#context.emit('conversation.item.input_audio_transcription.segment', {
			...this.#place(pending),
			id: this.#context.newId('seg'),
			speaker: 'A',
			start: 0,
			end: durationMs / 1000,
			text
		});
	}

	/** Source: a recorded session of Azure, whose `param` is null. */
	#fail(pending: Pending, error: { code: string; message: string }): void {
		this.#pending.delete(pending);
		this.#context.emit('conversation.item.input_audio_transcription.failed', {
			...this.#place(pending),
			error: {
				type: 'server_error',
				code: error.code,
				message: `Input transcription failed for item '${pending.item.id}'. ${error.message}`,
				param: null
			}
		});
	}
}

/** Ours: words that a scenario gives are certain, and nobody knows the probabilities of an endpoint. */
function describeLogProbs(pieces: string[]): JsonObject[] {
	return pieces.map((token) => ({ token, logprob: 0, bytes: [...Buffer.from(token)] }));
}

/**
 * Source: recorded GA session (whisper family: seconds, rounded up), live probe (others: a token per 100 ms, and those of
 * the text).
 */
function describeTranscriptionUsage(model: string | undefined, durationMs: number, textTokens: number): JsonObject {
	if (isWhisper(model)) return { type: 'duration', seconds: Math.ceil(durationMs / 1000) };
	const audioTokens = countInputAudioTokens(durationMs);
	return {
		type: 'tokens',
		total_tokens: audioTokens + textTokens,
		input_tokens: audioTokens,
		input_token_details: { text_tokens: 0, audio_tokens: audioTokens },
		output_tokens: textTokens
	};
}
