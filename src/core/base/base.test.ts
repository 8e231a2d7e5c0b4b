import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assert, assertPresent } from './assert.ts';
import { countBefore } from './binary-search.ts';
import { isObject, listAt, numberAt, objectAt, stringAt, valueAtPath } from './json.ts';
import { formatClock, formatMinutes, formatSeconds } from './time.ts';

test('a binary search counts what comes before', () => {
	fc.assert(
		fc.property(fc.array(fc.integer()), fc.integer(), (values, limit) => {
			const sorted = values.toSorted((a, b) => a - b);
			const expected = sorted.filter((value) => value < limit).length;
			expect(countBefore(sorted.length, (index) => sorted[index]! < limit)).toBe(expected);
		})
	);
});

describe('fields of an unknown object', () => {
	test('are read when they are its own and of the type asked for', () => {
		const object = JSON.parse('{"s":"text","n":1.5,"o":{"deep":[1]},"l":[1],"z":null,"__proto__":"own"}') as unknown;
		expect([stringAt(object, 's'), stringAt(object, 'n'), stringAt(object, '__proto__')]).toEqual([
			'text',
			undefined,
			'own'
		]);
		expect([numberAt(object, 'n'), numberAt(object, 's'), numberAt({ n: Infinity }, 'n')]).toEqual([
			1.5,
			undefined,
			undefined
		]);
		expect([objectAt(object, 'o'), objectAt(object, 'l'), objectAt(object, 'z')]).toEqual([
			{ deep: [1] },
			undefined,
			undefined
		]);
		expect([listAt(object, 'l'), listAt(object, 'o')]).toEqual([[1], []]);
		expect([valueAtPath(object, ['o', 'deep']), valueAtPath(object, ['l', 'length'])]).toEqual([[1], undefined]);
	});

	test('are never those that every object inherits', () => {
		for (const key of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
			expect([stringAt({}, key), numberAt({}, key), objectAt({}, key), valueAtPath({}, [key])]).toEqual(
				Array(4).fill(undefined)
			);
		}
	});

	test('are absent of everything else', () => {
		fc.assert(
			fc.property(fc.anything(), fc.string(), (value, key) => {
				if (isObject(value)) return;
				expect([stringAt(value, key), numberAt(value, key), objectAt(value, key)]).toEqual(Array(3).fill(undefined));
				expect(listAt(value, key)).toEqual([]);
			})
		);
	});
});

describe('times read', () => {
	test.each<[number, string]>([
		[0, '0:00.000'],
		[41_208, '0:41.208'],
		[59_999.6, '1:00.000'],
		[3_599_999, '59:59.999'],
		[3_600_000, '1:00:00.000'],
		[36_061_001, '10:01:01.001'],
		[-5, '0:00.000'],
		[NaN, '0:00.000'],
		[Infinity, '0:00.000']
	])('%d ms as a clock', (ms, text) => expect(formatClock(ms)).toBe(text));

	test('minutes and seconds', () => {
		expect([0, 61, 3600, 3661].map(formatMinutes)).toEqual(['0:00', '1:01', '1:00:00', '1:01:01']);
		expect(formatSeconds(2310)).toBe('2.31 s');
	});
});

test('an assertion blames ourselves', () => {
	expect(() => assert(false, 'two and two')).toThrow('Earshot made a mistake: two and two');
	expect(() => assertPresent(undefined, 'a thing')).toThrow('a thing is missing');
	expect(assertPresent(0, 'zero')).toBe(0);
});
