import { describe, expect, it } from 'vitest';
import { ScriptedAnswers } from '#simulator/testing/virtual-edges.ts';
import { START_MS, summarize, typedMessage, VirtualSession } from '#simulator/testing/virtual-session.ts';

const OPENING_AUDIO = [
	'response.created',
	'response.output_item.added',
	'conversation.item.added',
	'response.content_part.added',
	'response.output_audio_transcript.delta'
];
const CLOSING_AUDIO = [
	'response.output_audio.done',
	'response.output_audio_transcript.done',
	'response.content_part.done',
	'conversation.item.done',
	'response.output_item.done',
	'response.done'
];

describe('connect', () => {
	it('sends session.created at once, as recorded for gpt-realtime', () => {
		const { events } = new VirtualSession();
		expect(events).toHaveLength(1);
		const session = events[0]?.['session'] as Record<string, unknown>;
		expect(Object.keys(events[0] ?? {})).toEqual(['type', 'event_id', 'session']);
		expect(Object.keys(session)).toEqual(
			(
				'type object id model output_modalities instructions tools tool_choice max_output_tokens tracing truncation ' +
				'prompt expires_at audio include'
			).split(' ')
		);
		expect(session).toMatchObject({
			type: 'realtime',
			object: 'realtime.session',
			model: 'gpt-realtime',
			output_modalities: ['audio'],
			expires_at: START_MS / 1000 + 3600
		});
		expect(JSON.stringify(session['audio'])).toBe(
			'{"input":{"format":{"type":"audio/pcm","rate":24000},"transcription":null,"noise_reduction":null,' +
				'"turn_detection":{"type":"server_vad","threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":200,' +
				'"idle_timeout_ms":null,"create_response":true,"interrupt_response":true}},' +
				'"output":{"format":{"type":"audio/pcm","rate":24000},"voice":"alloy","speed":1}}'
		);
	});

	it.each([
		['gpt-realtime-2.1', 'marin', 500],
		['gpt-realtime-2.1-mini', 'marin', 500],
		['gpt-realtime-mini', 'alloy', 200],
		['gpt-realtime-2025-08-28', 'alloy', 200],
		['something-else', 'alloy', 200]
	])('has the defaults of %s', (model, voice, silenceMs) => {
		const { events } = new VirtualSession({ model });
		expect(events[0]).toMatchObject({
			session: { model, audio: { input: { turn_detection: { silence_duration_ms: silenceMs } }, output: { voice } } }
		});
	});

	it('makes ids with the time prefix of the recorded ones', () => {
		const { events } = new VirtualSession();
		expect(events[0]?.event_id).toMatch(/^event_E6U0u[0-9A-Za-z]{16}$/);
		expect(events[0]).toMatchObject({ session: { id: expect.stringMatching(/^sess_E6U0u[0-9A-Za-z]{16}$/) } });
	});

	it('closes after 60 minutes', () => {
		const world = new VirtualSession();
		world.advance(3_599_999);
		expect(world.closes).toEqual([]);
		world.advance(1);
		expect(world.closes).toEqual([{ code: 1001, reason: 'Your session hit the maximum duration of 60 minutes.' }]);
	});
});

describe('a text turn', () => {
	it('has the recorded order of events', () => {
		const world = new VirtualSession();
		const events = world.exchange(
			[typedMessage('What is this?'), { type: 'response.create', response: { output_modalities: ['text'] } }],
			5000
		);
		expect(summarize(events)).toEqual([
			'conversation.item.added',
			'conversation.item.done',
			'response.created',
			'response.output_item.added',
			'conversation.item.added',
			'response.content_part.added',
			'response.output_text.delta',
			'response.output_text.done',
			'response.content_part.done',
			'conversation.item.done',
			'response.output_item.done',
			'response.done',
			'rate_limits.updated'
		]);
		const text = (world.last('response.output_text.done') as { text?: string }).text ?? '';
		expect(text).toContain('What is this?');
		const deltas = events.filter(({ type }) => type === 'response.output_text.delta');
		expect(deltas.map((event) => event['delta']).join('')).toBe(text);
		for (const delta of deltas) {
			expect(String(delta['delta']).length + String(delta['obfuscation']).length).toBe(16);
		}
		expect(world.last('response.done')).toMatchObject({
			response: {
				status: 'completed',
				status_details: null,
				output: [{ type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text }] }],
				output_modalities: ['text'],
				usage: { output_token_details: { audio_tokens: 0 } }
			}
		});
	});

	it('has the recorded keys in the recorded order', () => {
		const world = new VirtualSession();
		const events = world.exchange([typedMessage('Hi'), { type: 'response.create' }], 12_000);
		const keys = (type: string): string => Object.keys(events.find((event) => event.type === type) ?? {}).join(' ');
		expect(keys('conversation.item.added')).toBe('type event_id previous_item_id item');
		expect(keys('response.output_item.added')).toBe('type event_id response_id output_index item');
		const place = 'type event_id response_id item_id output_index content_index';
		expect(keys('response.content_part.added')).toBe(`${place} part`);
		expect(keys('response.output_audio_transcript.delta')).toBe(`${place} delta obfuscation`);
		expect(keys('response.output_audio.delta')).toBe(`${place} delta`);
		expect(keys('response.output_audio.done')).toBe(place);
		expect(keys('response.output_audio_transcript.done')).toBe(`${place} transcript`);
		const response = (world.last('response.done') as { response?: object }).response ?? {};
		expect(Object.keys(response).join(' ')).toBe(
			'object id status status_details output conversation_id output_modalities max_output_tokens audio usage metadata'
		);
	});

	it('names no item before the model item at index 1, and the right one elsewhere', () => {
		const world = new VirtualSession();
		const text = { type: 'response.create', response: { output_modalities: ['text'] } };
		const first = world.exchange([typedMessage('one'), text], 5000);
		const userId = (first[0]?.['item'] as { id: string }).id;
		const added = first.filter(({ type }) => type === 'conversation.item.added');
		expect(added.map((event) => event['previous_item_id'])).toEqual([null, userId]);
		expect(world.last('conversation.item.done')['previous_item_id']).toBe(null);
		const second = world.exchange([typedMessage('two'), text], 5000);
		const secondUserId = (second[0]?.['item'] as { id: string }).id;
		expect(world.last('conversation.item.done')['previous_item_id']).toBe(secondUserId);
	});
});

describe('an audio answer', () => {
	it('has the recorded order: words first, then sound in quarters of a second, then the closing run', () => {
		const world = new VirtualSession();
		const events = world.exchange([typedMessage('Hello'), { type: 'response.create' }], 12_000);
		const order = summarize(events).slice(2);
		expect(order.slice(0, 6)).toEqual([...OPENING_AUDIO, 'response.output_audio.delta']);
		expect(order.slice(-7)).toEqual([...CLOSING_AUDIO, 'rate_limits.updated']);
		const sizes = events
			.filter(({ type }) => type === 'response.output_audio.delta')
			.map((event) => Buffer.from(String(event['delta']), 'base64').length);
		expect(new Set(sizes.slice(0, -1))).toEqual(new Set([12000]));
		expect(sizes.at(-1)).toBeLessThanOrEqual(12000);
		expect(world.last('response.content_part.done')['part']).toEqual({
			type: 'audio',
			transcript: world.last('response.output_audio_transcript.done')['transcript']
		});
		expect(JSON.stringify(events)).not.toContain('"object":"realtime.item"');
	});

	it('takes the recorded time: 200 ms to the item, 350 to the sound, three deltas at once, then 5 times real time', () => {
		const world = new VirtualSession();
		world.send(typedMessage('Hello'), { type: 'response.create' });
		const countAt = (ms: number, type: string): number => {
			world.advance(ms);
			return world.events.filter((event) => event.type === type).length;
		};
		expect(countAt(49, 'response.created')).toBe(0);
		expect(countAt(1, 'response.created')).toBe(1);
		expect(countAt(199, 'response.output_item.added')).toBe(0);
		expect(countAt(1, 'response.output_item.added')).toBe(1);
		expect(countAt(149, 'response.output_audio.delta')).toBe(0);
		expect(countAt(1, 'response.output_audio.delta')).toBe(3);
		expect(countAt(500, 'response.output_audio.delta')).toBe(13);
	});

	it('waits for speech that is late and fails the response when it cannot come', () => {
		const world = new VirtualSession({ speech: { fail: true } });
		const events = world.exchange([typedMessage('Hello'), { type: 'response.create' }], 3000);
		expect(summarize(events).slice(2)).toEqual(['response.created', 'response.done', 'rate_limits.updated']);
		expect(world.last('response.done')).toMatchObject({
			response: {
				status: 'failed',
				status_details: { type: 'failed', error: { type: 'server_error', code: 'speech_failed' } }
			}
		});
		expect(
			world.exchange([{ type: 'response.create', response: { output_modalities: ['text'] } }], 5000).at(-2)
		).toMatchObject({
			response: { status: 'completed' }
		});
	});

	it('says the words of a second message before its sound, too', () => {
		const world = new VirtualSession({
			answers: (clock) =>
				new ScriptedAnswers(clock, () => [{ text: 'The first.' }, { messageEnd: true }, { text: 'And the second.' }])
		});
		const events = world.exchange([{ type: 'response.create' }], 10_000);
		const ofSecond = events.filter((event) => event['output_index'] === 1 && event.type.endsWith('.delta'));
		expect(ofSecond[0]?.type).toBe('response.output_audio_transcript.delta');
	});

	it('sends text that cannot be spoken as transcript only', () => {
		const world = new VirtualSession({ speech: { silent: true } });
		const events = world.exchange([typedMessage('Привет'), { type: 'response.create' }], 3000);
		expect(summarize(events).slice(2)).toEqual([...OPENING_AUDIO, ...CLOSING_AUDIO, 'rate_limits.updated']);
		expect(world.last('response.done')).toMatchObject({ response: { status: 'completed' } });
	});

	it('stops at max_output_tokens', () => {
		const world = new VirtualSession();
		world.exchange([typedMessage('Hello'), { type: 'response.create', response: { max_output_tokens: 30 } }], 5000);
		const { response } = world.last('response.done') as { response?: { usage?: { output_tokens?: number } } };
		expect(response).toMatchObject({
			status: 'incomplete',
			status_details: { type: 'incomplete', reason: 'max_output_tokens' },
			output: [{ status: 'incomplete' }]
		});
		expect(response?.usage?.output_tokens).toBeLessThanOrEqual(30);
	});
});

describe('the same input', () => {
	it('gives the same output, ids included; another seed gives other ids', () => {
		const run = (seed: string): string => {
			const world = new VirtualSession({ seed });
			world.exchange([typedMessage('Hello'), { type: 'response.create' }], 900);
			world.speak(640);
			world.speak(900, 0);
			world.exchange([{ type: 'nope' }, { type: 'response.cancel' }], 4000);
			return JSON.stringify(world.events);
		};
		expect(run('a')).toBe(run('a'));
		expect(run('a')).not.toBe(run('b'));
	});

	it('gives the same turns however the audio is cut', () => {
		const run = (chunkMs: number): unknown[] => {
			const world = new VirtualSession();
			world.speak(960, 0, chunkMs);
			world.speak(1280, 8000, chunkMs);
			world.speak(1200, 0, chunkMs);
			return world.events
				.filter(({ type }) => type.includes('speech_'))
				.map((event) => event['audio_start_ms'] ?? event['audio_end_ms']);
		};
		expect(run(20)).toEqual(run(100));
		expect(run(250)).toEqual(run(100));
	});
});

describe('dispose', () => {
	it('leaves no timer and sends nothing more', () => {
		const world = new VirtualSession();
		world.exchange([typedMessage('Hello'), { type: 'response.create' }], 600);
		world.speak(100);
		world.send({ type: 'response.create', response: { conversation: 'none' } });
		const count = world.events.length;
		world.session.dispose();
		expect(world.clock.pendingCount).toBe(0);
		world.advance(10_000);
		expect(world.events).toHaveLength(count);
	});
});
