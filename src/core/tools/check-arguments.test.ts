import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkArguments } from './check-arguments.ts';

const faults = (schema: object, value: unknown) =>
	checkArguments(schema as Record<string, unknown>, JSON.stringify(value)).mismatches.map(
		({ path, message }) => `${path} ${message}`
	);

const WEATHER = {
	type: 'object',
	properties: {
		city: { type: 'string', minLength: 2 },
		days: { type: 'integer', minimum: 1, maximum: 7 },
		unit: { enum: ['celsius', 'fahrenheit'] },
		stops: { type: 'array', maxItems: 2, items: { type: 'object', properties: { at: { type: 'string' } } } }
	},
	required: ['city'],
	additionalProperties: false
};

describe('says what is wrong, and where', () => {
	test.each<[value: unknown, faults: string[]]>([
		[{ city: 'Berlin', days: 3, unit: 'celsius', stops: [{ at: 'A', why: 1 }] }, []],
		[{}, ['city is missing']],
		[{ city: 3 }, ['city must be a string, and is 3']],
		[{ city: 'B' }, ['city must have at least 2 characters, and has 1']],
		[{ city: 'Berlin', days: 2.5 }, ['days must be a whole number, and is 2.5']],
		[{ city: 'Berlin', days: 8 }, ['days must be at most 7, and is 8']],
		[{ city: 'Berlin', unit: 'kelvin' }, ['unit must be one of "celsius", "fahrenheit", and is "kelvin"']],
		[{ city: 'Berlin', town: 'x' }, ['town is not in the schema']],
		[{ city: 'Berlin', stops: [{ at: 'A' }, { at: null }] }, ['stops[1].at must be a string, and is null']],
		[{ city: 'Berlin', stops: [1, 2, 3] }, expect.arrayContaining(['stops must have at most 2 entries, and has 3'])],
		[['Berlin'], ['arguments must be an object, and is ["Berlin"]']]
	])('%j', (value, expected) => expect(faults(WEATHER, value)).toEqual(expected));

	test('of forms that are combined', () => {
		const schema = {
			anyOf: [{ type: 'string' }, { type: 'object', required: ['id'] }],
			allOf: [{ not: {} }, { type: ['string', 'object'] }]
		};
		expect(faults(schema, { id: 1 })).toEqual([]);
		expect(faults(schema, 4)).toEqual([
			'arguments must be a string or an object, and is 4',
			'arguments fits none of the 2 forms of anyOf, and is 4'
		]);
		expect(checkArguments(schema, '"x"').unchecked).toEqual(['not']);
	});

	test('of arguments that are no JSON', () => {
		expect(checkArguments(WEATHER, '{"city": "Ber')).toEqual({
			mismatches: [{ path: 'arguments', message: expect.stringMatching(/^are not JSON: /) }],
			unchecked: []
		});
	});

	test('of names that objects have by birth', () => {
		const schema = {
			properties: { constructor: { type: 'string' } },
			required: ['toString'],
			additionalProperties: false
		};
		expect(checkArguments(schema, '{"constructor": 1, "__proto__": 2}').mismatches).toEqual([
			{ path: 'toString', message: 'is missing' },
			{ path: 'constructor', message: 'must be a string, and is 1' },
			{ path: '__proto__', message: 'is not in the schema' }
		]);
	});
});

test('without a schema any JSON is right', () => {
	expect(checkArguments(null, '[1]').mismatches).toEqual([]);
});

test('what it does not check it names', () => {
	const schema = { properties: { city: { type: 'string', pattern: '^(a+)+$' } } };
	expect(checkArguments(schema, `{"city": "${'a'.repeat(50)}!"}`)).toEqual({ mismatches: [], unchecked: ['pattern'] });
});

test('no schema and no arguments keep it busy', () => {
	const nested = `${'['.repeat(4000)}${']'.repeat(4000)}`;
	const endless: Record<string, unknown> = {};
	endless['items'] = endless;
	expect(checkArguments(endless, nested).unchecked).toEqual(['what is nested deeper']);
	endless['anyOf'] = [endless, endless, endless];
	expect(checkArguments(endless, JSON.stringify(Array(100).fill([]))).unchecked).toContain('the rest');
	expect(faults({ items: { type: 'string' } }, Array(50_000).fill(1))).toHaveLength(20);
});

// The keywords that both know, on values that are near the schema.
const leaf = fc.oneof(
	fc.record({ type: fc.constantFrom('string', 'number', 'integer', 'boolean', 'null') }),
	fc.record({
		type: fc.constant('number'),
		minimum: fc.integer({ min: -3, max: 3 }),
		exclusiveMaximum: fc.integer({ min: 0, max: 5 })
	}),
	fc.record({ type: fc.constant('string'), minLength: fc.nat(2), maxLength: fc.integer({ min: 2, max: 4 }) }),
	fc.record({ enum: fc.uniqueArray(fc.oneof(fc.nat(3), fc.constantFrom('a', 'b', null)), { minLength: 1 }) }),
	fc.record({ const: fc.oneof(fc.nat(3), fc.constant('a')) })
);
const { schema } = fc.letrec<{ schema: object }>((tie) => ({
	schema: fc.oneof(
		{ depthSize: 'small' },
		leaf,
		fc.record({ type: fc.constant('array'), items: tie('schema'), maxItems: fc.nat(3) }),
		fc.record({
			type: fc.constant('object'),
			properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema')),
			required: fc.uniqueArray(fc.constantFrom('a', 'b')),
			additionalProperties: fc.oneof(fc.boolean(), tie('schema'))
		}),
		fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) }),
		fc.record({ allOf: fc.array(tie('schema'), { minLength: 1, maxLength: 2 }) })
	)
}));
const value = fc
	.jsonValue({ maxDepth: 3 })
	.chain((any) =>
		fc.oneof(
			fc.constant(any),
			fc.constantFrom<unknown>('a', 'b', 1, 2, 0, -1, null, true),
			fc.array(fc.nat(3), { maxLength: 4 }),
			fc.dictionary(
				fc.constantFrom('a', 'b', 'c', 'd'),
				fc.oneof(fc.nat(3), fc.constantFrom('a', null), fc.array(fc.nat(2)))
			)
		)
	);

test('agrees with Ajv on what is right', () => {
	const ajv = new Ajv({ strict: false });
	fc.assert(
		fc.property(schema, fc.array(value, { minLength: 6, maxLength: 12 }), (wanted, given) => {
			const isRight = ajv.compile(wanted);
			for (const each of given) expect(faults(wanted, each).length === 0).toBe(isRight(each));
		}),
		{ numRuns: 60 }
	);
});
