import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '#core/audio/g711.ts';

const muLaw = { name: 'mu-law', encode: encodeMuLaw, decode: decodeMuLaw };
const aLaw = { name: 'A-law', encode: encodeALaw, decode: decodeALaw };

const allCodes = Uint8Array.from({ length: 256 }, (_, code) => code);
const allSamples = Int16Array.from({ length: 65_536 }, (_, i) => i - 32_768);

/** Two seconds of noise whose level rises and falls as speech does, about -20 dBFS. The same for the same seed. */
function speechLikeNoise(seed: number): Int16Array {
	let state = seed >>> 0;
	const random = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32 - 0.5;
	return Int16Array.from({ length: 16_000 }, (_, i) => {
		const bell = random() + random() + random() + random();
		return Math.round(7000 * bell * (0.2 + 0.8 * Math.sin((Math.PI * i) / 1600) ** 2));
	});
}

describe.each([muLaw, aLaw])('$name', ({ encode, decode }) => {
	it('never goes down when the sample goes up', () => {
		const heard = decode(encode(allSamples));
		expect(heard.every((sample, i) => i === 0 || sample >= (heard[i - 1] ?? 0))).toBe(true);
		expect(new Set(heard).size).toBeGreaterThanOrEqual(255);
	});

	it('gives what it made back unchanged', () => {
		const once = decode(encode(allSamples));
		expect(decode(encode(once))).toEqual(once);
	});

	it('is off by half a step at most', () => {
		const heard = decode(encode(allSamples));
		const loudest = heard.at(-1) ?? 0;
		// Steps grow with the sample: a sixteenth of where their segment begins, mu-law's being 132 lower than a power of two.
		const bad = allSamples.filter((sample, i) => {
			const limited = Math.max(-loudest, Math.min(loudest, sample));
			return Math.abs(limited - (heard[i] ?? 0)) > Math.max(16, (Math.abs(sample) + 132) / 32);
		});
		expect([...bad]).toEqual([]);
	});

	it('leaves speech 37 dB above the noise it adds', () => {
		fc.assert(
			fc.property(fc.integer(), (seed) => {
				const samples = speechLikeNoise(seed);
				const heard = decode(encode(samples));
				let signal = 0;
				let noise = 0;
				samples.forEach((sample, i) => {
					signal += sample ** 2;
					noise += (sample - (heard[i] ?? 0)) ** 2;
				});
				expect(10 * Math.log10(signal / noise)).toBeGreaterThan(37);
			}),
			{ numRuns: 50 }
		);
	});
});

describe('mu-law', () => {
	it('gives all codes back but the second zero', () => {
		expect([...encodeMuLaw(decodeMuLaw(allCodes))]).toEqual([...allCodes].map((code) => (code === 0x7f ? 0xff : code)));
	});

	it.each([
		[0xff, 0],
		[0x7f, 0],
		[0xfe, 8],
		[0x7e, -8],
		[0xef, 132],
		[0x80, 32_124],
		[0x00, -32_124]
	])('code %i is %i', (code, sample) => {
		expect([...decodeMuLaw(Uint8Array.of(code))]).toEqual([sample]);
	});

	// Source: decision values of ITU-T G.711 table 2a, times 4.
	it.each([
		[0, 0xff],
		[3, 0xff],
		[4, 0xfe],
		[123, 0xf0],
		[124, 0xef],
		[-4, 0x7f],
		[-5, 0x7e],
		[32_767, 0x80],
		[-32_768, 0x00]
	])('sample %i is code %i', (sample, code) => {
		expect([...encodeMuLaw(Int16Array.of(sample))]).toEqual([code]);
	});
});

describe('A-law', () => {
	it('gives all codes back', () => {
		expect(encodeALaw(decodeALaw(allCodes))).toEqual(allCodes);
	});

	it.each([
		[0xd5, 8],
		[0x55, -8],
		[0xd4, 24],
		[0xc5, 264],
		[0xaa, 32_256],
		[0x2a, -32_256]
	])('code %i is %i', (code, sample) => {
		expect([...decodeALaw(Uint8Array.of(code))]).toEqual([sample]);
	});

	// Source: decision values of ITU-T G.711 table 1a, times 16.
	it.each([
		[0, 0xd5],
		[15, 0xd5],
		[16, 0xd4],
		[-1, 0x55],
		[-16, 0x55],
		[-17, 0x54],
		[32_767, 0xaa],
		[-32_768, 0x2a]
	])('sample %i is code %i', (sample, code) => {
		expect([...encodeALaw(Int16Array.of(sample))]).toEqual([code]);
	});
});

describe('the digital milliwatt', () => {
	// Source: ITU-T G.711 tables 5 and 6: a period of 1 kHz at 0 dBm0, which is 3.17 (mu) and 3.14 dB (A) below the top.
	it.each([
		['mu-law', muLaw, [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e], 32_636 * 10 ** (-3.17 / 20)],
		['A-law', aLaw, [0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4], 32_768 * 10 ** (-3.14 / 20)]
	] as const)('in %s', (_, { encode, decode }, codes, amplitude) => {
		const samples = Int16Array.from(codes, (_code, i) =>
			Math.round(-amplitude * Math.sin((2 * Math.PI * (i + 0.5)) / 8))
		);
		expect([...encode(samples)]).toEqual([...codes]);
		expect([...encode(decode(Uint8Array.from(codes)))]).toEqual([...codes]);
	});
});
