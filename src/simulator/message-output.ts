/** One message of an answer while it is made: its words and its sound, delta by delta. */
import { countOutputAudioTokens } from '#simulator/usage.ts';
import { describeItem, encodeAudio, SAMPLES_PER_MS } from '#simulator/conversation.ts';
import type { ContentPart, ItemStatus, MessageItem, Placement } from '#simulator/conversation.ts';
import { randomBase62 } from '#simulator/ids.ts';
import type { SessionContext } from '#simulator/session-context.ts';
import type { JsonObject } from '#simulator/shapes.ts';
import type { Utterance } from '#simulator/speech.ts';

/** 12,000 bytes, 250 ms. Source: recorded GA sessions (252 to 262 ms per delta). */
const DELTA_SAMPLES = 6000;
const FIRST_BURST_DELTAS = 3;
const TRANSCRIPT_LEAD_DELTAS = 4;
const TRANSCRIPT_DELTAS_PER_AUDIO = 2;
/** Delta and obfuscation are 16 characters together. Source: 420 recorded deltas. Longer words are cut, so that it always holds. */
const DELTA_ROOM_CHARS = 16;
const LONGEST_DELTA_CHARS = DELTA_ROOM_CHARS - 1;

export type MessageEnd = { kind: 'completed' } | { kind: 'max_output_tokens' } | { kind: 'failed'; error: Error };

export interface MessageOptions {
	context: SessionContext;
	responseId: string;
	outputIndex: number;
	/** Out of band: the item stays out of the conversation. */
	isOutOfBand: boolean;
	modality: 'text' | 'audio';
	text: string;
	voice: string;
	speed: number;
	/** Tokens this answer may still spend. */
	tokenBudget: number;
	/** The first audio is about to be sent. */
	onAudio: () => void;
	/** All of it was sent, or it cannot go on; then `close` follows. */
	onEnd: (end: MessageEnd) => void;
}

/** Cuts a text into deltas of a word or sign each, with the space before it; joined they are the text. */
export function splitDeltas(text: string): string[] {
	const tokens = text.match(/\s*[\p{L}\p{N}'’_-]+|\s*[^\s\p{L}\p{N}]+|\s+$/gu) ?? [];
	return tokens.flatMap((token) => {
		if (token.length <= LONGEST_DELTA_CHARS) return [token];
		const pieces: string[] = [];
		let piece = '';
		for (const character of token) {
			if (piece.length + character.length > LONGEST_DELTA_CHARS) {
				pieces.push(piece);
				piece = '';
			}
			piece += character;
		}
		return [...pieces, piece];
	});
}

export class MessageOutput {
	readonly item: MessageItem;
	readonly #options: MessageOptions;
	readonly #deltas: string[];
	readonly #timers = new Set<() => void>();
	#placement: Placement | undefined;
	#part: ContentPart | undefined;
	#utterance: Utterance | undefined;
	#speech: Int16Array[] = [];
	#speechSamples = 0;
	#isSpeechOver = false;
	#isWaitingForSpeech = false;
	#isOver = false;
	#audioDeltasSent = 0;
	#sentText = '';
	#sentSamples = 0;
	/** One per delta: about what the service counts for the same words. */
	#sentDeltas = 0;

	constructor(options: MessageOptions) {
		this.#options = options;
		this.#deltas = splitDeltas(options.text);
		this.item = {
			kind: 'message',
			id: options.context.newId('item'),
			status: 'in_progress',
			role: 'assistant',
			content: []
		};
	}

	/** Whether anything of it was announced to the client. */
	get hasBegun(): boolean {
		return this.#placement !== undefined;
	}

	get tokens(): { text: number; audio: number } {
		return { text: this.#sentDeltas, audio: countOutputAudioTokens(this.#sentSamples / SAMPLES_PER_MS) };
	}

	/** Starts the speech, so that it is there when its time comes. */
	prepare(): void {
		const { context, modality, text, voice, speed } = this.#options;
		if (modality === 'text') return;
		this.#utterance = context.dependencies.speech.speak(
			{ text, voice, speed },
			{
				onAudio: (samples) => {
					this.#speech.push(samples);
					this.#speechSamples += samples.length;
					this.#resumeAfterSpeech();
				},
				onDone: () => {
					this.#isSpeechOver = true;
					this.#resumeAfterSpeech();
				},
				onError: (error) => this.#end({ kind: 'failed', error })
			}
		);
	}

	/** Announces the item and begins to send it; `untilAudioMs` from now the audio may start. */
	begin(untilAudioMs: number): void {
		const { context, isOutOfBand, outputIndex, responseId, modality } = this.#options;
		const { conversation } = context;
		this.#placement = isOutOfBand ? { previousItemId: null, index: 0 } : conversation.append(this.item);
		const item = describeItem(this.item);
		context.emit('response.output_item.added', { response_id: responseId, output_index: outputIndex, item });
		if (!isOutOfBand) {
			context.emit('conversation.item.added', { previous_item_id: this.#placement.previousItemId, item });
		}
		this.#emitInPart('response.content_part.added', { part: this.#describePart('') });
		if (modality === 'text') {
			this.#part = { type: 'output_text', text: '' };
			this.#later(0, () => this.#sendText());
		} else {
			this.#part = { type: 'output_audio', transcript: '', audio: [], isTruncated: false };
			this.#leadWithTranscript();
			this.#later(untilAudioMs, () => this.#sendAudio());
		}
		this.item.content.push(this.#part);
	}

	/** Sends the closing run of the item. Call it once, after `begin`. */
	close(status: ItemStatus): void {
		this.dispose();
		const { context, isOutOfBand, outputIndex, responseId, modality } = this.#options;
		this.item.status = status;
		if (modality === 'text') this.#emitInPart('response.output_text.done', { text: this.#sentText });
		else {
			this.#emitInPart('response.output_audio.done', {});
			this.#emitInPart('response.output_audio_transcript.done', { transcript: this.#sentText });
		}
		this.#emitInPart('response.content_part.done', { part: this.#describePart(this.#sentText) });
		const item = describeItem(this.item);
		if (!isOutOfBand) {
			// Source: 17 of 17 recorded logs: the `done` of a model item at index 1 names no item before it.
			const isQuirk = this.#placement?.index === 1;
			const previousItemId = isQuirk ? null : (this.#placement?.previousItemId ?? null);
			context.emit('conversation.item.done', { previous_item_id: previousItemId, item });
		}
		context.emit('response.output_item.done', { response_id: responseId, output_index: outputIndex, item });
	}

	/** Stops timers and speech without a word. */
	dispose(): void {
		this.#isOver = true;
		for (const cancel of this.#timers) cancel();
		this.#timers.clear();
		this.#utterance?.cancel();
		this.#speech = [];
	}

	#describePart(textSoFar: string): JsonObject {
		return this.#options.modality === 'text'
			? { type: 'text', text: textSoFar }
			: { type: 'audio', transcript: textSoFar };
	}

	#emitInPart(type: string, fields: JsonObject): void {
		const { context, responseId, outputIndex } = this.#options;
		const place = { item_id: this.item.id, output_index: outputIndex, content_index: 0 };
		context.emit(type, { response_id: responseId, ...place, ...fields });
	}

	#later(delayMs: number, action: () => void): void {
		const cancel = this.#options.context.dependencies.schedule(delayMs, () => {
			this.#timers.delete(cancel);
			if (!this.#isOver) action();
		});
		this.#timers.add(cancel);
	}

	#end(end: MessageEnd): void {
		if (this.#isOver) return;
		this.dispose();
		this.#options.onEnd(end);
	}

	#canSpend(tokens: number): boolean {
		const { text, audio } = this.tokens;
		if (text + audio + tokens <= this.#options.tokenBudget) return true;
		this.#end({ kind: 'max_output_tokens' });
		return false;
	}

	/** Sends up to `count` deltas; false when the answer has ended over it. */
	#sendDeltas(type: string, count: number): boolean {
		const { random } = this.#options.context.dependencies;
		for (const delta of this.#deltas.splice(0, count)) {
			if (!this.#canSpend(1)) return false;
			this.#sentDeltas++;
			this.#sentText += delta;
			if (this.#part?.type === 'output_text') this.#part.text = this.#sentText;
			else if (this.#part?.type === 'output_audio' && !this.#part.isTruncated) this.#part.transcript = this.#sentText;
			this.#emitInPart(type, {
				delta,
				obfuscation: randomBase62(random, Math.max(0, DELTA_ROOM_CHARS - delta.length))
			});
		}
		return true;
	}

	#sendText(): void {
		if (!this.#sendDeltas('response.output_text.delta', 1)) return;
		if (this.#deltas.length === 0) this.#end({ kind: 'completed' });
		else this.#later(this.#options.context.dependencies.pace.textDeltaMs, () => this.#sendText());
	}

	#leadWithTranscript(): void {
		const { transcriptMs } = this.#options.context.dependencies.pace;
		const count = Math.min(TRANSCRIPT_LEAD_DELTAS, this.#deltas.length);
		for (let i = 0; i < count; i++) this.#later(i * transcriptMs, () => this.#sendTranscript(1));
	}

	#sendTranscript(count: number): boolean {
		return this.#sendDeltas('response.output_audio_transcript.delta', count);
	}

	#resumeAfterSpeech(): void {
		if (!this.#isWaitingForSpeech || this.#isOver) return;
		this.#isWaitingForSpeech = false;
		this.#sendAudio();
	}

	/** One step: a quarter of a second of sound (three at first) and the next words. */
	#sendAudio(): void {
		if (this.#speechSamples < DELTA_SAMPLES && !this.#isSpeechOver) {
			this.#isWaitingForSpeech = true;
			return;
		}
		const burst = this.#audioDeltasSent === 0 ? FIRST_BURST_DELTAS : 1;
		for (let i = 0; i < burst; i++) if (!this.#sendAudioDelta()) return;
		const isSoundOver = this.#isSpeechOver && this.#speechSamples === 0;
		if (!this.#sendTranscript(isSoundOver ? this.#deltas.length : TRANSCRIPT_DELTAS_PER_AUDIO)) return;
		if (isSoundOver) this.#end({ kind: 'completed' });
		else this.#later(this.#options.context.dependencies.pace.audioDeltaMs, () => this.#sendAudio());
	}

	/** False when the answer has ended over it. */
	#sendAudioDelta(): boolean {
		const isShortOne = this.#isSpeechOver && this.#speechSamples > 0;
		if (this.#speechSamples < DELTA_SAMPLES && !isShortOne) return true;
		const samples = this.#takeSpeech(Math.min(DELTA_SAMPLES, this.#speechSamples));
		if (!this.#canSpend(countOutputAudioTokens(samples.length / SAMPLES_PER_MS))) return false;
		if (this.#audioDeltasSent === 0) this.#options.onAudio();
		this.#audioDeltasSent++;
		this.#sentSamples += samples.length;
		if (this.#part?.type === 'output_audio' && !this.#part.isTruncated) this.#part.audio.push(samples);
		this.#emitInPart('response.output_audio.delta', { delta: encodeAudio([samples]) });
		return true;
	}

	#takeSpeech(count: number): Int16Array {
		const taken = new Int16Array(count);
		let at = 0;
		while (at < count) {
			const chunk = this.#speech[0];
			if (!chunk) break;
			const part = chunk.subarray(0, count - at);
			taken.set(part, at);
			at += part.length;
			if (part.length === chunk.length) this.#speech.shift();
			else this.#speech[0] = chunk.subarray(part.length);
		}
		this.#speechSamples -= at;
		return taken;
	}
}
