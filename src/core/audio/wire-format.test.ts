import { describe, expect, it } from 'vitest';
import { floatToPcm16, pcm16ToFloat } from './pcm16.ts';
import { WireDecoder, WireEncoder } from './wire-format.ts';

/** A second of 400 Hz at 24 kHz. */
const tone = floatToPcm16(
	Float32Array.from({ length: 24_000 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 400 * i) / 24_000))
);

function inPieces(bytes: Uint8Array, size: number, convert: (piece: Uint8Array) => Uint8Array): Uint8Array {
	const parts: number[] = [];
	for (let at = 0; at < bytes.length; at += size) parts.push(...convert(bytes.subarray(at, at + size)));
	return Uint8Array.from(parts);
}

describe.each(['mu-law', 'a-law'] as const)('%s', (format) => {
	const encoder = new WireEncoder(format);
	const seamless = inPieces(tone, 960, (piece) => encoder.encode(piece));

	it('is a byte for each of 8,000 samples a second, but for what the filter still holds', () => {
		expect(8000 - seamless.length).toBeGreaterThanOrEqual(0);
		expect(8000 - seamless.length).toBeLessThan(40);
	});

	it('comes back as the same tone, whatever the pieces', () => {
		const decoder = new WireDecoder(format);
		const heard = pcm16ToFloat(inPieces(seamless, 160, (piece) => decoder.decode(piece)));
		const original = pcm16ToFloat(tone);
		let signal = 0;
		let noise = 0;
		for (let i = 2400; i < 21_600; i++) {
			signal += original[i]! ** 2;
			noise += (original[i]! - heard[i]!) ** 2;
		}
		expect(10 * Math.log10(signal / noise)).toBeGreaterThan(30);
		const whole = new WireDecoder(format).decode(seamless);
		expect(pcm16ToFloat(whole)).toEqual(heard);
	});
});

describe('pcm16', () => {
	it('is handed on', () => {
		expect(new WireEncoder('pcm16').encode(tone)).toBe(tone);
		expect(new WireDecoder('pcm16').decode(tone)).toBe(tone);
	});
});
