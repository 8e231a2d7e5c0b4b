/** One message of an answer while it is made: its words and its sound, delta by delta. */
import { OutputEncoder } from '#simulator/session/audio-codec.ts';
import { ClauseSplitter } from '#simulator/session/clauses.ts';
import { SAMPLES_PER_MS } from '#simulator/session/conversation.ts';
import type { ContentPart, ItemStatus, MessageItem } from '#simulator/session/conversation.ts';
import { splitDeltas } from '#simulator/session/deltas.ts';
import type { Utterance } from '#simulator/session/ports.ts';
import { ResponseOutput } from '#simulator/session/response-output.ts';
import type { OutputOptions, OutputTokens } from '#simulator/session/response-output.ts';
import { SampleQueue } from '#simulator/session/sample-queue.ts';
import type { AudioFormat } from '#simulator/session/session-config.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { countOutputAudioTokens } from '#simulator/session/usage.ts';

/** 12,000 bytes, 250 ms. Source: recorded GA sessions (252 to 262 ms per delta). */
const DELTA_SAMPLES = 6000;
const FIRST_BURST_DELTAS = 3;
const TRANSCRIPT_LEAD_DELTAS = 4;
const TRANSCRIPT_DELTAS_PER_AUDIO = 2;

export interface MessageOptions extends OutputOptions {
	modality: 'text' | 'audio';
	voice: string;
	speed: number;
	format: AudioFormat;
	/** Shown by models that have phases. */
	phase: string | undefined;
	/** The first audio is about to be sent. */
	onAudio: () => void;
}

export class MessageOutput extends ResponseOutput {
	readonly item: MessageItem;
	readonly #message: MessageOptions;
	readonly #encoder: OutputEncoder;
	readonly #clauses = new ClauseSplitter();
	readonly #speech = new SampleQueue();
	#deltas: string[] = [];
	/** The last word of what has come so far: what follows may belong to it. */
	#openWord = '';
	#isTextComplete = false;
	#part: ContentPart;
	#utterance: Utterance | undefined;
	#isSpeechOver = false;
	#isWaitingForSpeech = false;
	#isTextPumping = false;
	#isLeading = false;
	#audioDeltasSent = 0;
	#sentText = '';
	#sentSamples = 0;
	/** One per delta: about what the service counts for the same words. */
	#sentDeltas = 0;

	constructor(options: MessageOptions) {
		super(options);
		this.#message = options;
		this.#encoder = new OutputEncoder(options.format);
		this.item = {
			kind: 'message',
			id: options.context.newId('item'),
			status: 'in_progress',
			role: 'assistant',
			content: [],
			...(options.phase === undefined ? {} : { phase: options.phase })
		};
		const isText = options.modality === 'text';
		this.#part = isText
			? { type: 'output_text', text: '' }
			: { type: 'output_audio', transcript: '', audio: [], isTruncated: false };
		if (!isText) this.#openUtterance();
	}

	get tokens(): OutputTokens {
		return { text: this.#sentDeltas, audio: countOutputAudioTokens(this.#sentSamples / SAMPLES_PER_MS) };
	}

	/** How long what was sent sounds. */
	get sentAudioMs(): number {
		return this.#sentSamples / SAMPLES_PER_MS;
	}

	/** Whether more words may come. */
	get isTextComplete(): boolean {
		return this.#isTextComplete;
	}

	/** More words, after those that came before. */
	append(text: string): void {
		const deltas = splitDeltas(this.#openWord + text);
		this.#openWord = deltas.pop() ?? '';
		this.#deltas.push(...deltas);
		for (const clause of this.#clauses.push(text)) this.#utterance?.say(clause);
		this.#flow();
	}

	/** No more words will come. */
	complete(): void {
		if (this.#isTextComplete) return;
		this.#isTextComplete = true;
		if (this.#openWord !== '') this.#deltas.push(this.#openWord);
		const clause = this.#clauses.flush();
		if (clause !== undefined) this.#utterance?.say(clause);
		this.#utterance?.end();
		this.#flow();
	}

	override dispose(): void {
		super.dispose();
		this.#utterance?.cancel();
		this.#speech.clear();
	}

	protected send(untilAudioMs: number): void {
		this.#emitInPart('response.content_part.added', { part: this.#describePart('') });
		this.item.content.push(this.#part);
		// Words first: they run ahead of the sound.
		this.#flow();
		if (this.#message.modality === 'audio') this.later(untilAudioMs, () => this.#sendAudio());
	}

	protected settle(status: ItemStatus): void {
		this.item.status = status;
		if (this.#message.modality === 'text') this.#emitInPart('response.output_text.done', { text: this.#sentText });
		else {
			this.#emitInPart('response.output_audio.done', {});
			this.#emitInPart('response.output_audio_transcript.done', { transcript: this.#sentText });
		}
		this.#emitInPart('response.content_part.done', { part: this.#describePart(this.#sentText) });
	}

	/** Starts the speech before the message is announced, so that it is there when its time comes. */
	#openUtterance(): void {
		const { context, voice, speed } = this.#message;
		this.#utterance = context.dependencies.speech.speak(
			{ voice, speed },
			{
				onAudio: (samples) => {
					this.#speech.push(samples);
					this.#resumeAfterSpeech();
				},
				onDone: () => {
					this.#isSpeechOver = true;
					this.#resumeAfterSpeech();
				},
				onError: (error) => this.end({ kind: 'failed', error })
			}
		);
	}

	#describePart(textSoFar: string): JsonObject {
		return this.#message.modality === 'text'
			? { type: 'text', text: textSoFar }
			: { type: 'audio', transcript: textSoFar };
	}

	#emitInPart(type: string, fields: JsonObject): void {
		this.emitInItem(type, { content_index: 0, ...fields });
	}

	/** Words have come, or may be sent now. */
	#flow(): void {
		if (!this.hasBegun || this.isOver) return;
		if (this.#message.modality === 'text') this.#pumpText();
		else this.#lead();
	}

	/** Sends up to `count` deltas; false when the answer has ended over it. */
	#sendDeltas(type: string, count: number): boolean {
		for (const delta of this.#deltas.splice(0, count)) {
			if (!this.canSpend(1)) return false;
			this.#sentDeltas++;
			this.#sentText += delta;
			if (this.#part.type === 'output_text') this.#part.text = this.#sentText;
			else if (this.#part.type === 'output_audio' && !this.#part.isTruncated) this.#part.transcript = this.#sentText;
			this.#emitInPart(type, { delta, obfuscation: this.options.context.obfuscate(delta) });
		}
		return true;
	}

	#sendTranscript(count: number): boolean {
		return this.#sendDeltas('response.output_audio_transcript.delta', count);
	}

	/** Sends the words of a text answer as they are there, one at a time. */
	#pumpText(delayMs = 0): void {
		if (this.#isTextPumping) return;
		if (this.#deltas.length === 0 && !this.#isTextComplete) return;
		this.#isTextPumping = true;
		this.later(delayMs, () => {
			this.#isTextPumping = false;
			if (!this.#sendDeltas('response.output_text.delta', 1)) return;
			if (this.#deltas.length === 0 && this.#isTextComplete) this.end({ kind: 'completed' });
			else this.#pumpText(this.options.context.dependencies.pace.textDeltaMs);
		});
	}

	/** The first words run ahead of the sound, and so do others while there is none. */
	#lead(): void {
		const mayLead = this.#sentDeltas < TRANSCRIPT_LEAD_DELTAS || this.#isWaitingForSpeech;
		if (this.#isLeading || !mayLead || this.#deltas.length === 0) return;
		this.#isLeading = true;
		const { transcriptMs } = this.options.context.dependencies.pace;
		this.later(this.#sentDeltas === 0 ? 0 : transcriptMs, () => {
			this.#isLeading = false;
			if (this.#sendTranscript(1)) this.#lead();
		});
	}

	#resumeAfterSpeech(): void {
		if (!this.#isWaitingForSpeech || this.isOver) return;
		this.#isWaitingForSpeech = false;
		this.#sendAudio();
	}

	/** One step: a quarter of a second of sound (three at first) and the next words. */
	#sendAudio(): void {
		if (this.#speech.length < DELTA_SAMPLES && !this.#isSpeechOver) {
			this.#isWaitingForSpeech = true;
			this.#lead();
			return;
		}
		const burst = this.#audioDeltasSent === 0 ? FIRST_BURST_DELTAS : 1;
		for (let i = 0; i < burst; i++) if (!this.#sendAudioDelta()) return;
		const isSoundOver = this.#isSpeechOver && this.#speech.length === 0;
		if (!this.#sendTranscript(isSoundOver ? this.#deltas.length : TRANSCRIPT_DELTAS_PER_AUDIO)) return;
		if (isSoundOver) this.end({ kind: 'completed' });
		else this.later(this.options.context.dependencies.pace.audioDeltaMs, () => this.#sendAudio());
	}

	/** False when the answer has ended over it. */
	#sendAudioDelta(): boolean {
		const isShortOne = this.#isSpeechOver && this.#speech.length > 0;
		if (this.#speech.length < DELTA_SAMPLES && !isShortOne) return true;
		const samples = this.#speech.take(Math.min(DELTA_SAMPLES, this.#speech.length));
		if (!this.canSpend(countOutputAudioTokens(samples.length / SAMPLES_PER_MS))) return false;
		if (this.#audioDeltasSent === 0) this.#message.onAudio();
		this.#audioDeltasSent++;
		this.#sentSamples += samples.length;
		if (this.#part.type === 'output_audio' && !this.#part.isTruncated) this.#part.audio.push(samples);
		const isLast = this.#isSpeechOver && this.#speech.length === 0;
		this.#emitInPart('response.output_audio.delta', { delta: this.#encoder.encode(samples, isLast) });
		return true;
	}
}
