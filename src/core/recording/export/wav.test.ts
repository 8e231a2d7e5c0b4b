import { expect, test } from 'vitest';
import { bytesOf } from './testing/pieces.ts';
import { formatWavFile } from './wav.ts';

test('writes header and samples, ten seconds at a time', async () => {
	const asked: [number, number][] = [];
	const file = formatWavFile(500_000, 2, (first, count) => {
		asked.push([first, count]);
		return Promise.resolve(Int16Array.from({ length: count * 2 }, (_, i) => first + i - 3));
	});
	if (!file.ok) throw new Error(file.error);
	const bytes = await bytesOf(file.value.pieces);
	expect(bytes.length).toBe(file.value.bytes);
	expect(asked).toEqual([
		[0, 240_000],
		[240_000, 240_000],
		[480_000, 20_000]
	]);
	const view = new DataView(bytes.buffer);
	expect([...bytes.subarray(0, 4)]).toEqual([...Buffer.from('RIFF')]);
	// Sizes, channels, rate, bytes a second, bytes a frame, bits.
	expect([view.getUint32(4, true), view.getUint16(22, true), view.getUint32(24, true)]).toEqual([2_000_036, 2, 24_000]);
	expect([view.getUint32(28, true), view.getUint16(32, true), view.getUint16(34, true)]).toEqual([96_000, 4, 16]);
	expect(view.getUint32(40, true)).toBe(2_000_000);
	expect([view.getInt16(44, true), view.getInt16(46, true)]).toEqual([-3, -2]);
	expect(view.getInt16(44 + 240_000 * 4, true)).toBe(((240_000 - 3) << 16) >> 16);
});

test('an empty one is a header', async () => {
	const file = formatWavFile(0, 1, () => Promise.reject(new Error('nothing is to be read')));
	expect(file.ok && (await bytesOf(file.value.pieces))).toHaveLength(44);
});

test('what is larger than a WAV file can be is refused, with what to do', () => {
	const never = () => Promise.reject(new Error('not read'));
	// 4 GiB + 8 bytes less the header, four bytes a frame.
	const most = Math.floor((2 ** 32 + 7 - 44) / 4);
	expect(formatWavFile(most, 2, never)).toMatchObject({ ok: true, value: { bytes: 44 + most * 4 } });
	const refused = formatWavFile(most + 1, 2, never);
	expect(refused).toEqual({
		ok: false,
		error:
			'This recording is too long for a WAV file, which holds 4 GiB: 12 hours in stereo. Export one voice alone, or the ' +
			'recording itself.'
	});
	expect(formatWavFile(Infinity, 1, never)).toMatchObject({ ok: false });
	expect(formatWavFile(most + 1, 1, never).ok).toBe(true);
});
