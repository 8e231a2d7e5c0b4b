import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBase64 } from '../../audio/base64.ts';
import { ElidedAudioCount, isElidedAudio } from './elided-audio.ts';
import type { ImportSink } from './import-sink.ts';

test.each([
	...['...', '…', '[audio]', '<redacted>', 'AAAA...(truncated)', 'AAAA…', 'AA..AA', '1280 bytes', '<1280 bytes>'],
	...['{audio}', '(omitted)', '***', 'redacted', 'AUDIO', 'base64', 'data:audio/pcm;base64,AAAA', "b'AAAA'", '..']
])('%s is no audio', (payload) => {
	expect(isElidedAudio(payload)).toBe(true);
});

test.each(['', 'AAAA', 'AA==', '+/8=', '-_8', 'AAAA\r\nAAAA', 'AAAA'.repeat(1e5)])('%.20s may be audio', (payload) => {
	expect(isElidedAudio(payload)).toBe(false);
});

function notesOf(raws: string[]): string[] {
	const notes: string[] = [];
	const count = new ElidedAudioCount();
	for (const raw of raws) count.look(raw);
	count.report({ note: (text) => void notes.push(text) } as ImportSink);
	return notes;
}

const append = (audio: string) => `{"type":"input_audio_buffer.append","audio":"${audio}"}`;

test('events without their audio are counted', () => {
	const long = 'A'.repeat(5000);
	const missing = [
		append('...'),
		append(`${long}...`),
		append('\\u2026'),
		`{"delta" : "[x]", "type" : "response.audio.delta"}`
	];
	expect(notesOf(missing)).toEqual(['Audio is missing from 4 events: the tool that wrote this file left it out.']);
	expect(notesOf([append('...')])).toEqual([expect.stringMatching(/from 1 event:/)]);
	const others = [
		append(''),
		append(long),
		append(`${'\\/A\\u002b'.repeat(500)}`),
		'{"type":"response.output_text.delta","delta":"..."}',
		JSON.stringify({ type: 'response.done', text: append('...') }),
		'not JSON "audio":"...'
	];
	expect(notesOf(others)).toEqual([]);
});

test('real audio is never missing, however JSON spells it', () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, isEscaped) => {
			const base64 = encodeBase64(bytes);
			const spelled = isEscaped ? base64.replaceAll('/', '\\/').replaceAll('+', '\\u002B') : base64;
			expect(notesOf([append(spelled)])).toEqual([]);
		})
	);
});
