/** Cuts a stream of audio into stretches of speech. */
import { InputBuffer } from '#simulator/session/input-buffer.ts';
import type { DetectionStream, SpeechDetector } from '#simulator/session/ports.ts';
import { applyFrame, FRAME_MS, initialTurnState } from '#simulator/session/turn-detection.ts';
import type { TurnState } from '#simulator/session/turn-detection.ts';

export const RATE_HZ = 24000;
const SAMPLES_PER_MS = RATE_HZ / 1000;

/** Ours: the service shows nothing of how it cuts. A breath does not end a stretch, the end of a sentence does. */
const SETTINGS = { threshold: 0.5, prefixPaddingMs: 300, silenceDurationMs: 500 };
/** An interpreter does not wait for the end of a speech. Ours. */
const LONGEST_STRETCH_MS = 30_000;
/** After a failure the detector is left alone for this much audio, so that errors do not come with every frame. */
const RETRY_AFTER_MS = 1000;

interface Detection {
	stream: DetectionStream;
	state: TurnState;
	/** Where the stream began, in samples of session audio. */
	baseSamples: number;
}

export class Segmenter {
	readonly #detector: SpeechDetector;
	readonly #onFailure: (error: Error) => void;
	readonly #audio = new InputBuffer(RATE_HZ);
	#detection: Detection | undefined;
	#retryAtMs = 0;
	/** Where the speech in progress began, in samples of session audio. */
	#speechFrom: number | undefined;
	/** What was found since it was last asked. */
	#found: Int16Array[] = [];
	#onJudged: ((stretches: Int16Array[]) => void) | undefined;

	/** `onFailure` is told when the detector fails; it is started again later. */
	constructor(detector: SpeechDetector, onFailure: (error: Error) => void) {
		this.#detector = detector;
		this.#onFailure = onFailure;
	}

	/**
	 * Takes the next samples and calls back once, now or later, with the stretches of speech that ended in them. The next
	 * samples must wait for that.
	 */
	push(samples: Int16Array, onJudged: (stretches: Int16Array[]) => void): void {
		const fromSamples = this.#audio.endSamples;
		this.#audio.append(samples);
		this.#onJudged = onJudged;
		if (!this.#detection && this.#audio.endMs < this.#retryAtMs) return this.#report();
		this.#detection ??= this.#open(fromSamples);
		this.#detection.stream.push(samples);
	}

	/** Nothing more will come: the speech in progress, if there is one. */
	finish(): Int16Array | undefined {
		this.#cut(this.#audio.endSamples);
		return this.#takeFound()[0];
	}

	dispose(): void {
		this.#detection?.stream.dispose();
		this.#detection = undefined;
		this.#onJudged = undefined;
	}

	#open(baseSamples: number): Detection {
		const stream = this.#detector.openStream(RATE_HZ, {
			onProbabilities: (probabilities) => {
				for (const probability of probabilities) this.#applyFrame(probability);
				this.#report();
			},
			onError: (error) => {
				this.#detection = undefined;
				this.#retryAtMs = this.#audio.endMs + RETRY_AFTER_MS;
				this.#cut(this.#audio.endSamples);
				this.#onFailure(error);
				this.#report();
			}
		});
		return { stream, state: initialTurnState(), baseSamples };
	}

	#applyFrame(probability: number): void {
		const detection = this.#detection;
		if (!detection) return;
		const { state, baseSamples } = detection;
		const change = applyFrame(state, probability, SETTINGS);
		const at = (ms: number): number => baseSamples + ms * SAMPLES_PER_MS;
		if (change?.kind === 'started') this.#speechFrom = Math.max(at(change.audioStartMs), this.#audio.startSamples);
		else if (change) this.#cut(at(change.audioEndMs));
		if (this.#speechFrom === undefined) return;
		const now = at(state.frameIndex * FRAME_MS);
		if (now - this.#speechFrom < LONGEST_STRETCH_MS * SAMPLES_PER_MS) return;
		this.#cut(now);
		this.#speechFrom = now;
	}

	/** Ends the speech in progress. */
	#cut(atSamples: number): void {
		if (this.#speechFrom === undefined) return;
		this.#found.push(this.#audio.slice(this.#speechFrom, atSamples));
		this.#speechFrom = undefined;
		this.#audio.markCommitted(atSamples);
	}

	#takeFound(): Int16Array[] {
		const found = this.#found;
		this.#found = [];
		return found;
	}

	#report(): void {
		// Speech that begins now may reach back as far as its padding, and to what the detector has not judged yet.
		const keepSamples = (SETTINGS.prefixPaddingMs + 2 * FRAME_MS) * SAMPLES_PER_MS;
		if (this.#speechFrom === undefined) this.#audio.markCommitted(this.#audio.endSamples - keepSamples);
		const onJudged = this.#onJudged;
		this.#onJudged = undefined;
		onJudged?.(this.#takeFound());
	}
}
