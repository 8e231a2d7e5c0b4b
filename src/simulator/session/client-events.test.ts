import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionUpdate, summarize, typedMessage, VirtualSession } from '#simulator/testing/virtual-session.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

const ACCEPTED =
	"'session.update', 'session.close', 'input_audio_buffer.append', 'session.input_audio_buffer.append', " +
	"'input_audio_buffer.commit', 'input_audio_buffer.clear', 'conversation.item.create', 'conversation.item.truncate', " +
	"'conversation.item.delete', 'conversation.item.retrieve', 'response.create', and 'response.cancel'";

function errorTo(event: JsonObject, world = new VirtualSession()): unknown {
	const events = world.exchange([event]);
	expect(events.map(({ type }) => type)).toEqual(['error']);
	return events[0]?.['error'];
}

const fault = (code: string | null, message: string, param: string | null = null): JsonObject => ({
	type: 'invalid_request_error',
	code,
	message,
	param,
	event_id: null
});

const inMessage = (part: JsonObject, role = 'user'): JsonObject => ({
	type: 'conversation.item.create',
	item: { type: 'message', role, content: [part] }
});

describe('events that are wrong', () => {
	it.each<[string, JsonObject, JsonObject]>([
		[
			'an unknown type',
			{ type: 'nope' },
			fault('invalid_value', `Invalid value: 'nope'. Supported values are: ${ACCEPTED}.`, 'type')
		],
		[
			'what only WebRTC has',
			{ type: 'output_audio_buffer.clear' },
			fault('invalid_value', `Invalid value: 'output_audio_buffer.clear'. Supported values are: ${ACCEPTED}.`, 'type')
		],
		['no type', { session: {} }, fault('missing_required_parameter', "Missing required parameter: 'type'.", 'type')],
		[
			'an unknown field of the session',
			sessionUpdate({ bogus_field: 1 }),
			fault('unknown_parameter', "Unknown parameter: 'session.bogus_field'.", 'session.bogus_field')
		],
		[
			'an unknown field further in',
			sessionUpdate({ audio: { input: { turn_detection: { type: 'server_vad', treshold: 1 } } } }),
			fault(
				'unknown_parameter',
				"Unknown parameter: 'session.audio.input.turn_detection.treshold'.",
				'session.audio.input.turn_detection.treshold'
			)
		],
		[
			'a session without type',
			{ type: 'session.update', session: { modalities: ['text'] } },
			fault('missing_required_parameter', "Missing required parameter: 'session.type'.", 'session.type')
		],
		[
			'a rate below the lowest',
			sessionUpdate({ audio: { input: { format: { type: 'audio/pcm', rate: 16000 } } } }),
			fault(
				'integer_below_min_value',
				"Invalid 'session.audio.input.format.rate': integer below minimum value. Expected a value >= 24000, but got 16000 instead.",
				'session.audio.input.format.rate'
			)
		],
		[
			'both modalities',
			sessionUpdate({ output_modalities: ['text', 'audio'] }),
			fault(
				'invalid_value',
				"Invalid modalities: ['text', 'audio']. Supported combinations are: ['text'] and ['audio'].",
				'session.output_modalities'
			)
		],
		[
			'an unknown voice',
			sessionUpdate({ audio: { output: { voice: 'nova' } } }),
			fault(
				'invalid_value',
				"Invalid value: 'nova'. Supported values are: 'alloy', 'ash', 'ballad', 'coral', 'echo', 'sage', 'shimmer', 'verse', 'marin', and 'cedar'.",
				'session.audio.output.voice'
			)
		],
		[
			'a field of the wrong type',
			sessionUpdate({ instructions: 5 }),
			fault(
				'invalid_type',
				"Invalid type for 'session.instructions': expected a string, but got an integer instead.",
				'session.instructions'
			)
		],
		[
			'another model',
			sessionUpdate({ model: 'gpt-realtime-2.1' }),
			fault(
				'invalid_value',
				"The model of a session cannot be changed: this session was opened with 'gpt-realtime'.",
				'session.model'
			)
		],
		[
			'model audio put in by the client',
			inMessage({ type: 'output_audio', transcript: 'Hi' }, 'assistant'),
			fault('missing_required_parameter', "Missing required parameter: 'item.content[0].text'.", 'item.content[0].text')
		],
		[
			'an output for no call',
			{ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: 'call_x', output: '1' } },
			fault('invalid_tool_call_id', "Tool call ID 'call_x' not found in conversation.")
		],
		[
			'deleting nothing',
			{ type: 'conversation.item.delete', item_id: 'yo' },
			fault('item_delete_invalid_item_id', "Error deleting item: the item with id 'yo' does not exist.")
		],
		[
			'retrieving nothing',
			{ type: 'conversation.item.retrieve', item_id: 'yo' },
			fault('item_retrieve_invalid_item_id', "Error retrieving item: the item with id 'yo' does not exist.")
		],
		[
			'truncating nothing',
			{ type: 'conversation.item.truncate', item_id: 'yo', content_index: 0, audio_end_ms: 1 },
			fault('item_truncate_invalid_item_id', "Error truncating item: the item with id 'yo' does not exist.")
		],
		[
			'committing nothing',
			{ type: 'input_audio_buffer.commit' },
			fault(
				'input_audio_buffer_commit_empty',
				'Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has 0.00ms of audio.'
			)
		],
		[
			'cancelling nothing',
			{ type: 'response.cancel' },
			fault('response_cancel_not_active', 'Cancellation failed: no active response found')
		]
	])('%s', (_name, event, expected) => {
		expect(errorTo(event)).toEqual(expected);
	});

	it.each([
		['stored prompts', sessionUpdate({ prompt: { id: 'pmpt_1' } })],
		['custom voices', sessionUpdate({ audio: { output: { voice: { id: 'voice_1' } } } })]
	])('says that there are no %s here, and goes on', (what, event) => {
		const world = new VirtualSession();
		const error = errorTo(event, world) as { code: string; message: string };
		expect(error.code).toBe('unsupported_by_simulator');
		expect(error.message).toContain(what);
		expect(world.exchange([sessionUpdate({})])[0]?.type).toBe('session.updated');
	});

	it.each([
		['an update of the other kind', { type: 'session.update', session: { type: 'transcription' } }, 'session.type'],
		['what translation sessions have', { type: 'session.close' }, 'type'],
		['an image that is none', inMessage({ type: 'input_image', image_url: 'data:' }), 'item.content[0].image_url'],
		[
			'an idle timeout that is too short',
			sessionUpdate({ audio: { input: { turn_detection: { type: 'server_vad', idle_timeout_ms: 4000 } } } }),
			'session.audio.input.turn_detection.idle_timeout_ms'
		],
		[
			'a tool choice that is not there',
			sessionUpdate({ tool_choice: { type: 'function', name: 'f' } }),
			'session.tool_choice'
		],
		['a tool without a name', sessionUpdate({ tools: [{ type: 'function' }] }), 'session.tools[0].name'],
		[
			'an MCP server without an address',
			sessionUpdate({ tools: [{ type: 'mcp', server_label: 'a' }] }),
			'session.tools[0].server_url'
		],
		[
			'a transcription model of somebody else',
			sessionUpdate({ audio: { input: { transcription: { model: 'nova-3' } } } }),
			'session.audio.input.transcription.model'
		]
	])('refuses %s', (_name, event, param) => {
		expect(errorTo(event)).toMatchObject({ type: 'invalid_request_error', param });
	});

	it('echoes the id of the event that was wrong', () => {
		expect(errorTo({ type: 'nope', event_id: 'mine' })).toMatchObject({ event_id: 'mine' });
		expect(errorTo({ type: 'response.cancel', event_id: 'x'.repeat(513) })).toMatchObject({
			code: 'string_above_max_length'
		});
	});

	it('answers text that is not JSON, JSON that is no event, and binary frames', () => {
		const world = new VirtualSession();
		world.session.receiveText('{');
		world.session.receiveText('[1]');
		world.session.receiveBinary();
		world.advance(60);
		expect(world.events.slice(1).map((event) => (event['error'] as { code: string }).code)).toEqual([
			'invalid_json',
			'invalid_type',
			'invalid_event'
		]);
		expect(world.exchange([sessionUpdate({})])[0]?.type).toBe('session.updated');
	});
});

describe('session.update', () => {
	it('merges what is there and answers with the whole session', () => {
		const world = new VirtualSession();
		world.exchange([sessionUpdate({ instructions: 'Be brief.', audio: { output: { voice: 'marin' } } })]);
		const [updated] = world.exchange([
			sessionUpdate({ audio: { input: { turn_detection: { type: 'server_vad', silence_duration_ms: 700 } } } })
		]);
		expect(updated?.type).toBe('session.updated');
		const { session: before } = world.events[0] as unknown as { session: JsonObject };
		const { session } = updated as unknown as { session: JsonObject };
		expect(Object.keys(session)).toEqual(Object.keys(before));
		expect(session).toMatchObject({
			id: before['id'],
			instructions: 'Be brief.',
			audio: {
				input: {
					turn_detection: { threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 700, create_response: true }
				},
				output: { voice: 'marin', speed: 1 }
			}
		});
	});

	it('clears turn detection with null, and gives the defaults back with a type', () => {
		const world = new VirtualSession();
		const [off] = world.exchange([sessionUpdate({ audio: { input: { turn_detection: null } } })]);
		expect(off).toMatchObject({ session: { audio: { input: { turn_detection: null } } } });
		const [on] = world.exchange([sessionUpdate({ audio: { input: { turn_detection: { type: 'server_vad' } } } })]);
		expect(on).toMatchObject({
			session: { audio: { input: { turn_detection: { threshold: 0.5, silence_duration_ms: 200 } } } }
		});
	});

	it('brings the default instructions back with an empty text, as recorded', () => {
		const world = new VirtualSession();
		const [updated] = world.exchange([sessionUpdate({ instructions: '' })]);
		expect(updated).toMatchObject({ session: { instructions: expect.stringContaining('Your knowledge cutoff') } });
	});

	it('applies nothing of an update that is wrong somewhere', () => {
		const world = new VirtualSession();
		errorTo(sessionUpdate({ instructions: 'New.', audio: { output: { speed: 9 } } }), world);
		const [updated] = world.exchange([sessionUpdate({})]);
		expect(updated).toMatchObject({ session: { instructions: expect.stringContaining('Your knowledge cutoff') } });
	});

	it('locks the voice once the model was heard, and only then', () => {
		const world = new VirtualSession();
		world.exchange([typedMessage('Hi'), { type: 'response.create', response: { output_modalities: ['text'] } }], 5000);
		expect(world.exchange([sessionUpdate({ audio: { output: { voice: 'ash' } } })])[0]?.type).toBe('session.updated');
		world.exchange([typedMessage('Hi'), { type: 'response.create' }], 15_000);
		expect(errorTo(sessionUpdate({ instructions: 'x', audio: { output: { voice: 'echo' } } }), world)).toEqual(
			fault('cannot_update_voice', "Cannot update a conversation's voice if assistant audio is present.")
		);
		const [same] = world.exchange([sessionUpdate({ audio: { output: { voice: 'ash' } } })]);
		expect(same).toMatchObject({
			type: 'session.updated',
			session: { instructions: expect.stringContaining('Your knowledge') }
		});
	});

	it('does not reach a response that is running', () => {
		const world = new VirtualSession();
		world.exchange([typedMessage('Hi'), { type: 'response.create' }], 300);
		world.exchange([sessionUpdate({ output_modalities: ['text'] })], 12_000);
		expect(world.last('response.done')).toMatchObject({ response: { output_modalities: ['audio'] } });
	});
});

describe('whatever the client sends', () => {
	const anyEvent = fc.oneof(
		fc.constant(typedMessage('Hello there')),
		fc.constant({ type: 'response.create' }),
		fc.constant({ type: 'response.create', response: { conversation: 'none', output_modalities: ['text'] } }),
		fc.constant({ type: 'response.cancel' }),
		fc.constant({ type: 'input_audio_buffer.commit' }),
		fc.constant({ type: 'input_audio_buffer.clear' }),
		fc.constant(sessionUpdate({ audio: { input: { turn_detection: null } } })),
		fc.constant(
			sessionUpdate({ audio: { input: { turn_detection: { type: 'server_vad', interrupt_response: false } } } })
		),
		fc.constant({ type: 'nonsense' }),
		fc.record({ type: fc.constant('session.update'), session: fc.jsonValue() }),
		fc.record({ type: fc.constant('conversation.item.create'), item: fc.jsonValue() })
	);
	const step = fc.oneof(
		fc.record({ event: anyEvent as fc.Arbitrary<JsonObject>, waitMs: fc.integer({ min: 0, max: 900 }) }),
		fc.record({ level: fc.constantFrom(0, 8000), ms: fc.integer({ min: 10, max: 700 }) })
	);

	it('gets response.done exactly once for each response.created, and every item is closed', () => {
		fc.assert(
			fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
				const world = new VirtualSession();
				for (const one of steps) {
					if ('event' in one) world.exchange([one.event as JsonObject], one.waitMs);
					else world.speak(one.ms, one.level);
				}
				world.advance(60_000);
				const ids = (type: string, of: (event: JsonObject) => unknown): unknown[] =>
					world.events.filter((event) => event.type === type).map(of);
				const responseId = (event: JsonObject): unknown => (event['response'] as JsonObject)['id'];
				expect(ids('response.done', responseId).sort()).toEqual(ids('response.created', responseId).sort());
				const itemId = (event: JsonObject): unknown => (event['item'] as JsonObject)['id'];
				expect(ids('response.output_item.done', itemId).sort()).toEqual(
					ids('response.output_item.added', itemId).sort()
				);
				expect(ids('conversation.item.done', itemId).sort()).toEqual(ids('conversation.item.added', itemId).sort());
				const eventIds = world.events.map((event) => event.event_id);
				expect(new Set(eventIds).size).toBe(eventIds.length);
			}),
			{ numRuns: 60 }
		);
	});
});

describe('summarize', () => {
	it('joins equal neighbours', () => {
		expect(summarize([{ type: 'a' }, { type: 'a' }, { type: 'b' }])).toEqual(['a', 'b']);
	});
});
