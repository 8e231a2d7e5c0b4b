// The engine's own codec, which Node does not have yet, against the tables.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Base64Decoder, decodeBase64, decodeWithTable, encodeBase64, encodeWithTable } from './base64.ts';

const units = fc.constantFrom(...'ABz09+/=='.split(''), '\n', ' ', '\t', '-', '_', '\u00E9', '\u0141', '\uFFFD');
const anyText = fc.oneof(
	fc.array(units, { maxLength: 24 }).map((list) => list.join('')),
	fc.uint8Array({ maxLength: 40 }).map(encodeWithTable),
	fc.string({ unit: 'binary', maxLength: 12 })
);

test('this browser has a codec of its own', () => {
	expect('setFromBase64' in Uint8Array.prototype && 'toBase64' in Uint8Array.prototype).toBe(true);
});

test('it encodes as the tables do', () => {
	fc.assert(
		fc.property(
			fc.uint8Array({ maxLength: 2000 }),
			(bytes) => void expect(encodeBase64(bytes)).toBe(encodeWithTable(bytes))
		)
	);
});

test('it accepts what the tables accept, and makes the same of it', () => {
	fc.assert(
		fc.property(anyText, (text) => void expect(decodeBase64(text)).toEqual(decodeWithTable(text))),
		{ numRuns: 5000 }
	);
});

test('so it does among other bytes', () => {
	const native = new Base64Decoder(true);
	const table = new Base64Decoder(false);
	fc.assert(
		fc.property(anyText, fc.nat(7), (text, shift) => {
			const bytes = new TextEncoder().encode('x'.repeat(shift) + text + '"');
			const end = bytes.length - 1;
			expect(native.decode(bytes, shift, end)).toEqual(table.decode(bytes, shift, end));
		}),
		{ numRuns: 5000 }
	);
});
