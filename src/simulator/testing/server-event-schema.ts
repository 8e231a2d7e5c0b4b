/**
 * For tests: is this what the service would send? Answered by the JSON Schema that is made of the types of the `openai`
 * package, corrected by what was recorded, and by a few rules that a schema cannot say.
 */
import { Ajv } from 'ajv';
import type { ErrorObject, ValidateFunction } from 'ajv';
import { gaType } from '#core/protocol/catalog.ts';
import serverEventSchema from '#core/protocol/schemas/server-event.schema.json' with { type: 'json' };
import { isJsonObject } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

/** Types that the package has and the GA service never sends, with the reason. */
export const NEVER_SENT: Readonly<Record<string, string>> = {
	'conversation.created': 'the types have it, but no recorded GA session does',
	'conversation.item.created': 'it is the name that the retired beta gave to conversation.item.added'
};

const definitions = serverEventSchema.definitions as unknown as Record<string, JsonObject>;

/** Where the definition of each event type is. */
const definitionOfType = new Map(
	(definitions['ServerEvent']?.['allOf'] as { if: JsonObject; then: { $ref: string } }[]).map((choice) => {
		const { type } = choice.if['properties'] as { type: { const: string } };
		return [type.const, choice.then.$ref];
	})
);

/** The types of server events that the package has. */
export const SERVER_EVENT_TYPES: readonly string[] = [...definitionOfType.keys()];

// The schema is our own and tested: without checking and optimising it, it is compiled in half the time.
const ajv = new Ajv({
	allErrors: true,
	verbose: true,
	strictRequired: false,
	strictTypes: false,
	meta: false,
	validateSchema: false,
	code: { optimize: false }
});
ajv.addSchema(serverEventSchema, 'server-event');

/** The first call compiles the schema, in about 0.1 s; checking an event then takes microseconds. */
function validatorOf(type: string): ValidateFunction | undefined {
	const reference = definitionOfType.get(type);
	return reference === undefined ? undefined : ajv.getSchema(`server-event${reference}`);
}

/**
 * What is wrong with a server event, one sentence for each fault, which begins with the event's type:
 * `response.done: response.usage has the unknown field 'token_total'`. Empty when the service could have sent it.
 */
export function checkServerEvent(event: unknown): string[] {
	if (!isJsonObject(event)) return [`An event is an object, and this is ${show(event)}.`];
	const { type } = event;
	if (typeof type !== 'string') return [`An event has a type that is a string, and this has ${show(type)}.`];
	const reason = Object.hasOwn(NEVER_SENT, type) ? NEVER_SENT[type] : undefined;
	if (reason !== undefined) return [`${type}: the service does not send it: ${reason}.`];
	const validate = validatorOf(type);
	if (!validate) return [`${type}: no server event of the API has this type${hintFor(type)}.`];
	const faults = validate(event) ? [] : describeErrors(validate.errors ?? []);
	return [...faults, ...checkIds(event), ...checkObfuscation(event)].map((fault) => `${type}: ${fault}`);
}

function hintFor(type: string): string {
	return gaType(type) === type ? '' : `; the retired beta had it, and now it is ${gaType(type)}`;
}

/** Source: recorded GA sessions; events of the output buffer have sixteen hexadecimal digits. */
function checkIds(event: JsonObject): string[] {
	const id = event['event_id'];
	if (typeof id !== 'string' || /^event_([0-9A-Za-z]{21}|[0-9a-f]{16})$/.test(id)) return [];
	return [`event_id is ${show(id)}, not event_ and 21 letters and digits`];
}

/** Source: 420 recorded deltas: together 16 characters. None of them was longer than 15. */
function checkObfuscation({ delta, obfuscation }: JsonObject): string[] {
	if (typeof delta !== 'string' || typeof obfuscation !== 'string') return [];
	const expected = Math.max(0, 16 - delta.length);
	if (obfuscation.length === expected) return [];
	return [`obfuscation has ${obfuscation.length} characters beside a delta of ${delta.length}, not ${expected}`];
}

function describeErrors(errors: ErrorObject[]): string[] {
	// Of a union only what is wrong with its branches says anything, and that a value is not null says nothing.
	const telling = errors.filter(
		({ keyword, params }) => !['if', 'anyOf'].includes(keyword) && !(keyword === 'type' && params['type'] === 'null')
	);
	return [...new Set((telling.length > 0 ? telling : errors).map(describeError))];
}

function describeError({ instancePath, keyword, params, message, data }: ErrorObject): string {
	const path = instancePath
		.slice(1)
		.replaceAll(/\/(\d+)/g, '[$1]')
		.replaceAll('/', '.');
	const subject = path === '' ? 'the event' : path;
	switch (keyword) {
		case 'additionalProperties':
			return `${subject} has the unknown field '${params['additionalProperty']}'`;
		case 'required':
			return `${subject} lacks the field '${params['missingProperty']}'`;
		case 'enum':
			return `${subject} is ${show(data)}, not one of ${(params['allowedValues'] as unknown[]).map(show).join(', ')}`;
		case 'const':
			return `${subject} is ${show(data)}, not ${show(params['allowedValue'])}`;
		case 'type':
			return `${subject} is ${show(data)}, not of type ${String(params['type'])}`;
		default:
			return `${subject} is ${show(data)}: it ${message ?? `breaks '${keyword}'`}`;
	}
}

function show(value: unknown): string {
	const text = JSON.stringify(value) ?? 'undefined';
	return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
