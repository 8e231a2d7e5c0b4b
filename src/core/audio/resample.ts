import { greatestCommonDivisor } from '../base/greatest-common-divisor.ts';

/**
 * A streaming band-limited resampler: rational polyphase, windowed sinc (Kaiser).
 *
 * The same samples give the same output however they are cut into chunks, bit for bit: every output sample is one dot
 * product of one fixed filter phase with one fixed stretch of input.
 */

export interface ResamplerOptions {
	/** Zero crossings of the sinc on each side; more gives a steeper edge and costs time. */
	zeroCrossings?: number;
	/** Kaiser window parameter; more gives a lower floor and a wider edge. */
	beta?: number;
	/** Cut-off as a part of the lower of the two Nyquist frequencies. */
	rollOff?: number;
}

interface FilterBank {
	/** One filter per output phase, each `tapCount` long, rounded to 32 bits. In doubles, as the sums are. */
	phases: Float64Array[];
	tapCount: number;
}

const filterBanks = new Map<string, FilterBank>();

/** The zeroth-order modified Bessel function, which the Kaiser window is made of. */
function besselI0(x: number): number {
	let sum = 1;
	let term = 1;
	for (let k = 1; k < 40; k++) {
		term *= (x / (2 * k)) ** 2;
		sum += term;
		if (term < 1e-12 * sum) break;
	}
	return sum;
}

function designFilterBank(up: number, down: number, options: Required<ResamplerOptions>): FilterBank {
	const key = [up, down, options.zeroCrossings, options.beta, options.rollOff].join(' ');
	const known = filterBanks.get(key);
	if (known) return known;
	const cutOff = options.rollOff * Math.min(1, up / down);
	const halfWidth = options.zeroCrossings / cutOff;
	const tapCount = 2 * Math.ceil(halfWidth);
	const windowAtCentre = besselI0(options.beta);
	const phases: Float64Array[] = [];
	for (let phase = 0; phase < up; phase++) {
		const taps = new Float64Array(tapCount);
		let sum = 0;
		for (let k = 0; k < tapCount; k++) {
			const t = k - tapCount / 2 + 1 - phase / up;
			const x = t * cutOff;
			const edge = t / halfWidth;
			const window = Math.abs(edge) >= 1 ? 0 : besselI0(options.beta * Math.sqrt(1 - edge * edge)) / windowAtCentre;
			taps[k] = cutOff * (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * window;
			sum += taps[k] ?? 0;
		}
		// Each phase sums to one, so a constant stays that constant.
		phases.push(taps.map((tap) => Math.fround(tap / sum)));
	}
	const bank = { phases, tapCount };
	filterBanks.set(key, bank);
	return bank;
}

/**
 * All outputs of one phase: every `step`th from `first` on, the taps moving by `stride` inputs for each. A sum waits for
 * its own last addition, so four at once take little longer than one; each adds in the same order as it would alone.
 */
function convolve(
	output: Float32Array,
	first: number,
	step: number,
	input: Float64Array,
	at: number,
	stride: number,
	taps: Float64Array
): void {
	let i = first;
	for (; i + 3 * step < output.length; i += 4 * step) {
		let sum0 = 0;
		let sum1 = 0;
		let sum2 = 0;
		let sum3 = 0;
		for (let k = 0, from = at; k < taps.length; k++, from++) {
			const tap = taps[k] as number;
			sum0 += tap * (input[from] as number);
			sum1 += tap * (input[from + stride] as number);
			sum2 += tap * (input[from + 2 * stride] as number);
			sum3 += tap * (input[from + 3 * stride] as number);
		}
		output[i] = sum0;
		output[i + step] = sum1;
		output[i + 2 * step] = sum2;
		output[i + 3 * step] = sum3;
		at += 4 * stride;
	}
	for (; i < output.length; i += step) {
		let sum = 0;
		for (let k = 0; k < taps.length; k++) sum += (taps[k] as number) * (input[at + k] as number);
		output[i] = sum;
		at += stride;
	}
}

/** The input of one call, when it is short: one for all, because many resamplers with little to do each have none in the cache. */
const workspace = new Float64Array(8192);

/** Converts mono samples from one whole-number rate (Hz) to another, chunk by chunk. Output sample k sits at input time k * in / out. */
export class Resampler {
	readonly #up: number;
	readonly #down: number;
	readonly #bank: FilterBank;
	/** The samples that outputs to come still need are the first of these. */
	readonly #pending: Float32Array;
	#pendingCount: number;
	#phase = 0;

	constructor(inRateHz: number, outRateHz: number, options: ResamplerOptions = {}) {
		if (!Number.isInteger(inRateHz) || !Number.isInteger(outRateHz) || inRateHz <= 0 || outRateHz <= 0) {
			throw new RangeError(`Sample rates must be whole numbers above 0, not ${inRateHz} and ${outRateHz}`);
		}
		const divisor = greatestCommonDivisor(inRateHz, outRateHz);
		this.#up = outRateHz / divisor;
		this.#down = inRateHz / divisor;
		this.#bank = designFilterBank(this.#up, this.#down, {
			zeroCrossings: options.zeroCrossings ?? 16,
			beta: options.beta ?? 9,
			rollOff: options.rollOff ?? 0.92
		});
		// Silence before the first sample, so that output sample 0 is centred on input sample 0.
		this.#pendingCount = this.#bank.tapCount / 2 - 1;
		// The next output begins within a step of the last, and waits for less than its taps.
		this.#pending = new Float32Array(this.#bank.tapCount + Math.ceil(this.#down / this.#up));
	}

	/** Input samples that must follow a moment before its output can be made. */
	get lookAheadSamples(): number {
		return this.#bank.tapCount / 2;
	}

	/** How many samples of output are certain when `count` more of input have come, those before being taken already. */
	outputCount(count: number): number {
		const places = this.#pendingCount + count - this.#bank.tapCount + 1;
		return Math.max(0, Math.ceil((places * this.#up - this.#phase) / this.#down));
	}

	/** Takes the next samples (-1 to 1) and returns the output that is now certain: perhaps none. The input is not kept. */
	process(samples: Float32Array): Float32Array {
		const output = new Float32Array(this.outputCount(samples.length));
		this.processInto(samples, output);
		return output;
	}

	/** As `process`, into memory of the caller's. Throws a RangeError unless there are exactly `outputCount` samples of it. */
	processInto(samples: Float32Array, output: Float32Array): void {
		const outputCount = this.outputCount(samples.length);
		if (output.length !== outputCount) {
			throw new RangeError(`${samples.length} samples make ${outputCount}, and there is room for ${output.length}`);
		}
		const inputCount = this.#pendingCount + samples.length;
		const input = inputCount <= workspace.length ? workspace : new Float64Array(inputCount);
		input.set(this.#pending.subarray(0, this.#pendingCount));
		input.set(samples, this.#pendingCount);
		const { phases } = this.#bank;
		const up = this.#up;
		const down = this.#down;
		for (let first = 0; first < Math.min(up, outputCount); first++) {
			const place = this.#phase + first * down;
			convolve(output, first, up, input, Math.floor(place / up), down, phases[place % up] as Float64Array);
		}
		const end = this.#phase + outputCount * down;
		this.#pendingCount = inputCount - Math.floor(end / up);
		for (let i = 0; i < this.#pendingCount; i++)
			this.#pending[i] = input[inputCount - this.#pendingCount + i] as number;
		this.#phase = end % up;
	}

	/** Returns the output that was waiting for input after the end (taken as silence). The object must not be used afterwards. */
	flush(): Float32Array {
		return this.process(new Float32Array(this.lookAheadSamples));
	}
}
