/** For tests: a translation session on a virtual clock, whose speech, ears and answers are made of arithmetic. */
import { toBase64 } from '#simulator/session/audio-codec.ts';
import { createRandom } from '#simulator/session/ids.ts';
import { paceForLatency } from '#simulator/session/pace.ts';
import type { ServerEvent } from '#simulator/session/session-context.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import type { SimulatedSession } from '#simulator/session/simulated-session.ts';
import { checkServerEvent } from '#simulator/testing/server-event-schema.ts';
import { VirtualClock } from '#simulator/testing/virtual-clock.ts';
import {
	createFakeDetector,
	createFakeHearing,
	createFakeSpeech,
	ScriptedAnswers
} from '#simulator/testing/virtual-edges.ts';
import type { FakeDetectorOptions, ScriptStep } from '#simulator/testing/virtual-edges.ts';
import type { Translation } from '#simulator/translation/interpretation.ts';
import { defaultTranslationConfig } from '#simulator/translation/translation-config.ts';
import { createTranslationSession } from '#simulator/translation/translation-session.ts';

export interface RigOptions {
	translations?: Translation[];
	/** What the hearing knows. */
	words?: (string | undefined)[];
	/** What the language model says. */
	script?: (words: string) => ScriptStep[];
	detector?: FakeDetectorOptions;
	speech?: { fail?: boolean; silent?: boolean };
	lifetimeMs?: number;
	seed?: string;
}

const SAMPLES_PER_MS = 24;
/** How a client of the service appends. */
const APPEND_MS = 200;

export class TranslationRig {
	readonly clock = new VirtualClock();
	readonly session: SimulatedSession;
	readonly events: ServerEvent[] = [];
	readonly closes: [code: number, reason: string][] = [];
	readonly answers: ScriptedAnswers;
	/** The audio that the hearing was asked about. */
	readonly stretches: Int16Array[] = [];

	constructor(options: RigOptions = {}) {
		const { clock } = this;
		const { script } = options;
		this.answers = new ScriptedAnswers(clock, (request) => {
			const [item] = request.items;
			const part = item?.kind === 'message' ? item.content[0] : undefined;
			return script?.(part?.type === 'input_text' ? part.text : '') ?? [];
		});
		const hearing = createFakeHearing(clock, options.words);
		this.session = createTranslationSession(defaultTranslationConfig('gpt-realtime-translate'), {
			nowMs: clock.nowMs,
			schedule: clock.schedule,
			random: createRandom(options.seed ?? 'seed'),
			speech: createFakeSpeech(clock, options.speech),
			detector: createFakeDetector(clock, options.detector),
			hearing: {
				...hearing,
				hear: (request, listener) => {
					this.stretches.push(request.samples);
					return hearing.hear(request, listener);
				}
			},
			...(script ? { answers: this.answers } : {}),
			translations: options.translations ?? [],
			pace: paceForLatency(50),
			lifetimeMs: options.lifetimeMs ?? 3_600_000,
			send: (event) => {
				const faults = checkServerEvent(event);
				if (faults.length > 0) throw new Error(faults.join('\n'));
				this.events.push(event);
			},
			close: (code, reason) => this.closes.push([code, reason])
		});
		this.session.open();
	}

	/** Sends an event and lets it be answered. */
	send(event: object): void {
		this.session.receiveText(JSON.stringify(event));
		this.clock.advance(60);
	}

	append(samples: Int16Array): void {
		this.session.receiveText(
			JSON.stringify({ type: 'session.input_audio_buffer.append', audio: toBase64(new Uint8Array(samples.buffer)) })
		);
	}

	/** The speaker speaks, in real time. */
	speak(ms: number): void {
		this.#stream(ms, 8000);
	}

	/** The speaker says nothing, in real time. */
	pause(ms: number): void {
		this.#stream(ms, 0);
	}

	/** Turns the words of the speaker on. */
	transcribe(): void {
		this.send({
			type: 'session.update',
			session: { audio: { input: { transcription: { model: 'gpt-realtime-whisper' } } } }
		});
	}

	#stream(ms: number, level: number): void {
		for (let left = ms; left > 0; left -= APPEND_MS) {
			this.append(new Int16Array(Math.min(APPEND_MS, left) * SAMPLES_PER_MS).fill(level));
			this.clock.advance(APPEND_MS);
		}
	}

	of(type: string): JsonObject[] {
		return this.events.filter((event) => event.type === type);
	}

	/** The deltas of a type, put together as a client does. */
	text(type: string): string {
		return this.of(type)
			.map(({ delta }) => delta)
			.join('');
	}

	get heard(): string {
		return this.text('session.input_transcript.delta');
	}

	get said(): string {
		return this.text('session.output_transcript.delta');
	}

	get errors(): JsonObject[] {
		return this.of('error').map(({ error }) => error as JsonObject);
	}

	/** Frames of sound: how long each is and whether it is silent. */
	get frames(): { ms: number; elapsedMs: number; isSilent: boolean }[] {
		return this.of('session.output_audio.delta').map(({ delta, elapsed_ms: elapsedMs }) => {
			const bytes = Buffer.from(delta as string, 'base64');
			return {
				ms: bytes.length / 2 / SAMPLES_PER_MS,
				elapsedMs: elapsedMs as number,
				isSilent: bytes.every((byte) => byte === 0)
			};
		});
	}
}
