import { LONGEST_WAIT_MS, USUAL_TIMEOUT_MS } from '#core/protocol/event-script.ts';

const ORDINARY_NUMBERS: ReadonlySet<unknown> = new Set(['number', 'integer']);

/** A schema in which a variable may stand where a number is expected. */
export function withVariables(schema: object): object {
	const copied = Object.fromEntries(
		Object.entries(schema).map(([key, value]: [string, unknown]) => [key, withVariablesInside(value)])
	);
	const type = copied['type'];
	if (!ORDINARY_NUMBERS.has(type)) return copied;
	return {
		...copied,
		type: [type, 'string'],
		pattern: '^\\{\\{[a-z_.]+\\}\\}$',
		patternErrorMessage: 'A number is expected here, or a variable such as "{{last.played_ms}}".'
	};
}

function withVariablesInside(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withVariablesInside);
	return typeof value === 'object' && value !== null ? withVariables(value) : value;
}

/** The JSON Schema of a script, for the editor. `eventSchemaUri` names the schema of a client event. */
export function scriptSchema(eventSchemaUri: string): object {
	return {
		type: 'array',
		description: 'A script: client events and waits, in the order in which they happen.',
		items: {
			if: { type: 'object', anyOf: [{ required: ['wait_ms'] }, { required: ['wait_for'] }] },
			then: {
				anyOf: [
					{
						type: 'object',
						required: ['wait_ms'],
						additionalProperties: false,
						properties: {
							wait_ms: {
								type: 'number',
								minimum: 0,
								maximum: LONGEST_WAIT_MS,
								description: 'How long to wait before the next step, in ms.'
							}
						}
					},
					{
						type: 'object',
						required: ['wait_for'],
						additionalProperties: false,
						properties: {
							wait_for: {
								type: 'string',
								minLength: 1,
								description:
									'Goes on when the server has sent an event of this type: since the last event that the script sent or waited for.'
							},
							timeout_ms: {
								type: 'number',
								exclusiveMinimum: 0,
								maximum: LONGEST_WAIT_MS,
								default: USUAL_TIMEOUT_MS,
								description: `How long it may take, in ms; ${USUAL_TIMEOUT_MS} when it is left out. Later, the script fails.`
							}
						}
					}
				]
			},
			else: { $ref: eventSchemaUri }
		}
	};
}
