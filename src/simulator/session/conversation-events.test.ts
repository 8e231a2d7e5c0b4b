import { describe, expect, it } from 'vitest';
import { sessionUpdate, summarize, typedMessage, VirtualSession } from '#simulator/testing/virtual-session.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

const withId = (id: string, previous?: string | null): JsonObject => ({
	type: 'conversation.item.create',
	...(previous === undefined ? {} : { previous_item_id: previous }),
	item: { id, type: 'message', role: 'user', content: [{ type: 'input_text', text: id }] }
});
const truncate = (itemId: unknown, audioEndMs: number): JsonObject => ({
	type: 'conversation.item.truncate',
	item_id: itemId,
	content_index: 0,
	audio_end_ms: audioEndMs
});
const base64 = (ms: number): string => Buffer.from(new Int16Array(ms * 24).fill(5).buffer).toString('base64');
const error = (code: string, message: string): JsonObject => ({ error: { code, message } });

describe('conversation.item.create', () => {
	it('puts items where it is told', () => {
		const world = new VirtualSession();
		const events = world.exchange([
			withId('a'),
			withId('b', ''),
			withId('c', 'root'),
			withId('d', 'a'),
			withId('e', null)
		]);
		const added = events.filter(({ type }) => type === 'conversation.item.added');
		expect(added.map((event) => event['previous_item_id'])).toEqual([null, 'a', null, 'a', 'b']);
		expect(summarize(events.slice(0, 2))).toEqual(['conversation.item.added', 'conversation.item.done']);
	});

	it('refuses an unknown item before it and adds nothing', () => {
		const world = new VirtualSession();
		expect(world.exchange([withId('a', 'nowhere')])[0]).toMatchObject({ error: { param: 'previous_item_id' } });
		expect(world.exchange([withId('b')])[0]).toMatchObject({ previous_item_id: null });
	});

	it('takes an id that is there already', () => {
		const world = new VirtualSession();
		expect(world.exchange([withId('a'), withId('a')]).map(({ type }) => type)).not.toContain('error');
	});

	it('takes the history that clients seed, in the recorded form', () => {
		const world = new VirtualSession();
		const create = (item: JsonObject): JsonObject => ({ type: 'conversation.item.create', item });
		const events = world.exchange([
			create({ type: 'message', role: 'system', content: [{ type: 'input_text', text: 'S' }] }),
			create({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'A' }] }),
			create({
				type: 'message',
				role: 'user',
				content: [{ type: 'input_audio', audio: base64(200), transcript: 'T' }]
			}),
			create({ type: 'function_call', name: 'f', call_id: 'call_1', arguments: '{}' }),
			create({ type: 'function_call_output', call_id: 'call_1', output: 'ok' })
		]);
		const items = events
			.filter(({ type }) => type === 'conversation.item.done')
			.map((event) => event['item'] as JsonObject);
		expect(items.map(({ id: _id, ...item }) => item)).toEqual([
			{ type: 'message', status: 'completed', role: 'system', content: [{ type: 'input_text', text: 'S' }] },
			{ type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'A' }] },
			{ type: 'message', status: 'completed', role: 'user', content: [{ type: 'input_audio', transcript: 'T' }] },
			{ type: 'function_call', status: 'completed', name: 'f', call_id: 'call_1', arguments: '{}' },
			{ type: 'function_call_output', call_id: 'call_1', output: 'ok' }
		]);
	});
});

describe('conversation.item.delete and retrieve', () => {
	it('deletes', () => {
		const world = new VirtualSession();
		world.exchange([withId('a')]);
		expect(world.exchange([{ type: 'conversation.item.delete', item_id: 'a' }])[0]).toMatchObject({
			type: 'conversation.item.deleted',
			item_id: 'a'
		});
		expect(world.exchange([{ type: 'conversation.item.delete', item_id: 'a' }])[0]?.type).toBe('error');
	});

	it('gives the audio back on retrieve only', () => {
		const world = new VirtualSession();
		const part = { type: 'input_audio', audio: base64(200) };
		const item = { id: 'a', type: 'message', role: 'user', content: [part] };
		const created = world.exchange([{ type: 'conversation.item.create', item }]);
		expect(JSON.stringify(created)).not.toContain(part.audio);
		const [retrieved] = world.exchange([{ type: 'conversation.item.retrieve', item_id: 'a' }]);
		expect(retrieved).toMatchObject({
			item: { content: [{ type: 'input_audio', transcript: null, audio: part.audio }] }
		});
	});
});

describe('conversation.item.truncate', () => {
	function answered(): { world: VirtualSession; itemId: string; audioMs: number } {
		const world = new VirtualSession();
		const events = world.exchange([typedMessage('Hello'), { type: 'response.create' }], 20_000);
		const bytes = events
			.filter(({ type }) => type === 'response.output_audio.delta')
			.reduce((sum, event) => sum + Buffer.from(String(event['delta']), 'base64').length, 0);
		const { item } = world.last('response.output_item.done') as { item?: { id: string } };
		return { world, itemId: item?.id ?? '', audioMs: bytes / 48 };
	}

	it('shortens the audio and forgets the words', () => {
		const { world, itemId } = answered();
		expect(world.exchange([truncate(itemId, 1500)])[0]).toMatchObject({
			type: 'conversation.item.truncated',
			item_id: itemId,
			content_index: 0,
			audio_end_ms: 1500
		});
		const [retrieved] = world.exchange([{ type: 'conversation.item.retrieve', item_id: itemId }]);
		const { item } = retrieved as unknown as { item: { content: [{ transcript: string; audio: string }] } };
		expect(item.content[0].transcript).toBe('');
		expect(Buffer.from(item.content[0].audio, 'base64').length).toBe(1500 * 48);
	});

	it('refuses what is longer than the audio, text, and a second time', () => {
		const { world, itemId, audioMs } = answered();
		expect(world.exchange([truncate(itemId, audioMs + 1000)])[0]).toMatchObject(
			error('invalid_value', `Audio content of ${audioMs}ms is already shorter than ${audioMs + 1000}ms`)
		);
		const userId = world.events.find(({ type }) => type === 'conversation.item.added') as unknown as {
			item: { id: string };
		};
		expect(world.exchange([truncate(userId.item.id, 0)])[0]).toMatchObject(
			error('unsupported_content_type', 'Only model output audio messages can be truncated')
		);
		world.exchange([truncate(itemId, 1000)]);
		expect(world.exchange([truncate(itemId, 500)])[0]).toMatchObject({ error: { code: 'item_already_truncated' } });
		expect(world.exchange([truncate(itemId, 1200)])[0]).toMatchObject(
			error('invalid_value', 'Audio content of 1000ms is already shorter than 1200ms')
		);
	});

	it('counts the shorter audio in the next turn', () => {
		const { world, itemId } = answered();
		world.exchange([truncate(itemId, 1000)]);
		world.exchange(
			[typedMessage('And now?'), { type: 'response.create', response: { output_modalities: ['text'] } }],
			6000
		);
		expect(world.last('response.done')).toMatchObject({
			response: { usage: { input_token_details: { audio_tokens: 20 } } }
		});
	});

	it('takes an answer that was cut off, up to what was sent', () => {
		const world = new VirtualSession();
		world.exchange([typedMessage('Hello'), { type: 'response.create' }], 600);
		world.exchange([{ type: 'response.cancel' }], 200);
		const { item } = world.last('response.output_item.done') as { item?: { id: string; status: string } };
		expect(item?.status).toBe('incomplete');
		expect(world.exchange([truncate(item?.id, 300)])[0]?.type).toBe('conversation.item.truncated');
	});
});

describe('manual turns', () => {
	it('commits on request and answers on request', () => {
		const world = new VirtualSession();
		world.exchange([sessionUpdate({ audio: { input: { turn_detection: null } } })]);
		world.send({ type: 'input_audio_buffer.append', audio: base64(60) });
		expect(world.exchange([{ type: 'input_audio_buffer.commit' }])[0]).toMatchObject({
			error: { message: expect.stringContaining('buffer only has 60.00ms of audio.') }
		});
		world.send({ type: 'input_audio_buffer.append', audio: base64(1940) });
		expect(summarize(world.exchange([{ type: 'input_audio_buffer.commit' }], 3000))).toEqual([
			'input_audio_buffer.committed',
			'conversation.item.added',
			'conversation.item.done'
		]);
		world.exchange([{ type: 'response.create' }], 15_000);
		expect(world.last('response.done')).toMatchObject({
			response: { usage: { input_token_details: { audio_tokens: 20 } } }
		});
		expect(JSON.stringify(world.last('response.done'))).toContain('I heard you');
	});

	it('joins a sample that was cut in two appends, and refuses what is not base64', () => {
		const world = new VirtualSession();
		world.exchange([sessionUpdate({ audio: { input: { turn_detection: null } } })]);
		const bytes = Buffer.from(new Int16Array(4800).fill(258).buffer);
		const append = (part: Buffer): JsonObject => ({
			type: 'input_audio_buffer.append',
			audio: part.toString('base64')
		});
		world.exchange([append(bytes.subarray(0, 4801)), append(bytes.subarray(4801))]);
		world.exchange([{ type: 'input_audio_buffer.commit' }]);
		const [retrieved] = world.exchange([
			{ type: 'conversation.item.retrieve', item_id: world.last('input_audio_buffer.committed')['item_id'] }
		]);
		expect(retrieved).toMatchObject({ item: { content: [{ audio: bytes.toString('base64') }] } });
		expect(world.exchange([{ type: 'input_audio_buffer.append', audio: '%%%%' }])[0]).toMatchObject({
			error: { param: 'audio' }
		});
	});
});

describe('response.create and response.cancel', () => {
	it('refuses a second answer by the name of the first', () => {
		const world = new VirtualSession();
		const [created] = world.exchange([{ type: 'response.create' }]);
		const id = (created?.['response'] as { id: string }).id;
		expect(world.exchange([{ type: 'response.create' }])[0]).toMatchObject(
			error(
				'conversation_already_has_active_response',
				`Conversation already has an active response in progress: ${id}. Wait until the response is finished before creating a new one.`
			)
		);
	});

	it('cancels before the first item: nothing was said and nothing is counted', () => {
		const world = new VirtualSession();
		world.exchange([{ type: 'response.create' }]);
		const events = world.exchange([{ type: 'response.cancel' }], 2000);
		expect(summarize(events)).toEqual(['response.done', 'rate_limits.updated']);
		expect(events[0]).toMatchObject({
			response: {
				status: 'cancelled',
				status_details: { reason: 'client_cancelled' },
				output: [],
				usage: { total_tokens: 0 }
			}
		});
	});

	it('cancels a text answer with what was said so far', () => {
		const world = new VirtualSession();
		world.exchange([typedMessage('Hi'), { type: 'response.create', response: { output_modalities: ['text'] } }], 400);
		const events = world.exchange([{ type: 'response.cancel' }], 2000);
		expect(summarize(events).filter((type) => type !== 'response.output_text.delta')).toEqual([
			'response.output_text.done',
			'response.content_part.done',
			'conversation.item.done',
			'response.output_item.done',
			'response.done',
			'rate_limits.updated'
		]);
		const said = world.events
			.filter(({ type }) => type === 'response.output_text.delta')
			.map((event) => event['delta']);
		expect(world.last('response.done')).toMatchObject({
			response: { status: 'cancelled', output: [{ status: 'incomplete', content: [{ text: said.join('') }] }] }
		});
	});

	it('answers out of band beside the conversation', () => {
		const world = new VirtualSession();
		world.exchange([typedMessage('Hello'), { type: 'response.create' }], 500);
		const input = [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'aside' }] }];
		const response = { conversation: 'none', output_modalities: ['text'], metadata: { topic: 'x' }, input };
		world.exchange([{ type: 'response.create', response }], 20_000);
		const done = world.events
			.filter(({ type }) => type === 'response.done')
			.map((event) => event['response'] as JsonObject);
		const aside = done.find((one) => one['conversation_id'] === null);
		expect(done).toHaveLength(2);
		expect(aside).toMatchObject({ status: 'completed', metadata: { topic: 'x' } });
		expect(JSON.stringify(aside?.['output'])).toContain('aside');
		const asideItem = (aside?.['output'] as [{ id: string }])[0].id;
		const added = world.events
			.filter(({ type }) => type.startsWith('conversation.item.'))
			.map((event) => event['item'] as JsonObject);
		expect(added.map((item) => item['id'])).not.toContain(asideItem);
	});

	it('cancels an out-of-band answer by its id, and no other', () => {
		const world = new VirtualSession();
		const [created] = world.exchange([{ type: 'response.create', response: { conversation: 'none' } }]);
		expect(world.exchange([{ type: 'response.cancel' }])[0]).toMatchObject({
			error: { code: 'response_cancel_not_active' }
		});
		const responseId = (created?.['response'] as { id: string }).id;
		expect(world.exchange([{ type: 'response.cancel', response_id: responseId }])[0]).toMatchObject({
			response: { id: responseId, status: 'cancelled' }
		});
	});

	it('refers to items of the conversation', () => {
		const world = new VirtualSession();
		world.exchange([withId('a'), withId('b')]);
		const ask = (id: string): JsonObject => ({
			type: 'response.create',
			response: { conversation: 'none', output_modalities: ['text'], input: [{ type: 'item_reference', id }] }
		});
		world.exchange([ask('a')], 5000);
		expect(JSON.stringify(world.last('response.done'))).toContain('You typed: a');
		expect(world.exchange([ask('zzz')])[0]).toMatchObject({ error: { param: 'response.input[0].id' } });
	});
});
