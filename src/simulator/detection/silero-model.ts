/** Runs Silero v6 on a frame of each of many streams at once. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import {
	buildBatchedModel,
	FRAME_FLOATS,
	layOutFrame,
	STATE_SIZE,
	WINDOWS
} from '#simulator/detection/silero-graph.ts';

const require = createRequire(import.meta.url);
const ort = require('onnxruntime-web') as typeof import('onnxruntime-web');
// Threads of its own would only compete with the rest of the process.
ort.env.wasm.numThreads = 1;

/** The model as its package has it. Throws when the package is missing. */
export function readPublishedModel(): Uint8Array {
	return readFileSync(require.resolve('@ricky0123/vad-web').replace(/index\.js$/, 'silero_vad_v6.onnx'));
}

/** What the model remembers of one stream. */
export interface StreamState {
	/** `STATE_SIZE` floats each. */
	shown: Float32Array;
	held: Float32Array;
}

export function initialStreamState(): StreamState {
	return { shown: new Float32Array(STATE_SIZE), held: new Float32Array(STATE_SIZE) };
}

export class SileroModel {
	readonly #session: InferenceSession;
	readonly #windows: Float32Array;
	readonly #shown: Float32Array;
	readonly #held: Float32Array;
	/** Those of the streams in the run to come. */
	#states: StreamState[] = [];

	private constructor(session: InferenceSession, largestBatch: number) {
		this.#session = session;
		this.#windows = new Float32Array(largestBatch * FRAME_FLOATS);
		this.#shown = new Float32Array(largestBatch * STATE_SIZE);
		this.#held = new Float32Array(largestBatch * STATE_SIZE);
	}

	/** Loads it; about half a second, most of it the runtime. `largestBatch`: frames of one run. */
	static async load(largestBatch: number): Promise<SileroModel> {
		return new SileroModel(await ort.InferenceSession.create(buildBatchedModel(readPublishedModel())), largestBatch);
	}

	/** Adds a stream's next frame to the run to come: 576 samples at 16 kHz, the context in front. They are copied. */
	add(frame: Float32Array, state: StreamState): void {
		const index = this.#states.length;
		layOutFrame(frame, this.#windows, index * FRAME_FLOATS);
		this.#shown.set(state.shown, index * STATE_SIZE);
		this.#held.set(state.held, index * STATE_SIZE);
		this.#states.push(state);
	}

	/** How likely each frame that was added is speech, in that order; updates the states. About 0.05 ms for each. */
	async run(): Promise<Float32Array> {
		const states = this.#states;
		const count = states.length;
		this.#states = [];
		const stateOf = (floats: Float32Array): Tensor =>
			new ort.Tensor('float32', floats.subarray(0, count * STATE_SIZE), [1, count, STATE_SIZE]);
		const windows = this.#windows.subarray(0, count * FRAME_FLOATS);
		const found = await this.#session.run({
			windows: new ort.Tensor('float32', windows, [count * WINDOWS, FRAME_FLOATS / WINDOWS]),
			shown: stateOf(this.#shown),
			held: stateOf(this.#held)
		});
		const shown = floatsOf(found, 'shown next');
		const held = floatsOf(found, 'held next');
		for (const [i, state] of states.entries()) {
			state.shown.set(shown.subarray(i * STATE_SIZE, (i + 1) * STATE_SIZE));
			state.held.set(held.subarray(i * STATE_SIZE, (i + 1) * STATE_SIZE));
		}
		return floatsOf(found, 'probability');
	}
}

function floatsOf(found: InferenceSession.ReturnType, name: string): Float32Array {
	return (found[name] as Tensor).data as Float32Array;
}
