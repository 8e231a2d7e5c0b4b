import { SAMPLE_RATE } from '#core/audio/pcm16.ts';
import { numberAt, stringAt, type JsonObject } from '#core/base/json.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import type { Session } from '#core/session/session-model.ts';
import type { AudioProblem } from '#browser/audio-device/audio-problem.ts';
import type { PlaybackEvent, PlaybackPosition, StoppedPlayback } from '#browser/audio-device/playback-ledger.ts';
import { openSpeaker, type Speaker } from '#browser/audio-device/speaker.ts';
import { showAudioProblem, watchSuspension } from './audio-problems.ts';
import { BusySwitch } from './busy.ts';

/** What was played of an utterance when playing was stopped. */
export interface StoppedUtterance {
	readonly itemId: string;
	readonly contentIndex: number;
	readonly playedSamples: number;
	/** Whole milliseconds really played: what `conversation.item.truncate` claims. */
	readonly playedMs: number;
	/** `performance.now()` of the moment, ms. */
	readonly atMs: number;
	/** From the ring buffer to the ear, as far as the browser knows, ms. */
	readonly outputLatencyMs: number;
}

/** All that a stop cut off: what waited behind the utterance that was playing was cut off before its first sample. */
export function cutOff(stopped: StoppedPlayback, outputLatencyMs: number): StoppedUtterance[] {
	return [stopped, ...stopped.behind].map(({ itemId, contentIndex, playedSamples }) => ({
		itemId,
		contentIndex,
		playedSamples,
		playedMs: Math.floor((playedSamples * 1000) / SAMPLE_RATE),
		atMs: stopped.atMs,
		outputLatencyMs
	}));
}

/** At most so often is a position recorded while an utterance plays. Milliseconds. */
const POSITION_EVERY_MS = 240;

type RecordConsole = (event: Readonly<Record<string, unknown>>, atMs: number) => void;

/** The model's voice in this session: plays what arrives, and records what was really played. */
export class ModelVoice {
	readonly #record: RecordConsole;
	readonly #busy = new BusySwitch();
	#speaker: Speaker | null = null;
	#unwatch: (() => void) | null = null;
	/** Grows with each open and close: a speaker that opens too late is closed again. */
	#generation = 0;
	/** When a playback event was last recorded, `performance.now()` ms. */
	#recordedAtMs = 0;
	/** Utterances and responses that were cut off: what still arrives of them is never played. */
	readonly #stopped = new Set<string>();
	/** Utterances with audio in the speaker that has not been played to its end. */
	readonly #open = new Set<string>();

	constructor(record: RecordConsole) {
		this.#record = record;
	}

	/** Opens the speaker. Without one the session goes on unheard, and nothing counts as played. */
	async open(): Promise<Result<void, AudioProblem>> {
		this.close();
		const generation = this.#generation;
		const speaker = await openSpeaker({
			onplayback: (event) => this.#played(event),
			onproblem: (problem) => showAudioProblem(problem)
		});
		if (!speaker.ok) return fail(speaker.error);
		if (generation !== this.#generation) {
			speaker.value.dispose();
			return succeed(undefined);
		}
		this.#speaker = speaker.value;
		this.#unwatch = watchSuspension(speaker.value);
		return succeed(undefined);
	}

	/** Queues the audio of a `response.output_audio.delta` (24 kHz PCM16). */
	play(body: JsonObject, pcm16: Uint8Array): void {
		const source = sourceOf(body);
		const key = keyOf(source);
		const isCut = this.#stopped.has(key) || this.#stopped.has(stringAt(body, 'response_id') ?? '');
		if (!this.#speaker || isCut) return;
		this.#open.add(key);
		this.#busy.set(true);
		this.#speaker.enqueue(source, pcm16);
	}

	/** No more audio will come for the utterance of a `response.output_audio.done`. */
	finish(body: JsonObject): void {
		this.#speaker?.finish(sourceOf(body));
	}

	/** Finishes what a response left open: a cancelled one may end without `response.output_audio.done`. */
	finishResponse(responseId: string | undefined, session: Session): void {
		if (this.#open.size === 0) return;
		for (const utterance of session.utterances) {
			if (utterance.responseId === responseId && this.#open.has(keyOf(utterance))) this.#speaker?.finish(utterance);
		}
	}

	/**
	 * Stops playing in this render quantum; tells what was played of each utterance that was cut off.
	 *
	 * @param responseId the response in progress, which is being cancelled: its audio may still be on the way
	 */
	async stop(responseId: string | null): Promise<StoppedUtterance[]> {
		if (responseId !== null) this.#stopped.add(responseId);
		if (!this.#speaker || this.#open.size === 0) return [];
		const { outputLatencyMs } = this.#speaker;
		const stopping = this.#speaker.stop();
		for (const key of this.#open) this.#stopped.add(key);
		this.#open.clear();
		const stopped = await stopping;
		this.#busy.set(this.#open.size > 0);
		return stopped ? cutOff(stopped, outputLatencyMs) : [];
	}

	/** What is playing at this moment, and how much of it has been played; `null` when nothing is. */
	position(): PlaybackPosition | null {
		return this.#open.size > 0 ? (this.#speaker?.position() ?? null) : null;
	}

	close(): void {
		this.#generation++;
		this.#busy.set(false);
		this.#stopped.clear();
		this.#open.clear();
		this.#unwatch?.();
		this.#unwatch = null;
		this.#speaker?.dispose();
		this.#speaker = null;
	}

	#played(event: PlaybackEvent): void {
		// A stop is recorded by whoever asked for it, with the reason.
		if (event.kind === 'stopped') return;
		// Positions come ten times a second; a few are enough to see it move, and the ends are exact by their own events.
		if (event.kind === 'position' && event.atMs - this.#recordedAtMs < POSITION_EVERY_MS) return;
		this.#recordedAtMs = event.atMs;
		this.#record(
			{
				type: `earshot.playback.${event.kind}`,
				item_id: event.itemId,
				content_index: event.contentIndex,
				played_samples: event.playedSamples
			},
			event.atMs
		);
		if (event.kind !== 'ended') return;
		this.#open.delete(keyOf(event));
		if (this.#open.size === 0) this.#busy.set(false);
	}
}

function sourceOf(body: JsonObject): { itemId: string; contentIndex: number } {
	return { itemId: stringAt(body, 'item_id') ?? '', contentIndex: numberAt(body, 'content_index') ?? 0 };
}

function keyOf(source: { readonly itemId: string; readonly contentIndex: number }): string {
	return `${source.itemId}:${source.contentIndex}`;
}
