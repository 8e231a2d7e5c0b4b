import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText, audioLikeEvent } from '../../../tests/fixtures/arbitrary.ts';
import { parseEvent } from '../protocol/parse-event.ts';
import { DeltaReader } from './read-delta.ts';

const DELTA = '{"type":"response.output_audio.delta","event_id":"event_1","item_id":"a","content_index":0,"delta":""}';

/** What an event is but for the ids of events, wherever they stand. */
function withoutIds(value: unknown): unknown {
	return JSON.parse(JSON.stringify(value, (key, part: unknown) => (key.endsWith('event_id') ? undefined : part)));
}

test('an event that differs in its id alone is not parsed again; any other is', () => {
	const reader = new DeltaReader();
	const first = reader.readText(DELTA);
	expect(first).toEqual(parseEvent(DELTA));
	expect(reader.readText(DELTA.replace('event_1', 'event_12'))).toBe(first);
	const other = DELTA.replace('"a"', '"b"');
	expect(reader.readText(other)).toEqual(parseEvent(other));
	expect(reader.readText('{"type":"input_audio_buffer.append","audio":""}')).toBe(
		reader.readText('{"type":"input_audio_buffer.append","audio":""}')
	);
});

test('what follows a whole event makes it another text', () => {
	const reader = new DeltaReader();
	const whole = '{"type":"input_audio_buffer.append","audio":""}';
	expect(reader.readText(whole).ok).toBe(true);
	expect(reader.readText(`${whole}x`).ok).toBe(false);
});

test.each([
	['an id that ends the event', 'event_1","type":"error'],
	['an id with an escape', 'event\\u005f1'],
	['an id that is no JSON', 'event\n1'],
	['an id that ends in a backslash', 'event\\']
])('%s is read as it is', (_name, id) => {
	const reader = new DeltaReader();
	reader.readText(DELTA);
	const text = DELTA.replace('event_1', id);
	expect(reader.readText(text)).toEqual(parseEvent(text));
});

test('no text is taken for the one before, whatever it looks like', () => {
	const id = fc.oneof(fc.stringMatching(/^[\w-]{0,8}$/), anyText());
	const members = fc.array(
		fc.oneof(
			id.map((text) => `"event_id":${JSON.stringify(text)}`),
			id.map((text) => `"x\\"event_id" : ${JSON.stringify(text)}`),
			id.map((text) => `"item_id":{"event_id":${JSON.stringify(text)}}`),
			id.map((text) => `"item_id":${JSON.stringify(text)}`),
			id.map((text) => `"event_id":"${text}"`),
			fc.constant('"type":"response.output_audio.delta"')
		),
		{ maxLength: 4 }
	);
	const made = members.map((parts) => `{"type":"a",${parts.join(',')}}`);
	const texts = fc.array(fc.oneof({ weight: 3, arbitrary: made }, audioLikeEvent()), { minLength: 2, maxLength: 12 });
	fc.assert(
		fc.property(texts, (all) => {
			const reader = new DeltaReader();
			for (const text of all) expect(withoutIds(reader.readText(text))).toEqual(withoutIds(parseEvent(text)));
		}),
		{ numRuns: 500 }
	);
});
