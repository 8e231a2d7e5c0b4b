/**
 * The stream of a translation: audio goes in, in frames of 200 ms, and for each frame one of the translation comes out, of
 * silence while there is none. So the time of the stream is that of the audio, whenever it came: a client that stops
 * sending stops hearing. Source: openai 7.55 types (frames, contiguous time), public clients (frames of zeros).
 */
import type { ApiError } from '#simulator/session/errors.ts';
import { simulatorFailure } from '#simulator/session/errors.ts';
import type { SpeechDetector } from '#simulator/session/ports.ts';
import { SampleQueue } from '#simulator/session/sample-queue.ts';
import { Interpretation } from '#simulator/translation/interpretation.ts';
import type { InterpretationEdges } from '#simulator/translation/interpretation.ts';
import { RATE_HZ, Segmenter } from '#simulator/translation/segmenter.ts';
import type { TranslationConfig } from '#simulator/translation/translation-config.ts';

/** Source: openai 7.55 types. */
const FRAME_MS = 200;
export const FRAME_SAMPLES = (RATE_HZ * FRAME_MS) / 1000;
/** What was heard goes out a little faster than it was spoken. Ours. */
const HEARD_DELTAS_PER_FRAME = 2;

export interface InterpreterListener {
	/** `elapsedMs` of all three: the end of the frame they belong to. */
	onHeard: (delta: string, elapsedMs: number) => void;
	onSaid: (delta: string, elapsedMs: number) => void;
	onSound: (samples: Int16Array, elapsedMs: number) => void;
	onError: (error: ApiError) => void;
	/** After `finish`, when everything went out. */
	onFinished: () => void;
}

export interface InterpreterOptions extends Omit<InterpretationEdges, 'onChange' | 'onError'> {
	detector: SpeechDetector;
	/** The settings as they are now. */
	config: () => TranslationConfig;
	listener: InterpreterListener;
}

/** Between two texts of a stream, where the script has spaces. */
function spaceBefore(delta: string): string {
	return /^[\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(delta) ? '' : ' ';
}

export class Interpreter {
	readonly #options: InterpreterOptions;
	readonly #segmenter: Segmenter;
	readonly #input = new SampleQueue();
	/** Stretches whose words are being told, and whose translation is; in order. */
	readonly #hearing: Interpretation[] = [];
	readonly #saying: Interpretation[] = [];
	readonly #alive = new Set<Interpretation>();
	#elapsedMs = 0;
	#stretchCount = 0;
	/** Stretches that were told of, to know where a space belongs. */
	#lastHeard = 0;
	#lastSaid = 0;
	/** A frame is with the detector. */
	#isJudging = false;
	/** A frame was judged, and what goes out for it has to follow. */
	#owesFrame = false;
	#isFinishing = false;
	#isFlushed = false;
	#isOver = false;
	#isRunning = false;

	constructor(options: InterpreterOptions) {
		this.#options = options;
		this.#segmenter = new Segmenter(options.detector, (error) => {
			const message = `The simulator's speech detection failed and is started again: ${error.message}`;
			options.listener.onError(simulatorFailure('speech_detection_failed', message));
		});
	}

	/** The next audio, 16-bit mono at 24 kHz; it is not copied. */
	append(samples: Int16Array): void {
		this.#input.push(samples);
		this.#run();
	}

	/** Nothing more will come: the rest is translated without waiting for more audio. */
	finish(): void {
		this.#isFinishing = true;
		this.#run();
	}

	dispose(): void {
		this.#isOver = true;
		this.#segmenter.dispose();
		for (const interpretation of this.#alive) interpretation.dispose();
		this.#alive.clear();
	}

	#run(): void {
		if (this.#isRunning) return;
		this.#isRunning = true;
		while (!this.#isOver && this.#step());
		this.#isRunning = false;
	}

	/** Does what can be done next; false when there is nothing, or something must be waited for. */
	#step(): boolean {
		if (this.#isJudging) return false;
		const isLate = this.#saying[0]?.isReady(FRAME_SAMPLES) === false;
		if (this.#owesFrame) {
			// What comes when does not depend on how fast it was made.
			if (isLate) return false;
			this.#owesFrame = false;
			this.#sendFrame(true);
			return true;
		}
		if (this.#input.length >= FRAME_SAMPLES || (this.#isFinishing && this.#input.length > 0)) return this.#judge();
		if (!this.#isFinishing || isLate) return false;
		if (!this.#isFlushed) {
			this.#isFlushed = true;
			const rest = this.#segmenter.finish();
			if (rest) this.#interpret(rest);
			return true;
		}
		return this.#flush();
	}

	#judge(): boolean {
		const frame = this.#input.take(FRAME_SAMPLES);
		this.#isJudging = true;
		this.#segmenter.push(frame, (stretches) => {
			this.#isJudging = false;
			this.#owesFrame = true;
			for (const stretch of stretches) this.#interpret(stretch);
			this.#run();
		});
		return !this.#isJudging;
	}

	#interpret(samples: Int16Array): void {
		const interpretation = new Interpretation(++this.#stretchCount, samples, this.#options.config(), {
			...this.#options,
			onChange: () => this.#run(),
			onError: this.#options.listener.onError
		});
		this.#hearing.push(interpretation);
		this.#saying.push(interpretation);
		this.#alive.add(interpretation);
	}

	/** One step of what follows after all audio. */
	#flush(): boolean {
		const [first] = this.#hearing;
		if (!first && this.#saying.length === 0) {
			this.#isOver = true;
			this.#options.listener.onFinished();
			return false;
		}
		const hasNews = this.#saying.length > 0 || first?.heard.isOver || (first?.heard.length ?? 0) > 0;
		if (!hasNews) return false;
		this.#sendFrame(false);
		return true;
	}

	/** Sends what belongs to the next frame; `isWhole` fills its sound up with silence. */
	#sendFrame(isWhole: boolean): void {
		this.#elapsedMs += FRAME_MS;
		this.#sendHeard();
		const sound = this.#sendSaid();
		if (!isWhole && sound.length === 0) return;
		const frame = new Int16Array(isWhole ? FRAME_SAMPLES : sound.length);
		frame.set(sound);
		this.#options.listener.onSound(frame, this.#elapsedMs);
	}

	#sendHeard(): void {
		for (let room = HEARD_DELTAS_PER_FRAME; room > 0;) {
			const [first] = this.#hearing;
			if (!first) return;
			const delta = first.heard.take();
			if (delta !== undefined) {
				const isNext = this.#lastHeard !== 0 && this.#lastHeard !== first.number;
				this.#lastHeard = first.number;
				this.#options.listener.onHeard((isNext ? spaceBefore(delta) : '') + delta, this.#elapsedMs);
				room--;
			} else if (first.heard.isOver) this.#release(this.#hearing);
			else return;
		}
	}

	/** One word in each frame: the words run ahead of the sound. Returns the sound. */
	#sendSaid(): Int16Array {
		const [first] = this.#saying;
		if (!first) return new Int16Array(0);
		const delta = first.said.take();
		if (delta !== undefined) {
			const isNext = this.#lastSaid !== 0 && this.#lastSaid !== first.number;
			this.#lastSaid = first.number;
			this.#options.listener.onSaid((isNext ? spaceBefore(delta) : '') + delta, this.#elapsedMs);
		}
		const sound = first.takeSound(FRAME_SAMPLES);
		if (first.isOver) this.#release(this.#saying);
		return sound;
	}

	#release(queue: Interpretation[]): void {
		const done = queue.shift();
		if (done && !this.#hearing.includes(done) && !this.#saying.includes(done)) this.#alive.delete(done);
	}
}
