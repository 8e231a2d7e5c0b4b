import { expect, test } from 'vitest';
import { wavHeader } from './wav.ts';

test('a WAV header says what follows it', () => {
	const header = Buffer.from(wavHeader(96_000, 24_000, 2));
	expect(header.length).toBe(44);
	expect(header.toString('latin1', 0, 4)).toBe('RIFF');
	expect(header.readUInt32LE(4)).toBe(96_036);
	expect(header.toString('latin1', 8, 16)).toBe('WAVEfmt ');
	expect(header.readUInt32LE(16)).toBe(16);
	expect([20, 22, 32, 34].map((offset) => header.readUInt16LE(offset))).toEqual([1, 2, 4, 16]);
	expect([24, 28, 40].map((offset) => header.readUInt32LE(offset))).toEqual([24_000, 96_000, 96_000]);
	expect(header.toString('latin1', 36, 40)).toBe('data');
});
