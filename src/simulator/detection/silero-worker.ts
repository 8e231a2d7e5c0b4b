/** Worker thread of speech-detector.ts: one model for all sessions, one frame of each waiting stream in every run. */
import { parentPort } from 'node:worker_threads';
import { Resampler } from '#core/audio/resample.ts';
import { FrameGrid, MODEL_RATE_HZ } from '#simulator/detection/frame-grid.ts';
import { CONTEXT_SAMPLES, FRAME_SAMPLES } from '#simulator/detection/silero-graph.ts';
import { initialStreamState, SileroModel } from '#simulator/detection/silero-model.ts';
import type { StreamState } from '#simulator/detection/silero-model.ts';
import type { InputRateHz } from '#simulator/session/ports.ts';

/** Pairs of a stream's id and how much of what comes with it is the stream's, in order. A stream may be there twice. */
type Parts = number[];

export type SileroRequest =
	| { kind: 'open'; id: number; rateHz: InputRateHz }
	/** Each part completes one or more frames of its stream, with no sample left over. 16-bit, at the stream's rate. */
	| { kind: 'audio'; parts: Parts; samples: Int16Array<ArrayBuffer> }
	| { kind: 'close'; id: number };

/** Answers one or more parts of audio, those of a stream in order. */
export interface SileroReply {
	parts: Parts;
	probabilities: number[];
}

/** Frames of one run, about 3 ms: more make it no cheaper, and the next stream waits longer. */
const LARGEST_BATCH = 64;

interface Part {
	samples: Int16Array;
	/** How many of the samples are used up. */
	at: number;
	probabilities: number[];
}

/** The frame in hand, and what it is made from: one for all streams, so that they stay in the processor's cache. */
const frame = new Float32Array(CONTEXT_SAMPLES + FRAME_SAMPLES);
const frameWithoutContext = frame.subarray(CONTEXT_SAMPLES);
const floats = new Float32Array(1024);

class Stream {
	readonly id: number;
	readonly state: StreamState = initialStreamState();
	readonly parts: Part[] = [];
	isClosed = false;
	isQueued = false;
	readonly #grid: FrameGrid;
	// The cut (0.92 of 8 kHz, about 7.4 kHz) matters: with aliases the offsets are one frame off the recorded ones.
	readonly #resampler: Resampler;
	/** The end of the frame before. */
	readonly #context = new Float32Array(CONTEXT_SAMPLES);
	#frames = 0;

	constructor(id: number, rateHz: InputRateHz) {
		this.id = id;
		this.#grid = new FrameGrid(rateHz);
		this.#resampler = new Resampler(rateHz, MODEL_RATE_HZ);
	}

	/** Takes the next frame of the first part: 576 samples, the context in front. They are overwritten by the next call of any stream. */
	nextFrame(): Float32Array {
		const part = this.parts[0] as Part;
		const count = this.#grid.samplesFor(this.#frames + 1) - this.#grid.samplesFor(this.#frames);
		for (let i = 0; i < count; i++) floats[i] = (part.samples[part.at + i] as number) / 32768;
		part.at += count;
		this.#frames++;
		frame.set(this.#context);
		// Throws unless it is a whole frame.
		this.#resampler.processInto(floats.subarray(0, count), frameWithoutContext);
		this.#context.set(frame.subarray(FRAME_SAMPLES));
		return frame;
	}

	/** Notes what was found in the frame; returns the part when that was its last. */
	note(probability: number): Part | undefined {
		const part = this.parts[0] as Part;
		part.probabilities.push(probability);
		return part.at === part.samples.length ? this.parts.shift() : undefined;
	}
}

const model = SileroModel.load(LARGEST_BATCH);
const streams = new Map<number, Stream>();
/** Streams with audio, the one that has waited longest first. */
const queue: Stream[] = [];
let isPumping = false;

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function enqueue(stream: Stream): void {
	if (stream.isQueued || stream.isClosed || stream.parts.length === 0) return;
	stream.isQueued = true;
	queue.push(stream);
}

function takeBatch(): Stream[] {
	const batch = queue.splice(0, LARGEST_BATCH);
	for (const stream of batch) stream.isQueued = false;
	return batch.filter((stream) => !stream.isClosed);
}

function answer(batch: readonly Stream[], found: Float32Array): void {
	const parts: number[] = [];
	const probabilities: number[] = [];
	for (const [i, stream] of batch.entries()) {
		const part = stream.note(found[i] as number);
		if (!part) continue;
		parts.push(stream.id, part.probabilities.length);
		for (const probability of part.probabilities) probabilities.push(probability);
	}
	if (parts.length === 0) return;
	const reply: SileroReply = { parts, probabilities };
	parentPort?.postMessage(reply);
}

async function pump(): Promise<void> {
	const loaded = await model;
	// A turn of the event loop between runs: what came meanwhile joins the next run.
	for (await nextTurn(); queue.length > 0; await nextTurn()) {
		const batch = takeBatch();
		for (const stream of batch) loaded.add(stream.nextFrame(), stream.state);
		if (batch.length > 0) answer(batch, await loaded.run());
		for (const stream of batch) enqueue(stream);
	}
	isPumping = false;
}

function receive(parts: Parts, samples: Int16Array): void {
	let at = 0;
	for (let i = 0; i < parts.length; i += 2) {
		const stream = streams.get(parts[i] as number);
		const end = at + (parts[i + 1] as number);
		stream?.parts.push({ samples: samples.subarray(at, end), at: 0, probabilities: [] });
		if (stream) enqueue(stream);
		at = end;
	}
	if (isPumping) return;
	isPumping = true;
	void pump();
}

function close(id: number): void {
	const stream = streams.get(id);
	if (stream) stream.isClosed = true;
	streams.delete(id);
}

parentPort?.on('message', (request: SileroRequest) => {
	if (request.kind === 'open') streams.set(request.id, new Stream(request.id, request.rateHz));
	else if (request.kind === 'close') close(request.id);
	else receive(request.parts, request.samples);
});
