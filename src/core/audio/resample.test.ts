import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Resampler } from '#core/audio/resample.ts';

function tone(frequencyHz: number, rateHz: number, seconds: number): Float32Array {
	return Float32Array.from({ length: Math.round(rateHz * seconds) }, (_, i) =>
		Math.sin((2 * Math.PI * frequencyHz * i) / rateHz)
	);
}

function rmsDb(samples: Float32Array): number {
	const middle = samples.subarray(Math.floor(samples.length / 4), Math.floor((samples.length * 3) / 4));
	let sum = 0;
	for (const sample of middle) sum += sample * sample;
	return 10 * Math.log10(sum / middle.length + 1e-20);
}

function convert(samples: Float32Array, inRateHz: number, outRateHz: number): Float32Array {
	const resampler = new Resampler(inRateHz, outRateHz);
	return Float32Array.from([...resampler.process(samples), ...resampler.flush()]);
}

describe('Resampler', () => {
	it('gives the same samples however the input is cut', () => {
		fc.assert(
			fc.property(
				fc.constantFrom([24000, 16000], [16000, 24000], [15050, 24000], [8000, 24000], [24000, 8000], [48000, 24000]),
				fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 12 }),
				fc.integer(),
				([inRateHz = 0, outRateHz = 0], cuts, seed) => {
					const length = cuts.reduce((sum, cut) => sum + cut, 0);
					const input = Float32Array.from({ length }, (_, i) => Math.sin(i * i * 0.001 + seed));
					const whole = convert(input, inRateHz, outRateHz);
					const resampler = new Resampler(inRateHz, outRateHz);
					const parts: number[] = [];
					let at = 0;
					for (const cut of cuts) {
						parts.push(...resampler.process(input.subarray(at, at + cut)));
						at += cut;
					}
					parts.push(...resampler.flush());
					expect(Float32Array.from(parts)).toEqual(whole);
				}
			),
			{ numRuns: 60 }
		);
	});

	it('says how much it will make, and makes it in place', () => {
		const resampler = new Resampler(24000, 16000);
		const same = new Resampler(24000, 16000);
		for (const length of [10, 17, 1, 0, 300, 3]) {
			const input = tone(440, 24000, 1).subarray(0, length);
			const made = resampler.process(input);
			const output = new Float32Array(same.outputCount(length));
			expect(() => same.processInto(input, new Float32Array(output.length + 1))).toThrow(RangeError);
			same.processInto(input, output);
			expect(output).toEqual(made);
		}
	});

	it('keeps the length in time', () => {
		expect(convert(tone(440, 24000, 1), 24000, 16000).length).toBeCloseTo(16000, -1);
		expect(convert(tone(440, 15050, 1), 15050, 24000).length).toBeCloseTo(24000, -1);
	});

	it('passes what is below the cut and stops what would alias', () => {
		expect(rmsDb(convert(tone(1000, 24000, 0.5), 24000, 16000))).toBeCloseTo(-3.01, 1);
		expect(rmsDb(convert(tone(6500, 24000, 0.5), 24000, 16000))).toBeGreaterThan(-3.3);
		expect(rmsDb(convert(tone(9000, 24000, 0.5), 24000, 16000))).toBeLessThan(-80);
		expect(rmsDb(convert(tone(11000, 24000, 0.5), 24000, 16000))).toBeLessThan(-80);
	});

	it('refuses rates that are not whole numbers', () => {
		expect(() => new Resampler(0, 16000)).toThrow(RangeError);
		expect(() => new Resampler(44100.5, 16000)).toThrow(RangeError);
	});
});
