/**
 * Checks a call's arguments against its function's JSON Schema. A checker of our own, because the well-known one compiles
 * schemas to code, which the page's policy forbids, and because schema and arguments may come from anybody: the work is
 * bounded, and regular expressions (`pattern`) are not run.
 */
import { isObject, listAt, numberAt, objectAt, type JsonObject } from '../base/json.ts';

/** One place where the arguments are not as the schema wants them. */
export interface Mismatch {
	/** Where: `city`, `days[2].from`; `arguments` for the whole. */
	readonly path: string;
	/** What is wrong, to be read after the place: `must be a number, and is "three"`. */
	readonly message: string;
}

export interface ArgumentCheck {
	readonly mismatches: readonly Mismatch[];
	/** Keywords of the schema that were met and that nobody here checks, sorted. */
	readonly unchecked: readonly string[];
}

const MOST_MISMATCHES = 20;
const MOST_STEPS = 20_000;
const DEEPEST = 32;

/** Checked, or without any meaning for what is valid. */
const KNOWN = new Set(
	(
		'type enum const required properties additionalProperties items minItems maxItems minLength maxLength minimum maximum ' +
		'exclusiveMinimum exclusiveMaximum anyOf allOf title description default examples example deprecated $schema $comment ' +
		'strict nullable'
	).split(' ')
);

interface Run {
	readonly mismatches: Mismatch[];
	readonly unchecked: Set<string>;
	steps: number;
}

/**
 * Checks arguments as the model wrote them: JSON text.
 * @param schema the function's `parameters`; `null` when it has none, and any JSON is right
 */
export function checkArguments(schema: JsonObject | null, text: string): ArgumentCheck {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		const message = `are not JSON: ${error instanceof Error ? error.message : String(error)}`;
		return { mismatches: [{ path: 'arguments', message }], unchecked: [] };
	}
	const run: Run = { mismatches: [], unchecked: new Set(), steps: 0 };
	if (schema) check(run, schema, value, '', 0);
	return { mismatches: run.mismatches, unchecked: [...run.unchecked].sort() };
}

function check(run: Run, schema: unknown, value: unknown, path: string, depth: number): void {
	if (run.mismatches.length >= MOST_MISMATCHES) return;
	if (schema === false) return report(run, path, 'is not allowed here');
	if (!isObject(schema)) return;
	if (depth > DEEPEST || ++run.steps > MOST_STEPS) {
		run.unchecked.add(depth > DEEPEST ? 'what is nested deeper' : 'the rest');
		return;
	}
	for (const keyword of Object.keys(schema)) if (!KNOWN.has(keyword)) run.unchecked.add(keyword);
	if (!checkType(run, schema, value, path)) return;
	checkChoice(run, schema, value, path);
	if (typeof value === 'number') checkNumber(run, schema, value, path);
	if (typeof value === 'string') checkLength(run, schema, [...value].length, path, 'Length', 'characters');
	if (Array.isArray(value)) checkList(run, schema, value, path, depth);
	if (isObject(value)) checkMembers(run, schema, value, path, depth);
	checkCombinations(run, schema, value, path, depth);
}

function report(run: Run, path: string, message: string): void {
	if (run.mismatches.length < MOST_MISMATCHES) run.mismatches.push({ path: path || 'arguments', message });
}

function checkType(run: Run, schema: JsonObject, value: unknown, path: string): boolean {
	const wanted = typeof schema['type'] === 'string' ? [schema['type']] : listAt(schema, 'type');
	if (wanted.length === 0 || wanted.some((type) => isOfType(value, type))) return true;
	if (value === null && schema['nullable'] === true) return true;
	report(run, path, `must be ${wanted.map(nameOfType).join(' or ')}, and is ${show(value)}`);
	return false;
}

function isOfType(value: unknown, type: unknown): boolean {
	switch (type) {
		case 'object':
			return isObject(value);
		case 'array':
			return Array.isArray(value);
		case 'null':
			return value === null;
		case 'integer':
			return Number.isInteger(value);
		default:
			return typeof value === type;
	}
}

function nameOfType(type: unknown): string {
	const names: Readonly<Record<string, string>> = { object: 'an object', array: 'a list', integer: 'a whole number' };
	const name = String(type);
	return name === 'null' ? name : Object.hasOwn(names, name) ? names[name]! : `a ${name}`;
}

function checkChoice(run: Run, schema: JsonObject, value: unknown, path: string): void {
	const choices = listAt(schema, 'enum');
	const isChoice = choices.some((choice) => isSame(choice, value));
	if (choices.length > 0 && !isChoice) {
		report(run, path, `must be one of ${cut(choices.map(show).join(', '))}, and is ${show(value)}`);
	}
	if (Object.hasOwn(schema, 'const') && !isSame(schema['const'], value)) {
		report(run, path, `must be ${show(schema['const'])}, and is ${show(value)}`);
	}
}

/** Equal as JSON; objects with their members in the same order, which is how choices are written. */
function isSame(a: unknown, b: unknown): boolean {
	return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

function checkNumber(run: Run, schema: JsonObject, value: number, path: string): void {
	const bounds: readonly [keyword: string, isRight: (bound: number) => boolean, words: string][] = [
		['minimum', (bound) => value >= bound, 'at least'],
		['maximum', (bound) => value <= bound, 'at most'],
		['exclusiveMinimum', (bound) => value > bound, 'more than'],
		['exclusiveMaximum', (bound) => value < bound, 'less than']
	];
	for (const [keyword, isRight, words] of bounds) {
		const bound = numberAt(schema, keyword);
		if (bound !== undefined && !isRight(bound)) report(run, path, `must be ${words} ${bound}, and is ${value}`);
	}
}

function checkLength(
	run: Run,
	schema: JsonObject,
	length: number,
	path: string,
	of: 'Length' | 'Items',
	what: string
): void {
	const least = numberAt(schema, `min${of}`);
	const most = numberAt(schema, `max${of}`);
	if (least !== undefined && length < least)
		report(run, path, `must have at least ${least} ${what}, and has ${length}`);
	if (most !== undefined && length > most) report(run, path, `must have at most ${most} ${what}, and has ${length}`);
}

function checkList(run: Run, schema: JsonObject, list: readonly unknown[], path: string, depth: number): void {
	checkLength(run, schema, list.length, path, 'Items', 'entries');
	if (!Object.hasOwn(schema, 'items')) return;
	for (const [index, entry] of list.entries()) {
		if (run.steps > MOST_STEPS || run.mismatches.length >= MOST_MISMATCHES) return;
		check(run, schema['items'], entry, `${path}[${index}]`, depth + 1);
	}
}

function checkMembers(run: Run, schema: JsonObject, object: JsonObject, path: string, depth: number): void {
	const inner = (name: string) => (path ? `${path}.${name}` : name);
	const properties = objectAt(schema, 'properties') ?? {};
	for (const name of listAt(schema, 'required')) {
		if (typeof name === 'string' && !Object.hasOwn(object, name)) report(run, inner(name), 'is missing');
	}
	for (const name of Object.keys(object)) {
		if (run.steps > MOST_STEPS || run.mismatches.length >= MOST_MISMATCHES) return;
		if (Object.hasOwn(properties, name)) check(run, properties[name], object[name], inner(name), depth + 1);
		else if (schema['additionalProperties'] === false) report(run, inner(name), 'is not in the schema');
		else check(run, schema['additionalProperties'], object[name], inner(name), depth + 1);
	}
}

function checkCombinations(run: Run, schema: JsonObject, value: unknown, path: string, depth: number): void {
	for (const part of listAt(schema, 'allOf')) check(run, part, value, path, depth + 1);
	const options = listAt(schema, 'anyOf');
	if (options.length === 0) return;
	const fits = options.some((option) => {
		const attempt: Run = { mismatches: [], unchecked: run.unchecked, steps: run.steps };
		check(attempt, option, value, path, depth + 1);
		run.steps = attempt.steps;
		return attempt.mismatches.length === 0;
	});
	if (!fits) report(run, path, `fits none of the ${options.length} forms of anyOf, and is ${show(value)}`);
}

function show(value: unknown): string {
	return cut(JSON.stringify(value) ?? 'nothing');
}

function cut(text: string): string {
	return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
