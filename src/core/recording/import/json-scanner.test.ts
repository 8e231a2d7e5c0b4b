import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeUtf8 } from '../../base/utf8.ts';
import { JsonScanner, type JsonScannerOptions, type JsonScanProblem } from './json-scanner.ts';
import { PIECE_SIZES } from './testing/read-whole.ts';

interface Scan {
	/** `path=text` of values, `+path` and `-path` of marks, `path>bytes` of what was too long. */
	told: string[];
	problem: JsonScanProblem | undefined;
}

function scan(
	json: string | Uint8Array,
	{ pieceBytes, ...options }: Omit<JsonScannerOptions, 'handlers'> & { pieceBytes?: number }
): Scan {
	const told: string[] = [];
	const scanner = new JsonScanner({
		...options,
		handlers: {
			value: (path, bytes) => void told.push(`${path}=${new TextDecoder().decode(bytes)}`),
			tooLong: (path, length) => void told.push(`${path}>${length}`),
			enter: (path) => void told.push(`+${path}`),
			leave: (path) => void told.push(`-${path}`)
		}
	});
	const bytes = typeof json === 'string' ? encodeUtf8(json) : json;
	const size = pieceBytes ?? Math.max(1, bytes.length);
	const piece = new Uint8Array(size); // used again for each, as a file reader may
	for (let start = 0; start < bytes.length; start += size) {
		const part = bytes.subarray(start, start + size);
		piece.set(part);
		scanner.push(piece.subarray(0, part.length));
	}
	return { told, problem: scanner.end() };
}

const NESTED = `\uFEFF
{"skip":[{"a":"]}"},"{"],"log":{"name":"é\\"\\\\","entries":[
	{"url":"wss:\\/\\/x","messages":[{"data":"{\\"type\\":\\"a\\"}"} , 7 ,null,"ä€😀"]},
	{"messages":[],"url":-1.5e3},
	[1],
	{"messages":{"not":"a list"},"other":{"url":"no"}}
]},"after":"\\\\"}
`;
const PATHS = { values: ['log.entries[*].url', 'log.entries[*].messages[*]', 'log.name'], marks: ['log.entries[*]'] };
const [URL, MESSAGE, ENTRY] = ['log.entries[*].url', 'log.entries[*].messages[*]', 'log.entries[*]'];
const FOUND = [
	'log.name="é\\"\\\\"',
	`+${ENTRY}`,
	`${URL}="wss:\\/\\/x"`,
	`${MESSAGE}={"data":"{\\"type\\":\\"a\\"}"}`,
	`${MESSAGE}=7`,
	`${MESSAGE}=null`,
	`${MESSAGE}="ä€😀"`,
	`-${ENTRY}`,
	`+${ENTRY}`,
	`${URL}=-1.5e3`,
	`-${ENTRY}`,
	`+${ENTRY}`,
	`-${ENTRY}`,
	`+${ENTRY}`,
	`-${ENTRY}`
];

describe('a JSON scanner', () => {
	test('hands over the values at its paths, spelled as in the file', () => {
		expect(scan(NESTED, PATHS)).toEqual({ told: FOUND, problem: undefined });
	});

	test.each(PIECE_SIZES)('finds the same in pieces of %i', (pieceBytes) => {
		expect(scan(NESTED, { ...PATHS, pieceBytes })).toEqual({ told: FOUND, problem: undefined });
	});

	test.each([
		['[*]', '[1, "a" ,{"b":[2]}]', ['1', '"a"', '{"b":[2]}']],
		['[*].a[*]', '[{"a":[1,[2]]},{"a":3},4]', ['1', '[2]']],
		['a', '{"\\u0061":1,"b":2,"a":3}', ['1', '3']],
		['__proto__.a', '{"__proto__":{"a":1},"a":2}', ['1']],
		['a', '7', []],
		['a', '"a"', []]
	])('finds %s in %s', (path, json, values) => {
		const told = values.map((value) => `${path}=${value}`);
		expect(scan(json, { values: [path] })).toEqual({ told, problem: undefined });
		expect(scan(json, { values: [path], pieceBytes: 1 })).toEqual({ told, problem: undefined });
	});

	test('takes whatever JSON.stringify writes, apart or whole', () => {
		fc.assert(
			fc.property(fc.array(fc.json()), fc.nat(70), fc.boolean(), (items, pieceBytes, isIndented) => {
				const values = items.map((item) => JSON.parse(item) as unknown);
				const json = JSON.stringify({ x: 1, items: values, y: ['"', '\\'] }, null, isIndented ? '\t' : '');
				const { told, problem } = scan(json, { values: ['items[*]'], pieceBytes: pieceBytes + 1 });
				expect(problem).toBeUndefined();
				expect(told.map((text) => JSON.parse(text.slice('items[*]='.length)) as unknown)).toEqual(values);
			})
		);
	});
});

describe('what is wrong with a file', () => {
	test.each([
		['', 'empty', 0],
		[' \n', 'empty', 2],
		['{"a":[1,2', 'truncated', 9],
		['{"a":"b', 'truncated', 7],
		['{"a"', 'truncated', 4],
		['{"a":1}x', 'trailing', 7],
		['{a:1}', 'damaged', 1],
		['{"a" 1}', 'damaged', 5],
		['{"a":}', 'damaged', 5],
		['{"a":"b\n","c":1}', 'damaged', 7],
		['{"a":[1}', 'damaged', 7]
	])('%j is %s at byte %i', (json, kind, offset) => {
		for (const pieceBytes of [1, 2, 100]) {
			const { problem } = scan(json, { values: ['a[*]', 'b'], pieceBytes });
			expect(problem).toMatchObject({ kind, offset });
			expect(problem?.message).toMatch(/^[A-Z].*\.$/);
		}
	});

	test('costs what comes after it only; damage inside a value costs that value', () => {
		expect(scan('{"a":[1,tru,{"b" 1},"\u0000"],"a":[2,', { values: ['a[*]'] }).told).toEqual([
			...['a[*]=1', 'a[*]=tru', 'a[*]={"b" 1}', 'a[*]="\u0000"'],
			'a[*]=2'
		]);
		expect(scan('[1,"a', { values: ['[*]'] })).toMatchObject({ told: ['[*]=1'], problem: { kind: 'truncated' } });
	});

	test.each([1, 7, 1000])(
		'a value that is too long is passed over, its bytes counted, in pieces of %i',
		(pieceBytes) => {
			const json = `["${'a'.repeat(200)}","b",{"c":"${'a'.repeat(94)}"},{"c":"${'a'.repeat(93)}"}]`;
			expect(scan(json, { values: ['[*]'], maxValueBytes: 101, pieceBytes }).told).toEqual([
				'[*]>202',
				'[*]="b"',
				'[*]>102',
				`[*]={"c":"${'a'.repeat(93)}"}`
			]);
		}
	);

	test('a million levels, a million keys and a key without an end stop nothing', { timeout: 60_000 }, () => {
		const deep = `{"deep":${'['.repeat(1e6)}${']'.repeat(1e6)},"a":1}`;
		expect(scan(deep, { values: ['a'] })).toEqual({ told: ['a=1'], problem: undefined });
		expect(scan(deep, { values: ['deep'] }).told[0]).toHaveLength(2e6 + 5);
		expect(scan('{"a":'.repeat(1e6), { values: ['a.a'] }).problem?.kind).toBe('truncated');
		expect(scan(`{${'"__proto__":{"polluted":1},'.repeat(1e5)}"a":1}`, { values: ['a'] }).told).toEqual(['a=1']);
		expect(scan(`{"${'k'.repeat(1e6)}`, { values: ['a'], pieceBytes: 4096 }).problem?.kind).toBe('truncated');
		expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
	});

	test('any bytes come to an end, in pieces as in one', () => {
		const json = fc.string({ unit: fc.constantFrom(...'{}[]":,\\ \n01ab\u0000é'), maxLength: 60 });
		fc.assert(
			fc.property(json, (text) => {
				const options = { values: ['a', 'b[*]', '[*].a'], marks: ['b'] };
				const whole = scan(text, options);
				for (const pieceBytes of [1, 3]) expect(scan(text, { ...options, pieceBytes })).toEqual(whole);
			}),
			{ numRuns: 1000 }
		);
	});
});
