/** For tests: a session in a world whose clock stands still until it is told to move, with a speech engine and a detector made of arithmetic. */
import { createRandom } from '#simulator/ids.ts';
import { paceForLatency } from '#simulator/pace.ts';
import { loadDefaultScenario } from '#simulator/scenario.ts';
import type { Scenario } from '#simulator/scenario.ts';
import { createSimulatedSession } from '#simulator/simulated-session.ts';
import type { SimulatedSession } from '#simulator/simulated-session.ts';
import type { ServerEvent } from '#simulator/session-context.ts';
import type { JsonObject } from '#simulator/shapes.ts';
import type { SpeechSource } from '#simulator/speech.ts';
import { FRAME_SAMPLES_24K } from '#simulator/speech-detector.ts';
import type { SpeechDetector } from '#simulator/speech-detector.ts';

/** The creation time of a recorded session, whose ids begin with E6U0u. */
export const START_MS = 1_785_214_048_000;

export class VirtualClock {
	#nowMs = START_MS;
	#order = 0;
	#timers: { atMs: number; order: number; action: () => void }[] = [];

	readonly nowMs = (): number => this.#nowMs;

	readonly schedule = (delayMs: number, action: () => void): (() => void) => {
		const timer = { atMs: this.#nowMs + delayMs, order: this.#order++, action };
		this.#timers.push(timer);
		return () => {
			this.#timers = this.#timers.filter((candidate) => candidate !== timer);
		};
	};

	get pendingCount(): number {
		return this.#timers.length;
	}

	advance(ms: number): void {
		const untilMs = this.#nowMs + ms;
		for (;;) {
			this.#timers.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
			const next = this.#timers[0];
			if (!next || next.atMs > untilMs) break;
			this.#timers.shift();
			this.#nowMs = Math.max(this.#nowMs, next.atMs);
			next.action();
		}
		this.#nowMs = untilMs;
	}
}

/** Speaks 60 ms per character as a constant, a sentence at a time, 20 ms after it was asked. `fail` makes it fail instead. */
export function createFakeSpeech(
	clock: VirtualClock,
	options: { fail?: boolean; silent?: boolean } = {}
): SpeechSource {
	return {
		speak: ({ text }, listener) => {
			const cancel = clock.schedule(20, () => {
				if (options.fail) return listener.onError(new Error('no voice today'));
				if (!options.silent) {
					for (const sentence of text.match(/[^.!?]+[.!?]*\s*/g) ?? []) {
						listener.onAudio(new Int16Array(sentence.length * 60 * 24).fill(1000));
					}
				}
				listener.onDone();
			});
			return { cancel };
		}
	};
}

export interface FakeDetectorOptions {
	/** The push that fails. */
	failAfterPushes?: number;
	/** How long an answer takes; 2 ms. */
	answerMs?: number;
}

/** Takes a frame for speech when it is louder than 0.03 of full scale. */
export function createFakeDetector(clock: VirtualClock, options: FakeDetectorOptions = {}): SpeechDetector {
	let pushes = 0;
	return {
		openStream: (listener) => {
			let rest: number[] = [];
			const pending = new Set<() => void>();
			return {
				push: (samples) => {
					pushes++;
					const isFailure = pushes === options.failAfterPushes;
					rest.push(...samples);
					const probabilities: number[] = [];
					while (rest.length >= FRAME_SAMPLES_24K) {
						const frame = rest.slice(0, FRAME_SAMPLES_24K);
						rest = rest.slice(FRAME_SAMPLES_24K);
						const level = frame.reduce((sum, sample) => sum + Math.abs(sample), 0) / frame.length;
						probabilities.push(level > 1000 ? 0.9 : 0.01);
					}
					const cancel = clock.schedule(options.answerMs ?? 2, () => {
						pending.delete(cancel);
						if (isFailure) listener.onError(new Error('no ears today'));
						else listener.onProbabilities(Float32Array.from(probabilities));
					});
					pending.add(cancel);
				},
				dispose: () => {
					for (const cancel of pending) cancel();
				}
			};
		}
	};
}

export interface VirtualOptions {
	model?: string;
	seed?: string;
	latencyMs?: number;
	scenario?: Scenario;
	speech?: { fail?: boolean; silent?: boolean };
	detector?: FakeDetectorOptions;
	/** Used instead of the arithmetic one. */
	realDetector?: SpeechDetector;
}

export class VirtualSession {
	readonly clock = new VirtualClock();
	readonly events: ServerEvent[] = [];
	readonly closes: { code: number; reason: string }[] = [];
	readonly session: SimulatedSession;

	constructor(options: VirtualOptions = {}) {
		const { clock } = this;
		this.session = createSimulatedSession(options.model ?? 'gpt-realtime', {
			nowMs: clock.nowMs,
			schedule: clock.schedule,
			random: createRandom(options.seed ?? 'test'),
			speech: createFakeSpeech(clock, options.speech),
			detector: options.realDetector ?? createFakeDetector(clock, options.detector),
			scenario: options.scenario ?? loadDefaultScenario(),
			pace: paceForLatency(options.latencyMs),
			// A copy, as the socket sees it: what is sent must not change afterwards.
			send: (event) => this.events.push(JSON.parse(JSON.stringify(event)) as ServerEvent),
			close: (code, reason) => this.closes.push({ code, reason })
		});
		this.session.open();
	}

	/** Sends client events without moving the clock. */
	send(...events: JsonObject[]): void {
		for (const event of events) this.session.receiveText(JSON.stringify(event));
	}

	advance(ms: number): void {
		this.clock.advance(ms);
	}

	/** Sends events and lets `ms` pass; returns what came. */
	exchange(events: JsonObject[], ms = 60): ServerEvent[] {
		const before = this.events.length;
		this.send(...events);
		this.advance(ms);
		return this.events.slice(before);
	}

	/** Feeds audio in real time: `level` 0 is silence, 8000 is speech for the detector of this world. */
	speak(ms: number, level = 8000, chunkMs = 100): ServerEvent[] {
		const before = this.events.length;
		for (let at = 0; at < ms; at += chunkMs) {
			const samples = new Int16Array(Math.min(chunkMs, ms - at) * 24).fill(level);
			this.send({ type: 'input_audio_buffer.append', audio: Buffer.from(samples.buffer).toString('base64') });
			this.advance(chunkMs);
		}
		return this.events.slice(before);
	}

	/** The last event of a type. */
	last(type: string): ServerEvent {
		const event = this.events.findLast((candidate) => candidate.type === type);
		if (!event) throw new Error(`No ${type} came; there were ${summarize(this.events).join(' ')}`);
		return event;
	}
}

/** Event types in order, equal neighbours as one: `response.output_text.delta`. */
export function summarize(events: readonly { type: string }[]): string[] {
	return events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
}

export const typedMessage = (text: string): JsonObject => ({
	type: 'conversation.item.create',
	item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] }
});

export const sessionUpdate = (session: JsonObject): JsonObject => ({
	type: 'session.update',
	session: { type: 'realtime', ...session }
});
