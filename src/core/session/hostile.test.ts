import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyMessage } from '../../../tests/fixtures/arbitrary.ts';
import { foldLog } from '../../../tests/fixtures/session-script.ts';
import { CLIENT_EVENT_TYPES, findEventDefinition } from '../protocol/catalog.ts';
import type { From } from '../protocol/direction.ts';
import { RecordingLog } from '../recording/recording-log.ts';
import { applyEntry } from './apply-event.ts';
import { createSession, type Session } from './session-model.ts';

const TYPES = [
	...CLIENT_EVENT_TYPES,
	...['error', 'session.created', 'session.updated', 'rate_limits.updated', 'response.created', 'response.done'],
	...['conversation.item.added', 'conversation.item.created', 'conversation.item.done', 'conversation.item.retrieved'],
	...[
		'conversation.item.truncated',
		'conversation.item.deleted',
		'response.output_item.added',
		'response.output_item.done'
	],
	...['delta', 'completed', 'failed'].map((end) => `conversation.item.input_audio_transcription.${end}`),
	...['speech_started', 'speech_stopped', 'committed'].map((end) => `input_audio_buffer.${end}`),
	...['output_text', 'output_audio_transcript', 'function_call_arguments', 'output_audio', 'audio'].flatMap((part) => [
		`response.${part}.delta`,
		`response.${part}.done`
	]),
	...['opening', 'opened', 'closed'].map((end) => `earshot.connection.${end}`),
	...['started', 'position', 'stalled', 'resumed', 'stopped', 'ended'].map((end) => `earshot.playback.${end}`),
	...[
		'earshot.microphone.opened',
		'earshot.microphone.closed',
		'earshot.problem',
		'__proto__',
		'constructor',
		'toString'
	]
];

const id = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'hasOwnProperty', '');
const number = fc.oneof(fc.nat(5000), fc.constantFrom(-1, 0.5, 1e308, -1e308, 1e-320), fc.double({ noNaN: true }));
const json = fc.jsonValue({ maxDepth: 3 });
const or = (sensible: fc.Arbitrary<unknown>) => fc.oneof({ weight: 6, arbitrary: sensible }, json);
const text = or(fc.constantFrom('', 'AAAA', 'some words', '\u2028'));

function object(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
	return or(
		fc.record(Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, or(value)])), { requiredKeys: [] })
	);
}

const part = object({ type: fc.constantFrom('input_audio', 'output_text', 'output_audio'), text, transcript: text });
const item = object({
	id,
	type: fc.constantFrom('message', 'function_call', 'function_call_output', 'mcp_call'),
	role: fc.constantFrom('user', 'assistant', 'system', 'tool'),
	status: fc.constantFrom('in_progress', 'completed', 'incomplete'),
	content: fc.array(part, { maxLength: 2 }),
	arguments: text,
	output: text,
	name: text,
	call_id: id
});
const response = object({
	id,
	status: fc.constantFrom('in_progress', 'completed', 'failed', 'cancelled'),
	conversation_id: fc.constant(null),
	status_details: object({ reason: text, error: object({ code: text, message: text }) }),
	output: fc.array(item, { maxLength: 2 }),
	usage: json
});
const format = object({ type: fc.constantFrom('audio/pcm', 'audio/pcmu'), rate: number });
const side = object({ format });
const session = object({
	audio: object({ input: side, output: side }),
	model: text,
	input_audio_format: text,
	expires_at: number
});

const FIELDS = {
	...{
		item_id: id,
		previous_item_id: fc.option(id),
		response_id: id,
		item,
		response,
		session,
		delta: text,
		audio: text
	},
	...{
		transcript: text,
		text,
		arguments: text,
		content_index: fc.constantFrom(0, 1, -1, 0.5),
		reason: fc.constant('caller_speech')
	},
	...{
		audio_start_ms: number,
		audio_end_ms: number,
		played_samples: number,
		rendered_at_ms: number,
		noticed_at_ms: number
	},
	...{ error: object({ message: text, code: text, type: text }), code: number, message: text, kind: text }
};

/** An event of any type that the fold knows, every field of it possibly of the wrong type. */
const hostileEvent = fc
	.record({
		type: fc.constantFrom(...TYPES),
		fields: fc.record(Object.fromEntries(Object.entries(FIELDS).map(([key, value]) => [key, or(value)])), {
			requiredKeys: []
		}),
		from: fc.constantFrom<From>('client', 'server', 'console'),
		honest: fc.nat(9)
	})
	.map(({ type, fields, from, honest }) => ({
		from: honest > 0 ? (findEventDefinition(type)?.from ?? from) : from,
		raw: JSON.stringify({ type, ...fields })
	}));

test('nothing that a log holds stops the fold', { timeout: 30_000 }, () => {
	const event = fc.oneof(
		{ weight: 12, arbitrary: hostileEvent },
		anyMessage(),
		json.map((value) => ({ from: 'server' as const, raw: JSON.stringify(value) }))
	);
	fc.assert(
		fc.property(fc.array(event, { maxLength: 40 }), (events) => {
			const log = new RecordingLog();
			events.forEach((message, seq) => log.append({ at: seq * 10, ...message, seq }));
			expectSound(foldLog(log), log.length);
		}),
		{ numRuns: 300 }
	);
});

/** What every pane may rely on, whatever was folded. */
function expectSound(folded: Session, count: number): void {
	expect(folded.eventCount).toBe(count);
	expect(new Set(folded.itemOrder)).toEqual(new Set(folded.items.keys()));
	expect(folded.itemOrder.length).toBe(folded.items.size);
	expect(folded.requestedResponses).toBeGreaterThanOrEqual(0);
	for (const segment of folded.callerSegments) expect(segment.bytesPerMs).toBeGreaterThan(0);
	for (const utterance of folded.utterances) {
		expect(utterance.bytesPerMs).toBeGreaterThan(0);
		expect(utterance.pieces.reduce((sum, piece) => sum + piece.length, 0)).toBe(utterance.receivedBytes);
		expect(utterance.playback.playedSamples).toBeGreaterThanOrEqual(0);
	}
	expect(Object.prototype).not.toHaveProperty('id');
}

test.each([
	['lists', '['.repeat(100_000) + ']'.repeat(100_000)],
	['objects', '{"item":'.repeat(100_000) + '1' + '}'.repeat(100_000)],
	['an item', `{"type":"conversation.item.added","item":{"id":"a","content":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`],
	[
		'an item’s content',
		`{"type":"conversation.item.added","item":{"id":"a","content":[${'{"text":'.repeat(1e5)}1${'}'.repeat(1e5)}]}}`
	]
])('%s nested 100,000 deep stop nothing', (_name, raw) => {
	const log = new RecordingLog();
	log.append({ seq: 0, at: 0, from: 'server', raw });
	const folded = createSession();
	expect(() => applyEntry(folded, log.entry(0))).not.toThrow();
	expect(log.raw(0) === raw).toBe(true);
});

test('ids that objects inherit are ids like others', () => {
	const log = new RecordingLog();
	const of = (item_id: string) => ({ item_id, response_id: item_id, content_index: 0 });
	for (const name of ['__proto__', 'constructor']) {
		const events = [
			{ type: 'response.created', response: { id: name, status: 'in_progress' } },
			{ type: 'conversation.item.added', item: { id: name, type: 'message', role: 'assistant', content: [] } },
			{ type: 'response.output_audio.delta', ...of(name), delta: 'AAAA' },
			{ type: 'response.output_text.delta', ...of(name), delta: name }
		];
		for (const event of events) log.append({ seq: log.length, at: 0, from: 'server', raw: JSON.stringify(event) });
	}
	const folded = foldLog(log);
	expect(folded.itemOrder).toEqual(['__proto__', 'constructor']);
	expect(folded.items.get('__proto__')?.text).toBe('__proto__');
	expect(folded.utterances.map((u) => [u.itemId, u.receivedBytes])).toEqual([
		['__proto__', 3],
		['constructor', 3]
	]);
	expect(folded.responses.get('constructor')?.itemIds).toEqual(['constructor']);
});
