/** The shape of a scenario: checked against the committed JSON Schema, faults told in sentences for people. */
import { Ajv } from 'ajv';
import type { ErrorObject } from 'ajv';
import schema from './scenario.schema.json' with { type: 'json' };

/** One thing that is wrong. */
export interface ScenarioFault {
	/** The place, as `rules[2].do[0].call.tool`; empty for the whole file. */
	where: string;
	/** What is wrong and what to do. */
	what: string;
}

type SchemaNode = Record<string, unknown>;

// `verbose` gives each error the part of the schema that found it, and with it the sentence that stands there.
const ajv = new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true, strictRequired: false });
ajv.addVocabulary(['errorMessage', 'patternErrorMessage']);
const validate = ajv.compile(schema);

/** A path with one more step: names after dots, numbers and unusual names in brackets. */
export function joinPath(path: string, name: string | number): string {
	if (typeof name === 'number') return `${path}[${name}]`;
	if (!/^[$\p{L}_][\p{L}\p{N}_-]*$/u.test(name)) return `${path}[${JSON.stringify(name)}]`;
	return path === '' ? name : `${path}.${name}`;
}

/** Turns a JSON pointer into a path; the value tells list indexes from names. */
function readPointer(pointer: string, root: unknown): string {
	let path = '';
	let value = root;
	for (const part of pointer.split('/').slice(1)) {
		const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
		path = joinPath(path, Array.isArray(value) ? Number(name) : name);
		value = (value as SchemaNode | undefined)?.[name];
	}
	return path;
}

const typeNames: Record<string, string> = {
	string: 'a text',
	number: 'a number',
	integer: 'a whole number',
	boolean: 'true or false',
	object: 'an object',
	array: 'a list',
	null: 'null'
};

function listNames(names: readonly string[]): string {
	const quoted = names.map((name) => `"${name}"`);
	return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`;
}

function describeError({ keyword, params, message }: ErrorObject): string {
	const limit = String(params['limit']);
	switch (keyword) {
		case 'type':
			return `must be ${[params['type']]
				.flat()
				.map((type) => typeNames[String(type)])
				.join(' or ')}`;
		case 'minLength':
			return 'must be a text that is not empty';
		case 'minItems':
		case 'minProperties':
			return 'must not be empty';
		case 'minimum':
			return `must be ${limit} or more`;
		case 'maximum':
			return `must be ${limit} or less`;
		default:
			return message ?? 'is not right';
	}
}

function readError(error: ErrorObject, root: unknown): ScenarioFault {
	const node = (error.parentSchema ?? {}) as SchemaNode;
	const path = readPointer(error.instancePath, root);
	if (error.keyword === 'additionalProperties') {
		const known = Object.keys((node['properties'] ?? {}) as SchemaNode);
		const where = joinPath(path, String(error.params['additionalProperty']));
		return { where, what: `is unknown; there can be ${listNames(known)}` };
	}
	if (error.keyword === 'required') {
		const missing = String(error.params['missingProperty']);
		const part = ((node['properties'] as SchemaNode | undefined)?.[missing] ?? {}) as SchemaNode;
		const what =
			part['errorMessage'] ?? (part['description'] ? `is missing. ${String(part['description'])}` : 'is missing');
		return { where: joinPath(path, missing), what: String(what) };
	}
	const where = error.propertyName === undefined ? path : joinPath(path, error.propertyName);
	const own =
		error.keyword === 'pattern' ? (node['patternErrorMessage'] ?? node['errorMessage']) : node['errorMessage'];
	return { where, what: own === undefined ? describeError(error) : String(own) };
}

/** Errors that only explain another one: the branches of a choice, and names that another error already names. */
function isDetail(error: ErrorObject, all: readonly ErrorObject[]): boolean {
	if (error.keyword === 'propertyNames') return true;
	return all.some(
		(other) =>
			other !== error &&
			['oneOf', 'anyOf', 'not'].includes(other.keyword) &&
			error.instancePath === other.instancePath &&
			error.schemaPath.startsWith(`${other.schemaPath}/`)
	);
}

/**
 * Every fault of shape, each place once. Unknown names come first: where something is misspelt, it is missing as well.
 * None means that the value has the shape of a scenario.
 */
export function findShapeFaults(value: unknown): ScenarioFault[] {
	if (validate(value)) return [];
	const errors = validate.errors ?? [];
	const isUnknown = ({ keyword }: ErrorObject): boolean => keyword === 'additionalProperties';
	const told = errors.filter((error) => !isDetail(error, errors));
	told.sort((a, b) => Number(isUnknown(b)) - Number(isUnknown(a)));
	const faults = told.map((error) => readError(error, value));
	return faults.filter(({ where }, index) => faults.findIndex((other) => other.where === where) === index);
}
