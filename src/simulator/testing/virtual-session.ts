/** For tests: a session in a world whose clock stands still until it is told to move. */
import { createRandom } from '#simulator/session/ids.ts';
import { paceForLatency } from '#simulator/session/pace.ts';
import type { AnswerSource, Hearing, McpConnector, ResponseFaults, SpeechDetector } from '#simulator/session/ports.ts';
import { defaultSessionConfig } from '#simulator/session/session-config.ts';
import type { SessionConfig } from '#simulator/session/session-config.ts';
import { createSimulatedSession, SESSION_SECONDS } from '#simulator/session/simulated-session.ts';
import type { SimulatedSession } from '#simulator/session/simulated-session.ts';
import type { ServerEvent } from '#simulator/session/session-context.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { checkServerEvent } from '#simulator/testing/server-event-schema.ts';
import { VirtualClock } from '#simulator/testing/virtual-clock.ts';
import {
	createFakeDetector,
	createFakeHearing,
	createFakeSpeech,
	FakeMcp,
	ScriptedAnswers
} from '#simulator/testing/virtual-edges.ts';
import type { FakeDetectorOptions } from '#simulator/testing/virtual-edges.ts';

export { START_MS, VirtualClock } from '#simulator/testing/virtual-clock.ts';

export interface VirtualOptions {
	model?: string;
	/** Instead of the defaults of the model. */
	config?: SessionConfig;
	seed?: string;
	latencyMs?: number;
	/** Who answers; says back what was typed. Given the world's clock where it needs one. */
	answers?: AnswerSource | ((clock: VirtualClock) => AnswerSource);
	hearing?: Hearing | ((clock: VirtualClock) => Hearing);
	mcp?: McpConnector | ((clock: VirtualClock) => McpConnector);
	faults?: ResponseFaults;
	speech?: { fail?: boolean; silent?: boolean };
	detector?: FakeDetectorOptions;
	/** Used instead of the arithmetic one. */
	realDetector?: SpeechDetector;
	lifetimeMs?: number;
}

function resolve<T extends object>(
	option: T | ((clock: VirtualClock) => T) | undefined,
	clock: VirtualClock
): T | undefined {
	return typeof option === 'function' ? (option as (clock: VirtualClock) => T)(clock) : option;
}

export class VirtualSession {
	readonly clock = new VirtualClock();
	readonly events: ServerEvent[] = [];
	readonly closes: { code: number; reason: string }[] = [];
	readonly session: SimulatedSession;

	constructor(options: VirtualOptions = {}) {
		const { clock } = this;
		this.session = createSimulatedSession(options.config ?? defaultSessionConfig(options.model ?? 'gpt-realtime'), {
			nowMs: clock.nowMs,
			schedule: clock.schedule,
			random: createRandom(options.seed ?? 'test'),
			speech: createFakeSpeech(clock, options.speech),
			detector: options.realDetector ?? createFakeDetector(clock, options.detector),
			answers: resolve(options.answers, clock) ?? new ScriptedAnswers(clock),
			hearing: resolve(options.hearing, clock) ?? createFakeHearing(clock),
			mcp: resolve(options.mcp, clock) ?? new FakeMcp(clock),
			faults: options.faults ?? { nextResponse: () => undefined },
			pace: paceForLatency(options.latencyMs),
			lifetimeMs: options.lifetimeMs ?? SESSION_SECONDS * 1000,
			send: (event) => this.#receive(event),
			close: (code, reason) => this.closes.push({ code, reason })
		});
		this.session.open();
	}

	/** A copy, as the socket sees it: what is sent must not change afterwards. An event that the service does not send fails the test. */
	#receive(event: ServerEvent): void {
		const copy = JSON.parse(JSON.stringify(event)) as ServerEvent;
		const faults = checkServerEvent(copy);
		if (faults.length > 0) throw new Error(`${event.type} is no event of the service: ${faults.join('; ')}`);
		this.events.push(copy);
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
