import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyRaw, anyText } from '../../../../tests/fixtures/arbitrary.ts';
import { unescapeJson, walkJson, type JsonPath } from './json-strings.ts';

type Told = [what: string, spelled: string, path: string];

function told(text: string, from = 0): { parts: Told[]; end: number; isWhole: boolean } {
	const parts: Told[] = [];
	const add = (what: string, spelled: string, path: JsonPath) => parts.push([what, spelled, path.join('/')]);
	const walk = walkJson(text, from, {
		open: (start, path, isList) => add(isList ? 'list' : 'object', text[start]!, path),
		close: (end, path) => add('end', text[end - 1]!, path),
		key: (start, end, path) => add('key', text.slice(start, end), path),
		string: (start, end, path) => add('string', text.slice(start, end), path),
		primitive: (start, end, path) => add('primitive', text.slice(start, end), path)
	});
	return { parts, ...walk };
}

test('tells each part where it stands, as it is spelled', () => {
	const text = ' {"a" : ["x\\"y", 1.50, {}] , "\\u0062":null,"":true} ';
	expect(told(text)).toEqual({
		parts: [
			['object', '{', ''],
			['key', 'a', 'a'],
			['list', '[', 'a'],
			['string', 'x\\"y', 'a/0'],
			['primitive', '1.50', 'a/1'],
			['object', '{', 'a/2'],
			['end', '}', 'a/2'],
			['end', ']', 'a'],
			['key', '\\u0062', 'b'],
			['primitive', 'null', 'b'],
			['key', '', ''],
			['primitive', 'true', ''],
			['end', '}', '']
		],
		end: text.length - 1,
		isWhole: true
	});
});

test.each([
	['a string', '{"a":{"b":"cut o', [['string', 'cut o', 'a/b']], 16],
	['a string before its escape', '{"a":"x\\', [['string', 'x\\', 'a']], 8],
	['a key', '{"a":1,"b', [['key', 'b', 'b']], 9],
	['a list', '[1,', [['primitive', '1', '0']], 3],
	['what is no JSON', '[1,"a" x "b"]', [['string', 'a', '1']], 7],
	['a bare word', '{"a":"b","c":sk-proj-1}', [['key', 'c', 'c']], 13],
	['a number of another language', '[1,0x10]', [['primitive', '1', '0']], 3],
	['nothing', '', [], 0]
])('a text that ends in %s is told as far as it goes', (_name, text, last, end) => {
	const walk = told(text);
	expect(walk.isWhole).toBe(false);
	expect(walk.end).toBe(end);
	expect(walk.parts.slice(-1)).toEqual(last);
});

test('a walk may begin inside another text, and ends with the value', () => {
	expect(told('log: {"a":"b"} and so on', 5)).toMatchObject({ end: 14, isWhole: true });
});

test('nesting of a million costs no stack', () => {
	const depth = 1_000_000;
	let count = 0;
	const text = '[{"a":'.repeat(depth / 2) + '"x"' + '}]'.repeat(depth / 2);
	const walk = walkJson(text, 0, { close: () => count++, string: (_, __, path) => expect(path).toHaveLength(depth) });
	expect(walk).toEqual({ end: text.length, isWhole: true });
	expect(count).toBe(depth);
});

describe('property', () => {
	test('what is told of a JSON text is what JSON.parse reads', () => {
		fc.assert(
			fc.property(fc.json(), fc.boolean(), (json, pretty) => {
				const text = pretty ? JSON.stringify(JSON.parse(json), null, '\t') : json;
				expect(rebuild(text)).toEqual(JSON.parse(text));
			})
		);
	});

	test('whatever JSON.parse takes is walked to its end', () => {
		fc.assert(
			fc.property(anyRaw(), (text) => {
				try {
					JSON.parse(text);
				} catch {
					return;
				}
				const { end, isWhole } = walkJson(text, 0, {});
				expect({ isWhole, rest: text.slice(end).trim() }).toEqual({ isWhole: true, rest: '' });
			}),
			{ numRuns: 500 }
		);
	});

	test('every character of a string is known by its place', () => {
		fc.assert(
			fc.property(anyText(), anyText(), (before, value) => {
				const spelled = JSON.stringify(value).slice(1, -1).replaceAll('a', '\\u0061');
				const decoded = unescapeJson(before + spelled + '"', before.length, before.length + spelled.length);
				expect(decoded.text).toBe(value);
				for (let index = 0; index < value.length; index++) {
					const unit = (before + spelled).slice(decoded.sourceIndex(index), decoded.sourceIndex(index + 1));
					expect(JSON.parse(`"${unit}"`)).toBe(value[index]);
				}
			})
		);
	});

	test('what is no escape stands for itself', () => {
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom('\\', 'u', '0', 'q', 'n', '"', '4') }), (text) => {
				const decoded = unescapeJson(text, 0, text.length);
				expect(decoded.sourceIndex(decoded.text.length)).toBe(text.length);
				for (let index = 0; index < decoded.text.length; index++) {
					expect(decoded.sourceIndex(index)).toBeLessThan(decoded.sourceIndex(index + 1));
				}
			})
		);
	});
});

/** Builds the value again from what is told, without recursion. */
function rebuild(text: string): unknown {
	const root: { value?: unknown } = {};
	const containers: unknown[] = [];
	const put = (path: JsonPath, value: unknown) => {
		const key = path.at(-1);
		if (key === undefined) root.value = value;
		else Object.defineProperty(containers.at(-1), key, { value, writable: true, enumerable: true, configurable: true });
	};
	walkJson(text, 0, {
		open(_start, path, isList) {
			const container = isList ? [] : {};
			put(path, container);
			containers.push(container);
		},
		close: () => containers.pop(),
		string: (start, end, path) => put(path, unescapeJson(text, start, end).text),
		primitive: (start, end, path) => put(path, JSON.parse(text.slice(start, end)))
	});
	return root.value;
}
