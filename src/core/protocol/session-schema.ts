import { isObject, listAt, numberAt, objectAt, stringAt, type JsonObject } from '../base/json.ts';

/** What the session's JSON Schema says of one field. */
export interface FieldSchema {
	/** The texts that it names as values, in its order; others may be allowed all the same. */
	readonly values: readonly string[];
	readonly minimum: number | null;
	readonly maximum: number | null;
	readonly isInteger: boolean;
	/** The API's documentation of it, Markdown. */
	readonly description: string;
}

/** A schema of ours is not nested like that. */
const MOST_STEPS = 12;

/**
 * What a schema says of the field at a path, in whichever of its alternatives the field stands.
 *
 * @param schema with `definitions`, as tests/schemas generates it
 * @param definition the definition at which the path begins: `RealtimeSessionCreateRequest`
 * @returns `null` when no alternative has the field
 */
export function deriveFieldSchema(schema: JsonObject, definition: string, path: readonly string[]): FieldSchema | null {
	const definitions = objectAt(schema, 'definitions');
	let nodes = alternatives(definitions, objectAt(definitions, definition), 0);
	let named: readonly JsonObject[] = [];
	for (const key of path) {
		named = nodes.map((node) => objectAt(objectAt(node, 'properties'), key)).filter((node) => node !== undefined);
		nodes = named.flatMap((node) => alternatives(definitions, node, 0));
	}
	if (nodes.length === 0) return null;
	const numbers = nodes.filter(isNumeric);
	return {
		values: [...new Set(nodes.flatMap(valuesOf))],
		minimum: numbers.map((node) => numberAt(node, 'minimum')).find((bound) => bound !== undefined) ?? null,
		maximum: numbers.map((node) => numberAt(node, 'maximum')).find((bound) => bound !== undefined) ?? null,
		isInteger: numbers.some((node) => typesOf(node).includes('integer')),
		description: [...named, ...nodes].map((node) => stringAt(node, 'description')).find(Boolean) ?? ''
	};
}

/** The node itself, behind its references, and each alternative inside it. */
function alternatives(definitions: unknown, node: JsonObject | undefined, steps: number): readonly JsonObject[] {
	if (!node || steps > MOST_STEPS) return [];
	const reference = stringAt(node, '$ref')?.replace('#/definitions/', '');
	const inner = [
		...(reference === undefined ? [] : [objectAt(definitions, reference)]),
		...listAt(node, 'anyOf'),
		...listAt(node, 'allOf').map((part) => objectAt(part, 'then') ?? part)
	];
	return [node, ...inner.filter(isObject).flatMap((part) => alternatives(definitions, part, steps + 1))];
}

function valuesOf(node: JsonObject): readonly string[] {
	const values = [...listAt(node, 'enum'), node['const']];
	return values.filter((value) => typeof value === 'string');
}

function isNumeric(node: JsonObject): boolean {
	return typesOf(node).some((type) => type === 'number' || type === 'integer');
}

function typesOf(node: JsonObject): readonly unknown[] {
	const type = node['type'];
	return Array.isArray(type) ? type : [type];
}
