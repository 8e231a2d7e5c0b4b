import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	Base64Decoder,
	base64ByteLength,
	base64Length,
	decodeBase64,
	decodeWithTable,
	encodeBase64,
	encodeWithTable
} from './base64.ts';

const bytesOf = () => fc.oneof(fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ maxLength: 3 }));

describe.each([
	['the codec in use', encodeBase64, decodeBase64],
	['the table', encodeWithTable, decodeWithTable]
])('base64: %s', (_name, encode, decode) => {
	test('encodes as Node does, and decodes it back', () => {
		fc.assert(
			fc.property(bytesOf(), (bytes) => {
				const text = encode(bytes);
				expect(text).toBe(Buffer.from(bytes).toString('base64'));
				expect(decode(text)).toEqual({ ok: true, value: bytes });
			})
		);
	});

	test('agrees with Node across its blocks', () => {
		const bytes = new Uint8Array(0x6000 * 2 + 5).map((_, i) => (i * 7919) >> 3);
		for (const length of [0x6000 - 1, 0x6000, 0x6000 + 1, bytes.length]) {
			const part = bytes.subarray(3, length);
			expect(encode(part) === Buffer.from(part).toString('base64')).toBe(true);
			expect(decode(encode(part))).toEqual({ ok: true, value: part });
		}
	});

	test('accepts nothing that it would not write itself', () => {
		const units = fc.constantFrom(...'ABz09+/==\n -_\u00E9\u0141\uD83D');
		const text = fc.array(units, { maxLength: 12 }).map((array) => array.join(''));
		fc.assert(
			fc.property(fc.oneof(text, fc.string()), (value) => {
				const decoded = decode(value);
				if (decoded.ok) expect(encode(decoded.value)).toBe(value);
				else expect(Buffer.from(value, 'base64').toString('base64')).not.toBe(value);
			}),
			{ numRuns: 2000 }
		);
	});

	test.each([
		['unused bits that are not zero', 'AAB='],
		['unused bits that are not zero, two of padding', 'AB=='],
		['white space', 'AAAA\nAAAA'],
		['white space that keeps the length', 'AAA\n'],
		['no padding', 'AAA'],
		['too much padding', 'A==='],
		['padding inside', 'AA==AAAA'],
		['padding alone', '===='],
		['the URL alphabet', '-_-_'],
		['a character beyond ASCII', 'AAA\u0141'],
		['an escape', 'AA\\u']
	])('refuses %s', (_case, text) => {
		expect(decode(text).ok).toBe(false);
	});
});

test('the lengths of text and bytes follow from each other', () => {
	fc.assert(
		fc.property(bytesOf(), (bytes) => {
			const text = encodeBase64(bytes);
			expect(base64Length(bytes.length)).toBe(text.length);
			expect(base64ByteLength(text)).toBe(bytes.length);
		})
	);
});

test('base64 is decoded where it stands among other bytes', () => {
	const decoder = new Base64Decoder();
	const parts = fc.tuple(fc.uint8Array({ maxLength: 9 }), bytesOf(), fc.uint8Array({ maxLength: 9 }));
	fc.assert(
		fc.property(parts, ([before, bytes, after]) => {
			const text = Buffer.from(Buffer.from(bytes).toString('base64'));
			const all = new Uint8Array(Buffer.concat([before, text, after]));
			expect(decoder.decode(all, before.length, before.length + text.length)).toEqual(bytes);
		})
	);
});

test('what is decoded where it stands is just what is decoded as text', () => {
	const decoder = new Base64Decoder();
	const codes = fc.constantFrom(...Buffer.from('ABz09+/==\n -_"\xE9', 'latin1'));
	const ascii = fc.array(codes, { maxLength: 40 }).map((list) => Uint8Array.from(list));
	fc.assert(
		fc.property(ascii, (bytes) => {
			const decoded = decodeBase64(Buffer.from(bytes).toString('latin1'));
			expect(decoder.decode(bytes, 0, bytes.length)).toEqual(decoded.ok ? decoded.value : undefined);
		}),
		{ numRuns: 3000 }
	);
});
