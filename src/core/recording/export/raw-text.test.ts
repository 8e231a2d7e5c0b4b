import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMessage, audioEvent, audioLikeEvent } from '../../../../tests/fixtures/arbitrary.ts';
import { encodeBase64 } from '../../audio/base64.ts';
import type { LogEntry, RecordedEvent } from '../recorded-event.ts';
import { MemoryLog } from '../recording-log.ts';
import { createRedactor } from '../redaction/redactor.ts';
import { rawOf, redactEntry, type Redact } from './raw-text.ts';

/** Takes out what looks like a key, as a redactor does: text before and after it stays as it is. */
const withoutKeys: Redact = (_from, text) => text.replace(/sk-[a-z0-9]+/g, '[redacted: api key]');

function entryOf(event: Omit<RecordedEvent, 'seq' | 'at'>): [LogEntry, Uint8Array | undefined] {
	const log = new MemoryLog();
	log.append({ seq: 0, at: 0, ...event });
	const entry = log.entry(0);
	return [entry, entry.audio && log.tracks[entry.audio.track].read(0, entry.audio.length)];
}

function redacted(raw: string, redact: Redact, from: 'client' | 'server' = 'client'): string {
	return rawOf(...entryOf({ from, raw }), redact);
}

test('without a redactor, or with one that finds nothing, the raw text comes back', () => {
	fc.assert(
		fc.property(anyMessage(), (message) => {
			const [entry, bytes] = entryOf(message);
			expect(rawOf(entry, bytes)).toBe(message.raw);
			expect(rawOf(entry, bytes, (_from, text) => text)).toBe(message.raw);
		})
	);
});

describe('audio stays in its place', () => {
	const APPEND = '"type":"input_audio_buffer.append"';
	test.each([
		['a key before it', `{"event_id":"sk-abc",${APPEND},"audio":"AAAA"}`],
		['a key after it', `{${APPEND},"audio":"AAAA","event_id":"sk-abc"}`],
		['keys on both sides', `{"a":"sk-1","audio":"AAAA",${APPEND},"b":"sk-2 sk-3"}`],
		['its own mark in the text', `{"Audio":"Audiooo sk-abc oooo","audio":"AAAA",${APPEND},"x":"AudioAudio sk-1"}`],
		['a member of the same name in a key’s place', `{"x":"sk-abc","audio":"AAAA",${APPEND},"y":{"audio":"sk-1"}}`]
	])('with %s', (_what, raw) => {
		expect(redacted(raw, withoutKeys)).toBe(withoutKeys('client', raw));
	});

	test('whatever is redacted around it', () => {
		const texts = fc.oneof(
			audioLikeEvent(),
			audioEvent().map(({ raw }) => raw)
		);
		// Every letter but those of the mark and of base64's quotes may go: here runs of one letter of the text.
		fc.assert(
			fc.property(
				texts,
				fc.constantFrom('client', 'server'),
				fc.constantFrom('type', 'event', '_', '{', ' '),
				(raw, from, cut) => {
					const [entry, bytes] = entryOf({ from, raw });
					fc.pre(entry.audio !== undefined && bytes !== undefined);
					const audio = encodeBase64(bytes!);
					const around = [raw.slice(0, entry.audio!.index), raw.slice(entry.audio!.index + audio.length)];
					const redact: Redact = (_from, text) => text.replaceAll(cut, '[redacted: path]');
					const expected = around.map((text) => redact(from, text)).join(audio);
					expect(rawOf(entry, bytes, redact)).toBe(expected);
				}
			)
		);
	});

	test('and is never shown to the redactor, which might take it for a key', () => {
		const shown: string[] = [];
		const raw = `{${APPEND},"audio":"${'sk'.repeat(8)}"}`;
		expect(redacted(raw, (_from, text) => (shown.push(text), text))).toBe(raw);
		expect(shown).toEqual([`{${APPEND},"audio":"Audio"}`]);
	});
});

test('audio whose member was redacted leaves with it', () => {
	const raw = '{"type":"input_audio_buffer.append","audio":"AAAA","event_id":"sk-1"}';
	const [entry, bytes] = entryOf({ from: 'client', raw });
	const redact: Redact = (from, text) =>
		withoutKeys(from, text.replace(/"audio":"[^"]*"/, '"audio":"[redacted: path]"'));
	expect(redactEntry(entry, redact)).not.toHaveProperty('audio');
	expect(rawOf(entry, bytes, redact)).toBe(
		'{"type":"input_audio_buffer.append","audio":"[redacted: path]","event_id":"[redacted: api key]"}'
	);
});

describe('a recording’s own redactor', () => {
	const key = `sk-proj-${'Ab3'.repeat(16)}`;
	const raw = `{"event_id":"${key}","type":"input_audio_buffer.append","audio":"AQID","x":"${key}"}`;

	test('finds what is around the audio, and leaves the audio', () => {
		const [entry, bytes] = entryOf({ from: 'client', raw });
		const clean = rawOf(entry, bytes, createRedactor({ paths: ['session.instructions'], emails: true, phones: true }));
		expect(clean).toBe(raw.replaceAll(key, '[redacted: api key]'));
		expect(clean).toBe(createRedactor({}).message('client', raw));
	});

	test('takes the audio out when its member is to go', () => {
		const [entry, bytes] = entryOf({ from: 'client', raw });
		const clean = rawOf(entry, bytes, createRedactor({ paths: ['audio'] }));
		expect(JSON.parse(clean)).toMatchObject({ audio: '[redacted: path]', x: '[redacted: api key]' });
	});
});

describe('a binary frame', () => {
	test('is redacted byte by byte', () => {
		const frame = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from('key sk-abc end'), Buffer.from([254, 10])]);
		const [entry] = entryOf({ from: 'client', raw: frame.toString('base64'), binary: true });
		const bytes = Buffer.from(rawOf(entry, undefined, withoutKeys), 'base64');
		expect(bytes.toString('latin1')).toBe(frame.toString('latin1').replace('sk-abc', '[redacted: api key]'));
	});

	test('goes to the part of a redactor that is made for it', () => {
		const [entry] = entryOf({ from: 'client', raw: 'AAAA', binary: true });
		const redactor = { message: () => 'message', binary: (from: string, base64: string) => `${from} ${base64}` };
		expect(rawOf(entry, undefined, redactor)).toBe('client AAAA');
	});

	test('that is no base64 is redacted as text', () => {
		const [entry] = entryOf({ from: 'client', raw: 'not base64: sk-abc', binary: true });
		expect(rawOf(entry, undefined, withoutKeys)).toBe('not base64: [redacted: api key]');
	});
});
