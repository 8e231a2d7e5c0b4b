import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMessage } from '../../../tests/fixtures/arbitrary.ts';
import { MemoryLog } from '../recording/recording-log.ts';
import * as rows from './event-row.ts';

function row(from: 'client' | 'server' | 'console', raw: string, binary = false) {
	const log = new MemoryLog();
	log.append({ seq: 0, at: 5, from, raw, ...(binary && { binary: true as const }) });
	return rows.deriveEventRow(log.entry(0));
}

describe('a row of the event list', () => {
	test.each<[string, 'client' | 'server', string, object]>([
		[
			'audio',
			'client',
			'{"type":"input_audio_buffer.append","audio":"AAAA"}',
			{ family: 'audio', summary: '3 bytes of audio', size: 51 }
		],
		['text', 'server', '{"type":"response.output_text.delta","delta":"Hi"}', { family: 'transcript', summary: 'Hi' }],
		[
			'speech',
			'server',
			'{"type":"input_audio_buffer.speech_started","audio_start_ms":1200}',
			{ family: 'input', summary: 'audio_start_ms 1,200' }
		],
		[
			'an error',
			'server',
			'{"type":"error","error":{"code":"bad","message":"No"}}',
			{ family: 'error', summary: 'bad: No' }
		],
		[
			'an item',
			'server',
			'{"type":"conversation.item.added","item":{"role":"user","type":"message","content":[{"text":"Hi"}]}}',
			{ family: 'conversation', summary: 'user message "Hi"' }
		],
		['an unknown event', 'server', '{"type":"ping"}', { type: 'ping', family: 'unknown', summary: '' }],
		['a beta event', 'server', '{"type":"response.audio.done"}', { type: 'response.audio.done', family: 'response' }],
		['no JSON', 'server', 'oops', { type: '(not JSON)', family: 'broken', summary: 'oops' }],
		['no event', 'server', '[1]', { type: '(no event)', family: 'broken', summary: '[1]' }]
	])('tells of %s', (_name, from, raw, expected) => {
		expect(row(from, raw)).toMatchObject({ seq: 0, at: 5, from, ...expected });
	});

	test('has the size of the whole text, and can be made of anything', () => {
		fc.assert(
			fc.property(anyMessage(), ({ from, raw, binary }) => {
				const made = row(from === 'console' ? 'client' : from, raw, binary ?? false);
				expect(made.size).toBe(raw.length);
			})
		);
	});
});
