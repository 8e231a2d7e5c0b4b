import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PeakTrack, SAMPLES_PER_PEAK } from './peaks.ts';

function loudestOf(samples: Int16Array, first: number, end: number): number {
	const from = Math.floor(first / SAMPLES_PER_PEAK) * SAMPLES_PER_PEAK;
	const to = Math.ceil(end / SAMPLES_PER_PEAK) * SAMPLES_PER_PEAK;
	return samples.subarray(from, to).reduce((loudest, value) => Math.max(loudest, Math.abs(value)), 0) / 32768;
}

test('peaks are the same however the bytes arrive', () => {
	fc.assert(
		fc.property(
			fc.int16Array({ maxLength: 2000 }),
			fc.array(fc.nat(2000), { maxLength: 5 }),
			fc.nat(2000),
			fc.nat(2000),
			(samples, cuts, a, b) => {
				const track = new PeakTrack();
				const ends = [...cuts.map((cut) => Math.min(cut, samples.length)), samples.length].sort((x, y) => x - y);
				let start = 0;
				for (const end of ends) {
					track.append(new Uint8Array(samples.slice(start, end).buffer));
					start = end;
				}
				expect(track.sampleCount).toBe(samples.length);
				const [first, end] = [Math.min(a, b), Math.max(a, b)];
				expect(track.loudest(first, end)).toBeCloseTo(loudestOf(samples, first, end), 6);
			}
		)
	);
});

test('a sample that is cut in two is one sample', () => {
	fc.assert(
		fc.property(
			fc.uint8Array({ maxLength: 3000 }),
			fc.array(fc.nat(3000), { maxLength: 8 }),
			fc.nat(20),
			(bytes, cuts, shift) => {
				const whole = new PeakTrack();
				whole.append(bytes);
				const chunked = new PeakTrack();
				const ends = [...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
				// One buffer for all chunks, as a socket may reuse its own: nothing of it may be kept.
				const reused = new Uint8Array(3000 + shift);
				let start = 0;
				for (const end of ends) {
					reused.set(bytes.subarray(start, end), shift);
					chunked.append(reused.subarray(shift, shift + end - start));
					reused.fill(0x5a);
					start = end;
				}
				expect(chunked.sampleCount).toBe(bytes.length >> 1);
				expect(chunked.loudestSoFar).toBe(whole.loudestSoFar);
				for (let first = 0; first < 1700; first += SAMPLES_PER_PEAK)
					expect(chunked.loudest(first, first + 1)).toBe(whole.loudest(first, first + 1));
			}
		)
	);
});

test('an hour and a bit grows beyond the first reserve', () => {
	const track = new PeakTrack();
	const minute = new Int16Array(24_000 * 60);
	minute[1000] = -32768;
	for (let i = 0; i < 3; i++) track.append(new Uint8Array(minute.buffer));
	expect(track.loudest(24_000 * 120 + 900, 24_000 * 120 + 1100)).toBe(1);
	expect(track.loudest(24_000 * 130, 24_000 * 140)).toBe(0);
	expect(track.loudest(24_000 * 999, 24_000 * 1000)).toBe(0);
});

test('levels that were computed elsewhere make the same track', () => {
	fc.assert(
		fc.property(fc.int16Array({ maxLength: 3000 }), fc.array(fc.nat(3000), { maxLength: 6 }), (samples, cuts) => {
			const worker = new PeakTrack();
			const page = new PeakTrack();
			const ends = [...cuts.map((cut) => Math.min(cut, samples.length)), samples.length].sort((x, y) => x - y);
			let start = 0;
			let sent = 0;
			for (const end of ends) {
				worker.append(new Uint8Array(samples.slice(start, end).buffer));
				start = end;
				// The last step may not be whole: the next run begins with it again.
				page.appendLevels(sent, worker.levels(sent, worker.bucketCount));
				sent = Math.floor(worker.sampleCount / SAMPLES_PER_PEAK);
			}
			const bucketCount = Math.ceil(samples.length / SAMPLES_PER_PEAK);
			expect([worker.bucketCount, page.bucketCount]).toEqual([bucketCount, bucketCount]);
			expect(page.sampleCount).toBe(bucketCount * SAMPLES_PER_PEAK);
			expect(page.loudestSoFar).toBe(worker.loudestSoFar);
			expect(page.levels(0, bucketCount)).toEqual(worker.levels(0, bucketCount));
			for (let first = 0; first < samples.length; first += SAMPLES_PER_PEAK)
				expect(page.loudest(first, first + 1)).toBeCloseTo(loudestOf(samples, first, first + 1), 6);
		})
	);
});

test('levels are a copy, and end where the track ends', () => {
	const track = new PeakTrack();
	track.append(new Uint8Array(Int16Array.from({ length: 500 }, (_, i) => (i < 250 ? -16_384 : 8192)).buffer));
	const levels = track.levels(0, 99);
	expect([...levels]).toEqual([0.5, 0.5, 0.25]);
	levels.fill(1);
	expect([...track.levels(1, 2), ...track.levels(3, 9), ...track.levels(-5, 1)]).toEqual([0.5, 0.5]);
});
