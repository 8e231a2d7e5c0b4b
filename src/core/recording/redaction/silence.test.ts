import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '../../audio/g711.ts';
import { silenceRange } from './silence.ts';

const FORMATS = ['pcm16', 'mu-law', 'a-law'] as const;

test('silence is what the encoders make of it', () => {
	const silent = new Int16Array(4);
	const bytes = { pcm16: new Uint8Array(8), 'mu-law': encodeMuLaw(silent), 'a-law': encodeALaw(silent) };
	for (const format of FORMATS) {
		const track = bytes[format].map((byte) => byte ^ 0x2a);
		silenceRange(track, format, 0, track.length);
		expect(track, format).toEqual(bytes[format]);
	}
	expect(decodeMuLaw(Uint8Array.of(0xff))).toEqual(Int16Array.of(0));
	expect(decodeALaw(Uint8Array.of(0xd5))).toEqual(Int16Array.of(8));
});

test.each([
	['from the middle of a sample into the middle of another', 3, 5, [1, 1, 0, 0, 0, 0, 1, 1]],
	['whole samples', 2, 6, [1, 1, 0, 0, 0, 0, 1, 1]],
	['beyond the end', 6, 1e9, [1, 1, 1, 1, 1, 1, 0, 0]],
	['from before the beginning', -5, 1, [0, 0, 1, 1, 1, 1, 1, 1]],
	['only before the beginning', -5, -2, [1, 1, 1, 1, 1, 1, 1, 1]],
	['nothing', 3, 3, [1, 1, 1, 1, 1, 1, 1, 1]],
	['backwards', 6, 2, [1, 1, 1, 1, 1, 1, 1, 1]]
])('%s', (_name, start, end, expected) => {
	const track = new Uint8Array(8).fill(1);
	silenceRange(track, 'pcm16', start, end);
	expect([...track]).toEqual(expected);
});

test('nothing outside of the range changes, but for the rest of a sample', () => {
	const range = fc.tuple(fc.integer({ min: -4, max: 40 }), fc.integer({ min: -4, max: 40 }));
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 32 }), range, fc.constantFrom(...FORMATS), (bytes, [start, end], format) => {
			const track = bytes.slice();
			silenceRange(track, format, start, end);
			const [size, silent] = format === 'pcm16' ? [2, 0] : [1, format === 'mu-law' ? 0xff : 0xd5];
			bytes.forEach((byte, index) => {
				const first = index - (index % size);
				expect(track[index]).toBe(start < end && first < end && first + size > start ? silent : byte);
			});
		})
	);
});
