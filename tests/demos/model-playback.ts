import { numberAt, stringAt, type JsonObject } from '#core/base/json.ts';
import type { Session } from '#core/session/session-model.ts';
import type { AudioSource, PlaybackEvent, PlaybackPosition } from '#browser/audio-device/playback-ledger.ts';
import { cutOff } from '#console/state/model-voice.ts';
import { VirtualSpeaker } from './virtual-speaker.ts';

/** At most so often is a position recorded, as by the console. Milliseconds. */
const POSITION_EVERY_MS = 240;

/** Plays the model's audio on a virtual speaker, and records what was played as the console does. */
export class ModelPlayback {
	readonly #record: (event: Readonly<Record<string, unknown>>, atMs: number) => void;
	readonly #speaker = new VirtualSpeaker((event) => this.#played(event));
	readonly #stopped = new Set<string>();
	readonly #open = new Set<string>();
	#recordedAtMs = 0;

	/** @param record takes a console event, and the `performance.now()` at which it happened */
	constructor(record: (event: Readonly<Record<string, unknown>>, atMs: number) => void) {
		this.#record = record;
	}

	/** Something is playing, or waits to be played. */
	get isPlaying(): boolean {
		return this.#open.size > 0;
	}

	/** Plays the audio of a `response.output_audio.delta` (24 kHz PCM16), unless it was cut off already. */
	play(body: JsonObject, pcm16: Uint8Array): void {
		const source = sourceOf(body);
		if (this.#stopped.has(keyOf(source)) || this.#stopped.has(stringAt(body, 'response_id') ?? '')) return;
		this.#open.add(keyOf(source));
		this.#speaker.enqueue(source, pcm16);
	}

	finish(body: JsonObject): void {
		this.#speaker.finish(sourceOf(body));
	}

	/** A response that was cancelled may leave its audio open. */
	finishResponse(responseId: string | undefined, session: Session): void {
		for (const utterance of session.utterances) {
			if (utterance.responseId === responseId && this.#open.has(keyOf(utterance))) this.#speaker.finish(utterance);
		}
	}

	/** Stops in the next render quantum: what was cut off, the one that was playing first. */
	async stop(responseId: string | null) {
		if (responseId !== null) this.#stopped.add(responseId);
		if (this.#open.size === 0) return [];
		const { outputLatencyMs } = this.#speaker;
		for (const key of this.#open) this.#stopped.add(key);
		this.#open.clear();
		const stopped = await this.#speaker.stop();
		return stopped ? cutOff(stopped, outputLatencyMs) : [];
	}

	position(): PlaybackPosition | null {
		return this.isPlaying ? this.#speaker.position() : null;
	}

	/** Plays what is due. To be called every few milliseconds. */
	advance(): void {
		this.#speaker.advance();
	}

	#played(event: PlaybackEvent): void {
		if (event.kind === 'stopped') return;
		if (event.kind === 'position' && event.atMs - this.#recordedAtMs < POSITION_EVERY_MS) return;
		this.#recordedAtMs = event.atMs;
		const { itemId, contentIndex, playedSamples } = event;
		this.#record(
			{
				type: `earshot.playback.${event.kind}`,
				item_id: itemId,
				content_index: contentIndex,
				played_samples: playedSamples
			},
			event.atMs
		);
		if (event.kind === 'ended') this.#open.delete(keyOf(event));
	}
}

function sourceOf(body: JsonObject): AudioSource {
	return { itemId: stringAt(body, 'item_id') ?? '', contentIndex: numberAt(body, 'content_index') ?? 0 };
}

function keyOf({ itemId, contentIndex }: AudioSource): string {
	return `${itemId}:${contentIndex}`;
}
