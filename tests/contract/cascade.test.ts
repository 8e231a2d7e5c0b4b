/** The cascade over a socket: words of a model server become speech sentence by sentence, and stop where they are interrupted. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCascadeConfig } from '#simulator/cascade/cascade-config.ts';
import { findClosedPort, startOpenAiStub, tone, wavOf } from '#simulator/cascade/testing/openai-stub.ts';
import type { OpenAiStub } from '#simulator/cascade/testing/openai-stub.ts';
import { feedAudio, makeCallerAudio, startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';
import { attempt } from './socket-attempt.ts';
import type { Attempt, RawEvent } from './socket-attempt.ts';

const LIMIT = { timeout: 60_000 };
let model: OpenAiStub;
let ears: OpenAiStub;
let voice: OpenAiStub;
let server: ContractServer;

async function start(env: Record<string, string>): Promise<void> {
	const cascade = readCascadeConfig(env);
	if (!cascade.ok) throw new Error(cascade.error);
	server = await startContractServer({ cascade: cascade.value, latencyMs: 0 });
}

beforeEach(async () => {
	[model, ears, voice] = await Promise.all([startOpenAiStub(), startOpenAiStub(), startOpenAiStub()]);
});
afterEach(async () => {
	await server.dispose();
	await Promise.all([model, ears, voice].map((stub) => stub.dispose()));
});

async function connect(session: object = {}): Promise<Attempt> {
	const one = attempt(`${server.wsUrl}?model=gpt-realtime`);
	await one.first('session.created');
	one.send({ type: 'session.update', session: { type: 'realtime', ...session } });
	await one.first('session.updated');
	return one;
}

const type = (text: string): object => ({
	type: 'conversation.item.create',
	item: { type: 'message', role: 'user', content: [{ type: 'input_text', text }] }
});
const spoken = wavOf(tone(24_000, 24_000), 24_000);

describe('the cascade', LIMIT, () => {
	it('hears by one server, thinks by another, speaks by a third, and tells the words as they come', async () => {
		await start({ EARSHOT_LLM_URL: model.url, EARSHOT_STT_URL: ears.url, EARSHOT_TTS_URL: voice.url });
		const one = await connect({ audio: { input: { transcription: { model: 'whisper-1' } } } });
		const heard = one.first('conversation.item.input_audio_transcription.completed');
		await feedAudio(makeCallerAudio(), (chunk) =>
			one.send({ type: 'input_audio_buffer.append', audio: Buffer.from(chunk).toString('base64') })
		);
		(await ears.next()).replyJson({ text: 'When does my parcel arrive?' });
		expect(await heard).toMatchObject({ transcript: 'When does my parcel arrive?' });

		const chat = await model.next();
		expect(chat.json['messages']).toMatchObject([
			{ role: 'system' },
			{ role: 'user', content: 'When does my parcel arrive?' }
		]);
		chat.begin().delta({ content: 'On Friday. ' });
		const first = await voice.next();
		expect(first.json).toMatchObject({ input: 'On Friday.', voice: 'alloy' });
		// The first sentence sounds while the second is still being thought up.
		const sound = one.first('response.output_audio.delta');
		first.reply(200, 'audio/wav', spoken);
		await sound;
		chat.delta({ content: 'It is on its way.' }).finish();
		(await voice.next()).reply(200, 'audio/wav', spoken);
		const done = await one.first('response.done');
		expect(done['response']).toMatchObject({
			status: 'completed',
			output: [{ content: [{ transcript: 'On Friday. It is on its way.' }] }]
		});
		const bytes = one.events.all
			.filter((event) => event.type === 'response.output_audio.delta')
			.reduce((sum, event) => sum + Buffer.from(String(event['delta']), 'base64').length, 0);
		expect(bytes).toBe(2 * 48_000);
		one.socket.close();
	});

	it('calls a tool, and goes on from its output', async () => {
		await start({ EARSHOT_LLM_URL: model.url });
		const tools = [{ type: 'function', name: 'get_weather', parameters: { type: 'object' } }];
		const one = await connect({ output_modalities: ['text'], tools });
		one.send(type('What is the weather?'));
		one.send({ type: 'response.create' });
		const chat = await model.next();
		expect(chat.json['tools']).toMatchObject([{ type: 'function', function: { name: 'get_weather' } }]);
		const part = (fields: object): object => ({ tool_calls: [{ index: 0, ...fields }] });
		chat.begin().delta(part({ id: 'x', function: { name: 'get_weather', arguments: '{"ci' } }));
		chat.delta(part({ function: { arguments: 'ty":"London"}' } })).finish('tool_calls');
		const call = await one.first('response.function_call_arguments.done');
		expect(call).toMatchObject({ name: 'get_weather', arguments: '{"city":"London"}' });
		await one.first('response.done');
		const item = { type: 'function_call_output', call_id: call['call_id'], output: 'Fog' };
		one.send({ type: 'conversation.item.create', item });
		one.send({ type: 'response.create' });
		const next = await model.next();
		expect((next.json['messages'] as object[]).slice(-2)).toMatchObject([
			{ role: 'assistant', tool_calls: [{ function: { name: 'get_weather' } }] },
			{ role: 'tool', content: 'Fog' }
		]);
		const said = one.events.next((event: RawEvent) => event.type === 'response.output_text.done');
		next.begin().delta({ content: 'Foggy.' }).finish();
		expect(await said).toMatchObject({ text: 'Foggy.' });
		one.socket.close();
	});

	it('stops thinking and speaking when the caller interrupts', async () => {
		await start({ EARSHOT_LLM_URL: model.url, EARSHOT_TTS_URL: voice.url });
		const one = await connect();
		one.send(type('Tell me a story.'));
		one.send({ type: 'response.create' });
		const chat = await model.next();
		chat.begin().delta({ content: 'Once upon a time. ' });
		(await voice.next()).reply(200, 'audio/wav', spoken);
		await one.first('response.output_audio.delta');
		chat.delta({ content: 'There was a king. ' });
		const speaking = await voice.next();
		const done = one.first('response.done');
		await feedAudio(makeCallerAudio(), (chunk) =>
			one.send({ type: 'input_audio_buffer.append', audio: Buffer.from(chunk).toString('base64') })
		);
		expect(await done).toMatchObject({
			response: { status: 'cancelled', status_details: { reason: 'turn_detected' } }
		});
		// Both servers see that nobody listens any more.
		await Promise.all([chat.closed, speaking.closed]);
		one.socket.close();
	});

	it('fails the response when nobody is there, and the session goes on', async () => {
		const port = await findClosedPort();
		await start({ EARSHOT_LLM_URL: `http://127.0.0.1:${port}`, EARSHOT_LLM_KEY: 'sk-hidden-key-4711' });
		const one = await connect({ output_modalities: ['text'] });
		one.send({ type: 'response.create' });
		const done = await one.first('response.done');
		expect(done['response']).toMatchObject({
			status: 'failed',
			status_details: { error: { type: 'server_error', code: 'llm_unreachable' } }
		});
		expect(JSON.stringify(one.events.all)).toContain('EARSHOT_LLM_URL');
		expect(JSON.stringify(one.events.all)).not.toContain('sk-hidden-key-4711');
		const updated = one.events.next((event: RawEvent) => event.type === 'session.updated');
		one.send({ type: 'session.update', session: { type: 'realtime' } });
		await updated;
		one.socket.close();
	});
});
