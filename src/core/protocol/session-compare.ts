import { isObject, type JsonObject } from '../base/json.ts';

/** The way to a value inside JSON: keys of objects and indexes of lists. */
export type JsonKeys = readonly (string | number)[];

/** A place where two JSON values differ; `undefined` stands for a value that is not there. */
export interface JsonDifference {
	readonly keys: JsonKeys;
	readonly before: unknown;
	readonly after: unknown;
}

/** So deep it is looked for the place; what lies deeper is compared as a whole. No session is nested like that. */
const MOST_DEPTH = 24;
/** More differences than that nobody reads, and a hostile session may have as many as it likes. */
const MOST_DIFFERENCES = 500;

/**
 * Where two JSON values differ, the deepest place of each: in the order of `before`, then what only `after` has. The order
 * of an object's keys makes no difference. Lists of objects of the same length are compared one by one, others as wholes.
 * Ends after 500 differences.
 */
export function deriveJsonDifferences(before: unknown, after: unknown): readonly JsonDifference[] {
	const found: JsonDifference[] = [];
	compare(found, [], before, after);
	return found;
}

function compare(found: JsonDifference[], keys: JsonKeys, before: unknown, after: unknown): void {
	if (found.length >= MOST_DIFFERENCES || Object.is(before, after)) return;
	const isDeep = keys.length >= MOST_DEPTH;
	if (!isDeep && isObject(before) && isObject(after)) {
		for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
			compare(found, [...keys, key], ownValue(before, key), ownValue(after, key));
		}
	} else if (!isDeep && isListOfObjects(before) && isListOfObjects(after) && before.length === after.length) {
		before.forEach((value, index) => compare(found, [...keys, index], value, after[index]));
	} else if (!isSameJson(before, after)) found.push({ keys, before, after });
}

function ownValue(object: JsonObject, key: string): unknown {
	return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isListOfObjects(value: unknown): value is readonly JsonObject[] {
	return Array.isArray(value) && value.every(isObject);
}

/** Whether two JSON values say the same, however deep they are nested. */
export function isSameJson(one: unknown, other: unknown): boolean {
	const pairs: [unknown, unknown][] = [[one, other]];
	for (let pair = pairs.pop(); pair; pair = pairs.pop()) {
		const [a, b] = pair;
		if (Object.is(a, b) || a === b) continue;
		if (Array.isArray(a) && Array.isArray(b)) {
			if (a.length !== b.length) return false;
			a.forEach((value, index) => pairs.push([value, b[index]]));
		} else if (isObject(a) && isObject(b)) {
			const keys = Object.keys(a);
			if (keys.length !== Object.keys(b).length) return false;
			for (const key of keys) {
				if (!Object.hasOwn(b, key)) return false;
				pairs.push([a[key], b[key]]);
			}
		} else return false;
	}
	return true;
}

/** The way to a value in the spelling of the API's `error.param`: `audio.output.voice`, `tools[0].name`. */
export function formatKeys(keys: JsonKeys): string {
	return keys.reduce<string>((path, key) => {
		if (typeof key === 'number') return `${path}[${key}]`;
		if (!/^[\w-]+$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
		return path === '' ? key : `${path}.${key}`;
	}, '');
}
