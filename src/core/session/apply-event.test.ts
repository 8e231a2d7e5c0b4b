import { describe, expect, test } from 'vitest';
import { SESSION, SessionScript } from '../../../tests/fixtures/session-script.ts';
import type { Session } from './session-model.ts';

const script = () => new SessionScript();
const item = (session: Session, id: string) => session.items.get(id)!;

describe('a text turn', () => {
	const turn = script()
		.connects()
		.callerTypes('item_1', 'What time is it?', null)
		.client('response.create')
		.wait(50)
		.responseBegins('resp_1')
		.modelBegins('resp_1', 'item_2', 'item_1', 'text')
		.modelWrites('resp_1', 'item_2', ['It is ', 'noon.']);
	const of = { response_id: 'resp_1', item_id: 'item_2', output_index: 0, content_index: 0 };

	test('is open while it is written', () => {
		const session = turn.session();
		expect(item(session, 'item_1')).toMatchObject({ role: 'user', text: 'What time is it?', textKind: 'typed' });
		expect(item(session, 'item_2')).toMatchObject({ role: 'assistant', text: 'It is noon.', textDone: false });
		expect(session.activeResponseId).toBe('resp_1');
		expect(session.requestedResponses).toBe(0);
	});

	test('is whole when it is done', () => {
		const done = { id: 'item_2', type: 'message', status: 'completed', role: 'assistant' };
		const session = turn
			.server('response.output_text.done', { ...of, text: 'It is noon.' })
			.server('conversation.item.done', {
				previous_item_id: null,
				item: { ...done, content: [{ type: 'output_text', text: 'It is noon.' }] }
			})
			.responseEnds('resp_1', [done])
			.session();
		expect(item(session, 'item_2')).toMatchObject({ text: 'It is noon.', textDone: true, status: 'completed' });
		expect(session.responses.get('resp_1')).toMatchObject({ status: 'completed', itemIds: ['item_2'], doneAt: 100 });
		expect(session.responses.get('resp_1')?.usage?.['total_tokens']).toBe(62);
		expect(session.activeResponseId).toBeNull();
		expect(session.problems).toEqual([]);
	});

	test('keeps its order: the service names no previous item in the done event of the second item', () => {
		expect(turn.session().itemOrder).toEqual(['item_1', 'item_2']);
	});
});

describe('a spoken turn with server VAD', () => {
	const turn = script()
		.connects()
		.callerSends(200)
		.callerSpeaks('item_1', { fromMs: 200, ms: 1000, previous: null })
		.callerTranscribed('item_1', ['Hello', ' there'])
		.wait(100)
		.responseBegins('resp_1')
		.modelBegins('resp_1', 'item_2', 'item_1')
		.modelSpeaks('resp_1', 'item_2', ['Hi', '!'], 500)
		.playback('started', 'item_2', 0);

	test('has the caller’s item, words and speech', () => {
		const session = turn.session();
		expect(item(session, 'item_1')).toMatchObject({
			...{ role: 'user', text: 'Hello there', textKind: 'transcript', textDone: true, hasAudio: true }
		});
		expect(session.speech).toEqual([
			{ itemId: 'item_1', audioStartMs: 200, audioEndMs: 1200, startedAt: 220, stoppedAt: 1220 }
		]);
	});

	test('has the caller’s audio as one segment that lies where it was captured', () => {
		expect(turn.session().callerSegments).toEqual([
			{ startMs: 20, offset: 0, length: 1200 * 48, audioMs: 0, bytesPerMs: 48 }
		]);
	});

	test('has the model’s audio, received and played', () => {
		const [utterance] = turn.session().utterances;
		expect(utterance).toMatchObject({
			itemId: 'item_2',
			responseId: 'resp_1',
			receivedBytes: 500 * 48,
			complete: false
		});
		expect(utterance!.pieces).toEqual([{ at: 1320, offset: 0, length: 500 * 48 }]);
		expect(utterance!.playback).toMatchObject({ state: 'playing', runs: [{ at: 1320, firstSample: 0 }] });
	});

	test('is complete with its response', () => {
		const session = turn.modelEnds('resp_1', 'item_2', 'Hi!', { previous: null }).session();
		expect(session.utterances[0]!.complete).toBe(true);
		expect(session.responses.get('resp_1')).toMatchObject({ firstAudioAt: 1320, status: 'completed' });
		expect(item(session, 'item_2')).toMatchObject({ text: 'Hi!', textKind: 'transcript', textDone: true });
	});

	test('whose commit comes from the client ends its speech: no speech_stopped will come', () => {
		const session = script()
			.connects()
			.server('input_audio_buffer.speech_started', { audio_start_ms: 0, item_id: 'item_1' })
			.callerSends(400)
			.client('input_audio_buffer.commit')
			.callerCommits('item_1', null)
			.session();
		expect(session.speech[0]).toMatchObject({ audioEndMs: 400, stoppedAt: 420 });
		expect(item(session, 'item_1')).toMatchObject({ role: 'user', hasAudio: true });
	});

	test('is a caller’s item from its commit on, before the item itself comes', () => {
		const session = script()
			.server('input_audio_buffer.committed', { item_id: 'item_1', previous_item_id: null })
			.session();
		expect(item(session, 'item_1')).toMatchObject({ role: 'user', hasAudio: true });
	});
});

test('words that come after their done event are not said twice', () => {
	const of = { response_id: 'resp_1', item_id: 'item_1', output_index: 0, content_index: 0 };
	const session = script()
		.modelWrites('resp_1', 'item_1', ['One '])
		.server('response.output_text.done', { ...of, text: 'One two.' })
		.modelWrites('resp_1', 'item_1', ['two.'])
		.session();
	expect(item(session, 'item_1')).toMatchObject({ text: 'One two.', textDone: true });
});

describe('responses', () => {
	test('that run side by side keep their words and audio apart', () => {
		const session = script()
			.connects()
			.responseBegins('resp_1')
			.responseBegins('resp_2', { conversation_id: null })
			.modelBegins('resp_1', 'item_1', null)
			.modelSpeaks('resp_1', 'item_1', ['One '], 250)
			.modelWrites('resp_2', 'item_2', ['{"topic":'])
			.modelSpeaks('resp_1', 'item_1', ['two.'], 250)
			.modelWrites('resp_2', 'item_2', ['"counting"}'])
			.responseEnds('resp_2', [{ id: 'item_2' }])
			.session();
		expect(item(session, 'item_1').text).toBe('One two.');
		expect(item(session, 'item_2')).toMatchObject({ text: '{"topic":"counting"}', responseId: 'resp_2' });
		expect(session.responses.get('resp_1')).toMatchObject({ isDefault: true, itemIds: ['item_1'], doneAt: null });
		expect(session.responses.get('resp_2')).toMatchObject({
			isDefault: false,
			itemIds: ['item_2'],
			status: 'completed'
		});
		expect(session.activeResponseId).toBe('resp_1');
	});

	test('interleave the audio of two items in one track', () => {
		const session = script()
			.modelSpeaks('resp_1', 'item_1', [], 250)
			.modelSpeaks('resp_1', 'item_2', [], 250)
			.wait(10)
			.modelSpeaks('resp_1', 'item_1', [], 250)
			.session();
		expect(session.utterances.map((u) => u.pieces)).toEqual([
			[
				{ at: 0, offset: 0, length: 12_000 },
				{ at: 10, offset: 24_000, length: 12_000 }
			],
			[{ at: 0, offset: 12_000, length: 12_000 }]
		]);
	});

	test('that call a function have its name and arguments', () => {
		const call = { id: 'item_1', type: 'function_call', name: 'get_weather', call_id: 'call_1' };
		const of = { response_id: 'resp_1', item_id: 'item_1', output_index: 0, call_id: 'call_1' };
		const session = script()
			.responseBegins('resp_1')
			.server('response.output_item.added', { ...of, item: { ...call, status: 'in_progress', arguments: '' } })
			.server('response.function_call_arguments.delta', { ...of, delta: '{"city":' })
			.server('response.function_call_arguments.delta', { ...of, delta: '"Oslo"}' })
			.server('response.function_call_arguments.done', { ...of, arguments: '{"city":"Oslo"}', name: 'get_weather' })
			.server('conversation.item.done', { item: { ...call, status: 'completed', arguments: '{"city":"Oslo"}' } })
			.server('conversation.item.added', {
				item: { id: 'item_2', type: 'function_call_output', call_id: 'call_1', output: '7 °C' }
			})
			.session();
		expect(item(session, 'item_1')).toMatchObject({
			...{ type: 'function_call', name: 'get_weather', callId: 'call_1' },
			...{ text: '{"city":"Oslo"}', textKind: 'arguments', textDone: true, status: 'completed' }
		});
		expect(item(session, 'item_2')).toMatchObject({
			text: '7 °C',
			textKind: 'output',
			callId: 'call_1',
			textDone: true
		});
	});

	test('that fail are a problem with the server’s words', () => {
		const error = { type: 'tokens', code: 'rate_limit_exceeded', message: 'Rate limit reached' };
		const session = script()
			.responseBegins('resp_1')
			.server('response.done', {
				response: { id: 'resp_1', status: 'failed', status_details: { type: 'failed', error }, output: [] }
			})
			.session();
		expect(session.problems).toMatchObject([{ seq: 1, message: 'Rate limit reached', code: 'rate_limit_exceeded' }]);
		expect(session.responses.get('resp_1')).toMatchObject({ status: 'failed', reason: 'rate_limit_exceeded' });
	});

	const refused = (s: SessionScript, error: object) =>
		s.server('error', { error: { type: 'invalid_request_error', code: 'invalid_value', message: 'No', ...error } });

	test('that are refused by their event_id are no longer awaited', () => {
		const s = script().client('response.create', { event_id: 'a' }).client('response.create');
		s.client('response.create', { event_id: 'b' });
		expect(s.session()).toMatchObject({ requestedResponses: 3, requestedResponseIds: ['a', null, 'b'] });
		refused(s, { event_id: 'b', param: 'response.output_modalities' });
		expect(s.session()).toMatchObject({ requestedResponses: 2, requestedResponseIds: ['a', null] });
		s.responseBegins('resp_1');
		expect(s.session()).toMatchObject({ requestedResponses: 1, requestedResponseIds: [null] });
	});

	test.each([
		['their parameter', { event_id: null, param: 'response.output_modalities' }],
		['the whole response', { event_id: null, param: 'response' }],
		['one that is active', { code: 'conversation_already_has_active_response' }]
	])('that are refused without an event_id because of %s: the first without one falls', (_name, error) => {
		const s = script().client('response.create', { event_id: 'a' }).client('response.create');
		expect(refused(s, error).session()).toMatchObject({ requestedResponses: 1, requestedResponseIds: ['a'] });
		expect(refused(s, error).session()).toMatchObject({ requestedResponses: 0, requestedResponseIds: [] });
		expect(refused(s, error).session()).toMatchObject({ requestedResponses: 0, requestedResponseIds: [] });
	});

	test.each([
		['another event', { event_id: 'update_1', param: 'response' }],
		['the session', { event_id: null, param: 'session.voice' }],
		['a parameter that only begins alike', { event_id: null, param: 'response_format' }],
		['nobody knows what', { event_id: null }]
	])('are still awaited after an error about %s', (_name, error) => {
		const s = refused(script().client('response.create', { event_id: 'a' }), error);
		expect(s.session()).toMatchObject({ requestedResponses: 1, requestedResponseIds: ['a'] });
	});

	test('that are asked for while one is active are refused, and no longer awaited', () => {
		const session = script()
			.responseBegins('resp_1')
			.client('response.create')
			.server('error', {
				error: { type: 'invalid_request_error', code: 'conversation_already_has_active_response', message: 'No' }
			})
			.session();
		expect(session.requestedResponses).toBe(0);
		expect(session.activeResponseId).toBe('resp_1');
	});
});

describe('the retired beta', () => {
	test('is read by its names', () => {
		const of = { response_id: 'resp_1', item_id: 'item_2', output_index: 0, content_index: 0 };
		const beta = (id: string, role: string, content: object[]) => ({
			id,
			object: 'realtime.item',
			type: 'message',
			role,
			content
		});
		const session = script()
			.server('session.created', { session: { model: 'gpt-4o-realtime-preview', input_audio_format: 'g711_ulaw' } })
			.server('conversation.item.created', {
				previous_item_id: null,
				item: beta('item_1', 'user', [{ type: 'input_text', text: 'Hi' }])
			})
			.responseBegins('resp_1', {})
			.server('conversation.item.created', { previous_item_id: 'item_1', item: beta('item_2', 'assistant', []) })
			.server('response.audio_transcript.delta', { ...of, delta: 'Hel' })
			.server('response.audio.delta', { ...of, delta: 'AAAA' })
			.server('response.audio_transcript.done', { ...of, transcript: 'Hello' })
			.server('response.audio.done', of)
			.session();
		expect(session.itemOrder).toEqual(['item_1', 'item_2']);
		expect(item(session, 'item_2')).toMatchObject({ text: 'Hello', textKind: 'transcript', textDone: true });
		expect(session.utterances).toMatchObject([{ receivedBytes: 3, complete: true }]);
		expect(session.responses.get('resp_1')?.isDefault).toBe(true);
	});
});

describe('the conversation’s order', () => {
	const added = (s: SessionScript, id: string, fields: object) =>
		s.server('conversation.item.added', { item: { id, type: 'message', role: 'user', content: [] }, ...fields });

	test('follows previous_item_id', () => {
		let s = added(added(script(), 'a', { previous_item_id: null }), 'c', { previous_item_id: 'a' });
		s = added(added(s, 'b', { previous_item_id: 'a' }), 'root', { previous_item_id: null });
		s = added(added(s, 'unknown', { previous_item_id: 'nobody' }), 'last', {});
		expect(s.session().itemOrder).toEqual(['root', 'a', 'b', 'c', 'unknown', 'last']);
	});

	test('never moves an item because of its done event', () => {
		const s = added(added(script(), 'a', { previous_item_id: null }), 'b', { previous_item_id: 'a' });
		s.server('conversation.item.done', { previous_item_id: null, item: { id: 'b', type: 'message', role: 'user' } });
		expect(s.session().itemOrder).toEqual(['a', 'b']);
	});

	test('is right for an item whose words came before the item', () => {
		const s = added(script(), 'a', { previous_item_id: null })
			.server('conversation.item.input_audio_transcription.delta', { item_id: 'c', content_index: 0, delta: 'Wait' })
			.responseBegins('resp_1')
			.modelBegins('resp_1', 'b', 'a')
			.callerCommits('c', 'b');
		expect(s.session().itemOrder).toEqual(['a', 'b', 'c']);
		expect(s.session().items.get('c')).toMatchObject({ text: 'Wait', role: 'user' });
	});

	test('is right from the commit on', () => {
		const s = added(added(script(), 'a', { previous_item_id: null }), 'c', { previous_item_id: 'a' });
		s.server('input_audio_buffer.committed', { item_id: 'b', previous_item_id: 'a' });
		expect(s.session().itemOrder).toEqual(['a', 'b', 'c']);
	});

	test('moves no known item to the start: some servers name no previous item at all', () => {
		const s = added(script(), 'a', { previous_item_id: null }).callerCommits('b', 'a');
		expect(added(s, 'b', { previous_item_id: null }).session().itemOrder).toEqual(['a', 'b']);
	});

	test('keeps deleted items, marked', () => {
		const s = added(added(script(), 'a', {}), 'b', {}).server('conversation.item.deleted', { item_id: 'a' });
		s.server('conversation.item.deleted', { item_id: 'nobody' });
		expect([...s.session().items.values()].map((i) => [i.id, i.deleted])).toEqual([
			['a', true],
			['b', false]
		]);
	});
});

describe('what nobody understands', () => {
	test('changes nothing but the count and the time', () => {
		const s = script().connects();
		const before = s.session();
		const after = s.wait(100).server('ping', { n: 1 }).client('session.close').session();
		expect(after).toEqual({ ...before, at: 120, eventCount: before.eventCount + 2 });
	});

	test.each([
		['text', 'hello', 'not-json'],
		['nothing', '', 'not-json'],
		['a list', '[1]', 'not-an-object'],
		['null', 'null', 'not-an-object'],
		['an object without a type', '{"item":{}}', 'no-type'],
		['an object whose type is no text', '{"type":{"a":1}}', 'no-type'],
		['an object with an inherited type', '{"__proto__":{"type":"error"}}', 'no-type']
	])('is a problem: %s', (_name, raw, code) => {
		const session = script().message('server', raw).session();
		expect(session.problems).toMatchObject([{ seq: 0, code, message: expect.stringContaining('This message') }]);
	});

	test('is a problem: a binary frame', () => {
		const s = script();
		s.log.append({ seq: 0, at: 0, from: 'server', raw: 'AAAA', binary: true });
		expect(s.session().problems).toMatchObject([{ code: 'binary_frame' }]);
	});
});

test('the session’s configuration decides how long audio is', () => {
	const pcmu = {
		...SESSION,
		audio: { input: { format: { type: 'audio/pcmu' } }, output: { format: { type: 'audio/pcma' } } }
	};
	const session = script()
		.connects(pcmu)
		.client('input_audio_buffer.append', { audio: Buffer.alloc(800).toString('base64') })
		.modelSpeaks('resp_1', 'item_1', [], 1)
		.session();
	expect(session.callerSegments).toMatchObject([{ length: 800, bytesPerMs: 8 }]);
	expect(session.utterances[0]!.bytesPerMs).toBe(8);
	expect(session.connection.expiresAt).toBe(1795360000);
});

test('a connection ends what was going on', () => {
	const session = script()
		.connects()
		.console('microphone.opened')
		.client('response.create')
		.responseBegins('resp_1')
		.client('response.create', { event_id: 'a' })
		.console('connection.closed', { code: 1006, reason: 'lost' })
		.session();
	expect(session.connection).toMatchObject({ state: 'closed', code: 1006, reason: 'lost', openedAt: 20, closedAt: 20 });
	expect(session).toMatchObject({ activeResponseId: null, requestedResponses: 0, microphoneOpen: false });
	expect(session.requestedResponseIds).toEqual([]);
});
