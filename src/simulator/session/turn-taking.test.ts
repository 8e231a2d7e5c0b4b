/** Who speaks when: semantic turn detection, the wait for a caller who says nothing, the two switches. */
import { describe, expect, it } from 'vitest';
import { createFakeHearing } from '#simulator/testing/virtual-edges.ts';
import { sessionUpdate, summarize, VirtualSession } from '#simulator/testing/virtual-session.ts';
import { semanticSilenceMs } from '#simulator/session/turn-detection.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

const detection = (fields: JsonObject): JsonObject => sessionUpdate({ audio: { input: { turn_detection: fields } } });

describe('semantic_vad', () => {
	it.each([
		['Done.', 'medium', 500],
		['Done?', 'high', 300],
		['"Done!"', 'low', 800],
		['and then', 'low', 8000],
		['and then...', 'medium', 4000],
		['well,', 'auto', 4000],
		['hm…', 'high', 2000],
		[undefined, 'auto', 500]
	] as const)('after %j with %s eagerness the turn ends %i ms later', (words, eagerness, ms) => {
		expect(semanticSilenceMs(eagerness, words)).toBe(ms);
	});

	it('shows its defaults, and waits for who trails off', () => {
		const world = new VirtualSession({ hearing: (clock) => createFakeHearing(clock, ['I would like', 'A table.']) });
		world.exchange([detection({ type: 'semantic_vad', eagerness: 'high' })]);
		expect(world.last('session.updated')).toMatchObject({
			session: {
				audio: {
					input: {
						turn_detection: {
							type: 'semantic_vad',
							eagerness: 'high',
							create_response: true,
							interrupt_response: true
						}
					}
				}
			}
		});
		world.speak(960);
		world.speak(3200, 0);
		const first = world.last('input_audio_buffer.speech_stopped')['audio_end_ms'] as number;
		expect(first).toBe(960 + Math.ceil(2000 / 32) * 32);
		world.advance(15_000);
		world.speak(960);
		world.speak(3200, 0);
		const second = world.last('input_audio_buffer.speech_stopped')['audio_end_ms'] as number;
		expect(second - (960 + 3200)).toBe(960 + Math.ceil(300 / 32) * 32);
	});

	it('gives way to server_vad with that one’s defaults', () => {
		const world = new VirtualSession();
		world.exchange([detection({ type: 'semantic_vad' }), detection({ type: 'server_vad', threshold: 0.7 })]);
		const { turn_detection: shown } = (
			world.last('session.updated')['session'] as { audio: { input: { turn_detection: JsonObject } } }
		).audio.input;
		expect(shown).toEqual({
			type: 'server_vad',
			threshold: 0.7,
			prefix_padding_ms: 300,
			silence_duration_ms: 200,
			idle_timeout_ms: null,
			create_response: true,
			interrupt_response: true
		});
	});
});

describe('idle_timeout_ms', () => {
	const TIMEOUT = [
		'input_audio_buffer.timeout_triggered',
		'input_audio_buffer.committed',
		'conversation.item.added',
		'conversation.item.done',
		'response.created'
	];
	const open = (): VirtualSession => {
		const world = new VirtualSession();
		world.exchange([detection({ type: 'server_vad', idle_timeout_ms: 6000 })]);
		return world;
	};
	const isTimeout = ({ type }: { type: string }): boolean => type === TIMEOUT[0];

	it('triggers once the answer was heard and nobody spoke: whole frames of silence, an item, an answer', () => {
		const world = open();
		world.exchange([{ type: 'response.create' }], 100);
		world.speak(30_000, 0);
		const at = world.events.findIndex(isTimeout);
		expect(world.events.slice(at, at + 5).map(({ type }) => type)).toEqual(TIMEOUT);
		const event = world.events[at] as JsonObject;
		const startMs = event['audio_start_ms'] as number;
		const endMs = event['audio_end_ms'] as number;
		// As in the example of the API's documentation: 6016 ms, 188 frames.
		expect([startMs % 32, endMs % 32, endMs - startMs]).toEqual([0, 0, 6016]);
		expect(world.events[at + 1]).toMatchObject({ item_id: event['item_id'] });
		const done = world.events.findIndex(({ type }) => type === 'response.done');
		expect(at).toBeGreaterThan(done);
	});

	it('waits for the sound of the answer to end', () => {
		const world = open();
		world.send({ type: 'response.create' });
		let elapsedMs = 0;
		const elapsedAt = (type: string): number => {
			while (!world.events.some((event) => event.type === type)) {
				world.speak(20, 0, 20);
				elapsedMs += 20;
			}
			return elapsedMs;
		};
		const soundBeganMs = elapsedAt('response.output_audio.delta');
		elapsedAt('response.done');
		const { response } = world.last('response.done') as {
			response?: { usage?: { output_token_details: { audio_tokens: number } } };
		};
		const soundsForMs = (response?.usage?.output_token_details.audio_tokens ?? 0) * 50;
		const waitedMs = elapsedAt('input_audio_buffer.timeout_triggered') - soundBeganMs - soundsForMs;
		expect(soundsForMs).toBeGreaterThan(4000);
		expect(Math.abs(waitedMs - 6016)).toBeLessThan(100);
	});

	it('goes on through an update of something else, and comes once to who sends nothing', () => {
		const world = open();
		world.exchange([{ type: 'response.create' }], 6000);
		world.exchange([sessionUpdate({ instructions: 'Be brief.' })], 80_000);
		expect(world.events.filter(isTimeout)).toHaveLength(1);
	});

	it('comes by the clock when no audio does, and does not when the caller speaks or acts', () => {
		const quiet = open();
		quiet.exchange([{ type: 'response.create' }], 40_000);
		expect(quiet.events.some(isTimeout)).toBe(true);
		const spoken = open();
		spoken.exchange([{ type: 'response.create' }], 9_000);
		spoken.speak(20_000);
		expect(spoken.events.filter(isTimeout)).toHaveLength(0);
		const typed = open();
		typed.exchange([{ type: 'response.create' }], 8_000);
		expect(typed.events.filter(isTimeout)).toHaveLength(0);
		typed.exchange([{ type: 'response.create', response: { output_modalities: ['text'] } }], 5000);
		expect(typed.events.filter(isTimeout)).toHaveLength(0);
	});
});

describe('a turn that loses its detection', () => {
	it('is what the next commit makes', () => {
		const world = new VirtualSession();
		world.speak(960, 0);
		world.speak(640);
		const { item_id: announced } = world.last('input_audio_buffer.speech_started');
		world.exchange([sessionUpdate({ audio: { input: { turn_detection: null } } })]);
		world.exchange([{ type: 'input_audio_buffer.commit' }]);
		expect(world.last('input_audio_buffer.committed')['item_id']).toBe(announced);
	});
});

describe('the switches', () => {
	const talk = (world: VirtualSession): void => {
		world.speak(960, 0);
		world.speak(960);
		world.speak(800, 0);
	};

	it('create_response: false ends the turn and leaves the answer to the client', () => {
		const world = new VirtualSession();
		world.exchange([detection({ type: 'server_vad', create_response: false })]);
		talk(world);
		world.advance(5000);
		expect(summarize(world.events).at(-1)).toBe('conversation.item.done');
	});

	it('interrupt_response: false lets the answer go on', () => {
		const world = new VirtualSession();
		world.exchange([detection({ type: 'server_vad', interrupt_response: false, create_response: false })]);
		world.exchange([{ type: 'response.create' }], 300);
		talk(world);
		world.advance(15_000);
		expect(world.last('response.done')).toMatchObject({ response: { status: 'completed' } });
	});
});

describe('responses out of band', () => {
	it('run beside the default one, each whole, and leave the conversation alone', () => {
		const world = new VirtualSession();
		const aside = {
			conversation: 'none',
			output_modalities: ['text'],
			metadata: { topic: 'aside' },
			input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Classify.' }] }]
		};
		world.exchange([{ type: 'response.create' }, { type: 'response.create', response: aside }], 20_000);
		const done = world.events
			.filter(({ type }) => type === 'response.done')
			.map((event) => event['response'] as JsonObject);
		expect(done.map((response) => response['conversation_id'] === null)).toEqual([true, false]);
		expect(done[0]).toMatchObject({ status: 'completed', metadata: { topic: 'aside' } });
		const asideId = done[0]?.['id'];
		const ofAside = world.events.filter((event) => event['response_id'] === asideId);
		expect(summarize(ofAside)).toEqual([
			'response.output_item.added',
			'response.content_part.added',
			'response.output_text.delta',
			'response.output_text.done',
			'response.content_part.done',
			'response.output_item.done'
		]);
		const asideItem = (done[0]?.['output'] as JsonObject[])[0]?.['id'];
		expect(world.exchange([{ type: 'conversation.item.retrieve', item_id: asideItem }])[0]?.type).toBe('error');
	});
});
