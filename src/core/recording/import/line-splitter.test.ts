import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

interface Line {
	text: string;
	number: number;
	isLast: boolean;
}

function split(pieces: Iterable<Uint8Array>, maxLineBytes?: number) {
	const lines: Line[] = [];
	const tooLong: [lineNumber: number, bytes: number][] = [];
	const splitter = new LineSplitter({
		onLine: (text, number, isLast) => void lines.push({ text, number, isLast }),
		onTooLong: (number, bytes) => void tooLong.push([number, bytes]),
		...(maxLineBytes === undefined ? {} : { maxLineBytes })
	});
	for (const piece of pieces) splitter.push(piece);
	splitter.end();
	return { lines, tooLong, texts: lines.map((line) => line.text) };
}

const utf8 = (text: string) => new TextEncoder().encode(text);

/** The bytes in pieces of one size, all handed over in the same buffer, as a file's reader may do. */
function* piecesOf(bytes: Uint8Array, size: number): Generator<Uint8Array> {
	const buffer = new Uint8Array(size);
	for (let start = 0; start < bytes.length; start += size) {
		const piece = bytes.subarray(start, start + size);
		buffer.set(piece);
		yield buffer.subarray(0, piece.length);
	}
}

test.each([
	['', []],
	['a', ['a']],
	['a\n', ['a']],
	['a\r\nb', ['a', 'b']],
	['\n\na', ['', '', 'a']],
	['\uFEFFa\n\uFEFFb', ['a', '\uFEFFb']],
	['a\rb\n', ['a\rb']],
	['a\r', ['a']],
	['é\n€\n😀', ['é', '€', '😀']]
])('%j in pieces of any size', (text, expected) => {
	for (const size of [1, 2, 3, 7, 64]) expect(split(piecesOf(utf8(text), size)).texts).toEqual(expected);
});

test('lines are numbered, and the one without an end is the last', () => {
	expect(split([utf8('a\n\nb')]).lines).toEqual([
		{ text: 'a', number: 1, isLast: false },
		{ text: '', number: 2, isLast: false },
		{ text: 'b', number: 3, isLast: true }
	]);
	expect(split([utf8('a\n')]).lines.at(-1)?.isLast).toBe(false);
});

test('every text is cut as `split` cuts it, wherever its bytes are cut', () => {
	const texts = fc.array(fc.string({ unit: 'binary' }), { maxLength: 8 });
	fc.assert(
		fc.property(texts, fc.integer({ min: 1, max: 40 }), (parts, size) => {
			const text = parts.join('\n').replace(/^\uFEFF+/, '');
			const lines = text.split('\n').map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
			if (text === '' || text.endsWith('\n')) lines.pop();
			expect(split(piecesOf(utf8(text), size)).texts).toEqual(lines);
		})
	);
});

test('bytes that are no UTF-8 become replacement characters, and the lines around them stay', () => {
	expect(split([Uint8Array.of(97, 10, 0xff, 0xc3, 10, 98)]).texts).toEqual(['a', '\uFFFD\uFFFD', 'b']);
});

describe('a line that is too long', () => {
	test.each([1, 2, 3, 7, 64])('is named with its length and costs itself only, in pieces of %d', (size) => {
		const { lines, tooLong } = split(piecesOf(utf8('short\n123456789\nalso\r\n'), size), 8);
		expect(tooLong).toEqual([[2, 9]]);
		expect(lines.map(({ text, number }) => [text, number])).toEqual([
			['short', 1],
			['also', 3]
		]);
	});

	test('may be the last', () => {
		expect(split([utf8('a\n12345'), utf8('6789')], 8)).toMatchObject({ texts: ['a'], tooLong: [[2, 9]] });
	});

	test('of just the limit is not too long', () => {
		expect(split([utf8('12345'), utf8('678\n')], 8)).toMatchObject({ texts: ['12345678'], tooLong: [] });
	});

	test('of a gigabyte is not held', () => {
		const piece = new Uint8Array(2 ** 20).fill(97);
		const pieces = 1100;
		let most = 0;
		const { tooLong, texts } = split(
			(function* () {
				for (let i = 0; i < pieces; i++) {
					yield piece;
					most = Math.max(most, process.memoryUsage().arrayBuffers);
				}
				yield utf8('\nafter');
			})(),
			4 * 2 ** 20
		);
		expect(tooLong).toEqual([[1, pieces * 2 ** 20]]);
		expect(texts).toEqual(['after']);
		expect(most).toBeLessThan(300 * 2 ** 20);
	});
});
