/** The caller's side: the input buffer, and turns found in it. */
import { decodeBase64, decodeSamples } from '#simulator/session/audio-codec.ts';
import { describeItem } from '#simulator/session/conversation.ts';
import type { InputAudioPart, MessageItem } from '#simulator/session/conversation.ts';
import { sessionErrors, simulatorFailure } from '#simulator/session/errors.ts';
import { InputBuffer } from '#simulator/session/input-buffer.ts';
import type { DetectionStream } from '#simulator/session/ports.ts';
import { rateOf } from '#simulator/session/session-config.ts';
import type { HandlerTable, SessionContext } from '#simulator/session/session-context.ts';
import { object, text } from '#simulator/session/shapes.ts';
import type { Transcriptions } from '#simulator/session/transcriptions.ts';
import {
	applyFrame,
	endSpeech,
	FRAME_MS,
	initialTurnState,
	semanticSilenceMs
} from '#simulator/session/turn-detection.ts';
import type { TurnChange, TurnDetectionSettings, TurnState } from '#simulator/session/turn-detection.ts';

/** Source: the service's message for a commit that is too early. */
const SMALLEST_COMMIT_MS = 100;
/** Source: openai 7.55 types (input_audio_buffer.append): 15 MiB in one event, here of base64. */
const LARGEST_APPEND_CHARS = 15 * 1024 * 1024;
/** After a failure the detector is left alone for this much audio, so that errors do not come with every append. */
const RETRY_AFTER_MS = 1000;
/** `semantic_vad` has no such settings; these are the defaults of `server_vad`. */
const SEMANTIC_THRESHOLD = 0.5;
const SEMANTIC_PADDING_MS = 300;
/** Without audio nothing counts frames: then the clock does, and allows this for audio that is late. */
const IDLE_GRACE_MS = 250;

export interface AudioInputListener {
	/** Turn detection heard the caller begin. */
	onSpeechStarted: () => void;
	/** A turn ended without being asked to, by turn detection or because nobody spoke; its item is in the conversation. */
	onTurnEnded: (cause: 'speech' | 'idle') => void;
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

/** The wait for a caller who says nothing. */
interface IdleWait {
	startMs: number;
	timeoutMs: number;
	cancelTimer: () => void;
}

export class AudioInput {
	readonly #context: SessionContext;
	readonly #transcriptions: Transcriptions;
	readonly #listener: AudioInputListener;
	#buffer: InputBuffer;
	#detection: Detection | undefined;
	#idle: IdleWait | undefined;
	/** How much audio there was at the last timeout. */
	#timedOutAtMs: number | undefined;
	/** A turn that was announced, and then lost its detection: the next commit is its. */
	#announced: Detection['turn'];
	#retryAtMs = 0;
	/** Half a sample left by an append of an odd length. */
	#oddByte: number | undefined;

	constructor(context: SessionContext, transcriptions: Transcriptions, listener: AudioInputListener) {
		this.#context = context;
		this.#transcriptions = transcriptions;
		this.#listener = listener;
		this.#buffer = new InputBuffer(rateOf(context.config.audio.input.format));
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
		const { format, turn_detection: turnDetection } = this.#context.config.audio.input;
		const rateHz = rateOf(format);
		if (format.type !== 'audio/pcm') this.#oddByte = undefined;
		if (rateHz !== this.#buffer.rateHz) {
			this.#closeDetection();
			this.#buffer = this.#buffer.convert(rateHz);
		}
		if (!turnDetection) this.#closeDetection();
		const timeoutMs = turnDetection?.type === 'server_vad' ? turnDetection.idle_timeout_ms : null;
		if (this.#idle && this.#idle.timeoutMs !== timeoutMs) this.stopWaiting();
	}

	/** Whether a turn of the caller is in progress. */
	get isCallerSpeaking(): boolean {
		return this.#detection?.turn !== undefined;
	}

	/** The model has finished, and will have been heard in `playoutMs`: now it is the caller's turn. */
	waitForCaller(playoutMs: number): void {
		const settings = this.#context.config.audio.input.turn_detection;
		this.stopWaiting();
		if (settings?.type !== 'server_vad' || settings.idle_timeout_ms === null) return;
		// Somebody who sends nothing at all is waited for once.
		if (this.#timedOutAtMs === this.#buffer.endMs) return;
		const timeoutMs = settings.idle_timeout_ms;
		const cancel = this.#context.dependencies.schedule(playoutMs, () => {
			const startMs = Math.floor(this.#buffer.endMs / FRAME_MS) * FRAME_MS;
			const idle = { startMs, timeoutMs, cancelTimer: () => {} };
			idle.cancelTimer = this.#context.dependencies.schedule(timeoutMs + IDLE_GRACE_MS, () => this.#timeOut(idle));
			this.#idle = idle;
		});
		this.#idle = { startMs: Infinity, timeoutMs, cancelTimer: cancel };
	}

	stopWaiting(): void {
		this.#idle?.cancelTimer();
		this.#idle = undefined;
	}

	dispose(): void {
		this.stopWaiting();
		this.#closeDetection();
	}

	#receive(base64: string): void {
		if (base64.length > LARGEST_APPEND_CHARS) return this.#context.fail(sessionErrors.audioTooLong(base64.length));
		const decoded = decodeBase64(base64);
		if (!decoded) return this.#context.fail(sessionErrors.badAudio());
		const { format } = this.#context.config.audio.input;
		const bytes = format.type === 'audio/pcm' ? this.#withOddByte(decoded) : decoded;
		const offsetSamples = this.#buffer.endSamples;
		this.#buffer.append(decodeSamples(bytes, format));
		this.#buffer.trimLong();
		if (this.#context.config.audio.input.turn_detection) this.#detect(offsetSamples);
	}

	/** Adds the half sample that the append before left over, and keeps the one that this leaves. */
	#withOddByte(decoded: Buffer): Buffer {
		const bytes = this.#oddByte === undefined ? decoded : Buffer.concat([Buffer.of(this.#oddByte), decoded]);
		this.#oddByte = bytes.length % 2 === 1 ? bytes[bytes.length - 1] : undefined;
		return bytes;
	}

	#detect(appendedFromSamples: number): void {
		if (!this.#detection?.turn) this.#buffer.trimIdle();
		if (!this.#detection && this.#buffer.endMs < this.#retryAtMs) return;
		const detection = (this.#detection ??= this.#openDetection(appendedFromSamples));
		const { endSamples } = this.#buffer;
		if (endSamples <= detection.fedSamples) return;
		const samples = this.#buffer.view(detection.fedSamples, endSamples);
		detection.fedSamples = endSamples;
		// What comes next waits for the verdict: so the same events give the same answers, however fast the detector is.
		this.#listener.hold();
		detection.stream.push(samples);
	}

	/** Frames lie on a grid that begins with the session, so detection begins at the next whole frame. */
	#openDetection(fromSamples: number): Detection {
		const { rateHz, samplesPerMs } = this.#buffer;
		const frameSamples = FRAME_MS * samplesPerMs;
		const frameIndex = Math.ceil(fromSamples / frameSamples);
		const stream = this.#context.dependencies.detector.openStream(rateHz, {
			onProbabilities: (probabilities) => {
				for (const probability of probabilities) this.#applyProbability(probability);
				this.#listener.release();
			},
			onError: (error) => {
				this.#announced = this.#detection?.turn;
				this.#detection = undefined;
				this.#retryAtMs = this.#buffer.endMs + RETRY_AFTER_MS;
				const message = `The simulator's turn detection failed and is started again: ${error.message}`;
				this.#context.fail(simulatorFailure('turn_detection_failed', message));
				this.#listener.release();
			}
		});
		return { stream, state: initialTurnState(frameIndex), fedSamples: frameIndex * frameSamples, turn: undefined };
	}

	#closeDetection(): void {
		this.#announced = this.#detection?.turn ?? this.#announced;
		this.#detection?.stream.dispose();
		this.#detection = undefined;
	}

	#detectionSettings(): TurnDetectionSettings | undefined {
		const settings = this.#context.config.audio.input.turn_detection;
		if (!settings) return undefined;
		if (settings.type === 'server_vad') {
			return {
				threshold: settings.threshold,
				prefixPaddingMs: settings.prefix_padding_ms,
				silenceDurationMs: settings.silence_duration_ms
			};
		}
		const words = this.#context.dependencies.hearing.expectedWords(this.#transcriptions.nextSpokenTurn);
		return {
			threshold: SEMANTIC_THRESHOLD,
			prefixPaddingMs: SEMANTIC_PADDING_MS,
			silenceDurationMs: semanticSilenceMs(settings.eagerness, words)
		};
	}

	#applyProbability(probability: number): void {
		const detection = this.#detection;
		const settings = this.#detectionSettings();
		if (!detection || !settings) return;
		const change = applyFrame(detection.state, probability, settings);
		if (change) this.#applyChange(detection, change, settings.prefixPaddingMs);
		const idle = this.#idle;
		if (idle && detection.state.frameIndex * FRAME_MS - idle.startMs >= idle.timeoutMs) this.#timeOut(idle);
	}

	#applyChange(detection: Detection, change: TurnChange, prefixPaddingMs: number): void {
		this.stopWaiting();
		if (change.kind === 'started') {
			this.#announced = undefined;
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
		const audio = this.#take(turn.audioStartMs, change.audioEndMs, prefixPaddingMs);
		this.#addItem(turn.itemId, audio);
		this.#listener.onTurnEnded('speech');
	}

	/** Copies a stretch and makes what follows it uncommitted; `keepMs` before its end stay readable. */
	#take(startMs: number, endMs: number, keepMs: number): Int16Array {
		const { samplesPerMs } = this.#buffer;
		const endSamples = endMs * samplesPerMs;
		const audio = this.#buffer.slice(startMs * samplesPerMs, endSamples);
		this.#buffer.markCommitted(endSamples, keepMs * samplesPerMs);
		return audio;
	}

	/** Nobody spoke for as long as the session allows. Source: openai 7.55 types (timeout_triggered). */
	#timeOut(idle: IdleWait): void {
		if (this.#idle !== idle || this.#detection?.turn) return;
		this.stopWaiting();
		const heardMs = this.#detection ? this.#detection.state.frameIndex * FRAME_MS : this.#buffer.endMs;
		const endMs = Math.max(idle.startMs, Math.floor(Math.min(heardMs, this.#buffer.endMs) / FRAME_MS) * FRAME_MS);
		const itemId = this.#context.newId('item');
		this.#timedOutAtMs = this.#buffer.endMs;
		this.#context.emit('input_audio_buffer.timeout_triggered', {
			audio_start_ms: idle.startMs,
			audio_end_ms: endMs,
			item_id: itemId
		});
		this.#addItem(itemId, this.#take(idle.startMs, endMs, 0), false);
		this.#listener.onTurnEnded('idle');
	}

	#commit(): void {
		const { startSamples, endSamples, samplesPerMs } = this.#buffer;
		const bufferMs = (endSamples - startSamples) / samplesPerMs;
		if (bufferMs < SMALLEST_COMMIT_MS) return this.#context.fail(sessionErrors.commitTooSmall(bufferMs));
		this.stopWaiting();
		const turn = this.#forgetTurn();
		const fromSamples = turn ? turn.audioStartMs * samplesPerMs : startSamples;
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
		const turn = this.#detection?.turn ?? this.#announced;
		this.#announced = undefined;
		if (this.#detection) {
			this.#detection.turn = undefined;
			endSpeech(this.#detection.state);
		}
		return turn;
	}

	/** `isSpoken`: false for the silence of somebody who said nothing. */
	#addItem(id: string, audio: Int16Array, isSpoken = true): void {
		const { conversation } = this.#context;
		const part: InputAudioPart = {
			type: 'input_audio',
			transcript: null,
			audio: [audio],
			rateHz: this.#buffer.rateHz,
			...(isSpoken ? {} : { heardWords: '' })
		};
		const item: MessageItem = { kind: 'message', id, status: 'completed', role: 'user', content: [part] };
		this.#context.emit('input_audio_buffer.committed', { previous_item_id: conversation.lastItemId, item_id: id });
		const { previousItemId } = conversation.append(item);
		const fields = { previous_item_id: previousItemId, item: describeItem(item) };
		this.#context.emit('conversation.item.added', fields);
		this.#context.emit('conversation.item.done', fields);
		if (isSpoken) this.#transcriptions.begin(item, part);
	}
}
