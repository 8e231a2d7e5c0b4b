import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBase64 } from '../audio/base64.ts';
import { MemoryLog } from '../recording/recording-log.ts';
import type { From } from '../recording/recorded-event.ts';
import { KinIndex } from './event-kin.ts';

type Line = readonly [from: From, event: object];

/** The kin of each event of a log, by number. */
function kinOf(lines: readonly Line[]) {
	const log = new MemoryLog();
	for (const [from, event] of lines) log.append({ seq: log.length, at: log.length, from, raw: JSON.stringify(event) });
	const index = new KinIndex();
	for (let seq = 0; seq < log.length; seq++) index.add(log.entry(seq));
	const kin = (seq: number) => index.kinOf(log.entry(seq));
	const cause = (seq: number) =>
		kin(seq)
			.causes.map((link) => `${link.seq} by ${link.ground}`)
			.join();
	const effects = (seq: number) => kin(seq).effects.map((link) => link.seq);
	return { log, index, kin, cause, effects };
}

const client = (type: string, fields: object = {}): Line => ['client', { type, ...fields }];
const server = (type: string, fields: object = {}): Line => ['server', { type, event_id: 'event_1', ...fields }];
const added = (item: object): Line => server('conversation.item.added', { item });
const message = (role: string, id?: string) => ({ ...(id !== undefined && { id }), type: 'message', role });

describe('causes', () => {
	test('an error names the client event, and that one waits for no other answer', () => {
		const { cause, effects } = kinOf([
			client('response.create', { event_id: 'mine' }),
			client('response.create'),
			server('error', { error: { message: 'no', event_id: 'mine' } }),
			server('response.created', { response: { id: 'resp_1' } })
		]);
		expect([cause(2), cause(3)]).toEqual(['0 by id', '1 by order']);
		expect([effects(0), effects(1)]).toEqual([[2], [3]]);
	});

	test('an error that names nothing is told by its code or its param', () => {
		const { cause } = kinOf([
			client('session.update'),
			client('response.create'),
			server('error', { error: { code: 'conversation_already_has_active_response', event_id: null } }),
			server('error', { error: { code: 'invalid_value', param: 'session.audio.output.voice' } }),
			server('error', { error: { code: 'something_else' } }),
			server('session.updated', { session: {} })
		]);
		expect([2, 3, 4, 5].map(cause)).toEqual(['1 by order', '0 by order', '', '']);
	});

	test('an error about caller audio finds the event among many like it', () => {
		const audio = encodeBase64(new Uint8Array(480));
		const { cause } = kinOf([
			client('input_audio_buffer.append', { event_id: 'a1', audio }),
			client('input_audio_buffer.append', { event_id: 'a2', audio }),
			client('input_audio_buffer.append', { event_id: 'a3', audio }),
			server('error', { error: { event_id: 'a2' } })
		]);
		expect(cause(3)).toBe('1 by id');
	});

	test('items that the client makes are told from those of the caller’s voice and of a response', () => {
		const { cause, effects } = kinOf([
			client('conversation.item.create', { item: message('user') }),
			client('conversation.item.create', { item: message('user', 'item_mine') }),
			server('input_audio_buffer.committed', { item_id: 'item_voice' }),
			added(message('user', 'item_voice')),
			server('response.output_item.added', { item: message('assistant', 'item_model'), response_id: 'r' }),
			added(message('assistant', 'item_model')),
			added(message('user', 'item_mine')),
			added(message('user', 'item_theirs')),
			server('conversation.item.done', { item: message('user', 'item_theirs') })
		]);
		expect([3, 5, 6, 7, 8].map(cause)).toEqual(['', '', '1 by id', '0 by order', '0 by order']);
		expect(effects(0)).toEqual([7, 8]);
	});

	test('a call leads to its output, and the output to its item', () => {
		const output = { type: 'function_call_output', call_id: 'call_1', output: '{}' };
		const { cause, kin } = kinOf([
			server('response.function_call_arguments.done', { call_id: 'call_1', item_id: 'i', arguments: '{}' }),
			client('conversation.item.create', { item: { ...output, call_id: 'call_2' } }),
			client('conversation.item.create', { item: output }),
			added({ ...output, id: 'item_9' })
		]);
		expect([1, 2, 3].map(cause)).toEqual(['', '0 by id', '2 by id']);
		expect(kin(2).groups).toEqual([{ kind: 'call', id: 'call_1', seqs: [0, 2, 3] }]);
	});

	test.each([
		['session.update', 'session.updated'],
		['input_audio_buffer.commit', 'input_audio_buffer.committed'],
		['input_audio_buffer.clear', 'input_audio_buffer.cleared'],
		['output_audio_buffer.clear', 'output_audio_buffer.cleared'],
		['response.create', 'response.created']
	])('%s leads to %s, each to one', (request, answer) => {
		const { cause } = kinOf([client(request), client(request), server(answer), server(answer), server(answer)]);
		expect([2, 3, 4].map(cause)).toEqual(['0 by order', '1 by order', '']);
	});

	test.each(['truncate', 'delete'])('conversation.item.%s finds its answer by the item', (verb) => {
		const { cause } = kinOf([
			client(`conversation.item.${verb}`, { item_id: 'a' }),
			client(`conversation.item.${verb}`, { item_id: 'b' }),
			server(`conversation.item.${verb}d`, { item_id: 'b' })
		]);
		expect(cause(2)).toBe('1 by id');
	});

	test('a cancel leads to the end of the response that the client cancelled', () => {
		const done = (id: string, reason: string) =>
			server('response.done', { response: { id, status: 'cancelled', status_details: { reason } } });
		const { cause } = kinOf([
			client('response.cancel'),
			client('response.cancel', { response_id: 'r3' }),
			done('r1', 'turn_detected'),
			done('r3', 'client_cancelled'),
			done('r2', 'client_cancelled')
		]);
		expect([2, 3, 4].map(cause)).toEqual(['', '1 by id', '0 by order']);
	});

	test('what belongs to a response exists because it began', () => {
		const { cause } = kinOf([
			server('response.created', { response: { id: 'r' } }),
			server('response.output_text.delta', { response_id: 'r', item_id: 'i', delta: 'Hi' })
		]);
		expect([cause(0), cause(1)]).toEqual(['', '0 by id']);
	});

	test('nobody but its own sender causes anything', () => {
		const { cause } = kinOf([
			['server', { type: 'response.create' }],
			['client', { type: 'response.created', response: { id: 'r' } }],
			server('response.created', { response: { id: 'r' } })
		]);
		expect([0, 1, 2].map(cause)).toEqual(['', '', '']);
	});
});

describe('groups', () => {
	test('the events of an item, of a response and of both', () => {
		const audio = encodeBase64(new Uint8Array(480));
		const delta = { response_id: 'r', item_id: 'i', content_index: 0, delta: audio };
		const { kin } = kinOf([
			server('response.created', { response: { id: 'r', output: [] } }),
			server('response.output_audio.delta', { ...delta, event_id: 'e1' }),
			server('response.output_audio.delta', { ...delta, event_id: 'e2' }),
			['console', { type: 'earshot.playback.started', item_id: 'i' }],
			added({ ...message('user', 'j'), previous_item_id: 'i' }),
			server('response.done', { response: { id: 'r', output: [{ id: 'i' }, { id: 'k' }] } })
		]);
		expect(kin(2).groups).toEqual([
			{ kind: 'item', id: 'i', seqs: [1, 2, 3, 5] },
			{ kind: 'response', id: 'r', seqs: [0, 1, 2, 5] }
		]);
		expect(kin(4).groups).toEqual([]);
		expect(kin(5).groups.map(({ id }) => id)).toEqual(['i', 'r']);
	});

	test('the configuration in force is that of the last event that told one', () => {
		const { index } = kinOf([
			client('session.update'),
			server('session.created', { session: {} }),
			server('response.created', { response: { id: 'r' } }),
			server('session.updated', { session: {} })
		]);
		expect([0, 1, 2, 3].map((seq) => index.configSeq(seq))).toEqual([null, 1, 1, 3]);
	});
});

const word = fc.constantFrom('a', 'b', '__proto__', 'constructor', '');
const anyEvent = fc.record(
	{
		type: fc.constantFrom('error', 'response.create', 'response.created', 'conversation.item.added', 'response.done'),
		event_id: fc.oneof(word, fc.integer()),
		item_id: fc.oneof(word, fc.constant(null)),
		item: fc.oneof(fc.record({ id: word, call_id: word, type: word }), fc.string()),
		error: fc.oneof(fc.record({ event_id: word, code: word, param: word }), fc.integer()),
		response: fc.oneof(fc.record({ id: word, output: fc.array(fc.anything()) }), fc.constant([]))
	},
	{ requiredKeys: ['type'] }
);

test('whatever a log holds: links go both ways, causes come first, an event is in its own groups', () => {
	const line = fc.tuple(fc.constantFrom<From>('client', 'server', 'console'), anyEvent);
	fc.assert(
		fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
			const { log, kin } = kinOf(lines);
			for (let seq = 0; seq < log.length; seq++) {
				const { causes, effects, groups } = kin(seq);
				for (const link of causes) expect(link.seq).toBeLessThan(seq);
				for (const link of effects) expect(kin(link.seq).causes.map(({ seq: by }) => by)).toEqual([seq]);
				for (const { seqs } of groups) {
					expect(seqs).toContain(seq);
					expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
				}
			}
		})
	);
});

test('the fixture of a barge-in: nobody asked for its response, and the truncate was answered', async () => {
	const file = await readFile('tests/fixtures/v1-barge-in.earshot.jsonl', 'utf8');
	const recorded = file
		.trim()
		.split('\n')
		.slice(1)
		.map((line) => JSON.parse(line) as { from: From; event: { type: string } });
	const { cause } = kinOf(recorded.map(({ from, event }) => [from, event]));
	const told = [20, 22, 33, 62, 70].map((seq) => `${recorded[seq]!.event.type}: ${cause(seq)}`);
	expect(told).toEqual([
		'conversation.item.added: ',
		'response.created: ',
		'response.output_audio.delta: 22 by id',
		'conversation.item.truncate: ',
		'conversation.item.truncated: 62 by id'
	]);
});
