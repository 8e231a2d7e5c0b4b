// What a mix sounds like, in numbers that were worked out by hand.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '../../audio/g711.ts';
import { floatToSamples, samplesToFloat } from '../../audio/pcm16.ts';
import { Resampler } from '../../audio/resample.ts';
import type { WireFormat } from '../../audio/wire-format.ts';
import { ByteTrack } from '../../recording/byte-track.ts';
import { audioOfTracks, type AudioReader } from '../../recording/export/audio-reader.ts';
import { bytesOf } from '../../recording/export/testing/pieces.ts';
import { formatWav, mixWindow, planMix, type Mix, type PlacedAudio, type Voice } from './mix.ts';

/** Little-endian PCM16. */
function pcm(...samples: number[]): Uint8Array<ArrayBuffer> {
	return new Uint8Array(Int16Array.from(samples).buffer);
}

function reader(caller: Uint8Array, model: Uint8Array = new Uint8Array(0)): AudioReader {
	const tracks = { caller: new ByteTrack(), model: new ByteTrack() };
	tracks.caller.append(caller);
	tracks.model.append(model);
	return audioOfTracks(tracks);
}

/** A placement that begins at a sample of 24 kHz. */
function placed(sample: number, offset: number, length: number, more: Partial<PlacedAudio> = {}): PlacedAudio {
	return { startMs: sample / 24, offset, length, bytesPerMs: 48, itemId: null, ...more };
}

function caller(placements: readonly PlacedAudio[], format: WireFormat = 'pcm16'): Voice {
	return { track: 'caller', placements, format };
}

async function allOf(mix: Mix): Promise<number[]> {
	return [...(await mixWindow(mix, 0, mix.frames))];
}

const lengthOf = (samples: number): number => samples / 24;

describe('PCM16 at 24 kHz', () => {
	test('lies at its sample, with silence before, between and behind', async () => {
		const mix = planMix([[caller([placed(2, 0, 4), placed(6, 4, 2)])]], lengthOf(9), reader(pcm(10, -20, 30)));
		expect(await allOf(mix)).toEqual([0, 0, 10, -20, 0, 0, 30, 0, 0]);
	});

	test('is left in the left channel and right in the right one', async () => {
		const model: Voice = { track: 'model', placements: [placed(1, 0, 4)], format: 'pcm16' };
		const mix = planMix([[caller([placed(0, 0, 4)])], [model]], lengthOf(4), reader(pcm(1, 2), pcm(100, 200)));
		expect(mix).toMatchObject({ channels: 2, frames: 4 });
		expect(await allOf(mix)).toEqual([1, 0, 2, 100, 0, 200, 0, 0]);
	});

	test('is added where it overlaps, and clipped once, after all was added', async () => {
		const audio = reader(pcm(30_000, 30_000, 20_000, 20_000, -25_000, -32_768));
		const placements = [placed(0, 0, 4), placed(0, 4, 4), placed(0, 8, 4)];
		expect(await allOf(planMix([[caller(placements)]], lengthOf(2), audio))).toEqual([25_000, 17_232]);
		const loud = [placed(0, 0, 4), placed(1, 4, 4), placed(2, 8, 4), placed(3, 10, 2)];
		expect(await allOf(planMix([[caller(loud)]], lengthOf(4), audio))).toEqual([30_000, 32_767, -5_000, -32_768]);
	});

	test('of two voices in one channel is added too', async () => {
		const model: Voice = { track: 'model', placements: [placed(1, 0, 4)], format: 'pcm16' };
		const mix = planMix([[caller([placed(0, 0, 4)]), model]], lengthOf(3), reader(pcm(1, 2), pcm(100, 200)));
		expect(await allOf(mix)).toEqual([1, 102, 200]);
	});

	test('is as long as asked, to the sample, rounded up', async () => {
		const mix = planMix([[caller([placed(0, 0, 8)])]], 2 / 24 + 0.001, reader(pcm(1, 2, 3, 4)));
		expect(await allOf(mix)).toEqual([1, 2, 3]);
	});

	test('begins at the sample that is nearest', async () => {
		const at = (startMs: number) => placed(0, 0, 2, { startMs });
		const mix = planMix([[caller([at(1.49 / 24), at(3.51 / 24)])]], lengthOf(6), reader(pcm(7)));
		expect(await allOf(mix)).toEqual([0, 7, 0, 0, 7, 0]);
	});
});

describe('odd placements', () => {
	test('reach beyond their track: what is there sounds', async () => {
		const placements = [placed(0, 2, 100), placed(4, 6, 2), placed(5, 400, 2)];
		expect(await allOf(planMix([[caller(placements)]], lengthOf(6), reader(pcm(1, 2, 3))))).toEqual([2, 3, 0, 0, 0, 0]);
	});

	test('lie partly or wholly outside of the session', async () => {
		const times = [-2, -1e308, 1e308, 3, 50].map((sample) => placed(sample, 0, 6));
		expect(await allOf(planMix([[caller(times)]], lengthOf(4), reader(pcm(1, 2, 3))))).toEqual([3, 0, 0, 1]);
	});

	test('have half a sample at their end, which is left out', async () => {
		const mix = planMix([[caller([placed(1, 0, 5)])]], lengthOf(5), reader(pcm(1, 2, 3)));
		expect(await allOf(mix)).toEqual([0, 1, 2, 0, 0]);
	});

	test('are cut inside a sample: the halves find each other where they are one stream', async () => {
		// The track holds another item's byte in between.
		const [one, two] = [pcm(1, 258), pcm(3)];
		const audio = reader(new Uint8Array([...one.subarray(0, 3), 99, one[3]!, ...two]));
		const first = placed(1, 0, 3, { itemId: 'a' });
		const second = placed(2.5, 4, 3, { itemId: 'a' });
		expect(await allOf(planMix([[caller([first, second])]], lengthOf(4), audio))).toEqual([0, 1, 258, 3]);
		const ofAnother = planMix([[caller([first, { ...second, itemId: 'b' }])]], lengthOf(4), audio);
		expect(await allOf(ofAnother)).not.toEqual([0, 1, 258, 3]);
	});
});

/** Always the same noise. */
function noise(count: number): Int16Array {
	let state = 1;
	return Int16Array.from({ length: count }, () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return (state >> 17) - 16_384;
	});
}

/** All of it at once, as the filter makes it: what each window must be a part of. */
function resampled(samples: Int16Array, rateHz: number): number[] {
	const resampler = new Resampler(rateHz, 24_000);
	const floats = [...resampler.process(samplesToFloat(samples)), ...resampler.flush()];
	const count = Math.ceil((samples.length * 24_000) / rateHz);
	return [...floatToSamples(Float32Array.from(floats).subarray(0, count))];
}

describe('other formats', () => {
	const samples = noise(700);
	test.each<[string, WireFormat, number, Uint8Array, number[]]>([
		['mu-law', 'mu-law', 8, encodeMuLaw(samples), resampled(decodeMuLaw(encodeMuLaw(samples)), 8000)],
		['A-law', 'a-law', 8, encodeALaw(samples), resampled(decodeALaw(encodeALaw(samples)), 8000)],
		[
			'mu-law of a session that is PCM16 by now',
			'pcm16',
			8,
			encodeMuLaw(samples),
			resampled(decodeMuLaw(encodeMuLaw(samples)), 8000)
		],
		['PCM16 at 16 kHz', 'pcm16', 32, pcm(...samples), resampled(samples, 16_000)],
		['PCM16 at 11,025 Hz', 'pcm16', 22.05, pcm(...samples), resampled(samples, 11_025)],
		['PCM16 at 44.1 kHz', 'pcm16', 88.2, pcm(...samples), resampled(samples, 44_100)],
		['PCM16 at 48 kHz', 'pcm16', 96, pcm(...samples), resampled(samples, 48_000)]
	])(
		'%s is what the filter makes of all of it, whatever the window',
		async (_name, format, bytesPerMs, bytes, expected) => {
			const total = expected.length + 20;
			const voice = caller([placed(10, 0, bytes.length, { bytesPerMs })], format);
			const mix = planMix([[voice]], lengthOf(total), reader(bytes));
			const silence: number[] = Array<number>(10).fill(0);
			const whole = [...silence, ...expected, ...silence];
			expect(await allOf(mix)).toEqual(whole);
			await fc.assert(
				fc.asyncProperty(fc.nat(total - 1), fc.nat(400), async (first, length) => {
					const count = Math.min(length, total - first);
					expect([...(await mixWindow(mix, first, count))]).toEqual(whole.slice(first, first + count));
				})
			);
		}
	);

	test('G.711 that lies in two places of the track has no seam', async () => {
		const bytes = encodeMuLaw(samples);
		const audio = reader(new Uint8Array([...bytes.subarray(0, 300), 1, 2, 3, ...bytes.subarray(300)]));
		const parts = [
			placed(0, 0, 300, { bytesPerMs: 8, itemId: 'a' }),
			placed(900, 303, 400, { bytesPerMs: 8, itemId: 'a' })
		];
		const mix = planMix([[caller(parts, 'mu-law')]], lengthOf(2100), audio);
		const expected = resampled(decodeMuLaw(bytes), 8000);
		expect(await allOf(mix)).toEqual(expected);
		expect([...(await mixWindow(mix, 10, 100))]).toEqual(expected.slice(10, 110));
		expect([...(await mixWindow(mix, 890, 20))]).toEqual(expected.slice(890, 910));
	});

	test('a rate that nobody uses is drawn by straight lines', async () => {
		// 6,000 Hz: each sample becomes four, and the last one stays as it is.
		const mix = planMix([[caller([placed(0, 0, 6, { bytesPerMs: 12 })])]], lengthOf(12), reader(pcm(0, 400, -400)));
		expect(await allOf(mix)).toEqual([0, 100, 200, 300, 400, 200, 0, -200, -400, -400, -400, -400]);
		expect([...(await mixWindow(mix, 5, 3))]).toEqual([200, 0, -200]);
	});

	test('a run that is over before a window leaves it to a longer one that began earlier', async () => {
		const phone = encodeMuLaw(Int16Array.from({ length: 800 }, (_, i) => 8000 * Math.sin(i / 5)));
		const audio = reader(pcm(...Array.from({ length: 4800 }, (_, i) => i)), phone);
		const long = caller([placed(0, 0, 9600)]);
		const short: Voice = {
			track: 'model',
			placements: [{ startMs: 20, offset: 0, length: 160, bytesPerMs: 8, itemId: 'a' }],
			format: 'mu-law'
		};
		const mix = planMix([[long], [short]], 200, audio);
		const whole = await allOf(mix);
		for (const [first, count] of [
			[2400, 2400],
			[960, 1],
			[1000, 3000]
		] as const) {
			expect([...(await mixWindow(mix, first, count))]).toEqual(whole.slice(2 * first, 2 * (first + count)));
		}
	});

	test('a window without frames has no samples, also where something sounds', async () => {
		const bytes = pcm(...noise(400));
		const mix = planMix([[caller([placed(0, 0, bytes.length, { bytesPerMs: 120 })])]], lengthOf(160), reader(bytes));
		expect(await mixWindow(mix, 80, 0)).toHaveLength(0);
	});

	test('any rate, in any window, makes the samples of the whole', async () => {
		const rate = fc.oneof(fc.integer({ min: 4000, max: 192_000 }), fc.double({ min: 4000, max: 192_000, noNaN: true }));
		await fc.assert(
			fc.asyncProperty(rate, fc.nat(500), fc.nat(300), async (rateHz, first, count) => {
				const bytes = pcm(...noise(400));
				const voice = caller([placed(7, 0, bytes.length, { bytesPerMs: (rateHz * 2) / 1000 })]);
				const mix = planMix([[voice]], lengthOf(900), reader(bytes));
				const whole = await mixWindow(mix, 0, 900);
				expect(await mixWindow(mix, first, count)).toEqual(whole.slice(first, first + count));
			}),
			{ numRuns: 60 }
		);
	});
});

describe('many placements', () => {
	const total = 3000;
	const piece = fc.record({ sample: fc.integer({ min: -50, max: total }), offset: fc.nat(200), length: fc.nat(600) });

	test('any windows together are the whole, and that is the plain sum', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.integer({ min: 1, max: 900 }), async (pieces, step) => {
				const track = noise(250);
				const placements = pieces.map(({ sample, offset, length }) => placed(sample, offset * 2, length * 2));
				const mix = planMix([[caller(placements)]], lengthOf(total), reader(pcm(...track)));
				const sums = Array<number>(total).fill(0);
				for (const { sample, offset, length } of pieces) {
					for (let i = 0; i < Math.min(length, track.length - offset); i++) {
						if (sample + i >= 0 && sample + i < total) sums[sample + i]! += track[offset + i]!;
					}
				}
				const windows: number[] = [];
				for (let first = 0; first < total; first += step) {
					windows.push(...(await mixWindow(mix, first, Math.min(step, total - first))));
				}
				expect(windows).toEqual(sums.map((sum) => Math.max(-32_768, Math.min(32_767, sum))));
			})
		);
	});
});

test('a WAV file holds the mix', async () => {
	const model: Voice = { track: 'model', placements: [placed(250_000, 0, 4)], format: 'pcm16' };
	const mix = planMix([[caller([placed(1, 0, 4)])], [model]], lengthOf(250_003), reader(pcm(1, -2), pcm(3, 4)));
	const file = formatWav(mix);
	if (!file.ok) throw new Error(file.error);
	const bytes = await bytesOf(file.value.pieces);
	expect([bytes.length, file.value.bytes]).toEqual([44 + 250_003 * 4, 44 + 250_003 * 4]);
	const samples = new Int16Array(bytes.buffer.slice(44));
	expect([...samples.subarray(0, 8)]).toEqual([0, 0, 1, 0, -2, 0, 0, 0]);
	expect([...samples.subarray(-6)]).toEqual([0, 3, 0, 4, 0, 0]);
	expect(samples.reduce((sum, sample) => sum + Math.abs(sample), 0)).toBe(10);
});

test('a mix that no WAV file can hold is refused', () => {
	expect(formatWav(planMix([[], []], 13 * 3_600_000, reader(pcm())))).toMatchObject({ ok: false });
	expect(formatWav(planMix([[]], 1e308, reader(pcm())))).toMatchObject({ ok: false });
});
