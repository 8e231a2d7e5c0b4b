/** The check of server events, checked: it takes all that the service was recorded to send, and finds what is wrong. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { findCorpusFile, OPENAI_LOGS, readLog } from '#simulator/testing/corpus.ts';
import { checkServerEvent, NEVER_SENT, SERVER_EVENT_TYPES } from '#simulator/testing/server-event-schema.ts';

describe('what was recorded passes', () => {
	for (const name of OPENAI_LOGS) {
		const file = findCorpusFile('logs', 'pydantic-ai', `${name}.jsonl`);
		it.skipIf(!file)(name, () => {
			const events = readLog(file ?? '').filter(({ direction }) => direction === 'server');
			expect(events.length).toBeGreaterThan(0);
			expect(events.flatMap(({ event }) => checkServerEvent(event))).toEqual([]);
		});
	}
});

const id = 'event_E6U0upa15CBe8gAnApXCO';
const make = (type: string, fields: JsonObject): JsonObject => ({ type, event_id: id, ...fields });
const inPart = { response_id: 'resp_1', item_id: 'item_1', output_index: 0, content_index: 0 };
const delta = (fields: JsonObject): JsonObject => make('response.output_text.delta', { ...inPart, ...fields });
const call = {
	id: 'item_1',
	type: 'function_call',
	status: 'completed',
	name: 'f',
	call_id: 'call_1',
	arguments: '{}'
};
const noTokens = { text_tokens: 0, audio_tokens: 0, image_tokens: 0 };
const usage = {
	...{ total_tokens: 0, input_tokens: 0, output_tokens: 0 },
	input_token_details: { ...noTokens, cached_tokens: 0, cached_tokens_details: noTokens },
	output_token_details: { text_tokens: 0, audio_tokens: 0 }
};
const done = (fields: JsonObject): JsonObject =>
	make('response.done', {
		response: {
			...{ object: 'realtime.response', id: 'resp_1', status: 'completed', status_details: null, output: [] },
			...{ conversation_id: null, output_modalities: ['text'], max_output_tokens: 'inf', usage, metadata: null },
			audio: { output: { format: { type: 'audio/pcm', rate: 24000 }, voice: 'alloy' } },
			...fields
		}
	});

describe('what is right passes', () => {
	const right: [string, unknown][] = [
		['a delta', delta({ delta: ' there', obfuscation: '5qkdkt9FlQ' })],
		['a delta longer than any that was recorded', delta({ delta: 'x'.repeat(20), obfuscation: '' })],
		['a response without output', done({})],
		['a response that failed', done({ status: 'failed', status_details: { type: 'failed', error: { code: 'x' } } })],
		[
			'a key of the telephone, which has no id',
			{ type: 'input_audio_buffer.dtmf_event_received', event: '1', received_at: 1 }
		],
		[
			'an event of the output buffer',
			{ ...make('output_audio_buffer.started', { response_id: 'r' }), event_id: 'event_0123456789abcdef' }
		]
	];
	it.each(right)('%s', (_name, event) => expect(checkServerEvent(event)).toEqual([]));
});

describe('what is wrong is named', () => {
	const wrong: [string, unknown, string][] = [
		['no object', [], 'An event is an object, and this is [].'],
		['no type', {}, 'An event has a type that is a string, and this has undefined.'],
		['an invented type', make('response.started', {}), 'response.started: no server event of the API has this type.'],
		[
			'a type of the beta',
			make('response.text.delta', {}),
			'response.text.delta: no server event of the API has this type; ' +
				'the retired beta had it, and now it is response.output_text.delta.'
		],
		[
			'a misspelt field',
			done({ usage: { ...usage, totalTokens: 1 } }),
			"response.done: response.usage has the unknown field 'totalTokens'"
		],
		['a missing field', done({ usage: {} }), "response.done: response.usage lacks the field 'total_tokens'"],
		[
			'a status of no kind',
			done({ status: 'done' }),
			'response.done: response.status is "done", not one of ' +
				'"completed", "cancelled", "failed", "incomplete", "in_progress"'
		],
		[
			'a field of another kind of item',
			done({ output: [call, { ...call, role: 'assistant' }] }),
			"response.done: response.output[1] has the unknown field 'role'"
		],
		[
			'a wrong constant',
			done({ object: 'response' }),
			'response.done: response.object is "response", not "realtime.response"'
		],
		[
			'a wrong type of value',
			make('input_audio_buffer.speech_started', { audio_start_ms: '10', item_id: 'i' }),
			'input_audio_buffer.speech_started: audio_start_ms is "10", not of type number'
		],
		[
			'the null of a field that has none',
			make('response.output_item.added', { response_id: null, output_index: 0, item: call }),
			'response.output_item.added: response_id is null, not of type string'
		],
		[
			'an id of another shape',
			{ ...make('input_audio_buffer.cleared', {}), event_id: 'evt_1' },
			'input_audio_buffer.cleared: event_id is "evt_1", not event_ and 21 letters and digits'
		],
		[
			'an obfuscation of another length',
			delta({ delta: 'It', obfuscation: 'short' }),
			'response.output_text.delta: obfuscation has 5 characters beside a delta of 2, not 14'
		],
		[
			'a delta of words without obfuscation',
			delta({ delta: 'It' }),
			"response.output_text.delta: the event lacks the field 'obfuscation'"
		],
		[
			'a delta of sound with one',
			make('response.output_audio.delta', { ...inPart, delta: 'AAAA', obfuscation: '' }),
			"response.output_audio.delta: the event has the unknown field 'obfuscation'"
		]
	];
	it.each(wrong)('%s', (_name, event, fault) => expect(checkServerEvent(event)).toContain(fault));

	it('types that the service never sends, though the package has them', () => {
		for (const [type, reason] of Object.entries(NEVER_SENT)) {
			expect(SERVER_EVENT_TYPES).toContain(type);
			expect(checkServerEvent(make(type, {}))).toEqual([`${type}: the service does not send it: ${reason}.`]);
		}
	});
});
