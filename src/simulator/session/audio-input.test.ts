import { describe, expect, it } from 'vitest';
import { summarize, VirtualSession } from '#simulator/testing/virtual-session.ts';

const CLOSING_AUDIO = [
	'response.output_audio.done',
	'response.output_audio_transcript.done',
	'response.content_part.done',
	'conversation.item.done',
	'response.output_item.done',
	'response.done'
];

describe('turns by turn detection', () => {
	const TURN = [
		'input_audio_buffer.speech_started',
		'input_audio_buffer.speech_stopped',
		'input_audio_buffer.committed',
		'conversation.item.added',
		'conversation.item.done',
		'response.created'
	];

	it('has the recorded order and one item id from the first event on', () => {
		const world = new VirtualSession();
		world.speak(960, 0);
		const events = [...world.speak(1280), ...world.speak(800, 0)];
		expect(summarize(events).slice(0, 6)).toEqual(TURN);
		const started = world.last('input_audio_buffer.speech_started');
		const stopped = world.last('input_audio_buffer.speech_stopped');
		expect(started['audio_start_ms']).toBe(960 - 300);
		expect(stopped['audio_end_ms']).toBe(960 + 1280 + 7 * 32);
		expect(world.last('input_audio_buffer.committed')).toMatchObject({
			previous_item_id: null,
			item_id: started['item_id']
		});
		const item = {
			type: 'message',
			status: 'completed',
			role: 'user',
			content: [{ type: 'input_audio', transcript: null }]
		};
		expect(events.find(({ type }) => type === 'conversation.item.done')?.['item']).toEqual({
			id: started['item_id'],
			...item
		});
	});

	it('says what it noticed and counts the audio, 100 ms a token', () => {
		const world = new VirtualSession();
		world.speak(960, 0);
		world.speak(1280);
		world.speak(800, 0);
		world.advance(12_000);
		// 300 ms of padding, 1280 of speech, 224 of silence.
		const { response } = world.last('response.done') as { response?: unknown };
		expect(response).toMatchObject({ usage: { input_token_details: { audio_tokens: 18 } } });
		expect(JSON.stringify(response)).toContain('I heard you');
	});

	it('cuts a running answer off when the caller speaks', () => {
		const world = new VirtualSession();
		world.speak(1280);
		world.speak(800, 0);
		world.advance(600);
		const events = world.speak(400);
		const order = summarize(events);
		const from = order.indexOf('input_audio_buffer.speech_started');
		expect(order.slice(from, from + 8)).toEqual([
			'input_audio_buffer.speech_started',
			...CLOSING_AUDIO,
			'rate_limits.updated'
		]);
		const done = world.last('response.done') as { response?: { output?: unknown[] } };
		expect(done.response).toMatchObject({
			status: 'cancelled',
			status_details: { type: 'cancelled', reason: 'turn_detected' },
			output: [{ status: 'incomplete', content: [{ type: 'output_audio' }] }]
		});
		expect(world.last('conversation.item.done')['item']).toEqual(done.response?.output?.[0]);
		const after = world.speak(800, 0);
		expect(summarize(after).slice(0, 5)).toEqual(TURN.slice(1));
		const cutId = (done.response as { id?: string }).id;
		expect(after.filter((event) => event['response_id'] === cutId)).toEqual([]);
	});

	it('cancels with nothing counted when the answer had not begun', () => {
		const world = new VirtualSession();
		world.speak(640);
		world.speak(320, 0, 20);
		expect(world.events.at(-1)?.type).toBe('response.created');
		world.speak(200, 8000, 20);
		expect(world.last('response.done')).toMatchObject({
			response: {
				status: 'cancelled',
				status_details: { type: 'cancelled', reason: 'turn_detected' },
				output: [],
				usage: { total_tokens: 0, input_tokens: 0, output_tokens: 0 }
			}
		});
	});

	it('lets the answer go on with interrupt_response false, and says why there is no second one', () => {
		const world = new VirtualSession();
		const turnDetection = { type: 'server_vad', interrupt_response: false };
		world.exchange([
			{ type: 'session.update', session: { type: 'realtime', audio: { input: { turn_detection: turnDetection } } } }
		]);
		world.speak(640);
		world.speak(800, 0);
		const events = [...world.speak(300), ...world.speak(500, 0)];
		expect(events.map(({ type }) => type)).not.toContain('response.done');
		expect(events.map(({ type }) => type)).toContain('conversation.item.done');
		expect(world.last('error')).toMatchObject({
			error: { code: 'conversation_already_has_active_response', event_id: null }
		});
		world.advance(12_000);
		expect(world.last('response.done')).toMatchObject({ response: { status: 'completed' } });
	});

	it('only adds the item with create_response false', () => {
		const world = new VirtualSession();
		const turnDetection = { type: 'server_vad', create_response: false };
		world.exchange([
			{ type: 'session.update', session: { type: 'realtime', audio: { input: { turn_detection: turnDetection } } } }
		]);
		world.speak(640);
		expect(summarize(world.speak(1000, 0))).toEqual(TURN.slice(1, 5));
	});

	it('commits a turn in progress without speech_stopped', () => {
		const world = new VirtualSession();
		world.speak(640);
		const itemId = world.last('input_audio_buffer.speech_started')['item_id'];
		const events = world.exchange([{ type: 'input_audio_buffer.commit' }], 60);
		expect(summarize(events)).toEqual(TURN.slice(2, 5));
		expect(events[0]?.['item_id']).toBe(itemId);
		expect(summarize(world.speak(1000, 0))).toEqual([]);
	});

	it('counts offsets from the start of the session, clear or not', () => {
		const world = new VirtualSession();
		world.speak(1280, 0);
		world.exchange([{ type: 'input_audio_buffer.clear' }]);
		expect(world.events.at(-1)?.type).toBe('input_audio_buffer.cleared');
		world.speak(640, 0);
		world.speak(320);
		expect(world.last('input_audio_buffer.speech_started')['audio_start_ms']).toBe(1280 + 640 - 300);
	});

	it('tells of a detector that failed and hears again afterwards', () => {
		const world = new VirtualSession({ detector: { failAfterPushes: 3 } });
		world.speak(500, 0);
		expect(world.last('error')).toMatchObject({ error: { type: 'server_error', code: 'turn_detection_failed' } });
		world.speak(1500, 0);
		world.speak(640);
		expect(world.last('input_audio_buffer.speech_started')).toBeDefined();
		expect(world.events.filter(({ type }) => type === 'error')).toHaveLength(1);
	});

	it('lets client events wait until the audio before them was judged', () => {
		const world = new VirtualSession({ detector: { answerMs: 700 } });
		world.session.receiveText(
			JSON.stringify({
				type: 'input_audio_buffer.append',
				audio: Buffer.from(new Int16Array(9600).fill(8000).buffer).toString('base64')
			})
		);
		expect(world.exchange([{ type: 'input_audio_buffer.commit' }], 700)).toEqual([]);
		const events = world.exchange([], 100);
		expect(summarize(events)).toEqual(['input_audio_buffer.speech_started', ...TURN.slice(2, 5)]);
		expect(events[1]?.['item_id']).toBe(events[0]?.['item_id']);
	});

	it('hears from the moment turn detection is switched on, on the frames of the session', () => {
		const world = new VirtualSession();
		const set = (turnDetection: unknown): void => {
			const audio = { input: { turn_detection: turnDetection } };
			world.exchange([{ type: 'session.update', session: { type: 'realtime', audio } }]);
		};
		set(null);
		world.speak(1010);
		set({ type: 'server_vad' });
		world.speak(510, 0, 30);
		expect(world.events.map(({ type }) => type)).not.toContain('input_audio_buffer.speech_started');
		world.speak(400, 8000, 40);
		// The speech begins at 1520 ms, in the frame from 1504 on.
		expect(world.last('input_audio_buffer.speech_started')['audio_start_ms']).toBe(1504 - 300);
	});
});
