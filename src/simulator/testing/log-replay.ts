/**
 * For tests: a recorded session, played again to the simulator. The client's lines are sent when the simulator has come as
 * far as the service had; the model says and calls what it was recorded to say and call, and the caller's words are those
 * that were recorded.
 */
import type { AnswerSource, Hearing, SpeechDetector } from '#simulator/session/ports.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import type { LoggedEvent } from '#simulator/testing/corpus.ts';
import { isTranscription, mapStrings, nameIds } from '#simulator/testing/log-comparison.ts';
import type { WireEvent } from '#simulator/testing/log-comparison.ts';
import type { VirtualClock } from '#simulator/testing/virtual-clock.ts';
import { VirtualSession } from '#simulator/testing/virtual-session.ts';

/** 100 ms at 24 kHz, as the recorder sent it. */
export const APPEND_SAMPLES = 2400;
/** An answer of a few seconds takes about one: what takes longer does not come. */
const PATIENCE_MS = 30_000;
/** 32 ms at 24 kHz, and the samples that the detector looks ahead. */
const FRAME_SAMPLES = 768;
const LOOKAHEAD_SAMPLES = 26;

export interface ReplayOptions {
	/** The caller's audio, 24 kHz, instead of what the recorder cut off; silence when there is none. */
	audio?: Int16Array;
	/** What the detector finds in it, frame by frame. */
	probabilities?: readonly number[];
	/** How long an append takes: 100 as in life, or 0 for all at once, as the recorder did. */
	appendMs?: number;
}

export interface Replayed {
	/** What the simulator sent. */
	events: WireEvent[];
	/** Where it did not come as far as the recording. */
	problems: string[];
}

/** What the server sent in a log. */
export function serverEventsOf(log: readonly LoggedEvent[]): WireEvent[] {
	return log.filter(({ direction }) => direction === 'server').map(({ event }) => event);
}

/** Plays the client's lines of a log to a new session; see the head of this file. */
export function replayLog(log: readonly LoggedEvent[], options: ReplayOptions = {}): Replayed {
	const recorded = serverEventsOf(log);
	const { model } = recorded[0]?.['session'] as { model: string };
	const problems: string[] = [];
	const world: VirtualSession = new VirtualSession({
		model,
		answers: (clock) => replayAnswers(recorded, clock),
		hearing: (clock) => replayHearing(recorded, clock),
		realDetector: replayDetector(options.probabilities ?? [], (action) => world.clock.schedule(1, action))
	});
	const nextAudio = cutAudio(options.audio ?? new Int16Array());
	const seen: WireEvent[] = [];
	for (const [index, { direction, event }] of log.entries()) {
		if (direction === 'server') {
			seen.push(event);
			continue;
		}
		if (!reach(world, seen)) problems.push(`before line ${index + 1}, ${event.type}: ${describeLag(world, seen)}`);
		if (event.type === 'input_audio_buffer.append') world.exchange([nextAudio()], options.appendMs ?? 0);
		else world.send(withOurIds(event, seen, world.events));
	}
	if (!reach(world, seen)) problems.push(`at the end: ${describeLag(world, seen)}`);
	world.advance(PATIENCE_MS);
	for (const { code, reason } of world.closes) problems.push(`The connection was closed: ${code} ${reason}`);
	return { events: world.events, problems };
}

/** The last event that both have at the same place: not what interleaves freely. */
function findAnchor(seen: readonly WireEvent[]): { type: string; count: number } | undefined {
	const isFree = (type: string): boolean =>
		isTranscription(type) || type === 'rate_limits.updated' || type.endsWith('.delta');
	const type = seen.findLast((event) => !isFree(event.type))?.type;
	return type === undefined ? undefined : { type, count: countOf(seen, type) };
}

const countOf = (events: readonly WireEvent[], type: string): number =>
	events.filter((event) => event.type === type).length;

/** Lets time pass until the session has sent as much. False when it does not come. */
function reach(world: VirtualSession, seen: readonly WireEvent[]): boolean {
	const anchor = findAnchor(seen);
	if (!anchor) return true;
	for (let ms = 0; ms < PATIENCE_MS; ms++) {
		if (countOf(world.events, anchor.type) >= anchor.count) return true;
		world.advance(1);
	}
	return false;
}

function describeLag(world: VirtualSession, seen: readonly WireEvent[]): string {
	const anchor = findAnchor(seen);
	return `${anchor?.type} was recorded ${anchor?.count} times and simulated ${countOf(world.events, anchor?.type ?? '')} times`;
}

function withOurIds(event: JsonObject, recorded: readonly WireEvent[], simulated: readonly WireEvent[]): JsonObject {
	const names = nameIds(recorded);
	const ours = new Map([...nameIds(simulated)].map(([id, name]) => [name, id]));
	return mapStrings(event, (text) => ours.get(names.get(text) ?? '') ?? text) as JsonObject;
}

function cutAudio(audio: Int16Array): () => JsonObject {
	let sentSamples = 0;
	return () => {
		const chunk = new Int16Array(APPEND_SAMPLES);
		chunk.set(audio.subarray(sentSamples, sentSamples + APPEND_SAMPLES));
		sentSamples += APPEND_SAMPLES;
		return { type: 'input_audio_buffer.append', audio: Buffer.from(chunk.buffer).toString('base64') };
	};
}

/** Says what the real detector found, when the audio of the frame is there. */
function replayDetector(probabilities: readonly number[], later: (action: () => void) => unknown): SpeechDetector {
	return {
		openStream: (_rateHz, listener) => {
			let [samples, frame, isOpen] = [0, 0, true];
			return {
				push: (chunk) => {
					samples += chunk.length;
					const found: number[] = [];
					while ((frame + 1) * FRAME_SAMPLES + LOOKAHEAD_SAMPLES <= samples) found.push(probabilities[frame++] ?? 0);
					later(() => isOpen && listener.onProbabilities(Float32Array.from(found)));
				},
				dispose: () => {
					isOpen = false;
				}
			};
		}
	};
}

/** Answers with what was recorded: the same messages, delta by delta, and the same calls. */
function replayAnswers(recorded: readonly WireEvent[], clock: VirtualClock): AnswerSource {
	const responses = recorded.filter(({ type }) => type === 'response.created').map(({ response }) => idOf(response));
	return {
		wantsWords: false,
		answer: ({ turn }, listener) => {
			const own = recorded.filter((event) => event['response_id'] === responses[turn - 1]);
			const cancel = clock.schedule(0, () => {
				for (const { type, item } of own) {
					if (type !== 'response.output_item.added') continue;
					const ofItem = own.filter((event) => event['item_id'] === idOf(item));
					const done = ofItem.find((event) => event.type === 'response.function_call_arguments.done');
					if (done) listener.onCall({ name: String(done['name']), arguments: String(done['arguments']) });
					else {
						const { phase } = item as { phase?: 'commentary' | 'final_answer' };
						const words = ofItem.filter((event) => /(text|transcript)\.delta$/.test(event.type));
						for (const { delta } of words) listener.onText(String(delta), phase);
						listener.onMessageEnd();
					}
				}
				const code = 'not_recorded';
				const error = { type: 'server_error', code, message: `The recording has no answer ${turn}.` };
				listener.onEnd(responses[turn - 1] === undefined ? { kind: 'failed', error } : { kind: 'completed' });
			});
			return { cancel };
		}
	};
}

function idOf(value: unknown): string {
	return String((value as { id?: unknown } | undefined)?.id);
}

/** Hears what was recorded: the same words, delta by delta. */
function replayHearing(recorded: readonly WireEvent[], clock: VirtualClock): Hearing {
	const items = recorded.filter(({ type }) => type === 'input_audio_buffer.committed').map((event) => event['item_id']);
	return {
		expectedWords: () => undefined,
		hear: ({ spokenTurn }, listener) => {
			const own = recorded.filter(({ type, item_id: id }) => isTranscription(type) && id === items[spokenTurn - 1]);
			const cancel = clock.schedule(1, () => {
				const completed = own.find(({ type }) => type.endsWith('.completed'));
				const failed = own.find(({ type }) => type.endsWith('.failed'));
				if (!completed) {
					const { code, message } = (failed?.['error'] ?? {}) as { code?: string; message?: string };
					listener.onError({ code: code ?? 'not_recorded', message: message ?? 'The recording has no words.' });
					return;
				}
				const deltas = own.filter(({ type }) => type.endsWith('.delta')).map(({ delta }) => String(delta));
				// The first one has a space before it, which is no part of the words.
				for (const [index, delta] of deltas.entries()) listener.onWords(index === 0 ? delta.trimStart() : delta);
				listener.onDone(String(completed['transcript']));
			});
			return { cancel };
		}
	};
}
