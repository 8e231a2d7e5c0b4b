/** The `openai` package, unchanged, over TLS. */
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Collector, feedAudio, makeCallerAudio, startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';

const LIMIT = { timeout: 60_000 };
let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer();
});
afterAll(() => server.dispose());

interface Connection {
	client: OpenAIRealtimeWS;
	events: Collector<RealtimeServerEvent>;
	errors: string[];
	next: (type: RealtimeServerEvent['type']) => Promise<RealtimeServerEvent>;
}

async function connect(): Promise<Connection> {
	const openai = new OpenAI({ apiKey: 'sk-local', baseURL: server.tlsUrl });
	const client = new OpenAIRealtimeWS({ model: 'gpt-realtime', options: { ca: server.certificate } }, openai);
	const events = new Collector<RealtimeServerEvent>();
	const errors: string[] = [];
	client.on('event', (event) => events.add(event));
	client.on('error', (error) => errors.push(error.message));
	const next = (type: RealtimeServerEvent['type']): Promise<RealtimeServerEvent> =>
		events.next((event) => event.type === type);
	await next('session.created');
	return { client, events, errors, next };
}

describe('openai 7 over TLS', LIMIT, () => {
	it('connects, updates the session and gets a text answer', async () => {
		const { client, events, errors, next } = await connect();
		client.send({ type: 'session.update', session: { type: 'realtime', output_modalities: ['text'] } });
		await next('session.updated');
		client.send({
			type: 'conversation.item.create',
			item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Are you there?' }] }
		});
		client.send({ type: 'response.create' });
		await next('rate_limits.updated');
		const done = events.all.find((event) => event.type === 'response.output_text.done');
		expect(done?.type === 'response.output_text.done' && done.text).toContain('Are you there?');
		expect(errors).toEqual([]);
		client.close();
	});

	it('is heard, answered with sound, and can interrupt and truncate', async () => {
		const { client, events, errors, next } = await connect();
		const send = (chunk: Uint8Array): void =>
			client.send({ type: 'input_audio_buffer.append', audio: Buffer.from(chunk).toString('base64') });
		const caller = makeCallerAudio();
		const firstAudio = next('response.output_audio.delta');
		await feedAudio(caller, send);
		const delta = await firstAudio;
		const cut = next('response.done');
		const secondTurn = next('input_audio_buffer.speech_stopped');
		await feedAudio(caller, send, 20);
		const done = await cut;
		if (done.type !== 'response.done' || delta.type !== 'response.output_audio.delta') throw new Error('narrowing');
		expect(done.response.status).toBe('cancelled');
		expect(done.response.status_details?.reason).toBe('turn_detected');
		client.send({ type: 'conversation.item.truncate', item_id: delta.item_id, content_index: 0, audio_end_ms: 200 });
		await next('conversation.item.truncated');
		await secondTurn;
		if (events.all.at(-1)?.type !== 'rate_limits.updated') await next('rate_limits.updated');
		expect(errors).toEqual([]);
		client.close();
	});

	it('hears of a wrong event and goes on', async () => {
		const { client, errors, next } = await connect();
		const failed = next('error');
		client.send({ type: 'session.update', session: { type: 'realtime', bogus_field: 1 } as never });
		await failed;
		expect(errors.join()).toContain("Unknown parameter: 'session.bogus_field'.");
		client.send({ type: 'session.update', session: { type: 'realtime', instructions: 'x' } });
		await next('session.updated');
		client.close();
	});

	it('gets REST errors as its own error classes', async () => {
		const openai = new OpenAI({ apiKey: 'sk-local', baseURL: server.httpUrl, maxRetries: 0 });
		await expect(openai.models.list()).rejects.toBeInstanceOf(OpenAI.NotFoundError);
		await expect(openai.models.list()).rejects.toMatchObject({ type: 'invalid_request_error' });
	});
});
