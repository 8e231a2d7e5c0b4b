import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type * as realtime from 'openai/resources/realtime/realtime';
import { CLIENT_EVENT_TYPES, findEventDefinition, gaType } from './catalog.ts';
import { parseEvent } from './parse-event.ts';
import { audioBytesPerMs, sessionModel, sessionTurnDetection, sessionVoice } from './session-config.ts';

/** Every type of the installed package, so that the compiler refuses a list that lacks one or has one too many. */
const CLIENT: Record<realtime.RealtimeClientEvent['type'], true> = {
	'conversation.item.create': true,
	'conversation.item.delete': true,
	'conversation.item.retrieve': true,
	'conversation.item.truncate': true,
	'input_audio_buffer.append': true,
	'input_audio_buffer.clear': true,
	'input_audio_buffer.commit': true,
	'output_audio_buffer.clear': true,
	'response.cancel': true,
	'response.create': true,
	'session.update': true
};
const SERVER: Record<realtime.RealtimeServerEvent['type'], true> = {
	error: true,
	'session.created': true,
	'session.updated': true,
	'conversation.created': true,
	'conversation.item.created': true,
	'conversation.item.added': true,
	'conversation.item.done': true,
	'conversation.item.retrieved': true,
	'conversation.item.truncated': true,
	'conversation.item.deleted': true,
	'conversation.item.input_audio_transcription.delta': true,
	'conversation.item.input_audio_transcription.completed': true,
	'conversation.item.input_audio_transcription.segment': true,
	'conversation.item.input_audio_transcription.failed': true,
	'input_audio_buffer.speech_started': true,
	'input_audio_buffer.speech_stopped': true,
	'input_audio_buffer.committed': true,
	'input_audio_buffer.cleared': true,
	'input_audio_buffer.timeout_triggered': true,
	'input_audio_buffer.dtmf_event_received': true,
	'output_audio_buffer.started': true,
	'output_audio_buffer.stopped': true,
	'output_audio_buffer.cleared': true,
	'response.created': true,
	'response.done': true,
	'response.output_item.added': true,
	'response.output_item.done': true,
	'response.content_part.added': true,
	'response.content_part.done': true,
	'response.output_text.delta': true,
	'response.output_text.done': true,
	'response.output_audio_transcript.delta': true,
	'response.output_audio_transcript.done': true,
	'response.output_audio.delta': true,
	'response.output_audio.done': true,
	'response.function_call_arguments.delta': true,
	'response.function_call_arguments.done': true,
	'response.mcp_call_arguments.delta': true,
	'response.mcp_call_arguments.done': true,
	'response.mcp_call.in_progress': true,
	'response.mcp_call.completed': true,
	'response.mcp_call.failed': true,
	'mcp_list_tools.in_progress': true,
	'mcp_list_tools.completed': true,
	'mcp_list_tools.failed': true,
	'rate_limits.updated': true
};

describe('the catalog', () => {
	test('knows every event of the openai package, and who sends it', () => {
		for (const type of Object.keys(CLIENT)) expect(findEventDefinition(type)).toMatchObject({ type, from: 'client' });
		for (const type of Object.keys(SERVER)) expect(findEventDefinition(type)).toMatchObject({ type, from: 'server' });
		expect(CLIENT_EVENT_TYPES.toSorted()).toEqual(Object.keys(CLIENT).sort());
	});

	test('names the beta’s events as GA does, and leaves all others alone', () => {
		expect(gaType('response.audio.delta')).toBe('response.output_audio.delta');
		expect(gaType('conversation.item.created')).toBe('conversation.item.added');
		for (const type of [...Object.keys(SERVER), ...Object.keys(CLIENT), 'unknown', '__proto__', '']) {
			if (type !== 'conversation.item.created') expect(gaType(type)).toBe(type);
		}
	});

	test('knows nothing that it was not told', () => {
		for (const type of ['', '__proto__', 'constructor', 'ping']) expect(findEventDefinition(type)).toBeUndefined();
	});
});

describe('a message', () => {
	test('with a type is an event, whatever else it holds', () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (fields, type) => {
				const text = JSON.stringify({ ...fields, type });
				expect(parseEvent(text)).toEqual({ ok: true, value: { type, gaType: gaType(type), body: JSON.parse(text) } });
			})
		);
	});

	test('is read or refused, and never throws', () => {
		fc.assert(
			fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
				const parsed = parseEvent(text);
				if (!parsed.ok) expect(parsed.error.message).toMatch(/^This message /);
			})
		);
	});
});

describe('a session’s configuration', () => {
	const ga = (format: unknown) => ({ audio: { input: { format }, output: { format, voice: 'marin' } } });

	test.each<[string, object | null, number]>([
		['nothing', null, 48],
		['no format', {}, 48],
		['PCM', ga({ type: 'audio/pcm', rate: 24000 }), 48],
		['PCM without a rate', ga({ type: 'audio/pcm' }), 48],
		['PCM at 16 kHz', ga({ type: 'audio/pcm', rate: 16000 }), 32],
		['µ-law', ga({ type: 'audio/pcmu' }), 8],
		['A-law', ga({ type: 'audio/pcma' }), 8],
		['the beta’s PCM', { input_audio_format: 'pcm16' }, 48],
		['the beta’s µ-law', { input_audio_format: 'g711_ulaw' }, 8],
		['the beta’s A-law', { input_audio_format: 'g711_alaw' }, 8],
		['a rate of nothing', ga({ type: 'audio/pcm', rate: 0 }), 48],
		['a rate that rounds to nothing', ga({ type: 'audio/pcm', rate: 1e-320 }), 48],
		['a rate without end', ga({ type: 'audio/pcm', rate: 1e308 }), 48],
		['a rate that is text', ga({ type: 'audio/pcm', rate: '24000' }), 48]
	])('that says %s', (_name, config, bytesPerMs) => {
		expect(audioBytesPerMs(config as never, 'input')).toBe(bytesPerMs);
	});

	test('tells model, voice and turn detection, GA or beta', () => {
		expect(sessionModel({ model: 'gpt-realtime' })).toBe('gpt-realtime');
		expect(sessionVoice(ga({}))).toBe('marin');
		expect(sessionVoice({ audio: { output: { voice: { id: 'voice_1' } } } })).toBe('voice_1');
		expect(sessionVoice({ voice: 'alloy' })).toBe('alloy');
		expect(sessionVoice({})).toBeUndefined();
		const server = { type: 'server_vad' };
		expect(sessionTurnDetection({ audio: { input: { turn_detection: server } } })).toBe(server);
		expect(sessionTurnDetection({ turn_detection: server })).toBe(server);
		for (const none of [null, {}, { type: null }]) {
			expect(sessionTurnDetection({ audio: { input: { turn_detection: none } } })).toBeNull();
		}
	});
});
