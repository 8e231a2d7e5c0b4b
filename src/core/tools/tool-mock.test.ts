import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addFunction, findFunction, findNameProblem, parseToolFunctions } from './tool-function.ts';
import { failsCall, findJsonProblem, NO_MOCK, readToolMock } from './tool-mock.ts';

test('the functions of a draft: others are passed over, and the first of a name counts', () => {
	const text = JSON.stringify([
		{ type: 'mcp', server_label: 'x' },
		{ type: 'function', name: 'a', description: 'A', parameters: { type: 'object' } },
		{ type: 'function', name: 'a', description: 'again' },
		{ type: 'function' },
		null
	]);
	expect(parseToolFunctions(text)).toEqual({
		ok: true,
		value: [{ name: 'a', description: 'A', parameters: { type: 'object' } }]
	});
	expect(parseToolFunctions('  ')).toEqual({ ok: true, value: [] });
	expect(parseToolFunctions('{}')).toEqual({ ok: false, error: 'It is not a JSON array.' });
	expect(findFunction({ tools: JSON.parse(text) as unknown }, 'a')?.description).toBe('A');
	expect(findFunction(null, 'a')).toBeUndefined();
});

test('a function is added behind the others, to a text that can be read', () => {
	const added = addFunction('[{"type":"function","name":"a"}]', { type: 'function', name: 'b' });
	expect(added.ok && JSON.parse(added.value)).toMatchObject([{ name: 'a' }, { name: 'b' }]);
	expect(addFunction('[', {})).toMatchObject({
		ok: false,
		error: expect.stringMatching(/^A function can be added once/)
	});
});

test('names', () => {
	expect(findNameProblem('get_weather', ['a'])).toBeNull();
	expect(findNameProblem('', [])).toBe('Give the function a name.');
	expect(findNameProblem('get weather', [])).toBe('A name has 1 to 64 letters, digits, _ or -.');
	expect(findNameProblem('a', ['a'])).toBe('There is a function a already.');
});

test('a mock is read from whatever was stored, within its bounds', () => {
	expect(readToolMock(null)).toEqual(NO_MOCK);
	expect(readToolMock({ kind: 'http', delayMs: -5, failEvery: 0, limitMs: 1e9, result: 3 })).toEqual({
		...NO_MOCK,
		failEvery: 1,
		limitMs: 60_000
	});
	const mock = { ...NO_MOCK, kind: 'fixed', result: 'x', delayMs: 40, failEvery: 3 };
	expect(readToolMock(JSON.parse(JSON.stringify(mock)))).toEqual(mock);
	fc.assert(fc.property(fc.jsonValue(), (value) => void readToolMock(readToolMock(value))));
});

test('which calls fail', () => {
	const failing = (failEvery: number | null) => [1, 2, 3, 4].filter((n) => failsCall({ ...NO_MOCK, failEvery }, n));
	expect([failing(null), failing(1), failing(2), failing(3)]).toEqual([[], [1, 2, 3, 4], [2, 4], [3]]);
});

test('a result that was to be JSON is told from plain text', () => {
	expect(findJsonProblem('{"a": 1}')).toBeNull();
	expect(findJsonProblem('It rains.')).toBeNull();
	expect(findJsonProblem(' {"a": }')).not.toBeNull();
});
