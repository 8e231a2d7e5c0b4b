import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ObjectFinder } from './object-finder.ts';
import { PIECE_SIZES, pushAll } from './testing/read-whole.ts';

interface Finds {
	/** `line.index prefix|text`, `~` before what stood inside another. */
	objects: string[];
	untaken: string[];
	/** `line.index reason` */
	broken: string[];
}

interface Options {
	pieceBytes?: number;
	maxBytes?: number;
	/** Objects with `"type"` unless told. */
	takes?: (text: string) => boolean;
}

function find(text: string | Uint8Array, { pieceBytes, maxBytes, takes = hasType }: Options = {}): Finds {
	const finds: Finds = { objects: [], untaken: [], broken: [] };
	const finder = new ObjectFinder(
		{
			object: ({ bytes, prefix, line, index, isInner }) => {
				const json = new TextDecoder().decode(bytes);
				if (takes(json)) finds.objects.push(`${line}.${index} ${isInner ? '~' : ''}${prefix}|${json}`);
				return takes(json);
			},
			untaken: ({ bytes, line, index }) =>
				void finds.untaken.push(`${line}.${index} ${new TextDecoder().decode(bytes)}`),
			broken: ({ line, index }, reason) => void finds.broken.push(`${line}.${index} ${reason}`)
		},
		maxBytes
	);
	pushAll(finder, text, pieceBytes);
	finder.end();
	return finds;
}

function hasType(json: string): boolean {
	const value = JSON.parse(json) as object;
	return 'type' in value;
}

const [A, B, C] = ['{"type":"a"}', '{"type":"b","x":{"type":"no"}}', '{"type":"c"}'];
const NOT_WHOLE = expect.stringMatching(/^\S+ This object is not whole: .+\.$/) as unknown;
const CUT = expect.stringMatching(/^\S+ The file ends in the middle of this object: .+\.$/) as unknown;

describe('an object finder', () => {
	test.each([
		['lines', `${A}\n${B}\r\n\n${C}`, [`1.0 |${A}`, `2.0 |${B}`, `4.0 |${C}`]],
		['a list', `[${A},${B}, ${C}]`, [`1.0 [|${A}`, `1.1 ,|${B}`, `1.2 , |${C}`]],
		['one line', `${A}${B} and ${C}.`, [`1.0 |${A}`, `1.1 |${B}`, `1.2  and |${C}`]],
		['text around', `\uFEFFit's {so} {"\n> ${A} {}\n{ x\n${B}"`, [`2.0 > |${A}`, `4.0 |${B}`]],
		['lines of a log', `09:00 INFO "${A}"\n09:01 'WARN' ${B}\n`, [`1.0 09:00 INFO "|${A}`, `2.0 09:01 'WARN' |${B}`]],
		['several lines', `x\n{\n "type":\n"a"}\n{\t"type" : "b" }`, ['2.0 |{\n "type":\n"a"}', '5.0 |{\t"type" : "b" }']],
		['brackets in strings', `{"type":"{\\"}","x":"\\\\"}${A}`, ['1.0 |{"type":"{\\"}","x":"\\\\"}', `1.1 |${A}`]],
		['no indentation', '{\n"type":"a",\n"b":[\n{\n"c":1\n}\n]\n}', ['1.0 |{\n"type":"a",\n"b":[\n{\n"c":1\n}\n]\n}']],
		['Python’s numbers', '{"type":NaN}', ['1.0 |{"type":NaN}']]
	])('finds objects in %s', (_name, text, objects) => {
		const takes = () => true;
		expect(find(text, { takes }).objects).toEqual(objects);
		for (const pieceBytes of PIECE_SIZES) expect(find(text, { takes, pieceBytes }).objects).toEqual(objects);
	});

	test('looks inside those that nobody wants, past the brackets in their strings', () => {
		const text = `{"x":"{\\"type\\":1}{","of":[${A},{"y":{"z":${C}}}],"n":"a{\\"b\\":"}\n{"y":{"z":"{"}}\n${A}`;
		for (const pieceBytes of [1, 5, 1000]) {
			expect(find(text, { pieceBytes })).toEqual({
				objects: [`1.1 ~:[|${A}`, `1.4 ~:|${C}`, `3.0 |${A}`],
				untaken: ['2.0 {"y":{"z":"{"}}'],
				broken: []
			});
		}
	});
});

describe('a damaged object', () => {
	test.each([
		['in a string', '{"type":"x","a":"bcd'],
		['after a colon', '{"type":"x","a":'],
		['after a comma', '{"type":"x",'],
		['before an object’s end', '{"type":"x","a":{"type":"y"}'],
		['in a list', '{"type":"x","a":[{"type":"y"},'],
		['with text after it', '{"type":"x"] {"type":"y"} {']
	])('cut off %s costs its line only', (_name, line) => {
		const text = `${A}\n${line}\n${B}\n${C}`;
		for (const pieceBytes of [1, 3, 1000]) {
			const { objects, broken, untaken } = find(text, { pieceBytes });
			expect(objects).toEqual([`1.0 |${A}`, `3.0 |${B}`, `4.0 |${C}`]);
			expect(broken).toEqual([NOT_WHOLE]);
			expect(broken[0]).toMatch(/^2\.0 /);
			expect(untaken).toEqual([]);
		}
	});

	test('over several lines costs its lines, not those after it', () => {
		const text = `  ${A}\n  {\n    "type": !,\n    "a": {\n      "type": "y"\n    }\n  },\n  ${B}\n${C}`;
		for (const pieceBytes of [1, 3, 1000]) {
			expect(find(text, { pieceBytes })).toEqual({
				objects: [`1.0   |${A}`, `8.0   |${B}`, `9.0 |${C}`],
				untaken: [],
				broken: [NOT_WHOLE]
			});
		}
	});

	test('gives up what stands whole inside of it when it is a wrapper', () => {
		const text = `{"n":1,"of":[${A},\n{"type":"x" !},\n${B}\n],"m":"{"\n${C}\n{"n":2,"event":${A},"cut`;
		for (const pieceBytes of [1, 3, 1000]) {
			const { objects, broken } = find(text, { pieceBytes });
			expect(objects).toEqual([`1.1 ~:[|${A}`, `3.0 |${B}`, `5.0 |${C}`, `6.1 ~:|${A}`]);
			expect(broken).toEqual([NOT_WHOLE, NOT_WHOLE, CUT]);
		}
	});

	test('at the end of the file is named', () => {
		expect(find(`${A}\n{"type":"b`)).toEqual({ objects: [`1.0 |${A}`], untaken: [], broken: [CUT] });
		expect(find('{"list":[{"list":[{"type":"a"},{"list":[{"type":"b"},{"type":')).toMatchObject({
			objects: ['1.2 ~:[|{"type":"a"}', '1.4 ~:[|{"type":"b"}'],
			broken: [CUT]
		});
		expect(find('text {').broken).toEqual([]);
	});
});

describe('an object that is too large', () => {
	const long = 'x'.repeat(100);

	test.each([1, 30, 1000])('costs itself only, in pieces of %i', (pieceBytes) => {
		const { objects, broken } = find(`${A}\n{"type":"${long}","a":${B}}\n${C}`, { maxBytes: 50, pieceBytes });
		expect(objects).toEqual([`1.0 |${A}`, `3.0 |${C}`]);
		expect(broken).toEqual([expect.stringMatching(/^2\.0 This object is too large/)]);
	});

	test.each([1, 30, 1000])('is looked into when it holds others, in pieces of %i', (pieceBytes) => {
		const items = Array.from({ length: 20 }, (_, n) => `{"type":"${n}"}`);
		const { objects, broken } = find(`{"name":"{","of":[${items.join(',\n')}]}\n${A}`, { maxBytes: 50, pieceBytes });
		expect(objects.map((object) => object.replace(/.*\|/, ''))).toEqual([...items, A]);
		expect(broken).toEqual([]);
	});
});

describe('a hostile text', () => {
	const MANY = 300_000;

	test.each([
		['brackets', '{'.repeat(MANY)],
		['objects, deep', '{"a":'.repeat(MANY)],
		['lists, deep', `{"type":${'['.repeat(MANY)}${']'.repeat(MANY)}}`],
		['objects, one a line', '{"a":\n'.repeat(MANY / 10)],
		['objects, indented', '{"a":{\n '.repeat(MANY / 10)],
		['quotes', '{"'.repeat(MANY)],
		['backslashes', `{"a":"${'\\'.repeat(MANY)}`],
		['objects that nobody wants', `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}\n`.repeat(20)],
		['NULs', '\0'.repeat(MANY)],
		['empty objects', '{}'.repeat(MANY)]
	])('of many %s comes to its end', { timeout: 60_000 }, (_name, text) => {
		const finds = find(text, { takes: () => false });
		expect(finds.objects).toEqual([]);
		expect(finds.untaken.length + finds.broken.length).toBeLessThanOrEqual(MANY / 5);
	});

	test('nested too deep is named', () => {
		expect(find(`{"type":${'['.repeat(200_000)}`).broken).toEqual([
			expect.stringMatching(/nested deeper than 100,000/)
		]);
	});

	test('of any bytes gives the same in pieces as in one', () => {
		const parts = fc.constantFrom(...'{}[]":,\\ \n', '"type"', ':1', '{"', '"}', A, '\u0000', 'é', '  {"a":', '\n{');
		fc.assert(
			fc.property(fc.array(parts, { maxLength: 20 }), (pieces) => {
				const text = pieces.join('');
				const takes = (json: string) => json.includes('type');
				const whole = find(text, { takes });
				for (const pieceBytes of [1, 2, 3]) expect(find(text, { takes, pieceBytes })).toEqual(whole);
			}),
			{ numRuns: 3000 }
		);
	});

	test('of objects between any text gives every object', () => {
		const junk = fc.string({ unit: fc.constantFrom(...'[}]":, \nab\\é'), maxLength: 8 });
		fc.assert(
			fc.property(fc.array(fc.tuple(junk, fc.dictionary(fc.string(), fc.jsonValue()), fc.boolean())), (parts) => {
				const objects = parts.map(([, value, isIndented]) =>
					JSON.stringify({ type: '', ...value }, null, isIndented ? '  ' : '')
				);
				const text = parts.map(([before], n) => before + objects[n]).join('');
				const takes = () => true;
				expect(find(text, { takes }).objects.map((object) => object.replace(/^[^|]*\|/, ''))).toEqual(objects);
			})
		);
	});
});
