/** What sessions of the `openai` package can be: with tools, responses beside the conversation, telephone audio, pictures. */
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '#core/audio/g711.ts';
import { Collector, makeCallerAudio, onlyScenario, startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';
import { answer, connectOpenAI, typeText, update } from './openai-connection.ts';
import type { EventOf, OpenAIConnection } from './openai-connection.ts';

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
		{ when: { text: 'parcel' }, say: 'Your parcel arrives on Friday.' },
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

/** 24 kHz to 8 kHz without a filter: bad sound, and good enough to be heard as speech and to be compared. */
const everyThird = (samples: Int16Array): Int16Array => samples.filter((_, index) => index % 3 === 0);

/** All that the model said, in the session's format. */
const soundOf = ({ of }: OpenAIConnection): Buffer =>
	Buffer.concat(of('response.output_audio.delta').map(({ delta }) => Buffer.from(delta, 'base64')));

/** The correlation of two sounds that begin together: 1 when they are the same but for their volume. */
function likeness(a: Int16Array, b: Int16Array): number {
	const length = Math.min(a.length, b.length);
	expect(length).toBeGreaterThan(4000);
	let [ab, aa, bb] = [0, 0, 0];
	for (let i = 0; i < length; i++) {
		const [x, y] = [a[i] ?? 0, b[i] ?? 0];
		ab += x * y;
		aa += x * x;
		bb += y * y;
	}
	return ab / Math.sqrt(aa * bb);
}

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
		const caller = everyThird(makeCallerAudio());
		const finished = next('rate_limits.updated');
		client.send({ type: 'input_audio_buffer.append', audio: Buffer.from(encode(caller)).toString('base64') });
		await finished;
		// What the caller said is kept as it was said.
		const { audio_start_ms, item_id } = of(
			'input_audio_buffer.speech_started'
		)[0] as EventOf<'input_audio_buffer.speech_started'>;
		const retrieved = next('conversation.item.retrieved');
		client.send({ type: 'conversation.item.retrieve', item_id });
		const { content } = (await retrieved).item as { content: { audio?: string }[] };
		const heard = decode(Buffer.from(content[0]?.audio ?? '', 'base64'));
		expect(likeness(heard, caller.subarray(audio_start_ms * 8))).toBeGreaterThan(0.99);
		// What the model says is what it says in the usual format too.
		const bytes = soundOf(connection);
		const plain = await connectOpenAI(server);
		typeText(plain, 'parcel');
		await answer(plain);
		const said = everyThird(new Int16Array(new Uint8Array(soundOf(plain)).buffer));
		expect(likeness(decode(bytes), said)).toBeGreaterThan(0.9);
		// A token is 50 ms of the model, and a byte an eighth of a millisecond.
		const { usage } = of('response.done')[0]?.response ?? {};
		expect(usage?.output_token_details?.audio_tokens).toBe(Math.floor(bytes.length / 8 / 50));
		expect(of('response.output_audio_transcript.done')[0]?.transcript).toBe('Your parcel arrives on Friday.');
		expect(errors).toEqual([]);
		client.close();
		plain.client.close();
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
