/** Worker thread of speech-detector.ts: one Silero v6 model for all sessions, one state per stream. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { Resampler } from '#core/audio/resample.ts';

export type SileroRequest =
	| { kind: 'open'; id: number }
	| { kind: 'audio'; id: number; samples: Int16Array<ArrayBuffer> }
	| { kind: 'close'; id: number };

export type SileroReply =
	| { kind: 'ready' }
	| { kind: 'probabilities'; id: number; probabilities: Float32Array<ArrayBuffer> }
	| { kind: 'failed'; id: number; message: string };

const INPUT_RATE_HZ = 24000;
const MODEL_RATE_HZ = 16000;
/** 32 ms. Source: the model takes 512 new samples at 16 kHz. */
const FRAME_SAMPLES = 512;
/** The model wants the end of the frame before in front of each frame; without it v6 never fires. */
const CONTEXT_SAMPLES = 64;
/** Frames between two returns to the event loop, so that a long append does not keep a close or another session waiting. */
const FRAMES_PER_TURN = 32;

interface Push {
	samples: Float32Array;
	probabilities: number[];
}

interface Stream {
	id: number;
	resampler: Resampler;
	pushes: Push[];
	/** Samples at 16 kHz that do not fill a frame yet. */
	rest: Float32Array;
	context: Float32Array;
	state: Tensor;
}

const require = createRequire(import.meta.url);
const ort = require('onnxruntime-web') as typeof import('onnxruntime-web');
ort.env.wasm.numThreads = 1;

const streams = new Map<number, Stream>();
const rate = new ort.Tensor('int64', BigInt64Array.of(BigInt(MODEL_RATE_HZ)));
let isPumping = false;

function reply(message: SileroReply, transfer: ArrayBuffer[] = []): void {
	parentPort?.postMessage(message, transfer);
}

async function loadModel(): Promise<InferenceSession> {
	const file = require.resolve('@ricky0123/vad-web').replace(/index\.js$/, 'silero_vad_v6.onnx');
	const loaded = await ort.InferenceSession.create(readFileSync(file));
	reply({ kind: 'ready' });
	return loaded;
}

const model = loadModel();

function openStream(id: number): void {
	streams.set(id, {
		id,
		// The cut (0.92 of 8 kHz, about 7.4 kHz) matters: with aliases the offsets are one frame off the recorded ones.
		resampler: new Resampler(INPUT_RATE_HZ, MODEL_RATE_HZ),
		pushes: [],
		rest: new Float32Array(0),
		context: new Float32Array(CONTEXT_SAMPLES),
		state: new ort.Tensor('float32', new Float32Array(256), [2, 1, 128])
	});
}

function join(a: Float32Array, b: Float32Array): Float32Array {
	const joined = new Float32Array(a.length + b.length);
	joined.set(a);
	joined.set(b, a.length);
	return joined;
}

async function judgeFrame(session: InferenceSession, stream: Stream, frame: Float32Array): Promise<number> {
	const input = join(stream.context, frame);
	stream.context = frame.slice(FRAME_SAMPLES - CONTEXT_SAMPLES);
	const output = await session.run({
		input: new ort.Tensor('float32', input, [1, CONTEXT_SAMPLES + FRAME_SAMPLES]),
		state: stream.state,
		sr: rate
	});
	stream.state = output['stateN'] as Tensor;
	return ((output['output'] as Tensor).data as Float32Array)[0] ?? 0;
}

/** Works on the oldest push of a stream, for a limited number of frames. */
async function work(session: InferenceSession, stream: Stream): Promise<void> {
	const push = stream.pushes[0];
	if (!push) return;
	if (push.samples.length > 0) {
		stream.rest = join(stream.rest, stream.resampler.process(push.samples));
		push.samples = new Float32Array(0);
	}
	let done = 0;
	let at = 0;
	while (at + FRAME_SAMPLES <= stream.rest.length && done < FRAMES_PER_TURN) {
		push.probabilities.push(await judgeFrame(session, stream, stream.rest.subarray(at, at + FRAME_SAMPLES)));
		at += FRAME_SAMPLES;
		done++;
	}
	stream.rest = stream.rest.slice(at);
	if (stream.rest.length >= FRAME_SAMPLES) return;
	stream.pushes.shift();
	const probabilities = Float32Array.from(push.probabilities);
	if (streams.has(stream.id)) {
		reply({ kind: 'probabilities', id: stream.id, probabilities }, [probabilities.buffer]);
	}
}

async function pump(): Promise<void> {
	const session = await model;
	while (true) {
		const waiting = [...streams.values()].filter((stream) => stream.pushes.length > 0);
		if (waiting.length === 0) break;
		for (const stream of waiting) {
			try {
				await work(session, stream);
			} catch (error) {
				streams.delete(stream.id);
				reply({ kind: 'failed', id: stream.id, message: error instanceof Error ? error.message : String(error) });
			}
		}
		await new Promise((resolve) => setImmediate(resolve));
	}
	isPumping = false;
}

parentPort?.on('message', (request: SileroRequest) => {
	if (request.kind === 'open') openStream(request.id);
	else if (request.kind === 'close') streams.delete(request.id);
	else {
		const samples = Float32Array.from(request.samples, (sample) => sample / 32768);
		streams.get(request.id)?.pushes.push({ samples, probabilities: [] });
		if (!isPumping) {
			isPumping = true;
			void pump();
		}
	}
});
