/** Arguments that fit a tool's JSON Schema, for calls of tools that a scenario knows nothing about. */
import { isJsonObject } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

/** Schemas that nest deeper, or that refer to themselves, are cut off. */
const DEEPEST = 8;
const MOST_ITEMS = 20;
const LONGEST_TEXT = 1000;
/** Parts of a schema that are looked at; one that refers to itself many times over would have no end. */
const MOST_PARTS = 2000;

interface Place {
	/** The whole schema, for references. */
	root: JsonObject;
	budget: { partsLeft: number };
	/** Of the property, which makes an example that can be recognised. */
	name: string;
	depth: number;
	/** Set in a list whose items must differ. */
	index?: number;
}

const textsByFormat: Record<string, string> = {
	date: '2026-03-02',
	time: '10:00:00Z',
	'date-time': '2026-03-02T10:00:00Z',
	duration: 'PT1H',
	email: 'someone@example.com',
	'idn-email': 'someone@example.com',
	hostname: 'example.com',
	ipv4: '192.0.2.1',
	ipv6: '2001:db8::1',
	uri: 'https://example.com/',
	'uri-reference': '/example',
	uuid: '00000000-0000-4000-8000-000000000000'
};

function asNumber(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function limit(value: unknown, most: number): number | undefined {
	const number = asNumber(value);
	return number === undefined ? undefined : Math.min(Math.max(0, Math.floor(number)), most);
}

/** Follows a local reference such as `#/$defs/city`. */
function resolve(ref: unknown, root: JsonObject): JsonObject | undefined {
	if (typeof ref !== 'string' || !ref.startsWith('#')) return undefined;
	let found: unknown = root;
	for (const part of ref.split('/').slice(1)) {
		const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
		if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
		found = (found as JsonObject)[name];
	}
	return isJsonObject(found) ? found : undefined;
}

/** Lays the parts of an `allOf`, the first choice of `anyOf` and `oneOf`, and what `$ref` names over the schema. */
function flatten(schema: JsonObject, place: Place, depth = 0): JsonObject {
	const choices = [schema['anyOf'], schema['oneOf']].map((list) =>
		Array.isArray(list) ? (list as unknown[])[0] : undefined
	);
	const all = Array.isArray(schema['allOf']) ? (schema['allOf'] as unknown[]) : [];
	const parts = [resolve(schema['$ref'], place.root), ...all, ...choices].filter(isJsonObject);
	if (parts.length === 0 || depth > DEEPEST || place.budget.partsLeft-- <= 0) return schema;
	const { $ref: _ref, allOf: _all, anyOf: _any, oneOf: _one, ...own } = schema;
	let flat: JsonObject = own;
	for (const part of parts) {
		const more = flatten(part, place, depth + 1);
		const properties = { ...asObject(flat['properties']), ...asObject(more['properties']) };
		const required = [...asList(flat['required']), ...asList(more['required'])];
		flat = { ...flat, ...more };
		if (Object.keys(properties).length > 0) flat['properties'] = properties;
		if (required.length > 0) flat['required'] = required;
	}
	return flat;
}

const asObject = (value: unknown): JsonObject => (isJsonObject(value) ? value : {});
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

function exampleText(schema: JsonObject, { name, index }: Place): string {
	const { format } = schema;
	const byFormat =
		typeof format === 'string' && Object.hasOwn(textsByFormat, format) ? textsByFormat[format] : undefined;
	const text = (byFormat ?? `example ${name.replace(/[_-]+/g, ' ')}`) + (index ? ` ${index + 1}` : '');
	const padded = text.padEnd(limit(schema['minLength'], LONGEST_TEXT) ?? 0, '.');
	const longest = limit(schema['maxLength'], LONGEST_TEXT) ?? LONGEST_TEXT;
	// The end is what differs between the items of a list.
	return padded.length <= longest ? padded : padded.slice(padded.length - longest);
}

function exampleNumber(schema: JsonObject, isWhole: boolean, index = 0): number {
	const step = asNumber(schema['multipleOf']) || 1;
	const exclusiveMin = asNumber(schema['exclusiveMinimum']);
	const exclusiveMax = asNumber(schema['exclusiveMaximum']);
	const min = Math.max(asNumber(schema['minimum']) ?? -Infinity, exclusiveMin ?? -Infinity);
	const max = Math.min(asNumber(schema['maximum']) ?? Infinity, exclusiveMax ?? Infinity);
	const isAllowed = (value: number): boolean =>
		value >= min && value <= max && value !== exclusiveMin && value !== exclusiveMax;
	const start = Number.isFinite(min) ? Math.ceil(min / step) * step : Math.min(step, Math.floor(max / step) * step);
	for (const value of [start + index * step, start + (index + 1) * step]) if (isAllowed(value)) return value;
	// No multiple of the step lies between the limits: any number that does.
	const middle = Number.isFinite(min) && Number.isFinite(max) ? (min + max) / 2 : start;
	return isWhole ? Math.round(middle) : middle;
}

function exampleList(schema: JsonObject, place: Place): unknown[] {
	const most = limit(schema['maxItems'], MOST_ITEMS) ?? MOST_ITEMS;
	const tuple = Array.isArray(schema['items']) ? (schema['items'] as unknown[]) : asList(schema['prefixItems']);
	const least = Math.max(limit(schema['minItems'], MOST_ITEMS) ?? 0, tuple.length, 1);
	const rest = Array.isArray(schema['items']) ? schema['additionalItems'] : schema['items'];
	const isUnique = schema['uniqueItems'] === true;
	return Array.from({ length: Math.min(least, most) }, (_, index) => {
		const inner = { ...place, depth: place.depth + 1, ...(isUnique ? { index } : {}) };
		return exampleValue(tuple[index] ?? rest, inner);
	});
}

function exampleObject(schema: JsonObject, place: Place): JsonObject {
	const properties = asObject(schema['properties']);
	const required = new Set(asList(schema['required']).filter((name) => typeof name === 'string'));
	for (const [name, property] of Object.entries(properties)) {
		if (isJsonObject(property) && 'default' in property) required.add(name);
	}
	const example: [string, unknown][] = [];
	for (const name of required) {
		const property = Object.hasOwn(properties, name) ? properties[name] : schema['additionalProperties'];
		example.push([name, exampleValue(property, { ...place, name, depth: place.depth + 1 })]);
	}
	return Object.fromEntries(example);
}

function guessType(schema: JsonObject): string {
	const { type } = schema;
	const first = Array.isArray(type) ? (type as unknown[]).find((one) => one !== 'null') : type;
	if (typeof first === 'string') return first;
	if (Array.isArray(type) && type.length > 0) return 'null';
	if ('properties' in schema || 'required' in schema) return 'object';
	if ('items' in schema || 'prefixItems' in schema) return 'array';
	return 'minimum' in schema || 'maximum' in schema ? 'number' : 'string';
}

function exampleValue(given: unknown, place: Place): unknown {
	const schema = flatten(asObject(given), place);
	if ('default' in schema) return schema['default'];
	if ('const' in schema) return schema['const'];
	for (const list of [asList(schema['enum']), asList(schema['examples'])]) {
		if (list.length > 0) return list[(place.index ?? 0) % list.length];
	}
	if (place.depth > DEEPEST || place.budget.partsLeft-- <= 0) return null;
	switch (guessType(schema)) {
		case 'object':
			return exampleObject(schema, place);
		case 'array':
			return exampleList(schema, place);
		case 'number':
			return exampleNumber(schema, false, place.index);
		case 'integer':
			return exampleNumber(schema, true, place.index);
		case 'boolean':
			return place.index !== 1;
		case 'null':
			return null;
		default:
			return exampleText(schema, place);
	}
}

/**
 * Arguments for a tool: for each property a default, constant, allowed value or example of the schema, else something of
 * the right type. Only what is required, and what has a default. Patterns and `not` are not looked at.
 */
export function exampleArguments(parameters: unknown): JsonObject {
	const root = asObject(parameters);
	const example = exampleValue(
		{ type: 'object', ...root },
		{ root, budget: { partsLeft: MOST_PARTS }, name: 'value', depth: 0 }
	);
	return isJsonObject(example) ? example : {};
}
