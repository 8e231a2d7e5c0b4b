/** What sessions of the `openai` package can be: with tools, responses beside the conversation, telephone audio, pictures. */
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '#core/audio/g711.ts';
import { Collector, makeCallerAudio, onlyScenario, startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';
import { answer, connectOpenAI, typeText, update } from './openai-connection.ts';

const LIMIT = { timeout: 60_000 };

const scenario = {
	caller: ['Hello, I would like to know when my parcel arrives.'],
	rules: [
		{ when: { outOfBand: true, metadata: { topic: 'summary' } }, say: 'They talked about a parcel.' },
		{ when: { toolOutput: true }, say: 'Both are {output}.' },
		{
			when: { typed: 'weather' },
			do: [
				{ call: { tool: 'get_weather', arguments: { city: 'London' } } },
				{ call: { tool: 'get_weather', arguments: { city: 'Paris' } } }
			]
		},
		{ when: { image: true }, say: 'That is a very small picture.' },
		{ when: { transcript: 'parcel' }, say: 'Your parcel arrives on Friday.' },
		{ say: 'You typed: {typed}. I have a lot more to say about it, and I take my time.' }
	]
};

let server: ContractServer;
beforeAll(async () => {
	server = await startContractServer({ scenarios: onlyScenario(scenario) });
});
afterAll(() => server.dispose());

const toBase64 = (samples: Int16Array): string =>
	Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength).toString('base64');

describe('openai 7 over TLS, sessions', LIMIT, () => {
	it('gets several calls in one response, and an answer to their outputs', async () => {
		const connection = await connectOpenAI(server);
		const { client, errors, of } = connection;
		const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
		await update(connection, {
			type: 'realtime',
			output_modalities: ['text'],
			tools: [{ type: 'function', name: 'get_weather', description: 'The weather of a city.', parameters }]
		});
		typeText(connection, 'What is the weather in London and Paris?');
		const { output } = await answer(connection);
		const calls = of('response.function_call_arguments.done');
		expect(calls.map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([
			['get_weather', { city: 'London' }],
			['get_weather', { city: 'Paris' }]
		]);
		for (const call of calls) {
			const streamed = of('response.function_call_arguments.delta').filter(({ item_id }) => item_id === call.item_id);
			expect(streamed.map(({ delta }) => delta).join('')).toBe(call.arguments);
		}
		expect(output?.map((item) => item.type === 'function_call' && item.call_id)).toEqual(
			calls.map(({ call_id }) => call_id)
		);
		for (const { call_id } of calls) {
			client.send({
				type: 'conversation.item.create',
				item: { type: 'function_call_output', call_id, output: 'fine' }
			});
		}
		await answer(connection);
		expect(of('response.output_text.done')[0]?.text).toBe('Both are fine.');
		expect(errors).toEqual([]);
		client.close();
	});

	it('gets a response beside the conversation while the default one runs, and tells them apart', async () => {
		const connection = await connectOpenAI(server);
		const { client, errors, events, of } = connection;
		typeText(connection, 'Hello');
		client.send({ type: 'response.create' });
		client.send({
			type: 'response.create',
			response: { conversation: 'none', metadata: { topic: 'summary' }, output_modalities: ['text'] }
		});
		await events.next((event) => event.type === 'response.done' && event.response.conversation_id !== null);
		const [main, aside] = of('response.created').map(({ response }) => response);
		expect(main).toMatchObject({ metadata: null, output_modalities: ['audio'] });
		expect(aside).toMatchObject({ conversation_id: null, metadata: { topic: 'summary' }, output_modalities: ['text'] });
		const done = of('response.done').map(({ response }) => response);
		expect(done.map(({ id, status }) => [id, status])).toEqual([
			[aside?.id, 'completed'],
			[main?.id, 'completed']
		]);
		expect(done[0]?.metadata).toEqual({ topic: 'summary' });
		expect(of('response.output_text.done').map(({ text, response_id }) => [text, response_id])).toEqual([
			['They talked about a parcel.', aside?.id]
		]);
		const asideItem = done[0]?.output?.[0]?.id;
		expect(of('conversation.item.added').map(({ item }) => item.id)).not.toContain(asideItem);
		expect(errors).toEqual([]);
		client.close();
	});

	it.each([
		['audio/pcmu', encodeMuLaw, decodeMuLaw],
		['audio/pcma', encodeALaw, decodeALaw]
	] as const)('hears and speaks %s', async (type, encode, decode) => {
		const connection = await connectOpenAI(server);
		const { client, errors, next, of } = connection;
		const session = await update(connection, {
			type: 'realtime',
			audio: { input: { format: { type } }, output: { format: { type } } }
		});
		expect(session).toMatchObject({ audio: { input: { format: { type } }, output: { format: { type } } } });
		// Every third sample is 8 kHz: bad sound, and good enough to be heard as speech.
		const caller = makeCallerAudio().filter((_, index) => index % 3 === 0);
		client.send({ type: 'input_audio_buffer.append', audio: Buffer.from(encode(caller)).toString('base64') });
		const stopped = await next('input_audio_buffer.speech_stopped');
		expect(stopped.audio_end_ms).toBeLessThanOrEqual(caller.length / 8);
		const { response } = await next('response.done');
		const bytes = Buffer.concat(of('response.output_audio.delta').map(({ delta }) => Buffer.from(delta, 'base64')));
		const samples = decode(bytes);
		// A token is 50 ms of the model, and a byte an eighth of a millisecond.
		expect(Math.floor(bytes.length / 8 / 50)).toBe(response.usage?.output_token_details?.audio_tokens);
		const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
		expect(10 * Math.log10(power / 32768 ** 2)).toBeGreaterThan(-40);
		// Speech has pauses; noise, as of another format, does not.
		expect(samples.filter((sample) => Math.abs(sample) < 300).length).toBeGreaterThan(samples.length / 10);
		expect(of('response.output_audio_transcript.done')[0]?.transcript).toBe('Your parcel arrives on Friday.');
		expect(errors).toEqual([]);
		client.close();
	});

	it('shows pictures, whose tokens are counted', async () => {
		const connection = await connectOpenAI(server);
		const { client, errors, next, of } = connection;
		const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
		const image_url = `data:image/png;base64,${png}`;
		client.send({
			type: 'conversation.item.create',
			item: {
				type: 'message',
				role: 'user',
				content: [
					{ type: 'input_image', image_url, detail: 'low' },
					{ type: 'input_text', text: 'What is that?' }
				]
			}
		});
		const { usage } = await answer(connection, { output_modalities: ['text'] });
		expect(of('response.output_text.done')[0]?.text).toBe('That is a very small picture.');
		const details = usage?.input_token_details;
		expect(details?.image_tokens).toBeGreaterThan(0);
		expect(details?.image_tokens).toBeLessThan(100);
		client.send({
			type: 'conversation.item.create',
			item: { type: 'message', role: 'user', content: [{ type: 'input_image', image_url: 'https://a.test/cat.png' }] }
		});
		await next('error');
		expect(errors.join()).toContain('item.content[0].image_url');
		client.close();
	});

	it('transcribes: the words of what is said, and no answers', async () => {
		const connection = await connectOpenAI(server, { intent: 'transcription' });
		const { client, errors, events, next, of } = connection;
		const session = await update(connection, {
			type: 'transcription',
			audio: { input: { transcription: { model: 'gpt-4o-transcribe', language: 'en' } } }
		});
		expect(session).toMatchObject({ type: 'transcription', audio: { input: { transcription: { language: 'en' } } } });
		client.send({ type: 'input_audio_buffer.append', audio: toBase64(makeCallerAudio()) });
		const { transcript, item_id } = await next('conversation.item.input_audio_transcription.completed');
		expect(transcript).toBe(scenario.caller[0]);
		const deltas = of('conversation.item.input_audio_transcription.delta');
		expect(deltas.map(({ delta }) => delta).join('')).toBe(transcript);
		expect(new Set(deltas.map((event) => event.item_id))).toEqual(new Set([item_id]));
		client.send({ type: 'response.create' });
		await next('error');
		expect(errors.join()).toContain("'response.create' is not supported in a transcription session.");
		expect(events.all.filter(({ type }) => type.startsWith('response.'))).toEqual([]);
		client.close();
	});

	it('comes back by itself after a torn connection, to a new session', async () => {
		const openai = new OpenAI({ apiKey: 'sk-local', baseURL: server.tlsUrl });
		let attempts = 0;
		const client = new OpenAIRealtimeWS(
			{
				model: 'gpt-realtime',
				reconnect: true,
				reconnectInitialDelay: 1,
				options: { ca: server.certificate },
				buildRealtimeURL: () => {
					const faults = attempts++ === 0 ? '&earshot-faults=drop@session.updated' : '';
					return new URL(`${server.tlsUrl.replace('https', 'wss')}/realtime?model=gpt-realtime${faults}`);
				}
			},
			openai
		);
		const events = new Collector<{ type: string }>();
		client.on('event', (event) => events.add(event));
		client.on('error', () => {});
		await events.next(({ type }) => type === 'session.created');
		const reconnected = new Promise<void>((resolve) => client.on('reconnected', resolve));
		const created = events.next(({ type }) => type === 'session.created');
		client.send({ type: 'session.update', session: { type: 'realtime' } });
		await Promise.all([reconnected, created]);
		const updated = events.next(({ type }) => type === 'session.updated');
		client.send({ type: 'session.update', session: { type: 'realtime' } });
		await updated;
		expect(attempts).toBe(2);
		client.close();
	});
});
