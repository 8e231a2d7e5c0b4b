import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findMembers, stringOf } from './json-member.ts';

function textsOf(json: string, ...names: string[]): Record<string, string> {
	const found = [...findMembers(json, new Set(names))];
	return Object.fromEntries(found.map(([name, { start, end }]) => [name, json.slice(start, end)]));
}

test('members are found as they are spelled, the last of a name', () => {
	const json = ' {"a" : 1.0 ,"b":{"a":[ "}" ]} , "\\u0063":"x\\"}","a":tru, "d":[],"__proto__":{} } ';
	expect(textsOf(json, 'a', 'b', 'c')).toEqual({ a: 'tru', b: '{"a":[ "}" ]}', c: '"x\\"}"' });
	expect(findMembers(json, new Set(['__proto__'])).size).toBe(1);
});

test.each(['', '{', '[1]', '{"a"', '{"a":', '{"a":"', '{"a":{', '{"\\x":1', '"a":1', '{a:1}'])(
	'%s stops nothing',
	(json) => {
		expect(() => findMembers(json, new Set(['a']))).not.toThrow();
	}
);

test('members are what JSON.parse finds', () => {
	fc.assert(
		fc.property(
			fc.dictionary(fc.constantFrom('a', 'b', '"', 'é'), fc.jsonValue()),
			fc.boolean(),
			(object, isIndented) => {
				const json = JSON.stringify(object, null, isIndented ? ' ' : '');
				const texts = textsOf(json, 'a', 'b', '"', 'é');
				expect(Object.entries(texts).map(([name, text]) => [name, JSON.parse(text)])).toEqual(
					Object.entries(JSON.parse(json) as object)
				);
			}
		)
	);
});

test('a string is what its JSON text spells', () => {
	fc.assert(fc.property(fc.string(), (text) => stringOf(JSON.stringify(text)) === text));
	expect(['1', '', '"', '"a"b', '"\\x"', '{"a":"b"}'].map(stringOf)).toEqual(Array(6).fill(undefined));
});
