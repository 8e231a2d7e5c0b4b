import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Resampler } from '#core/audio/resample.ts';
import { FrameGrid, MODEL_RATE_HZ } from '#simulator/detection/frame-grid.ts';
import type { InputRateHz } from '#simulator/session/ports.ts';

describe('FrameGrid', () => {
	it.each<[InputRateHz, number, number]>([
		[24000, 768, 26],
		[8000, 256, 18]
	])('at %i Hz a frame has %i samples and is complete %i later', (rateHz, frameSamples, delaySamples) => {
		const grid = new FrameGrid(rateHz);
		expect(grid.frameSamples).toBe(frameSamples);
		expect(grid.delaySamples).toBe(delaySamples);
		expect(grid.framesIn(0)).toBe(0);
		expect(grid.samplesFor(0)).toBe(0);
	});

	it('knows to the sample when the resampler has made a frame', () => {
		fc.assert(
			fc.property(fc.constantFrom<InputRateHz>(24000, 8000), fc.integer({ min: 1, max: 40 }), (rateHz, frames) => {
				const grid = new FrameGrid(rateHz);
				const samples = grid.samplesFor(frames);
				const made = (count: number): number =>
					new Resampler(rateHz, MODEL_RATE_HZ).process(new Float32Array(count)).length;
				expect(made(samples)).toBe(frames * 512);
				expect(made(samples - 1)).toBeLessThan(frames * 512);
				expect(grid.framesIn(samples)).toBe(frames);
				expect(grid.framesIn(samples - 1)).toBe(frames - 1);
			})
		);
	});
});
