/** A JSON object that came from outside: nothing is known of its fields until they are looked at. */
export type JsonObject = { readonly [key: string]: unknown };

/** The text's value, or `undefined` when it is no JSON. */
export function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

export function isObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The field's string, or `undefined` when it is absent or of another type. */
export function stringAt(object: unknown, key: string): string | undefined {
	const value = isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
	return typeof value === 'string' ? value : undefined;
}

/** The field's finite number, or `undefined` when it is absent or of another type. */
export function numberAt(object: unknown, key: string): number | undefined {
	const value = isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
	return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The field's object, or `undefined` when it is absent or of another type. */
export function objectAt(object: unknown, key: string): JsonObject | undefined {
	const value = isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
	return isObject(value) ? value : undefined;
}

/** The field's list, or an empty one when it is absent or of another type. */
export function listAt(object: unknown, key: string): readonly unknown[] {
	const value = isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
	return Array.isArray(value) ? value : [];
}

/** The value at a path of keys, e.g. `['audio', 'output', 'voice']`, or `undefined`. */
export function valueAtPath(object: unknown, path: readonly string[]): unknown {
	let value = object;
	for (const key of path) {
		if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
		value = value[key];
	}
	return value;
}
