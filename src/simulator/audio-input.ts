/** The caller's side: the input buffer, and turns found in it. */
import { decodeBase64, readSamples } from '#simulator/client-items.ts';
import { describeItem, SAMPLES_PER_MS } from '#simulator/conversation.ts';
import type { MessageItem } from '#simulator/conversation.ts';
import { sessionErrors, simulatorFailure } from '#simulator/errors.ts';
import { InputBuffer } from '#simulator/input-buffer.ts';
import type { HandlerTable, SessionContext } from '#simulator/session-context.ts';
import { object, text } from '#simulator/shapes.ts';
import { FRAME_SAMPLES_24K } from '#simulator/speech-detector.ts';
import type { DetectionStream } from '#simulator/speech-detector.ts';
import { applyFrame, endSpeech, initialTurnState } from '#simulator/turn-detection.ts';
import type { TurnChange, TurnState } from '#simulator/turn-detection.ts';

/** Source: the service's message for a commit that is too early. */
const SMALLEST_COMMIT_MS = 100;
/** Source: openai 7.55 types (input_audio_buffer.append). */
const LARGEST_APPEND_BYTES = 15 * 1024 * 1024;
/** After a failure the detector is left alone for this much audio, so that errors do not come with every append. */
const RETRY_AFTER_SAMPLES = 24000;

export interface AudioInputListener {
	/** Turn detection heard the caller begin. */
	onSpeechStarted: () => void;
	/** Turn detection ended a turn; its item is in the conversation. */
	onTurnEnded: () => void;
	/** Client events must wait: what is in hand is with the detector. */
	hold: () => void;
	release: () => void;
}

interface Detection {
	stream: DetectionStream;
	state: TurnState;
	/** How far the stream was fed, in samples of session audio. */
	fedSamples: number;
	/** The turn in progress: the item it will become and where its audio begins. */
	turn: { itemId: string; audioStartMs: number } | undefined;
}

export class AudioInput {
	readonly #context: SessionContext;
	readonly #listener: AudioInputListener;
	readonly #buffer = new InputBuffer();
	#detection: Detection | undefined;
	#retryAtSamples = 0;
	/** Half a sample left by an append of an odd length. */
	#oddByte: number | undefined;

	constructor(context: SessionContext, listener: AudioInputListener) {
		this.#context = context;
		this.#listener = listener;
	}

	get handlers(): HandlerTable {
		return {
			'input_audio_buffer.append': {
				shape: object({ audio: text }, ['audio']),
				apply: (event) => this.#receive(event['audio'] as string)
			},
			'input_audio_buffer.commit': { shape: object({}), apply: () => this.#commit() },
			'input_audio_buffer.clear': { shape: object({}), apply: () => this.#clear() }
		};
	}

	/** Call it after the session's settings changed. */
	applySettings(): void {
		if (!this.#context.config.audio.input.turn_detection) this.#closeDetection();
	}

	dispose(): void {
		this.#closeDetection();
	}

	#receive(base64: string): void {
		const decoded = decodeBase64(base64);
		if (!decoded) return this.#context.fail(sessionErrors.badAudio());
		if (decoded.length > LARGEST_APPEND_BYTES) return this.#context.fail(sessionErrors.audioTooLong(decoded.length));
		const bytes = this.#oddByte === undefined ? decoded : Buffer.concat([Buffer.of(this.#oddByte), decoded]);
		this.#oddByte = bytes.length % 2 === 1 ? bytes[bytes.length - 1] : undefined;
		const offsetSamples = this.#buffer.endSamples;
		this.#buffer.append(readSamples(bytes));
		if (this.#context.config.audio.input.turn_detection) this.#detect(offsetSamples);
	}

	#detect(appendedFromSamples: number): void {
		if (!this.#detection?.turn) this.#buffer.trimIdle();
		if (!this.#detection && appendedFromSamples < this.#retryAtSamples) return;
		const detection = (this.#detection ??= this.#openDetection(appendedFromSamples));
		const { endSamples } = this.#buffer;
		if (endSamples <= detection.fedSamples) return;
		const samples = this.#buffer.slice(detection.fedSamples, endSamples);
		detection.fedSamples = endSamples;
		// What comes next waits for the verdict: so the same events give the same answers, however fast the detector is.
		this.#listener.hold();
		detection.stream.push(samples);
	}

	/** Frames lie on a grid that begins with the session, so detection begins at the next whole frame. */
	#openDetection(fromSamples: number): Detection {
		const frameIndex = Math.ceil(fromSamples / FRAME_SAMPLES_24K);
		const stream = this.#context.dependencies.detector.openStream({
			onProbabilities: (probabilities) => {
				for (const probability of probabilities) this.#applyProbability(probability);
				this.#listener.release();
			},
			onError: (error) => {
				this.#detection = undefined;
				this.#retryAtSamples = this.#buffer.endSamples + RETRY_AFTER_SAMPLES;
				const message = `The simulator's turn detection failed and is started again: ${error.message}`;
				this.#context.fail(simulatorFailure('turn_detection_failed', message));
				this.#listener.release();
			}
		});
		const state = initialTurnState(frameIndex);
		return { stream, state, fedSamples: frameIndex * FRAME_SAMPLES_24K, turn: undefined };
	}

	#closeDetection(): void {
		this.#detection?.stream.dispose();
		this.#detection = undefined;
	}

	#applyProbability(probability: number): void {
		const detection = this.#detection;
		const settings = this.#context.config.audio.input.turn_detection;
		if (!detection || !settings) return;
		const change = applyFrame(detection.state, probability, {
			threshold: settings.threshold,
			prefixPaddingMs: settings.prefix_padding_ms,
			silenceDurationMs: settings.silence_duration_ms
		});
		if (change) this.#applyChange(detection, change, settings.prefix_padding_ms);
	}

	#applyChange(detection: Detection, change: TurnChange, prefixPaddingMs: number): void {
		if (change.kind === 'started') {
			detection.turn = { itemId: this.#context.newId('item'), audioStartMs: change.audioStartMs };
			this.#context.emit('input_audio_buffer.speech_started', {
				audio_start_ms: change.audioStartMs,
				item_id: detection.turn.itemId
			});
			this.#listener.onSpeechStarted();
			return;
		}
		const { turn } = detection;
		if (!turn) return;
		detection.turn = undefined;
		this.#context.emit('input_audio_buffer.speech_stopped', { audio_end_ms: change.audioEndMs, item_id: turn.itemId });
		const endSamples = change.audioEndMs * SAMPLES_PER_MS;
		const audio = this.#buffer.slice(turn.audioStartMs * SAMPLES_PER_MS, endSamples);
		this.#buffer.markCommitted(endSamples, prefixPaddingMs * SAMPLES_PER_MS);
		this.#addItem(turn.itemId, audio);
		this.#listener.onTurnEnded();
	}

	#commit(): void {
		const { startSamples, endSamples } = this.#buffer;
		const bufferMs = (endSamples - startSamples) / SAMPLES_PER_MS;
		if (bufferMs < SMALLEST_COMMIT_MS) return this.#context.fail(sessionErrors.commitTooSmall(bufferMs));
		const turn = this.#forgetTurn();
		const fromSamples = turn ? turn.audioStartMs * SAMPLES_PER_MS : startSamples;
		const audio = this.#buffer.slice(fromSamples, endSamples);
		this.#buffer.clear();
		// A turn in progress was announced with its item id. No speech_stopped follows. Source: live probe.
		this.#addItem(turn?.itemId ?? this.#context.newId('item'), audio);
	}

	#clear(): void {
		this.#forgetTurn();
		this.#oddByte = undefined;
		this.#buffer.clear();
		this.#context.emit('input_audio_buffer.cleared', {});
	}

	#forgetTurn(): Detection['turn'] {
		const turn = this.#detection?.turn;
		if (this.#detection) {
			this.#detection.turn = undefined;
			endSpeech(this.#detection.state);
		}
		return turn;
	}

	#addItem(id: string, audio: Int16Array): void {
		const { conversation } = this.#context;
		const item: MessageItem = {
			kind: 'message',
			id,
			status: 'completed',
			role: 'user',
			content: [{ type: 'input_audio', transcript: null, audio: [audio] }]
		};
		this.#context.emit('input_audio_buffer.committed', { previous_item_id: conversation.lastItemId, item_id: id });
		const { previousItemId } = conversation.append(item);
		const fields = { previous_item_id: previousItemId, item: describeItem(item) };
		this.#context.emit('conversation.item.added', fields);
		this.#context.emit('conversation.item.done', fields);
	}
}
