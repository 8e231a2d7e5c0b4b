import fc from 'fast-check';
import { expect, test } from 'vitest';
import { floatToPcm16, pcm16ToFloat, samplesOfMs } from './pcm16.ts';

test('bytes become samples and the same bytes again', () => {
	fc.assert(
		fc.property(fc.int16Array({ maxLength: 200 }), fc.nat(3), (samples, offset) => {
			const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
			const shifted = new Uint8Array(bytes.length + offset);
			shifted.set(bytes, offset);
			expect(floatToPcm16(pcm16ToFloat(shifted.subarray(offset)))).toEqual(bytes);
		})
	);
});

test('samples survive to half a step, and what is too loud is clipped', () => {
	fc.assert(
		fc.property(fc.float32Array({ maxLength: 100, min: -3, max: 3 }), (samples) => {
			const back = pcm16ToFloat(floatToPcm16(samples));
			back.forEach((value, i) => {
				const clipped = Math.max(-1, Math.min(32767 / 32768, samples[i] || 0));
				expect(Math.abs(value - clipped)).toBeLessThanOrEqual(0.5 / 32768 + 1e-9);
			});
		})
	);
});

test('the extremes', () => {
	const bytes = floatToPcm16(new Float32Array([1, -1, 2, -2, Infinity, -Infinity, NaN, 0, -0, 1 / 32768]));
	const samples = new Int16Array(bytes.buffer);
	expect([...samples]).toEqual([32767, -32768, 32767, -32768, 32767, -32768, 0, 0, 0, 1]);
});

test('PCM16 is little-endian, and an odd byte at the end is left out', () => {
	expect([...pcm16ToFloat(new Uint8Array([0x00, 0x40, 0x00, 0xc0, 0x7f]))]).toEqual([0.5, -0.5]);
});

test('24,000 samples and 48,000 bytes are one second', () => {
	expect(samplesOfMs(1000)).toBe(24_000);
	expect(samplesOfMs(0.02)).toBe(0);
});
