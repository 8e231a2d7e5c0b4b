/**
 * Silero v6 as a graph for many streams at once. The published graph asks its way through a dozen branches at every run
 * and convolves four columns at a time, which is slow however many streams it is given. Here each layer is a few matrix
 * multiplications over all streams, without those that multiply by zero: the same function, in a sixth of the time.
 */
import { readFloatConstants, writeModel } from '#simulator/detection/onnx-format.ts';
import type { Constant, Node } from '#simulator/detection/onnx-format.ts';

/** 32 ms at 16 kHz. Source: the model takes 512 new samples. */
export const FRAME_SAMPLES = 512;
/** The model wants the end of the frame before in front of each frame; without it v6 never fires. */
export const CONTEXT_SAMPLES = 64;
/** Numbers that a stream carries from frame to frame, twice: what the memory cell shows, and what it holds. */
export const STATE_SIZE = 128;

/** The spectrum: windows of 256 samples, one every 128. */
const WINDOW_SAMPLES = 256;
const HALF = WINDOW_SAMPLES / 2;
const QUARTER = WINDOW_SAMPLES / 4;
/** Windows of one frame: the last reaches 64 samples beyond its end, and sees them mirrored there. */
export const WINDOWS = 4;
const BINS = HALF + 1;

/** Numbers of one frame in the input `windows`. */
export const FRAME_FLOATS = WINDOWS * WINDOW_SAMPLES;

/** How the names of the 16 kHz branch begin in the published file. */
const BRANCH = 'If_0_then_branch__Inline_0__';

/**
 * The waves of the spectrum are symmetric: cosines about the middle of the window, sines too but for their sign, and both
 * about its quarter again, the even ones otherwise than the odd ones. So samples that meet the same numbers are added up
 * first, and each group of waves needs a quarter as many. Each has its places in the window, and its waves, by number.
 */
interface Group {
	wave: (angle: number) => number;
	places: readonly number[];
	numbers: readonly number[];
}

const range = (from: number, to: number, step = 1): number[] =>
	Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => from + i * step);
const EVEN_NUMBERS = range(0, HALF, 2);
const ODD_NUMBERS = range(1, HALF, 2);

const GROUPS: Readonly<Record<string, Group>> = {
	'even cosines': { wave: Math.cos, places: range(0, QUARTER), numbers: EVEN_NUMBERS },
	'odd cosines': { wave: Math.cos, places: range(0, QUARTER - 1), numbers: ODD_NUMBERS },
	'even sines': { wave: Math.sin, places: range(1, QUARTER - 1), numbers: EVEN_NUMBERS },
	'odd sines': { wave: Math.sin, places: range(1, QUARTER), numbers: ODD_NUMBERS }
};

/** Where the groups lie in a window that is laid out, by their place 0. */
const EVEN_COSINES_AT = 0;
const ODD_COSINES_AT = QUARTER + 1;
const EVEN_SINES_AT = ODD_COSINES_AT + QUARTER - 1;
const ODD_SINES_AT = EVEN_SINES_AT + QUARTER - 1;

const angleOf = (number: number, place: number): number => (2 * Math.PI * number * place) / WINDOW_SAMPLES;

/** Each window is faded in and out like this (Hann). */
const fade = Float64Array.from({ length: WINDOW_SAMPLES }, (_, i) => 0.5 - 0.5 * Math.cos(angleOf(1, i)));

/** Lays out one window, which begins at `from`: faded, and added up for the groups. */
function layOutWindow(samples: Float64Array, from: number, windows: Float32Array, at: number): void {
	windows[at + EVEN_COSINES_AT] = samples[from + HALF] as number;
	windows[at + ODD_COSINES_AT] = -(samples[from + HALF] as number);
	for (let i = 1; i < QUARTER; i++) {
		const near = fade[i] as number;
		const far = fade[HALF - i] as number;
		const a = (samples[from + i] as number) * near;
		const b = (samples[from + WINDOW_SAMPLES - i] as number) * near;
		const c = (samples[from + HALF - i] as number) * far;
		const d = (samples[from + HALF + i] as number) * far;
		windows[at + EVEN_COSINES_AT + i] = a + b + (c + d);
		windows[at + ODD_COSINES_AT + i] = a + b - (c + d);
		windows[at + EVEN_SINES_AT + i] = a - b - (c - d);
		windows[at + ODD_SINES_AT + i] = a - b + (c - d);
	}
	const middle = fade[QUARTER] as number;
	const a = (samples[from + QUARTER] as number) * middle;
	const b = (samples[from + WINDOW_SAMPLES - QUARTER] as number) * middle;
	windows[at + EVEN_COSINES_AT + QUARTER] = a + b;
	windows[at + ODD_SINES_AT + QUARTER] = a - b;
}

const FRAME_WITH_CONTEXT = CONTEXT_SAMPLES + FRAME_SAMPLES;
/** A frame, and its end mirrored. */
const extended = new Float64Array((WINDOWS - 1) * HALF + WINDOW_SAMPLES);

/** Lays out a frame, its context in front (576 samples), as the four overlapping windows that the graph takes. */
export function layOutFrame(samples: Float32Array, windows: Float32Array, at: number): void {
	extended.set(samples);
	for (let i = FRAME_WITH_CONTEXT; i < extended.length; i++) {
		extended[i] = samples[2 * FRAME_WITH_CONTEXT - 2 - i] as number;
	}
	for (let i = 0; i < WINDOWS; i++) layOutWindow(extended, i * HALF, windows, at + i * WINDOW_SAMPLES);
}

/** The published waves are what they are taken for here: faded cosines and sines. Throws when they are others. */
function checkBasis(basis: Float32Array): void {
	for (let number = 0; number < BINS; number++) {
		for (let place = 0; place < WINDOW_SAMPLES; place++) {
			const at = number * WINDOW_SAMPLES + place;
			const angle = angleOf(number, place);
			const cosine = (fade[place] as number) * Math.cos(angle) - (basis[at] as number);
			const sine = (fade[place] as number) * Math.sin(angle) + (basis[at + BINS * WINDOW_SAMPLES] as number);
			if (Math.max(Math.abs(cosine), Math.abs(sine)) > 1e-6) throw unknownModel(`wave ${number} is another one`);
		}
	}
}

const unknownModel = (problem: string): Error =>
	new Error(`This is not the Silero v6 model that the simulator knows: ${problem}.`);

interface ConvolutionShape {
	channelsIn: number;
	channelsOut: number;
	stepsIn: number;
	/** At which input steps the outputs are centred. */
	centres: readonly number[];
	/** Which channel each input is, where they are in another order than in the file. */
	order?: readonly number[];
}

/**
 * One output step of a convolution of three taps (weights `[out, in, 3]`) as a matrix: rows are the channels of the input
 * steps `from` to `to`, columns the channels of the output.
 */
function stepMatrix(
	weights: Float32Array,
	shape: ConvolutionShape,
	centre: number,
	from: number,
	to: number
): Float32Array {
	const { channelsIn, channelsOut, order } = shape;
	const matrix = new Float32Array((to - from) * channelsIn * channelsOut);
	for (let step = from; step < to; step++) {
		for (let input = 0; input < channelsIn; input++) {
			const row = ((step - from) * channelsIn + input) * channelsOut;
			const channel = order ? (order[input] as number) : input;
			for (let out = 0; out < channelsOut; out++) {
				matrix[row + out] = weights[(out * channelsIn + channel) * 3 + step - centre + 1] as number;
			}
		}
	}
	return matrix;
}

/** The four gates of a memory cell lie as in, forget, cell, out in the file, and as in, out, forget, cell in ONNX. */
function reorderGates(values: Float32Array): Float32Array {
	const size = values.length / 4;
	const reordered = new Float32Array(values.length);
	for (const [to, from] of [0, 3, 1, 2].entries()) {
		reordered.set(values.subarray(from * size, (from + 1) * size), to * size);
	}
	return reordered;
}

function joinFloats(a: Float32Array, b: Float32Array): Float32Array {
	return Float32Array.from([...a, ...b]);
}

class GraphBuilder {
	readonly constants = new Map<string, Constant>();
	readonly nodes: Node[] = [];
	readonly #weights: ReadonlyMap<string, Float32Array>;

	constructor(published: Uint8Array) {
		this.#weights = readFloatConstants(published);
	}

	/** A constant of the published file. Throws when it is not there, or not as large as it must be. */
	weights(name: string, count: number): Float32Array {
		const found = this.#weights.get(BRANCH + name);
		if (found?.length === count) return found;
		throw unknownModel(`${name} ${found ? `has ${found.length} numbers, not ${count}` : 'is missing'}`);
	}

	constant(name: string, dims: readonly number[], data: Float32Array | BigInt64Array): string {
		this.constants.set(name, { dims, data });
		return name;
	}

	node(op: string, inputs: readonly string[], output: string, attributes: Record<string, number> = {}): string {
		this.nodes.push({ op, inputs, outputs: [output], attributes });
		return output;
	}

	/** Columns `from` to `to` of a matrix. */
	columns(input: string, from: number, to: number, output: string): string {
		const bound = (at: number): string => this.constant(`at ${at}`, [1], BigInt64Array.of(BigInt(at)));
		return this.node('Slice', [input, bound(from), bound(to), bound(1)], output);
	}

	/** A layer of the encoder: for each output step the input steps that it sees, times a matrix. */
	convolution(name: string, input: string, index: number, shape: ConvolutionShape): string {
		const { channelsIn, channelsOut, stepsIn, centres } = shape;
		const kernel = this.weights(`encoder.${index}.reparam_conv.weight`, channelsOut * channelsIn * 3);
		const bias = this.weights(`encoder.${index}.reparam_conv.bias`, channelsOut);
		const offset = this.constant(`${name} b`, [channelsOut], bias);
		const steps = centres.map((centre) => {
			const from = Math.max(0, centre - 1);
			const to = Math.min(stepsIn, centre + 2);
			const rows = (to - from) * channelsIn;
			const label = `${name} at ${centre}`;
			const seen =
				to - from === stepsIn ? input : this.columns(input, from * channelsIn, to * channelsIn, `${label} in`);
			const matrix = stepMatrix(kernel, shape, centre, from, to);
			const weights = this.constant(`${label} w`, [rows, channelsOut], matrix);
			return this.node('Relu', [this.node('Gemm', [seen, weights, offset], `${label} sum`)], label);
		});
		return steps.length === 1 ? (steps[0] as string) : this.node('Concat', steps, name, { axis: 1 });
	}
}

/** Loudness of 129 frequencies in each window: a row of 4 x 129 for each stream, the even frequencies of a window first. */
function addSpectrum(graph: GraphBuilder): string {
	checkBasis(graph.weights('stft.forward_basis_buffer', 2 * BINS * WINDOW_SAMPLES));
	const groups = Object.entries(GROUPS);
	const lengths = BigInt64Array.from(groups, ([, { places }]) => BigInt(places.length));
	graph.nodes.push({
		op: 'Split',
		inputs: ['windows', graph.constant('group lengths', [groups.length], lengths)],
		outputs: groups.map(([name]) => `${name} in`),
		attributes: { axis: 1 }
	});
	for (const [name, { wave, places, numbers }] of groups) {
		const waves = places.flatMap((place) => numbers.map((number) => wave(angleOf(number, place))));
		const matrix = graph.constant(`${name} w`, [places.length, numbers.length], Float32Array.from(waves));
		graph.node('MatMul', [`${name} in`, matrix], name);
	}
	const squares = ['cosines', 'sines'].map((wave) => {
		const all = graph.node('Concat', [`even ${wave}`, `odd ${wave}`], wave, { axis: 1 });
		return graph.node('Mul', [all, all], `${wave} squared`);
	});
	graph.node('Sqrt', [graph.node('Add', squares, 'powers')], 'magnitudes');
	const shape = graph.constant('row of a stream', [2], BigInt64Array.of(-1n, BigInt(WINDOWS * BINS)));
	return graph.node('Reshape', ['magnitudes', shape], 'spectrum');
}

/** The memory cell, and the probability that is read from it. */
function addDecoder(graph: GraphBuilder, input: string): void {
	const gates = 4 * STATE_SIZE;
	const gateWeights = (name: string): Float32Array =>
		reorderGates(graph.weights(`decoder.rnn.${name}`, gates * STATE_SIZE));
	const gateBias = (name: string): Float32Array => reorderGates(graph.weights(`decoder.rnn.${name}`, gates));
	const first = graph.constant('first axis', [1], BigInt64Array.of(0n));
	graph.nodes.push({
		op: 'LSTM',
		inputs: [
			graph.node('Unsqueeze', [input, first], 'cell input'),
			graph.constant('cell w', [1, gates, STATE_SIZE], gateWeights('weight_ih')),
			graph.constant('cell r', [1, gates, STATE_SIZE], gateWeights('weight_hh')),
			graph.constant('cell b', [1, 2 * gates], joinFloats(gateBias('bias_ih'), gateBias('bias_hh'))),
			'',
			'shown',
			'held'
		],
		outputs: ['', 'shown next', 'held next'],
		attributes: { hidden_size: STATE_SIZE }
	});
	const cell = graph.node('Relu', [graph.node('Squeeze', ['shown next', first], 'cell')], 'cell above zero');
	const weights = graph.constant('out w', [STATE_SIZE, 1], graph.weights('decoder.decoder.2.weight', STATE_SIZE));
	const bias = graph.constant('out b', [1], graph.weights('decoder.decoder.2.bias', 1));
	graph.node('Sigmoid', [graph.node('Gemm', [cell, weights, bias], 'score')], 'probability');
}

/**
 * The model for `n` streams, made from the published `silero_vad_v6.onnx`. Inputs: `windows` [4n, 256], the four windows of
 * a frame of each stream as `layOutFrame` makes them; `shown` and `held` [1, n, 128], the state before. Outputs: `probability` [n, 1],
 * `shown next` and `held next`. A stream's numbers do not depend on which others are with it. Throws when the file is
 * another one.
 */
export function buildBatchedModel(published: Uint8Array): Uint8Array {
	const graph = new GraphBuilder(published);
	const spectrum = addSpectrum(graph);
	const layers = [
		{ channelsIn: BINS, channelsOut: 128, stepsIn: 4, centres: [0, 1, 2, 3], order: [...EVEN_NUMBERS, ...ODD_NUMBERS] },
		{ channelsIn: 128, channelsOut: 64, stepsIn: 4, centres: [0, 2] },
		{ channelsIn: 64, channelsOut: 64, stepsIn: 2, centres: [0] },
		{ channelsIn: 64, channelsOut: 128, stepsIn: 1, centres: [0] }
	];
	const encoded = layers.reduce((input, shape, i) => graph.convolution(`layer ${i}`, input, i, shape), spectrum);
	addDecoder(graph, encoded);
	const state = [1, 'streams', STATE_SIZE];
	return writeModel({
		inputs: { windows: ['rows', WINDOW_SAMPLES], shown: state, held: state },
		outputs: { probability: ['streams', 1], 'shown next': state, 'held next': state },
		constants: graph.constants,
		nodes: graph.nodes
	});
}
