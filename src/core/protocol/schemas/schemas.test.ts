import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { generateSchemas, REGENERATE, SCHEMA_FOLDER } from '../../../../tests/schemas/generate-schemas.ts';
import { CLIENT_EVENT_TYPES, findEventDefinition } from '../catalog.ts';

const FILES = [
	'session.schema.json',
	'client-event.schema.json',
	'tools.schema.json',
	'server-event.schema.json'
] as const;
const committed = (file: string) => readFileSync(path.join(SCHEMA_FOLDER, file), 'utf8');

test('the committed schemas are those of the installed openai package', { timeout: 60_000 }, async () => {
	for (const [file, text] of await generateSchemas()) {
		const same = text === committed(file);
		expect(same, `${file} differs from what the openai package says now. Run: ${REGENERATE}`).toBe(true);
	}
});

test('every documented field is documented in Markdown too, and nothing refers into the void', () => {
	for (const file of FILES) {
		const schema = JSON.parse(committed(file)) as { definitions: object };
		visit(schema, (node) => {
			if (typeof node['description'] === 'string') expect(node['markdownDescription']).toBe(node['description']);
			const ref = node['$ref'];
			if (typeof ref === 'string' && ref.startsWith('#/definitions/')) {
				expect(Object.hasOwn(schema.definitions, ref.slice('#/definitions/'.length)), ref).toBe(true);
			}
		});
	}
});

function visit(value: unknown, look: (node: Record<string, unknown>) => void): void {
	if (typeof value !== 'object' || value === null) return;
	if (!Array.isArray(value)) look(value as Record<string, unknown>);
	for (const child of Object.values(value)) visit(child, look);
}

/** What is wrong with a value: each error's path and keyword. */
function problems(file: (typeof FILES)[number]): (value: unknown) => string[] {
	const ajv = new Ajv({ allErrors: true, strict: false });
	const validate = ajv.compile(JSON.parse(committed(file)) as object);
	return (value) => {
		void validate(value);
		const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'if' && keyword !== 'anyOf');
		return errors.map(({ instancePath, keyword }) => `${instancePath} ${keyword}`.trim());
	};
}

const input = (fields: object) => ({ type: 'realtime', audio: { input: fields } });
const output = (fields: object) => ({ type: 'realtime', audio: { output: fields } });
const vad = (fields: object) => input({ turn_detection: { type: 'server_vad', ...fields } });
const tool = { type: 'function', name: 'get_weather', parameters: { type: 'object', properties: {} } };
const mcp = { type: 'mcp', server_label: 'docs', server_url: 'https://example.com/mcp' };

describe('a session', () => {
	const check = problems('session.schema.json');

	const good: [string, unknown][] = [
		['as short as it may be', { type: 'realtime' }],
		['that turns things off', input({ noise_reduction: null, transcription: null, turn_detection: null })],
		['with a voice', output({ voice: 'marin', speed: 1.5 })],
		['with a voice of one’s own', output({ voice: { id: 'voice_1' } })],
		['with a voice that nobody knows yet', output({ voice: 'nova' })],
		['with a model that nobody knows yet', { type: 'realtime', model: 'gpt-realtime-9' }],
		[
			'with server VAD',
			vad({ threshold: 0.5, silence_duration_ms: 500, prefix_padding_ms: 300, idle_timeout_ms: 6000 })
		],
		['without an idle timeout', vad({ idle_timeout_ms: null })],
		['with semantic VAD', input({ turn_detection: { type: 'semantic_vad', eagerness: 'low' } })],
		['with telephone audio', input({ format: { type: 'audio/pcmu' } })],
		['with tools', { type: 'realtime', tools: [tool, mcp], tool_choice: { type: 'function', name: 'get_weather' } }],
		['with limits', { type: 'realtime', max_output_tokens: 4096, truncation: 'disabled', tracing: null }],
		[
			'without limits',
			{ type: 'realtime', max_output_tokens: 'inf', truncation: { type: 'retention_ratio', retention_ratio: 0.8 } }
		],
		['as the service writes it', input({ transcription: { model: 'whisper-1', language: null, prompt: null } })],
		[
			'for transcription',
			{ type: 'transcription', audio: { input: { turn_detection: null, noise_reduction: null } }, include: null }
		]
	];
	test.each(good)('%s is good', (_name, value) => expect(check(value)).toEqual([]));

	const bad: [string, unknown, string][] = [
		['without a type', {}, 'required'],
		['of an unknown type', { type: 'translation' }, '/type enum'],
		['with an unknown field', { type: 'realtime', temperature: 0.8 }, 'additionalProperties'],
		['with a field of the other type', { type: 'transcription', instructions: '' }, 'additionalProperties'],
		['with a beta field', { type: 'realtime', modalities: ['text'] }, 'additionalProperties'],
		['too fast', output({ speed: 1.6 }), '/audio/output/speed maximum'],
		['too slow', output({ speed: 0.2 }), '/audio/output/speed minimum'],
		['with a threshold above 1', vad({ threshold: 2 }), '/audio/input/turn_detection/threshold maximum'],
		[
			'with an idle timeout too short',
			vad({ idle_timeout_ms: 500 }),
			'/audio/input/turn_detection/idle_timeout_ms minimum'
		],
		[
			'with an idle timeout too long',
			vad({ idle_timeout_ms: 60_000 }),
			'/audio/input/turn_detection/idle_timeout_ms maximum'
		],
		['with a field of semantic VAD', vad({ eagerness: 'low' }), '/audio/input/turn_detection additionalProperties'],
		[
			'with no such turn detection',
			input({ turn_detection: { type: 'vad' } }),
			'/audio/input/turn_detection/type enum'
		],
		['at 16 kHz', input({ format: { type: 'audio/pcm', rate: 16000 } }), '/audio/input/format/rate const'],
		['with half a token', { type: 'realtime', max_output_tokens: 0.5 }, '/max_output_tokens minimum'],
		['with too many tokens', { type: 'realtime', max_output_tokens: 5000 }, '/max_output_tokens maximum'],
		['with both modalities', { type: 'realtime', output_modalities: ['text', 'audio'] }, '/output_modalities maxItems'],
		[
			'with a ratio above 1',
			{ type: 'realtime', truncation: { type: 'retention_ratio', retention_ratio: 2 } },
			'/truncation/retention_ratio maximum'
		]
	];
	test.each(bad)('%s is not', (_name, value, problem) => expect(check(value)).toContain(problem));
});

describe('tools', () => {
	const check = problems('tools.schema.json');
	test('that are good', () => expect(check([tool, mcp, { ...tool, description: null }])).toEqual([]));

	const bad: [string, unknown, string][] = [
		['without a name', { type: 'function', parameters: {} }, '/0 required'],
		['without parameters', { type: 'function', name: 'a' }, '/0 required'],
		['without a type', { name: 'a', parameters: {} }, '/0 required'],
		['with a name of two words', { ...tool, name: 'get weather' }, '/0/name pattern'],
		['with parameters that are no JSON Schema', { ...tool, parameters: { type: 'objekt' } }, '/0/parameters/type enum'],
		[
			'with a deep mistake in its parameters',
			{ ...tool, parameters: { properties: { a: { minimum: 'x' } } } },
			'/0/parameters/properties/a/minimum type'
		],
		['of an unknown type', { type: 'web_search' }, '/0/type enum'],
		['of an MCP server without a label', { type: 'mcp', server_url: 'https://example.com' }, '/0 required']
	];
	test.each(bad)('%s are not', (_name, value, problem) => expect(check([value])).toContain(problem));
});

describe('a client event', () => {
	const check = problems('client-event.schema.json');
	const text = (role: string, type: string) => ({ type: 'message', role, content: [{ type, text: 'Hello' }] });
	const create = (item: object, fields: object = {}) => ({ type: 'conversation.item.create', item, ...fields });

	const good: [string, unknown][] = [
		['that updates the session', { type: 'session.update', session: { type: 'realtime', tools: [tool] } }],
		['that updates a transcription', { type: 'session.update', session: { type: 'transcription' } }],
		['that appends', { type: 'input_audio_buffer.append', audio: 'AAAA', event_id: 'e1' }],
		['that types as the caller', create(text('user', 'input_text'), { previous_item_id: null })],
		['that seeds the model', create(text('assistant', 'output_text'))],
		['that answers a call', create({ type: 'function_call_output', call_id: 'c', output: '{}' })],
		['that asks for a response', { type: 'response.create' }],
		[
			'that asks beside the conversation',
			{
				type: 'response.create',
				response: {
					conversation: 'none',
					metadata: { a: 'b' },
					input: [{ type: 'item_reference', id: 'i' }, text('user', 'input_text')],
					tools: [tool]
				}
			}
		],
		['that truncates', { type: 'conversation.item.truncate', item_id: 'i', content_index: 0, audio_end_ms: 1200 }]
	];
	test.each(good)('%s is good', (_name, value) => expect(check(value)).toEqual([]));

	const bad: [string, unknown, string][] = [
		['without a type', {}, 'required'],
		['of an unknown type', { type: 'response.start' }, '/type enum'],
		['that appends nothing', { type: 'input_audio_buffer.append' }, 'required'],
		['that creates without an item', { type: 'conversation.item.create' }, 'required'],
		['whose item has no role', create({ type: 'message', content: [] }), '/item required'],
		['whose item has a foreign role', create(text('tool', 'input_text')), '/item/role enum'],
		['whose item refers to another', create({ type: 'item_reference', id: 'i' }), '/item/type enum'],
		['that seeds the model with input text', create(text('assistant', 'input_text')), '/item/content/0/type enum'],
		[
			'that truncates backwards',
			{ type: 'conversation.item.truncate', item_id: 'i', content_index: 0, audio_end_ms: -1 },
			'/audio_end_ms minimum'
		],
		[
			'that updates with a bad session',
			{ type: 'session.update', session: { type: 'realtime', audio: { output: { speed: 9 } } } },
			'/session/audio/output/speed maximum'
		],
		['with a field of another event', { type: 'response.cancel', item_id: 'i' }, 'additionalProperties']
	];
	test.each(bad)('%s is not', (_name, value, problem) => expect(check(value)).toContain(problem));

	test('is of one of the catalog’s types', () => {
		const schema = JSON.parse(committed('client-event.schema.json')) as {
			definitions: { RealtimeClientEvent: { properties: { type: { enum: string[] } } } };
		};
		const types = schema.definitions.RealtimeClientEvent.properties.type.enum;
		expect(types.toSorted()).toEqual([...CLIENT_EVENT_TYPES].sort());
	});
});

describe('a server event', () => {
	const check = problems('server-event.schema.json');
	const id = 'event_E6U0upa15CBe8gAnApXCO';
	const added = (item: object, fields: object = {}) => ({
		...{ type: 'conversation.item.added', event_id: id, previous_item_id: null },
		...{ item: { id: 'item_1', type: 'message', status: 'completed', role: 'user', content: [], ...item } },
		...fields
	});

	const good: [string, unknown][] = [
		['that adds a spoken item', added({ content: [{ type: 'input_audio', transcript: null }] })],
		['that adds a message with a phase', added({ role: 'assistant', phase: 'commentary' })],
		['of a translation', { type: 'session.output_transcript.delta', event_id: id, delta: 'Hallo' }],
		['that ends a translation', { type: 'session.closed', event_id: id }]
	];
	test.each(good)('%s is good', (_name, value) => expect(check(value)).toEqual([]));

	const bad: [string, unknown, string][] = [
		['without a type', {}, 'required'],
		['of an unknown type', { type: 'response.started', event_id: id }, '/type enum'],
		['with an unknown field', added({}, { response_id: 'resp_1' }), 'additionalProperties'],
		['whose item says that it is one', added({ object: 'realtime.item' }), '/item additionalProperties'],
		['whose user has a phase', added({ phase: 'commentary' }), '/item additionalProperties'],
		['with a session of no kind', { type: 'session.created', event_id: id, session: {} }, '/session required'],
		['without its id', { type: 'session.closed' }, 'required']
	];
	test.each(bad)('%s is not', (_name, value, problem) => expect(check(value)).toContain(problem));

	test('is of one of the catalog’s types, or of a translation', () => {
		const schema = JSON.parse(committed('server-event.schema.json')) as {
			definitions: { ServerEvent: { properties: { type: { enum: string[] } } } };
		};
		const unknown = schema.definitions.ServerEvent.properties.type.enum.filter(
			(type) => findEventDefinition(type)?.from !== 'server'
		);
		expect(unknown.toSorted()).toEqual([
			'session.closed',
			'session.input_transcript.delta',
			'session.output_audio.delta',
			'session.output_transcript.delta'
		]);
	});
});
