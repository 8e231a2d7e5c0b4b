/** A JSON Schema from one example, for a function's `parameters`. */
import { isObject, type JsonObject } from '../base/json.ts';
import { fail, succeed, type Result } from '../base/result.ts';

const DEEPEST = 20;

/**
 * The schema of a function's arguments from one example of them: `{"city": "Berlin", "days": 3}`. All its members are
 * required. The entries of a list share one schema that holds for each of them.
 */
export function inferParameters(text: string): Result<JsonObject> {
	let example: unknown;
	try {
		example = JSON.parse(text);
	} catch (error) {
		return fail(`The example is not JSON: ${error instanceof Error ? error.message : String(error)}`);
	}
	if (!isObject(example)) return fail('The example must be an object: a function’s arguments have names.');
	if (isDeeper(example, DEEPEST)) return fail(`The example is nested deeper than ${DEEPEST} levels.`);
	return succeed(inferSchema([example]));
}

/** Without recursion: a text of brackets alone would otherwise end the page. */
function isDeeper(value: unknown, depth: number): boolean {
	let level: unknown[] = [value];
	for (let at = 0; at <= depth; at++) {
		level = level.flatMap((inner) => (typeof inner === 'object' && inner !== null ? Object.values(inner) : []));
		if (level.length === 0) return false;
	}
	return true;
}

/** A schema that every one of these values fits. */
function inferSchema(values: readonly unknown[]): JsonObject {
	const types = [...new Set(values.map(typeOf))].filter(
		(type, _, all) => type !== 'integer' || !all.includes('number')
	);
	const schema: Record<string, unknown> =
		types.length === 1 ? { type: types[0] } : types.length > 1 ? { type: types } : {};
	const objects = values.filter(isObject);
	if (objects.length > 0) Object.assign(schema, inferMembers(objects));
	const lists = values.filter((value): value is unknown[] => Array.isArray(value));
	if (lists.length > 0) schema['items'] = inferSchema(lists.flat(1));
	return schema;
}

function inferMembers(objects: readonly JsonObject[]): JsonObject {
	const names = [...new Set(objects.flatMap((object) => Object.keys(object)))];
	const of = (name: string) => objects.filter((object) => Object.hasOwn(object, name));
	const properties = Object.fromEntries(
		names.map((name) => [name, inferSchema(of(name).map((object) => object[name]))] as const)
	);
	return { properties, required: names.filter((name) => of(name).length === objects.length) };
}

function typeOf(value: unknown): string {
	if (value === null) return 'null';
	if (Array.isArray(value)) return 'array';
	if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
	return typeof value;
}
