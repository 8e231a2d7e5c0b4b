import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeALaw, encodeMuLaw } from '../audio/g711.ts';
import { PeakTrack } from '../audio/peaks.ts';
import { ByteTrack } from '../recording/byte-track.ts';
import type { Placement } from './placements.ts';
import { deriveWindowPeaks, NOT_RECORDED, type TrackAudio } from './window-peaks.ts';

const SAMPLES_PER_MS = 24;

function audioOf(samples: Int16Array): TrackAudio {
	const audio = { bytes: new ByteTrack(), peaks: new PeakTrack() };
	const bytes = new Uint8Array(samples.slice().buffer);
	audio.bytes.append(bytes);
	audio.peaks.append(bytes);
	return audio;
}

/** Samples `first` to `end` of a track, from `startMs` on. */
function place(first: number, end: number, startMs: number, bytesPerMs = 48): Placement {
	const [offset, length] = [first * 2, (end - first) * 2];
	const endMs = startMs + length / bytesPerMs;
	return { startMs, endMs, offset, length, bytesPerMs, state: 'heard', itemId: null, estimated: false };
}

/** A second of a level: 1 is 32768. */
const level = (of: number, ms = 1000) => new Int16Array(ms * SAMPLES_PER_MS).fill(of * 32_768);

function join(...parts: Int16Array[]): Int16Array {
	return Int16Array.from(parts.flatMap((part) => [...part]));
}

describe('the levels of a window', () => {
	const track = join(level(0.25), level(0), level(0.5));
	const audio = audioOf(track);

	test('are those of the samples, silence is 0, and nothing is nothing', () => {
		const bins = deriveWindowPeaks([place(0, track.length, 1000)], audio, 0, 500, 10);
		const no = NOT_RECORDED;
		expect([...bins]).toEqual([no, no, 0.25, 0.25, 0, 0, 0.5, 0.5, no, no]);
	});

	test.each([1, 5, 10, 50, 250])('are the same at %d ms a step', (msPerBin) => {
		const bins = deriveWindowPeaks([place(0, track.length, 500)], audio, 500, msPerBin, 3000 / msPerBin);
		const at = (ms: number) => bins[Math.floor(ms / msPerBin)];
		expect([0, 999, 1000, 1999, 2000, 2999].map(at)).toEqual([0.25, 0.25, 0, 0, 0.5, 0.5]);
	});

	test('of a step that is half recorded are those of that half', () => {
		expect([...deriveWindowPeaks([place(0, 2400, 150)], audio, 0, 100, 4)]).toEqual([-1, 0.25, 0.25, -1]);
	});

	test('of placements that share a step are the loudest', () => {
		const placements = [place(0, 1200, 0), place(48_000, 49_200, 50)];
		expect([...deriveWindowPeaks(placements, audio, 0, 100, 1)]).toEqual([0.5]);
	});

	test.each(['mu-law', 'a-law'] as const)('of telephone audio are those of its samples: %s', (format) => {
		const samples = Int16Array.from({ length: 16_000 }, (_, i) => (i < 8000 ? 8000 : i < 12_000 ? 0 : 16_000));
		const coded = format === 'mu-law' ? encodeMuLaw(samples) : encodeALaw(samples);
		const phone = { bytes: new ByteTrack(), peaks: new PeakTrack(), format };
		// Behind 3 bytes of PCM16, so that nothing lies at a round place.
		for (const piece of [Uint8Array.of(1, 0, 1), coded.subarray(0, 777), coded.subarray(777)]) {
			phone.bytes.append(piece);
			phone.peaks.append(piece, piece.length === 3 ? 'pcm16' : format);
		}
		const heard = { ...place(0, 0, 0), endMs: 2000, offset: 3, length: 16_000, bytesPerMs: 8 };
		for (const msPerBin of [1, 20, 100, 250]) {
			const bins = deriveWindowPeaks([heard], phone, 0, msPerBin, 2000 / msPerBin);
			const at = (ms: number) => bins[Math.floor(ms / msPerBin)];
			expect(at(500)).toBeCloseTo(8000 / 32_768, 1);
			// A peak stands for 60 ms: a wide step takes in what lies so near.
			if (msPerBin <= 100) expect(at(1250)).toBeCloseTo(0, 2);
			expect(at(1750)).toBeCloseTo(16_000 / 32_768, 1);
		}
		expect(phone.peaks.loudestSoFar).toBeCloseTo(16_000 / 32_768, 1);
	});

	test('beyond what is in the track are silence', () => {
		const beyond = place(track.length + 480, track.length + 2400, 0);
		expect([...deriveWindowPeaks([beyond], audio, 0, 5, 2)]).toEqual([0, 0]);
		expect([...deriveWindowPeaks([beyond], audio, 0, 20, 2)]).toEqual([0, 0]);
	});

	test.each([1, 10, 40])('never hold what lies beside the placement in its track, at %d ms a step', (msPerBin) => {
		const loud = audioOf(join(level(1, 13), level(0.25, 1017), level(1, 13)));
		const quiet = place(13 * SAMPLES_PER_MS, 1030 * SAMPLES_PER_MS, 0);
		const bins = deriveWindowPeaks([quiet], loud, 0, msPerBin, Math.ceil(1017 / msPerBin));
		expect(new Set(bins)).toEqual(new Set([0.25]));
	});
});

describe('where bytes are not at hand', () => {
	/** Half a second that is at hand, half a second that is not. */
	const whole = audioOf(join(level(0.25, 500), level(0.5, 500)));
	const at = 500 * SAMPLES_PER_MS * 2;
	const half: TrackAudio = {
		peaks: whole.peaks,
		bytes: {
			length: whole.bytes.length,
			peek: (offset, length) => (offset + length <= at ? whole.bytes.peek(offset, length) : undefined),
			load: (offset, length) => whole.bytes.load(offset, length)
		}
	};
	const placements = [place(0, 24_000, 0)];

	test('the peaks are drawn, and told is what would make them exact: no more than is in sight', () => {
		const missing: [number, number][] = [];
		const bins = deriveWindowPeaks(placements, half, 400, 5, 60, (...range) => missing.push(range));
		expect([...bins]).toEqual([...new Array<number>(20).fill(0.25), ...new Array<number>(40).fill(0.5)]);
		expect(missing).toEqual([[at, 200 * SAMPLES_PER_MS * 2]]);
	});

	test('nothing is missed in what is at hand', () => {
		deriveWindowPeaks(placements, half, 0, 5, 100, () => expect.unreachable());
	});

	test('a wide window needs no bytes at all', () => {
		const none: TrackAudio = { peaks: whole.peaks, bytes: { ...half.bytes, length: at * 2, peek: () => undefined } };
		const odd = [place(100, 23_900, 3)];
		const bins = deriveWindowPeaks(odd, none, 0, 10, 102, () => expect.unreachable());
		expect([bins[0], bins[48], bins[51], bins[99], bins[100]]).toEqual([0.25, 0.25, 0.5, 0.5, NOT_RECORDED]);
	});
});

test('every step holds its own loudest sample, and none from further away than 10 ms or outside its placement', () => {
	fc.assert(
		fc.property(
			fc.int16Array({ minLength: 1, maxLength: 6000 }),
			fc.nat(6000),
			fc.nat(6000),
			fc.double({ min: -300, max: 300, noNaN: true }),
			fc.double({ min: 0.3, max: 60, noNaN: true }),
			(samples, a, b, startMs, msPerBin) => {
				const [first, end] = [Math.min(a, b, samples.length), Math.min(Math.max(a, b), samples.length)];
				if (first === end) return;
				const bins = deriveWindowPeaks([place(first, end, 0)], audioOf(samples), startMs, msPerBin, 12);
				const loudest = (from: number, to: number) =>
					samples
						.subarray(Math.max(first, Math.ceil(from)), Math.max(first, Math.min(end, Math.floor(to))))
						.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 32_768;
				bins.forEach((bin, n) => {
					const from = first + (startMs + n * msPerBin) * SAMPLES_PER_MS;
					const to = from + msPerBin * SAMPLES_PER_MS;
					if (to <= first - 1 || from >= end + 1) expect(bin).toBe(NOT_RECORDED);
					if (bin === NOT_RECORDED) expect(to <= first + 1 || from >= end - 1).toBe(true);
					else {
						expect(bin).toBeGreaterThanOrEqual(loudest(from + 1, to - 1));
						expect(bin).toBeLessThanOrEqual(loudest(from - 241, to + 241));
					}
				});
			}
		),
		{ numRuns: 300 }
	);
});
