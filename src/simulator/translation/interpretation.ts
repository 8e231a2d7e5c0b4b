/** One stretch of speech on its way into another language: its words, their translation, and how that sounds. */
import { ClauseSplitter } from '#simulator/session/clauses.ts';
import { splitDeltas } from '#simulator/session/deltas.ts';
import { simulatorFailure } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import type { AnswerRequest, AnswerSource, Hearing, SpeechSource, Utterance } from '#simulator/session/ports.ts';
import { SampleQueue } from '#simulator/session/sample-queue.ts';
import { RATE_HZ } from '#simulator/translation/segmenter.ts';
import { nameLanguage } from '#simulator/translation/translation-config.ts';
import type { TranslationConfig } from '#simulator/translation/translation-config.ts';

/** A stretch of speech that a scenario knows: its words, if it knows them, and their translation. */
export interface Translation {
	hear: string | null;
	say: string;
}

export interface InterpretationEdges {
	speech: SpeechSource;
	hearing: Hearing;
	/** A language model. */
	answers?: AnswerSource;
	translations: readonly Translation[];
	newId: (kind: string) => string;
	/** There is more to send, or nothing more will come. */
	onChange: () => void;
	onError: (error: ApiError) => void;
}

/** The service picks a voice like the speaker's. Ours: always the same one. */
const VOICE = 'marin';

/** Text that comes bit by bit, cut into deltas of a word each. */
class DeltaQueue {
	#deltas: string[] = [];
	/** The last word of what has come: what follows may belong to it. */
	#openWord = '';
	#isComplete = false;

	push(text: string): void {
		this.#deltas.push(...splitDeltas(this.#openWord + text));
		this.#openWord = this.#deltas.pop() ?? '';
	}

	complete(): void {
		if (this.#openWord !== '') this.#deltas.push(this.#openWord);
		this.#openWord = '';
		this.#isComplete = true;
	}

	take(): string | undefined {
		return this.#deltas.shift();
	}

	get length(): number {
		return this.#deltas.length;
	}

	/** Nothing more will come. */
	get isComplete(): boolean {
		return this.#isComplete;
	}

	/** Everything was taken, and nothing more will come. */
	get isOver(): boolean {
		return this.#isComplete && this.#deltas.length === 0;
	}
}

export class Interpretation {
	/** The number of this stretch in the session, from 1. */
	readonly number: number;
	/** What was said, for the client; empty when it did not ask for that. */
	readonly heard = new DeltaQueue();
	/** The translation. */
	readonly said = new DeltaQueue();
	readonly #edges: InterpretationEdges;
	readonly #config: TranslationConfig;
	readonly #sound = new SampleQueue();
	readonly #clauses = new ClauseSplitter();
	#utterance: Utterance | undefined;
	#isSoundComplete = false;
	#cancelWork = (): void => {};

	/** `config` holds for this stretch, whatever the client changes while it is translated. */
	constructor(number: number, samples: Int16Array, config: TranslationConfig, edges: InterpretationEdges) {
		this.number = number;
		this.#config = config;
		this.#edges = edges;
		const known = edges.translations[number - 1];
		const wantsWords = config.audio.input.transcription !== null;
		if (wantsWords && typeof known?.hear === 'string') this.heard.push(known.hear);
		if (!known || (wantsWords && known.hear === null)) this.#listen(samples, known !== undefined);
		else this.heard.complete();
		if (known) {
			this.#say(known.say);
			this.#completeSaying();
		}
	}

	/** Whether the next frame of sound can be taken. */
	isReady(frameSamples: number): boolean {
		return this.#sound.length >= frameSamples || (this.#isSoundComplete && this.said.isComplete);
	}

	/** All of the translation was taken. */
	get isOver(): boolean {
		return this.#isSoundComplete && this.#sound.length === 0 && this.said.isOver;
	}

	takeSound(count: number): Int16Array {
		return this.#sound.take(count);
	}

	dispose(): void {
		this.#cancelWork();
		this.#utterance?.cancel();
	}

	#listen(samples: Int16Array, isTranslationKnown: boolean): void {
		const { hearing, newId } = this.#edges;
		const { transcription } = this.#config.audio.input;
		const work = hearing.hear(
			{
				itemId: newId('seg'),
				spokenTurn: this.number,
				samples,
				rateHz: RATE_HZ,
				...(transcription ? { model: transcription.model } : {})
			},
			{
				onWords: (delta) => {
					if (transcription) this.heard.push(delta);
					this.#edges.onChange();
				},
				onDone: (transcript) => {
					this.heard.complete();
					if (!isTranslationKnown) this.#translate(transcript.trim());
					this.#edges.onChange();
				},
				onError: ({ code, message }) => {
					this.heard.complete();
					if (isTranslationKnown) this.#fail(code, `The words of ${this.#name} are not known. ${message}`);
					else this.#giveUp(code === 'transcription_unavailable' ? '' : ` ${message}`);
					this.#edges.onChange();
				}
			}
		);
		this.#cancelWork = () => work.cancel();
	}

	get #name(): string {
		return `stretch of speech ${this.number}`;
	}

	#fail(code: string, message: string): void {
		this.#edges.onError(simulatorFailure(code, message));
	}

	/** Nothing will be said. Ours: the service knows every word, or believes so. */
	#giveUp(reason: string): void {
		const models = this.#edges.answers
			? 'or set EARSHOT_STT_URL to a transcription endpoint, whose words the language model translates'
			: 'or set EARSHOT_LLM_URL to a language model and EARSHOT_STT_URL to a transcription endpoint';
		this.#fail(
			'translation_unavailable',
			`Nobody knows the translation of ${this.#name}, so nothing is said for it.${reason} ` +
				`Give it as entry ${this.number} of "translations" in the scenario, as {"hear": "...", "say": "..."}, ${models}.`
		);
		this.#completeSaying();
	}

	#translate(words: string): void {
		const { answers } = this.#edges;
		// A noise that is no speech.
		if (words === '') return this.#completeSaying();
		if (!answers) return this.#giveUp(` What was heard is ${JSON.stringify(words)}.`);
		const work = answers.answer(this.#describeRequest(words), {
			onText: (more) => {
				this.#say(more);
				this.#edges.onChange();
			},
			onMessageEnd: () => {},
			// It was given no tools.
			onCall: () => {},
			onEnd: (end) => {
				if (end.kind === 'failed') {
					const { code, message } = end.error;
					this.#fail(code ?? 'translation_failed', `The translation of ${this.#name} failed. ${message}`);
				}
				this.#completeSaying();
				this.#edges.onChange();
			}
		});
		this.#cancelWork = () => work.cancel();
	}

	#describeRequest(words: string): AnswerRequest {
		const { model, audio } = this.#config;
		return {
			turn: this.number,
			model,
			voice: VOICE,
			modality: 'audio',
			instructions: `Translate what the caller says into ${nameLanguage(audio.output.language)}. Say nothing else.`,
			items: [
				{
					kind: 'message',
					id: this.#edges.newId('item'),
					status: 'completed',
					role: 'user',
					content: [{ type: 'input_text', text: words }]
				}
			],
			tools: [],
			toolDemand: { kind: 'none' },
			allowsSeveralCalls: false,
			maxOutputTokens: 'inf',
			metadata: null,
			isOutOfBand: true
		};
	}

	#say(text: string): void {
		this.said.push(text);
		for (const clause of this.#clauses.push(text)) this.#speak(clause);
	}

	#speak(clause: string): void {
		// The voice has failed: the words go on without it.
		if (this.#isSoundComplete) return;
		this.#utterance ??= this.#edges.speech.speak(
			{ voice: VOICE, speed: 1 },
			{
				onAudio: (samples) => {
					this.#sound.push(samples);
					this.#edges.onChange();
				},
				onDone: () => this.#endSound(),
				onError: (error) => {
					this.#fail('speech_failed', `The translation of ${this.#name} cannot be spoken: ${error.message}`);
					this.#endSound();
				}
			}
		);
		this.#utterance.say(clause);
	}

	#completeSaying(): void {
		this.said.complete();
		const clause = this.#clauses.flush();
		if (clause !== undefined) this.#speak(clause);
		if (!this.#utterance) this.#isSoundComplete = true;
		else if (!this.#isSoundComplete) this.#utterance.end();
	}

	#endSound(): void {
		this.#isSoundComplete = true;
		this.#edges.onChange();
	}
}
