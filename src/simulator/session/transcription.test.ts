/** The caller's words: transcription events, what waits for them, transcription sessions. */
import { describe, expect, it } from 'vitest';
import { defaultTranscriptionConfig } from '#simulator/session/session-config.ts';
import { createFakeHearing, ScriptedAnswers } from '#simulator/testing/virtual-edges.ts';
import { sessionUpdate, summarize, VirtualSession } from '#simulator/testing/virtual-session.ts';
import type { VirtualOptions } from '#simulator/testing/virtual-session.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

const KIND = 'conversation.item.input_audio_transcription';

function open(transcription: JsonObject, words: (string | undefined)[], more: VirtualOptions = {}): VirtualSession {
	const world = new VirtualSession({ hearing: (clock) => createFakeHearing(clock, words), ...more });
	world.exchange([sessionUpdate({ audio: { input: { transcription } } })]);
	return world;
}

function say(world: VirtualSession): void {
	world.speak(960, 0);
	world.speak(1280);
	world.speak(1000, 0);
	world.advance(15_000);
}

const transcriptionEvents = (world: VirtualSession): JsonObject[] =>
	world.events.filter(({ type }) => type.startsWith(KIND));

describe('a transcription', () => {
	it('comes in deltas that add up, whose lengths are hidden, and then whole', () => {
		const world = open({ model: 'gpt-4o-mini-transcribe' }, ['Hello, my name is Marcelo.']);
		say(world);
		const events = transcriptionEvents(world);
		const deltas = events.filter(({ type }) => type === `${KIND}.delta`);
		expect(deltas.map((event) => event['delta']).join('')).toBe('Hello, my name is Marcelo.');
		expect(deltas.map((event) => event['delta'])).toEqual(['Hello', ',', ' my', ' name', ' is', ' Marcelo', '.']);
		for (const event of deltas) {
			expect(Object.keys(event).join()).toBe('type,event_id,item_id,content_index,delta,obfuscation');
			expect(String(event['delta']).length + String(event['obfuscation']).length).toBe(16);
		}
		expect(events.at(-1)).toEqual({
			type: `${KIND}.completed`,
			event_id: expect.any(String),
			item_id: world.last('input_audio_buffer.committed')['item_id'],
			content_index: 0,
			transcript: 'Hello, my name is Marcelo.',
			usage: {
				type: 'tokens',
				total_tokens: 25,
				input_tokens: 18,
				input_token_details: { text_tokens: 0, audio_tokens: 18 },
				output_tokens: 7
			}
		});
		const retrieved = world.exchange([
			{ type: 'conversation.item.retrieve', item_id: world.last('input_audio_buffer.committed')['item_id'] }
		]);
		expect(retrieved[0]).toMatchObject({ item: { content: [{ transcript: 'Hello, my name is Marcelo.' }] } });
	});

	it('runs beside the answer, which does not wait for it', () => {
		const world = open({ model: 'gpt-realtime-whisper' }, ['One two three four five six seven eight.']);
		say(world);
		const types = world.events.map(({ type }) => type);
		expect(types.indexOf(`${KIND}.delta`)).toBeGreaterThan(types.indexOf('response.created'));
		expect(types.indexOf('response.output_item.added')).toBeLessThan(types.indexOf(`${KIND}.completed`));
	});

	it('is billed by time with whisper, whose realtime model puts a space first, and whose other says all at once', () => {
		const realtime = open({ model: 'gpt-realtime-whisper' }, ['Hello there.']);
		say(realtime);
		expect(transcriptionEvents(realtime)[0]).toMatchObject({ delta: ' Hello' });
		expect(realtime.last(`${KIND}.completed`)).toMatchObject({
			transcript: 'Hello there.',
			usage: { type: 'duration', seconds: 2 }
		});
		const first = open({ model: 'whisper-1' }, ['Hello there, Marcelo Trylesinski.']);
		say(first);
		expect(transcriptionEvents(first).map(({ type }) => type)).toEqual([`${KIND}.delta`, `${KIND}.completed`]);
	});

	it('fails when nobody knows the words, and the answer comes all the same', () => {
		const world = open({ model: 'whisper-1' }, []);
		say(world);
		expect(world.last(`${KIND}.failed`)).toMatchObject({
			content_index: 0,
			error: { type: 'server_error', code: 'transcription_unavailable', param: null }
		});
		expect(world.last('response.done')).toMatchObject({ response: { status: 'completed' } });
	});

	it('shows log probabilities to who includes them, and segments of one speaker where the model tells speakers apart', () => {
		const world = open({ model: 'gpt-4o-transcribe-diarize' }, ['Hello.']);
		world.exchange([sessionUpdate({ include: ['item.input_audio_transcription.logprobs'] })]);
		say(world);
		expect(transcriptionEvents(world)[0]).toMatchObject({
			logprobs: [{ token: 'Hello', logprob: 0, bytes: [72, 101, 108, 108, 111] }]
		});
		expect(world.last(`${KIND}.segment`)).toMatchObject({ speaker: 'A', start: 0, end: 1.804, text: 'Hello.' });
	});

	it('is not sent without being asked for', () => {
		const world = new VirtualSession({ hearing: (clock) => createFakeHearing(clock, ['Hello.']) });
		say(world);
		expect(transcriptionEvents(world)).toEqual([]);
	});

	it('is waited for by an answer that wants the words, whether or not the client does', () => {
		let answers: ScriptedAnswers | undefined;
		const world = new VirtualSession({
			hearing: (clock) => createFakeHearing(clock, ['Book a table.']),
			answers: (clock) => (answers = new ScriptedAnswers(clock, () => [{ text: 'Yes.' }], true))
		});
		say(world);
		const [item] = answers?.requests[0]?.items ?? [];
		expect(item).toMatchObject({ content: [{ heardWords: 'Book a table.', transcript: null }] });
		expect(transcriptionEvents(world)).toEqual([]);
	});

	it('shows its settings as the service does, and refuses those that do not go together', () => {
		const world = open({ model: 'gpt-realtime-whisper' }, []);
		expect(world.last('session.updated')).toMatchObject({
			session: { audio: { input: { transcription: { model: 'gpt-realtime-whisper', language: null, prompt: null } } } }
		});
		const prompt = sessionUpdate({
			audio: { input: { transcription: { model: 'gpt-realtime-whisper', prompt: 'x' } } }
		});
		expect(world.exchange([prompt])[0]).toMatchObject({ error: { param: 'session.audio.input.transcription.prompt' } });
	});
});

describe('a transcription session', () => {
	const openSession = (words: string[] = []): VirtualSession =>
		new VirtualSession({
			config: defaultTranscriptionConfig(),
			hearing: (clock) => createFakeHearing(clock, words)
		});
	const update = (fields: JsonObject): JsonObject => ({
		type: 'session.update',
		session: { type: 'transcription', ...fields }
	});

	it('begins as recorded', () => {
		const [created] = openSession().events;
		expect(JSON.stringify(created?.['session'])).toMatch(
			new RegExp(
				'^{"type":"transcription","object":"realtime.transcription_session","id":"sess_\\w{21}","expires_at":\\d+,' +
					'"audio":{"input":{"format":{"type":"audio/pcm","rate":24000},"transcription":null,"noise_reduction":null,' +
					'"turn_detection":{"type":"server_vad","threshold":0.5,"prefix_padding_ms":300,"silence_duration_ms":200}}},"include":null}$'
			)
		);
	});

	it('transcribes turns, and neither answers nor tells limits', () => {
		const world = openSession(['Hello from the other side.']);
		world.exchange([update({ audio: { input: { transcription: { model: 'gpt-4o-transcribe' } } } })]);
		say(world);
		expect(summarize(world.events)).toEqual([
			'session.created',
			'session.updated',
			'input_audio_buffer.speech_started',
			'input_audio_buffer.speech_stopped',
			'input_audio_buffer.committed',
			'conversation.item.added',
			'conversation.item.done',
			`${KIND}.delta`,
			`${KIND}.completed`
		]);
	});

	it('refuses what belongs to conversations, and an update of that kind', () => {
		const world = openSession();
		expect(world.exchange([{ type: 'response.create' }])[0]).toMatchObject({
			error: { message: "'response.create' is not supported in a transcription session." }
		});
		expect(world.exchange([sessionUpdate({})])[0]).toMatchObject({
			error: { message: 'Passing a realtime session update event to a transcription session is not allowed.' }
		});
	});

	it('wants no turn detection with the realtime whisper', () => {
		const world = openSession();
		const input = { transcription: { model: 'gpt-realtime-whisper' } };
		expect(world.exchange([update({ audio: { input } })])[0]).toMatchObject({
			error: { param: 'session.audio.input.turn_detection' }
		});
		const without = update({ audio: { input: { ...input, turn_detection: null } } });
		expect(world.exchange([without])[0]?.type).toBe('session.updated');
	});
});
