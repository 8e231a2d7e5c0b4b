/** A translation session: what is said goes in as audio without end, and comes out in another language. */
import { decodeBase64, readSamples, toBase64 } from '#simulator/session/audio-codec.ts';
import { readClientEvent } from '#simulator/session/client-event.ts';
import { invalidRequest, invalidValue, sessionErrors } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import { createIdMaker } from '#simulator/session/ids.ts';
import type { RandomSource } from '#simulator/session/ids.ts';
import type { Pace } from '#simulator/session/pace.ts';
import type { AnswerSource, Hearing, SpeechDetector, SpeechSource } from '#simulator/session/ports.ts';
import type { HandlerTable, Schedule, ServerEvent } from '#simulator/session/session-context.ts';
import { object, text } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { EXPIRED_REASON } from '#simulator/session/simulated-session.ts';
import type { SimulatedSession } from '#simulator/session/simulated-session.ts';
import type { Translation } from '#simulator/translation/interpretation.ts';
import { Interpreter } from '#simulator/translation/interpreter.ts';
import { RATE_HZ } from '#simulator/translation/segmenter.ts';
import {
	describeTranslation,
	mergeTranslationUpdate,
	translationUpdateShape
} from '#simulator/translation/translation-config.ts';
import type { TranslationConfig } from '#simulator/translation/translation-config.ts';

/** Everything a translation session needs from outside; it has no clock, timer, socket or random number of its own. */
export interface TranslationDependencies {
	/** Unix time. */
	nowMs: () => number;
	schedule: Schedule;
	random: RandomSource;
	speech: SpeechSource;
	detector: SpeechDetector;
	/** Who knows the words where `translations` do not. */
	hearing: Hearing;
	/** A language model that translates the words that `hearing` knows, where `translations` do not. */
	answers?: AnswerSource;
	/** The 1st, 2nd, ... stretch of speech, of a scenario. */
	translations: readonly Translation[];
	pace: Pace;
	/** How long the session may last. */
	lifetimeMs: number;
	send: (event: ServerEvent) => void;
	/** Closes the connection. */
	close: (code: number, reason: string) => void;
}

/** Source: openai 7.55 types (input_audio_buffer.append of the other sessions). */
const LARGEST_APPEND_BYTES = 15 * 1024 * 1024;

/** Ours. */
const closing = (): ApiError =>
	invalidRequest('session_closing', 'The session is closing: nothing more is taken after session.close.', 'type');

class TranslationSession implements SimulatedSession {
	readonly #dependencies: TranslationDependencies;
	readonly #newId: (kind: string) => string;
	readonly #id: string;
	readonly #expiresAtS: number;
	readonly #interpreter: Interpreter;
	readonly #handlers: HandlerTable;
	readonly #timers = new Set<() => void>();
	#config: TranslationConfig;
	/** Half a sample left by an append of an odd length. */
	#oddByte: number | undefined;
	#isClosing = false;
	#backlogChars = 0;
	#isDisposed = false;
	/** The id of the client event in hand, which errors echo. */
	#eventInHand: string | null = null;

	constructor(config: TranslationConfig, dependencies: TranslationDependencies) {
		this.#config = config;
		this.#dependencies = dependencies;
		this.#newId = createIdMaker(dependencies.random, dependencies.nowMs);
		this.#id = this.#newId('sess');
		this.#expiresAtS = Math.floor((dependencies.nowMs() + dependencies.lifetimeMs) / 1000);
		this.#interpreter = new Interpreter({
			...dependencies,
			newId: this.#newId,
			config: () => this.#config,
			listener: {
				onHeard: (delta, elapsedMs) => this.#emitDelta('session.input_transcript.delta', delta, elapsedMs),
				onSaid: (delta, elapsedMs) => this.#emitDelta('session.output_transcript.delta', delta, elapsedMs),
				onSound: (samples, elapsedMs) => this.#emitSound(samples, elapsedMs),
				onError: (error) => this.#fail(error, null),
				onFinished: () => {
					this.#emit('session.closed', {});
					dependencies.close(1000, '');
				}
			}
		});
		this.#handlers = {
			'session.update': {
				shape: object({ session: translationUpdateShape }, ['session']),
				apply: (event) => {
					this.#config = mergeTranslationUpdate(this.#config, event['session'] as JsonObject);
					this.#emit('session.updated', { session: this.#describe() });
				}
			},
			'session.input_audio_buffer.append': {
				shape: object({ audio: text }, ['audio']),
				apply: (event) => this.#append(event['audio'] as string)
			},
			'session.close': {
				shape: object({}),
				apply: () => {
					this.#isClosing = true;
					this.#interpreter.finish();
				}
			}
		};
	}

	open(): void {
		this.#emit('session.created', { session: this.#describe() });
		this.#after(this.#dependencies.lifetimeMs, () => this.#dependencies.close(1001, EXPIRED_REASON));
	}

	get backlogChars(): number {
		return this.#backlogChars;
	}

	receiveText(message: string): void {
		this.#backlogChars += message.length;
		this.#after(this.#dependencies.pace.answerMs, () => {
			this.#backlogChars -= message.length;
			this.#apply(message);
		});
	}

	receiveBinary(): void {
		this.#after(this.#dependencies.pace.answerMs, () => this.#fail(sessionErrors.binaryFrame()));
	}

	dispose(): void {
		this.#isDisposed = true;
		for (const cancel of this.#timers) cancel();
		this.#timers.clear();
		this.#interpreter.dispose();
	}

	#after(delayMs: number, action: () => void): void {
		if (this.#isDisposed) return;
		const cancel = this.#dependencies.schedule(delayMs, () => {
			this.#timers.delete(cancel);
			action();
			this.#eventInHand = null;
		});
		this.#timers.add(cancel);
	}

	#apply(message: string): void {
		// Ours: the list that the service names in its other sessions has these three and those of the others.
		const read = readClientEvent(message, this.#handlers, (type) =>
			invalidValue(type, Object.keys(this.#handlers), 'type')
		);
		this.#eventInHand = read.eventId;
		if ('error' in read) this.#fail(read.error);
		else if (this.#isClosing) this.#fail(closing());
		else read.handler.apply(read.fields);
	}

	#append(base64: string): void {
		const decoded = decodeBase64(base64);
		if (!decoded) return this.#fail(sessionErrors.badAudio());
		if (decoded.length > LARGEST_APPEND_BYTES) return this.#fail(sessionErrors.audioTooLong(decoded.length));
		const bytes = this.#oddByte === undefined ? decoded : Buffer.concat([Buffer.of(this.#oddByte), decoded]);
		this.#oddByte = bytes.length % 2 === 1 ? bytes[bytes.length - 1] : undefined;
		this.#interpreter.append(readSamples(bytes));
	}

	#describe(): JsonObject {
		return describeTranslation(this.#config, this.#id, this.#expiresAtS);
	}

	#emit(type: string, fields: JsonObject): void {
		if (!this.#isDisposed) this.#dependencies.send({ type, event_id: this.#newId('event'), ...fields });
	}

	#emitDelta(type: string, delta: string, elapsedMs: number): void {
		this.#emit(type, { delta, elapsed_ms: elapsedMs });
	}

	#emitSound(samples: Int16Array, elapsedMs: number): void {
		const delta = toBase64(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
		this.#emit('session.output_audio.delta', {
			delta,
			sample_rate: RATE_HZ,
			channels: 1,
			format: 'pcm16',
			elapsed_ms: elapsedMs
		});
	}

	#fail({ type, code, message, param }: ApiError, eventId = this.#eventInHand): void {
		this.#emit('error', { error: { type, code, message, param, event_id: eventId } });
	}
}

/** Creates a translation session; `open` it, then give it what the client sends. */
export function createTranslationSession(
	config: TranslationConfig,
	dependencies: TranslationDependencies
): SimulatedSession {
	return new TranslationSession(config, dependencies);
}
