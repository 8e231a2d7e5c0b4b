// What the types of the `openai` package cannot say, or say wrongly, corrected in the schemas made of them.

/** A JSON Schema, as far as the corrections need to know it. */
export interface Schema {
	$ref?: string;
	type?: string | string[];
	const?: unknown;
	enum?: unknown[];
	description?: string;
	properties?: Record<string, Schema>;
	required?: string[];
	items?: Schema;
	anyOf?: Schema[];
	allOf?: Schema[];
	if?: Schema;
	then?: Schema;
	[keyword: string]: unknown;
}

export type Definitions = Record<string, Schema>;

/** Corrects the definitions in place. A definition or field that the package no longer has stops the generation. */
export function correctDefinitions(definitions: Definitions): void {
	for (const [name, fields] of Object.entries(NULLABLE)) {
		for (const field of fields) edit(definitions, name, field, nullable);
	}
	for (const [name, fields] of Object.entries(BOUNDS)) {
		for (const [field, bounds] of Object.entries(fields)) {
			edit(definitions, name, field, (schema) => bound(schema, bounds));
		}
	}
	if (definitions['RealtimeFunctionTool']) requireFunctionFields(definitions['RealtimeFunctionTool']);
	if (definitions['RealtimeResponseCreateParams']) allowReferences(definitions['RealtimeResponseCreateParams']);
	discriminateAll(definitions);
}

/**
 * Fields typed without `null` to which the API's own documentation or its recorded sessions give `null`: turning noise
 * reduction and transcription off is documented; `include`, `language`, `prompt` and a tool's `description` are `null` in
 * what the service sends back, and `previous_item_id` in what clients send.
 */
const NULLABLE: Record<string, string[]> = {
	RealtimeAudioConfigInput: ['noise_reduction', 'transcription'],
	RealtimeTranscriptionSessionAudioInput: ['noise_reduction', 'transcription'],
	RealtimeSessionCreateRequest: ['include'],
	RealtimeTranscriptionSessionCreateRequest: ['include'],
	AudioTranscription: ['language', 'prompt'],
	RealtimeFunctionTool: ['description'],
	ConversationItemCreateEvent: ['previous_item_id']
};

const COUNT = { type: 'integer', minimum: 0 };
const SERVER_VAD = {
	threshold: { minimum: 0, maximum: 1 },
	prefix_padding_ms: COUNT,
	silence_duration_ms: COUNT,
	idle_timeout_ms: { type: 'integer', minimum: 5000, maximum: 30_000 }
};
const MODALITIES = { minItems: 1, maxItems: 1 };
const MAX_TOKENS = { type: 'integer', minimum: 1, maximum: 4096 };

/** Bounds that the API enforces, or documents in prose only. */
const BOUNDS: Record<string, Record<string, Schema>> = {
	RealtimeAudioConfigOutput: { speed: { minimum: 0.25, maximum: 1.5 } },
	'RealtimeAudioInputTurnDetection.ServerVad': SERVER_VAD,
	'RealtimeTranscriptionSessionAudioInputTurnDetection.ServerVad': SERVER_VAD,
	RealtimeSessionCreateRequest: { max_output_tokens: MAX_TOKENS, output_modalities: MODALITIES },
	RealtimeResponseCreateParams: {
		max_output_tokens: MAX_TOKENS,
		output_modalities: MODALITIES,
		metadata: { maxProperties: 16 }
	},
	RealtimeTruncationRetentionRatio: { retention_ratio: { minimum: 0, maximum: 1 } },
	'RealtimeTruncationRetentionRatio.TokenLimits': { post_instructions: COUNT },
	ConversationItemTruncateEvent: { audio_end_ms: COUNT, content_index: COUNT }
};

/** Every field of a function tool is optional in the types; the API wants these three, and says so only in its errors. */
function requireFunctionFields(tool: Schema): void {
	tool.required = ['type', 'name', 'parameters'];
	tool.properties!['name']!['pattern'] = '^[a-zA-Z0-9_-]{1,64}$';
	// Monaco knows the meta schema without a network, and completes what is written inside `parameters` by it.
	Object.assign(tool.properties!['parameters']!, { $ref: 'http://json-schema.org/draft-07/schema#' });
}

function allowReferences(params: Schema): void {
	const items = params.properties!['input']!;
	items.items = { anyOf: [items.items!, { $ref: '#/definitions/ItemReference' }] };
}

/**
 * Writes unions of objects as a choice by their constant fields: a wrong `type` then says which ones there are, and the
 * rest is checked against the one that was meant. `byDefault` is checked, and completed, while there is no `type` yet.
 */
function discriminateAll(definitions: Definitions): void {
	const update = definitions['SessionUpdateEvent'];
	if (update && definitions['RealtimeSessionCreateRequest']) {
		definitions['Session'] = { anyOf: update.properties!['session']!.anyOf! };
		const { description } = update.properties!['session']!;
		update.properties!['session'] = { $ref: '#/definitions/Session', ...(description && { description }) };
	}
	const params = definitions['RealtimeResponseCreateParams'];
	if (params) {
		definitions['RealtimeResponseTool'] = params.properties!['tools']!.items!;
		definitions['RealtimeResponseInputItem'] = {
			anyOf: [...flatten(params.properties!['input']!.items!, definitions)]
		};
		params.properties!['tools']!.items = { $ref: '#/definitions/RealtimeResponseTool' };
		params.properties!['input']!.items = { $ref: '#/definitions/RealtimeResponseInputItem' };
	}
	for (const [name, byDefault] of Object.entries(CHOICES)) {
		const definition = definitions[name];
		if (definition) definitions[name] = discriminate(definition, definitions, byDefault);
	}
}

const CHOICES: Record<string, string | null> = {
	Session: 'RealtimeSessionCreateRequest',
	ClientEvent: null,
	RealtimeClientEvent: null,
	ConversationItem: null,
	RealtimeResponseInputItem: null,
	RealtimeAudioFormats: 'RealtimeAudioFormats.AudioPCM',
	RealtimeAudioInputTurnDetection: 'RealtimeAudioInputTurnDetection.ServerVad',
	RealtimeTranscriptionSessionAudioInputTurnDetection: 'RealtimeTranscriptionSessionAudioInputTurnDetection.ServerVad',
	RealtimeToolsConfigUnion: 'RealtimeFunctionTool',
	RealtimeResponseTool: 'RealtimeFunctionTool'
};

/** A union of objects as a choice by `type`, and by `role` where a type has several. Null for `byDefault`: `type` must be there. */
export function discriminate(union: Schema, definitions: Definitions, byDefault: string | null): Schema {
	if (!union.anyOf) return union;
	const branches = flatten(union, definitions).map((ref) => ({ ref, schema: resolve(ref, definitions) }));
	const types = [...new Set(branches.map(({ schema }) => constantOf(schema, 'type')))];
	const choice: Schema = {
		type: 'object',
		...(union.description && { description: union.description }),
		properties: { type: { enum: types } },
		...(byDefault === null && { required: ['type'] }),
		allOf: []
	};
	for (const type of types) {
		const ofType = branches.filter(({ schema }) => constantOf(schema, 'type') === type);
		if (ofType.length === 1) {
			const { ref } = ofType[0]!;
			choice.allOf!.push(when({ type }, { $ref: ref.$ref! }, ref.$ref === `#/definitions/${byDefault}`));
			continue;
		}
		const roles = ofType.map(({ schema }) => constantOf(schema, 'role'));
		choice.allOf!.push(when({ type }, { required: ['role'], properties: { role: { enum: roles } } }));
		ofType.forEach(({ ref }, index) => choice.allOf!.push(when({ type, role: roles[index] }, { $ref: ref.$ref! })));
	}
	return choice;
}

function when(constants: Record<string, unknown>, then: Schema, alsoWhenAbsent = false): Schema {
	const properties = Object.fromEntries(Object.entries(constants).map(([key, value]) => [key, { const: value }]));
	return { if: { properties, ...(!alsoWhenAbsent && { required: Object.keys(constants) }) }, then };
}

/** The references of a union, those of unions inside it and behind other names too. */
function flatten(union: Schema, definitions: Definitions): Schema[] {
	return (union.anyOf ?? [union]).flatMap((branch) => {
		const target = resolve(branch, definitions);
		return target.anyOf || target.$ref ? flatten(target, definitions) : [branch];
	});
}

function resolve(ref: Schema, definitions: Definitions): Schema {
	return present(definitions[present(ref.$ref, 'a reference').replace('#/definitions/', '')], ref.$ref!);
}

function constantOf(schema: Schema, key: string): unknown {
	return present(schema.properties?.[key]?.const, `the constant ${key} of ${JSON.stringify(schema).slice(0, 200)}`);
}

/** Replaces the schema of one field. Does nothing when there is no such definition, throws when it lacks the field. */
export function edit(definitions: Definitions, name: string, field: string, change: (schema: Schema) => Schema): void {
	const definition = definitions[name];
	if (!definition) return;
	const properties = present(definition.properties, `the properties of ${name}`);
	properties[field] = change(present(properties[field], `${name}.${field}`));
}

export function nullable(schema: Schema): Schema {
	if (JSON.stringify(schema).includes('"null"')) return schema;
	const { description, ...rest } = schema;
	return { anyOf: [rest, { type: 'null' }], ...(description && { description }) };
}

/** Adds bounds to a schema, or to the one number of a union: `number | 'inf'`, `number | null`. */
function bound(schema: Schema, bounds: Schema): Schema {
	if (schema.anyOf) {
		const anyOf = schema.anyOf.map((s) =>
			s.type === 'number' || s.$ref?.endsWith('/Metadata') ? bound(s, bounds) : s
		);
		return { ...schema, anyOf };
	}
	if (Array.isArray(schema.type) && bounds.type) {
		return {
			...schema,
			...bounds,
			type: schema.type.map((type) => (type === 'number' ? (bounds.type as string) : type))
		};
	}
	return schema.$ref ? { allOf: [schema, bounds] } : { ...schema, ...bounds };
}

/**
 * The documentation as Markdown beside each `description`, for Monaco; and `@deprecated` texts as editors want them.
 */
export function describeInMarkdown(schema: unknown): void {
	if (Array.isArray(schema)) return schema.forEach(describeInMarkdown);
	if (typeof schema !== 'object' || schema === null) return;
	const node = schema as Schema;
	for (const child of Object.values(node)) describeInMarkdown(child);
	if (typeof node['deprecated'] === 'string') {
		node.description ??= node['deprecated'];
		node['deprecated'] = true;
		node['deprecationMessage'] = 'The API’s types mark this field as deprecated.';
	}
	if (typeof node.description === 'string') node['markdownDescription'] = node.description;
}

/** @throws when it is undefined: an update of the package took away what a correction needs. */
export function present<T>(value: T | undefined, what: string): T {
	if (value === undefined) throw new Error(`The types of the openai package have changed: ${what} is missing.`);
	return value;
}
