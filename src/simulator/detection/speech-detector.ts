/**
 * How likely each 32 ms of caller audio is speech: Silero v6 in one worker thread, shared by all sessions. What all sessions
 * push in one turn of the event loop goes there as one message, and only when it completes frames.
 */
import { WorkerLink } from '#simulator/workers/worker-link.ts';
import { FrameGrid } from '#simulator/detection/frame-grid.ts';
import type { SileroReply, SileroRequest } from '#simulator/detection/silero-worker.ts';
import type { DetectionListener, DetectionStream, InputRateHz, SpeechDetector } from '#simulator/session/ports.ts';

export interface SpeechDetectorEngine extends SpeechDetector {
	/** Starts loading the model (about half a second) without waiting for it. */
	warmUp: () => void;
	dispose: () => Promise<void>;
}

/** A long append must not keep its memory. */
const LARGEST_KEPT_SAMPLES = 1 << 18;
const NOTHING_FOUND = new Float32Array(0);

const grids: Record<InputRateHz, FrameGrid> = { 24000: new FrameGrid(24000), 8000: new FrameGrid(8000) };

/** What all streams send to the worker in one turn of the event loop. */
class Outgoing {
	#samples = new Int16Array(8192);
	#length = 0;
	#parts: { stream: Stream; length: number }[] = [];

	get isEmpty(): boolean {
		return this.#parts.length === 0;
	}

	/** Adds a part of a stream; the samples that are to be filled in. */
	add(stream: Stream, length: number): Int16Array {
		const end = this.#length + length;
		if (end > this.#samples.length) {
			const larger = new Int16Array(Math.max(end, 2 * this.#samples.length));
			larger.set(this.#samples.subarray(0, this.#length));
			this.#samples = larger;
		}
		this.#parts.push({ stream, length });
		this.#length = end;
		return this.#samples.subarray(end - length, end);
	}

	/** Everything as a message, which leaves nothing here. */
	take(): SileroRequest & { kind: 'audio' } {
		const parts: number[] = [];
		for (const { stream, length } of this.#parts) parts.push(stream.id, length);
		const samples = this.#samples.slice(0, this.#length) as Int16Array<ArrayBuffer>;
		if (this.#samples.length > LARGEST_KEPT_SAMPLES) this.#samples = new Int16Array(8192);
		this.#parts = [];
		this.#length = 0;
		return { kind: 'audio', parts, samples };
	}
}

/** One session's audio, as far as the worker has not answered it. */
class Stream {
	readonly id: number;
	readonly listener: DetectionListener;
	isOpen = true;
	readonly #grid: FrameGrid;
	#fedSamples = 0;
	#sentFrames = 0;
	/** What was pushed and completes no frame yet. */
	#rest: Int16Array;
	#restLength = 0;
	/** For each push that was not answered: whether it completed frames, which the worker answers. */
	readonly #unanswered: boolean[] = [];

	constructor(id: number, rateHz: InputRateHz, listener: DetectionListener) {
		this.id = id;
		this.listener = listener;
		this.#grid = grids[rateHz];
		this.#rest = new Int16Array(this.#grid.samplesFor(1));
	}

	/** Takes a push, and sends the samples of the frames that it completes, if there are any. */
	take(samples: Int16Array, outgoing: Outgoing): void {
		this.#fedSamples += samples.length;
		const frames = this.#grid.framesIn(this.#fedSamples);
		this.#unanswered.push(frames > this.#sentFrames);
		let used = 0;
		if (frames > this.#sentFrames) {
			const length = this.#grid.samplesFor(frames) - this.#grid.samplesFor(this.#sentFrames);
			const part = outgoing.add(this, length);
			used = length - this.#restLength;
			part.set(this.#rest.subarray(0, this.#restLength));
			part.set(samples.subarray(0, used), this.#restLength);
			this.#restLength = 0;
			this.#sentFrames = frames;
		}
		this.#rest.set(samples.subarray(used), this.#restLength);
		this.#restLength += samples.length - used;
	}

	/** Passes on what the worker found in the oldest part. */
	answer(probabilities: Float32Array): void {
		this.#unanswered.shift();
		this.listener.onProbabilities(probabilities);
	}

	/** Answers the pushes that completed nothing, up to the first that the worker still has to answer. */
	answerEmpty(): void {
		while (this.isOpen && this.#unanswered[0] === false) this.answer(NOTHING_FOUND);
	}
}

class Detector implements SpeechDetectorEngine {
	readonly #link: WorkerLink<SileroRequest, SileroReply>;
	readonly #streams = new Map<number, Stream>();
	#lastId = 0;
	readonly #outgoing = new Outgoing();
	/** The streams that were pushed to in this turn of the event loop. */
	#pushedTo = new Set<Stream>();

	constructor(file: URL) {
		this.#link = new WorkerLink({
			file,
			onMessage: (reply) => this.#receive(reply),
			onFailure: (error) => this.#fail(error)
		});
	}

	openStream(rateHz: InputRateHz, listener: DetectionListener): DetectionStream {
		const stream = new Stream(++this.#lastId, rateHz, listener);
		this.#streams.set(stream.id, stream);
		this.#link.post({ kind: 'open', id: stream.id, rateHz });
		return {
			push: (samples) => {
				if (stream.isOpen) this.#push(stream, samples);
			},
			dispose: () => {
				if (!stream.isOpen) return;
				stream.isOpen = false;
				this.#streams.delete(stream.id);
				this.#link.post({ kind: 'close', id: stream.id });
			}
		};
	}

	warmUp(): void {
		this.#link.start();
	}

	async dispose(): Promise<void> {
		this.#closeAll();
		await this.#link.dispose();
	}

	#push(stream: Stream, samples: Int16Array): void {
		stream.take(samples, this.#outgoing);
		if (this.#pushedTo.size === 0) setImmediate(() => this.#endTurn());
		this.#pushedTo.add(stream);
	}

	#endTurn(): void {
		const streams = this.#pushedTo;
		this.#pushedTo = new Set();
		if (!this.#outgoing.isEmpty) {
			const message = this.#outgoing.take();
			this.#link.post(message, [message.samples.buffer]);
		}
		for (const stream of streams) stream.answerEmpty();
	}

	#receive({ parts, probabilities }: SileroReply): void {
		let at = 0;
		for (let i = 0; i < parts.length; i += 2) {
			const stream = this.#streams.get(parts[i] as number);
			const end = at + (parts[i + 1] as number);
			stream?.answer(Float32Array.from(probabilities.slice(at, end)));
			stream?.answerEmpty();
			at = end;
		}
	}

	#fail(error: Error): void {
		for (const stream of this.#closeAll()) stream.listener.onError(error);
	}

	#closeAll(): Stream[] {
		const streams = [...this.#streams.values()];
		this.#streams.clear();
		for (const stream of streams) stream.isOpen = false;
		return streams;
	}
}

/** Opens the detector; its thread starts on first use. After a failure the next stream starts a new thread. */
export function openSpeechDetector(file = new URL('./silero-worker.ts', import.meta.url)): SpeechDetectorEngine {
	return new Detector(file);
}
