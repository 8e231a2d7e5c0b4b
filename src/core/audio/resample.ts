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
	/** One filter per output phase, each `tapCount` long. */
	phases: Float32Array[];
	tapCount: number;
}

const filterBanks = new Map<string, FilterBank>();

function greatestCommonDivisor(a: number, b: number): number {
	return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

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
	const phases: Float32Array[] = [];
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
		phases.push(Float32Array.from(taps, (tap) => tap / sum));
	}
	const bank = { phases, tapCount };
	filterBanks.set(key, bank);
	return bank;
}

/** Converts mono samples from one whole-number rate (Hz) to another, chunk by chunk. Output sample k sits at input time k * in / out. */
export class Resampler {
	readonly #up: number;
	readonly #down: number;
	readonly #bank: FilterBank;
	#pending: Float32Array;
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
		this.#pending = new Float32Array(this.#bank.tapCount / 2 - 1);
	}

	/** Input samples that must follow a moment before its output can be made. */
	get lookAheadSamples(): number {
		return this.#bank.tapCount / 2;
	}

	/** Takes the next samples (-1 to 1) and returns the output that is now certain: perhaps none. The input is not kept. */
	process(samples: Float32Array): Float32Array {
		const { phases, tapCount } = this.#bank;
		const input = new Float32Array(this.#pending.length + samples.length);
		input.set(this.#pending);
		input.set(samples, this.#pending.length);
		const room = Math.max(0, Math.ceil(((input.length - tapCount + 2) * this.#up) / this.#down) + 1);
		const output = new Float32Array(room);
		let position = 0;
		let made = 0;
		while (position + tapCount <= input.length) {
			const taps = phases[this.#phase] as Float32Array;
			let sum = 0;
			for (let k = 0; k < tapCount; k++) sum += (taps[k] as number) * (input[position + k] as number);
			output[made++] = sum;
			this.#phase += this.#down;
			position += Math.floor(this.#phase / this.#up);
			this.#phase %= this.#up;
		}
		this.#pending = input.slice(position);
		return output.subarray(0, made);
	}

	/** Returns the output that was waiting for input after the end (taken as silence). The object must not be used afterwards. */
	flush(): Float32Array {
		return this.process(new Float32Array(this.lookAheadSamples));
	}
}
