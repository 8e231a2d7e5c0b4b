import { isObject, listAt, objectAt, stringAt, type JsonObject } from '#core/base/json.ts';
import type { JsonPath } from '#core/session/event-code-path.ts';

/** What comes after so many members is not looked at. */
const MOST_LOOKED_AT = 2000;
/** How long a chain of references and choices may be: one that ends in itself leads nowhere. */
const LONGEST_CHAIN = 24;

/**
 * The members of an event that its schema does not have. What the schema leaves open, and values of a kind that it does not
 * know as a whole, are not judged.
 *
 * @param schema as `core/protocol/schemas` has them: objects are closed, and told apart by `if` and `then`
 */
export function findUnknownMembers(schema: JsonObject, event: unknown): JsonPath[] {
	const unknown: JsonPath[] = [];
	let lookedAt = 0;
	const look = (schemas: readonly JsonObject[], value: unknown, path: JsonPath): void => {
		if (typeof value !== 'object' || value === null) return;
		const choices = schemas.flatMap((one) => choicesOf(schema, one, value));
		const isList = Array.isArray(value);
		const isClosed = choices.some((one) => one['additionalProperties'] === false);
		for (const [name, member] of Object.entries(value)) {
			if (++lookedAt > MOST_LOOKED_AT) return;
			const step = isList ? Number(name) : name;
			const inner = isList ? choices.flatMap((one) => present(objectAt(one, 'items'))) : membersOf(choices, name);
			if (inner.length === 0 && isClosed && !isList) unknown.push([...path, step]);
			else look(inner, member, [...path, step]);
		}
	};
	look([schema], event, []);
	return unknown;
}

function membersOf(choices: readonly JsonObject[], name: string): JsonObject[] {
	return choices.flatMap((one) =>
		present(objectAt(objectAt(one, 'properties'), name) ?? objectAt(one, 'additionalProperties'))
	);
}

function present(schema: JsonObject | undefined): JsonObject[] {
	return schema ? [schema] : [];
}

/** The schemas without references and choices that a value can have. */
function choicesOf(root: JsonObject, schema: JsonObject, value: object, depth = 0): JsonObject[] {
	if (depth > LONGEST_CHAIN) return [];
	const into = (inner: unknown) => (isObject(inner) ? choicesOf(root, inner, value, depth + 1) : []);
	const reference = stringAt(schema, '$ref');
	const then = isObject(schema['if']) && holds(schema['if'], value) ? into(schema['then']) : [];
	return [
		schema,
		...(reference === undefined ? [] : into(objectAt(root, 'definitions')?.[reference.replace('#/definitions/', '')])),
		...['anyOf', 'oneOf', 'allOf'].flatMap((key) => listAt(schema, key).flatMap(into)),
		...then
	];
}

/** Whether the members that a condition names have the values that it wants. */
function holds(condition: JsonObject, value: object): boolean {
	return Object.entries(objectAt(condition, 'properties') ?? {}).every(([name, wanted]) => {
		if (!isObject(wanted) || !Object.hasOwn(value, name)) return false;
		const actual = (value as JsonObject)[name];
		return actual === wanted['const'] || listAt(wanted, 'enum').includes(actual);
	});
}
