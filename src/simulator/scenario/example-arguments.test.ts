import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleArguments } from '#simulator/scenario/example-arguments.ts';

const ajv = new Ajv({ strict: false, logger: false });

const propertyOf = (schema: unknown): unknown =>
	exampleArguments({ type: 'object', properties: { the_city: schema }, required: ['the_city'] })['the_city'];

describe('exampleArguments', () => {
	it.each<[schema: unknown, example: unknown]>([
		[{ type: 'string' }, 'example the city'],
		[{ type: 'string', default: 'Bern', enum: ['Rome'], examples: ['Oslo'] }, 'Bern'],
		[{ const: 'Paris', enum: ['Rome', 'Paris'] }, 'Paris'],
		[{ enum: ['Rome', 'Oslo'], examples: ['Oslo'] }, 'Rome'],
		[{ type: 'string', examples: ['Oslo'] }, 'Oslo'],
		[{ type: 'string', format: 'date' }, '2026-03-02'],
		[{ type: 'string', format: 'constructor' }, 'example the city'],
		[{ type: 'string', maxLength: 4 }, 'city'],
		[{ type: 'string', minLength: 18 }, 'example the city..'],
		[{ type: 'integer' }, 1],
		[{ type: 'number', minimum: 0.25, maximum: 0.75 }, 0.5],
		[{ type: 'integer', exclusiveMinimum: 5, multipleOf: 5 }, 10],
		[{ type: 'integer', maximum: -3 }, -3],
		[{ type: 'boolean' }, true],
		[{ type: 'null' }, null],
		[{ type: ['null', 'integer'] }, 1],
		[{ type: 'array', items: { type: 'string' } }, ['example the city']],
		[{ type: 'array', items: { enum: ['a', 'b'] }, minItems: 2, uniqueItems: true }, ['a', 'b']],
		[{ type: 'array', maxItems: 0 }, []],
		[{ type: 'array', prefixItems: [{ type: 'integer' }, { const: 'x' }] }, [1, 'x']],
		[{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, 1],
		[{ allOf: [{ type: 'object' }, { properties: { a: { const: 1 } }, required: ['a'] }] }, { a: 1 }],
		[true, 'example the city'],
		['no schema', 'example the city']
	])('for %j', (schema, example) => {
		expect(propertyOf(schema)).toEqual(example);
	});

	it('has what is required and what has a default, and nothing else', () => {
		const properties = { a: { type: 'integer' }, b: { type: 'string', default: 'x' }, c: { type: 'string' } };
		expect(exampleArguments({ type: 'object', properties, required: ['a', 'd'] })).toEqual({
			a: 1,
			d: 'example d',
			b: 'x'
		});
	});

	it('follows references, and stops at those that have no end', () => {
		const parameters = {
			properties: { where: { $ref: '#/$defs/place' } },
			required: ['where'],
			$defs: { place: { type: 'object', properties: { city: { const: 'Bern' } }, required: ['city'] } }
		};
		expect(exampleArguments(parameters)).toEqual({ where: { city: 'Bern' } });
		const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
		const endless = { properties: Object.fromEntries(names.map((name) => [name, { $ref: '#' }])), required: names };
		expect(JSON.stringify(exampleArguments(endless)).length).toBeLessThan(100_000);
		let wide: object = { type: 'string' };
		for (let i = 0; i < 8; i++) wide = { type: 'array', minItems: 20, items: wide };
		expect(JSON.stringify(exampleArguments({ properties: { wide }, required: ['wide'] })).length).toBeLessThan(
			1_000_000
		);
		expect(exampleArguments({ allOf: names.map(() => ({ $ref: '#' })) })).toEqual({});
	});

	it.each([[undefined], [null], [{}], [[]], [{ type: 'string' }], [{ const: 5 }]])(
		'is an object for %j',
		(parameters) => {
			expect(exampleArguments(parameters)).toEqual({});
		}
	);

	it('fits any schema of the usual parts', () => {
		const { schema } = fc.letrec<{ schema: object; leaf: object }>((tie) => ({
			leaf: fc.oneof(
				fc.record({
					type: fc.constant('string'),
					minLength: fc.integer({ min: 0, max: 9 }),
					maxLength: fc.integer({ min: 9, max: 30 })
				}),
				fc.record({ enum: fc.uniqueArray(fc.oneof(fc.string(), fc.integer()), { minLength: 1 }) }),
				fc.record({ const: fc.jsonValue() }),
				fc.record({ type: fc.constantFrom('boolean', 'null', 'string', ['string', 'null']) }),
				fc.record(
					{
						type: fc.constantFrom('number', 'integer'),
						minimum: fc.integer({ min: -50, max: 0 }),
						maximum: fc.integer({ min: 10, max: 50 }),
						multipleOf: fc.integer({ min: 1, max: 10 })
					},
					{ requiredKeys: ['type'] }
				)
			),
			schema: fc.oneof(
				{ maxDepth: 3, withCrossShrink: true },
				tie('leaf'),
				fc.record({
					type: fc.constant('array'),
					items: tie('schema'),
					minItems: fc.integer({ min: 0, max: 3 })
				}),
				fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
				fc.dictionary(fc.string(), tie('schema'), { maxKeys: 4 }).map((properties) => ({
					type: 'object',
					properties,
					required: Object.keys(properties),
					additionalProperties: false
				}))
			)
		}));
		fc.assert(
			fc.property(fc.dictionary(fc.string(), schema, { maxKeys: 4 }), (properties) => {
				const parameters = { type: 'object', properties, required: Object.keys(properties) };
				const validate = ajv.compile(parameters);
				const example: unknown = JSON.parse(JSON.stringify(exampleArguments(parameters)));
				expect(validate(example), JSON.stringify([parameters, example, validate.errors])).toBe(true);
			}),
			{ numRuns: 200 }
		);
	});

	it('takes anything for a schema', () => {
		fc.assert(
			fc.property(fc.jsonValue({ maxDepth: 5 }), fc.jsonValue({ maxDepth: 5 }), (schema, other) => {
				const parameters = {
					type: 'object',
					properties: { a: schema, b: other, c: { anyOf: other, allOf: [schema] } }
				};
				JSON.stringify(exampleArguments({ ...parameters, required: ['a', 'b', 'c', 'd'] }));
				JSON.stringify(exampleArguments(schema));
			})
		);
	});
});
