/** A small checker for what clients send: shapes as data, the first fault as the service would word it. */
import {
	invalidRequest,
	invalidType,
	invalidValue,
	missingParameter,
	notInSimulator,
	outOfRange,
	tooLong,
	unknownParameter
} from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';

export type JsonObject = Record<string, unknown>;

export interface ObjectShape {
	kind: 'object';
	fields: Record<string, Shape>;
	required: readonly string[];
	/** Fields that are not named are taken too. */
	isOpen?: boolean;
}

export type Shape =
	| ObjectShape
	| { kind: 'string'; maxLength?: number }
	| { kind: 'oneOf'; values: readonly string[] }
	| { kind: 'integer' | 'decimal'; min?: number; max?: number }
	| { kind: 'boolean' }
	| { kind: 'any' }
	| { kind: 'nullable'; of: Shape }
	| { kind: 'list'; of: Shape }
	/** An object whose `by` field says which shape it has. */
	| { kind: 'variant'; by: string; variants: Record<string, Shape> }
	/** The service knows it, this simulator cannot have it: null is all that goes. */
	| { kind: 'absent'; what: string }
	| { kind: 'custom'; check: (value: unknown, path: string) => ApiError | undefined };

export function isJsonObject(value: unknown): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const text: Shape = { kind: 'string' };
export const flag: Shape = { kind: 'boolean' };

export function object(fields: Record<string, Shape>, required: readonly string[] = []): ObjectShape {
	return { kind: 'object', fields, required };
}

export function nullable(of: Shape): Shape {
	return { kind: 'nullable', of };
}

export function list(of: Shape): Shape {
	return { kind: 'list', of };
}

export function oneOf(...values: string[]): Shape {
	return { kind: 'oneOf', values };
}

export function variant(by: string, variants: Record<string, Shape>): Shape {
	return { kind: 'variant', by, variants };
}

export function custom(check: (value: unknown, path: string) => ApiError | undefined): Shape {
	return { kind: 'custom', check };
}

function at(path: string, name: string): string {
	return path === '' ? name : `${path}.${name}`;
}

/** Unknown fields come first, in the order given; then what is missing; then what is wrong inside. */
function checkObject(shape: ObjectShape, value: unknown, path: string): ApiError | undefined {
	if (!isJsonObject(value)) return invalidType(path, 'an object', value);
	for (const name of Object.keys(value)) {
		if (!shape.isOpen && !Object.hasOwn(shape.fields, name)) return unknownParameter(at(path, name));
	}
	for (const name of shape.required) {
		if (value[name] === undefined) return missingParameter(at(path, name));
	}
	for (const [name, fieldValue] of Object.entries(value)) {
		const known = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
		const fault = known && checkShape(known, fieldValue, at(path, name));
		if (fault) return fault;
	}
	return undefined;
}

function checkVariant(by: string, variants: Record<string, Shape>, value: unknown, path: string): ApiError | undefined {
	if (!isJsonObject(value)) return invalidType(path, 'an object', value);
	const name = value[by];
	if (name === undefined) return missingParameter(at(path, by));
	if (typeof name !== 'string') return invalidType(at(path, by), 'a string', name);
	const shape = Object.hasOwn(variants, name) ? variants[name] : undefined;
	if (!shape) return invalidValue(name, Object.keys(variants), at(path, by));
	return checkShape(shape, value, path);
}

function checkNumber(
	shape: { kind: 'integer' | 'decimal'; min?: number; max?: number },
	value: unknown,
	path: string
): ApiError | undefined {
	if (typeof value !== 'number' || (shape.kind === 'integer' && !Number.isInteger(value))) {
		return invalidType(path, shape.kind === 'integer' ? 'an integer' : 'a decimal number', value);
	}
	if (shape.min !== undefined && value < shape.min) return outOfRange(path, shape.kind, value, 'min', shape.min);
	if (shape.max !== undefined && value > shape.max) return outOfRange(path, shape.kind, value, 'max', shape.max);
	return undefined;
}

/** Returns the first fault of `value`, or undefined. `path` is how messages name it, such as `session.audio.input`. */
export function checkShape(shape: Shape, value: unknown, path: string): ApiError | undefined {
	switch (shape.kind) {
		case 'object':
			return checkObject(shape, value, path);
		case 'variant':
			return checkVariant(shape.by, shape.variants, value, path);
		case 'nullable':
			return value === null ? undefined : checkShape(shape.of, value, path);
		case 'list':
			if (!Array.isArray(value)) return invalidType(path, 'an array', value);
			for (const [index, entry] of value.entries()) {
				const fault = checkShape(shape.of, entry, `${path}[${index}]`);
				if (fault) return fault;
			}
			return undefined;
		case 'string':
			if (typeof value !== 'string') return invalidType(path, 'a string', value);
			if (shape.maxLength !== undefined && value.length > shape.maxLength) {
				return tooLong(path, shape.maxLength, value.length);
			}
			return undefined;
		case 'oneOf':
			if (typeof value !== 'string') return invalidType(path, 'a string', value);
			return shape.values.includes(value) ? undefined : invalidValue(value, shape.values, path);
		case 'integer':
		case 'decimal':
			return checkNumber(shape, value, path);
		case 'boolean':
			return typeof value === 'boolean' ? undefined : invalidType(path, 'a boolean', value);
		case 'any':
			return undefined;
		case 'absent':
			return notInSimulator(path, shape.what);
		case 'custom':
			return shape.check(value, path);
	}
}

/** At most 16 keys of 64 characters with string values of 512. Source: openai 7.55 types (Metadata). */
export const metadata: Shape = custom((value, path) => {
	if (!isJsonObject(value)) return invalidType(path, 'an object', value);
	const names = Object.keys(value);
	if (names.length > 16) {
		return invalidRequest(
			'object_above_max_properties',
			`Invalid '${path}': too many properties. Expected an object with at most 16 properties, ` +
				`but got an object with ${names.length} properties instead.`,
			path
		);
	}
	for (const name of names) {
		if (name.length > 64) return tooLong(`${path} key`, 64, name.length);
		const fault = checkShape({ kind: 'string', maxLength: 512 }, value[name], at(path, name));
		if (fault) return fault;
	}
	return undefined;
});
