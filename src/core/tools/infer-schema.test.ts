import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkArguments } from './check-arguments.ts';
import { inferParameters } from './infer-schema.ts';

const infer = (text: string) => {
	const inferred = inferParameters(text);
	if (!inferred.ok) throw new Error(inferred.error);
	return inferred.value;
};

test('the members of the example are the parameters, all of them required', () => {
	expect(infer('{"city": "Berlin", "days": 3, "celsius": 21.5, "detailed": false}')).toEqual({
		type: 'object',
		properties: {
			city: { type: 'string' },
			days: { type: 'integer' },
			celsius: { type: 'number' },
			detailed: { type: 'boolean' }
		},
		required: ['city', 'days', 'celsius', 'detailed']
	});
});

test('the entries of a list share a schema: what only some of them have is not required', () => {
	expect(infer('{"stops": [{"at": "A"}, {"at": "B", "wait": 2}], "tags": [], "mixed": [1, 2.5, "x", null]}')).toEqual({
		type: 'object',
		properties: {
			stops: {
				type: 'array',
				items: { type: 'object', properties: { at: { type: 'string' }, wait: { type: 'integer' } }, required: ['at'] }
			},
			tags: { type: 'array', items: {} },
			mixed: { type: 'array', items: { type: ['number', 'string', 'null'] } }
		},
		required: ['stops', 'tags', 'mixed']
	});
});

describe('says why it cannot', () => {
	test.each([
		['{"city":', /^The example is not JSON: /],
		['["Berlin"]', 'The example must be an object: a function’s arguments have names.'],
		['{"a":'.repeat(40) + '1' + '}'.repeat(40), 'The example is nested deeper than 20 levels.'],
		['{"a":' + '['.repeat(5000) + ']'.repeat(5000) + '}', 'The example is nested deeper than 20 levels.']
	])('%.30s', (text, error) => {
		expect(inferParameters(text)).toEqual({ ok: false, error: expect.stringMatching(error) });
	});
});

test('whatever the example, its schema takes it, and checks all that it says', () => {
	fc.assert(
		fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 })), (example) => {
			const text = JSON.stringify(example);
			expect(checkArguments(infer(text), text)).toEqual({ mismatches: [], unchecked: [] });
		})
	);
});
