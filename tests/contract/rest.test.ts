/** The REST half of the `openai` package, unchanged, and a connection with what it made. */
import OpenAI from 'openai';
import { OpenAIRealtimeWS } from 'openai/realtime/ws';
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Collector, startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';

const KEY = 'sk-proj-0123456789abcdefAAAA';
let server: ContractServer;
beforeAll(async () => {
	server = await startContractServer({ key: KEY });
});
afterAll(() => server.dispose());

const openai = (apiKey = KEY): OpenAI => new OpenAI({ apiKey, baseURL: server.httpUrl, maxRetries: 0 });

/** What a client with a key is told first. */
async function connectWith(apiKey: string): Promise<RealtimeServerEvent> {
	const client = new OpenAIRealtimeWS(
		{ model: 'gpt-realtime', options: { ca: server.certificate } },
		new OpenAI({ apiKey, baseURL: server.tlsUrl })
	);
	const events = new Collector<RealtimeServerEvent>();
	client.on('event', (event) => events.add(event));
	client.on('error', () => {}); // the same as an event
	const first = await events.next(() => true);
	client.close();
	return first;
}

describe('openai 7, REST', { timeout: 60_000 }, () => {
	it('makes a client secret, which opens the session that it was made for', async () => {
		const { value, expires_at, session } = await openai().realtime.clientSecrets.create({
			expires_after: { anchor: 'created_at', seconds: 60 },
			session: { type: 'realtime', model: 'gpt-realtime', audio: { output: { voice: 'cedar' } } }
		});
		expect(expires_at * 1000).toBeGreaterThan(Date.now());
		expect(session).toMatchObject({ object: 'realtime.session', audio: { output: { voice: 'cedar' } } });
		expect(await connectWith(value)).toMatchObject({
			type: 'session.created',
			session: { audio: { output: { voice: 'cedar' } } }
		});
	});

	it('makes one of a transcription session and of a translation', async () => {
		const transcription = await openai().realtime.clientSecrets.create({ session: { type: 'transcription' } });
		expect(transcription.session).toMatchObject({ object: 'realtime.transcription_session' });
		const translation = await openai().realtime.translations.clientSecrets.create({
			session: { model: 'gpt-realtime-translate' }
		});
		expect(translation.session).toMatchObject({ type: 'translation', model: 'gpt-realtime-translate' });
	});

	it('gets errors as its own classes', async () => {
		const bad = openai().realtime.clientSecrets.create({ session: { type: 'nonsense' } as never });
		await expect(bad).rejects.toBeInstanceOf(OpenAI.BadRequestError);
		await expect(bad).rejects.toMatchObject({
			param: 'session.type',
			type: 'invalid_request_error',
			requestID: expect.stringMatching(/^req_/) as string
		});
		const stranger = openai('sk-wrong-key-of-somebody-else').realtime.clientSecrets.create({});
		await expect(stranger).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
		await expect(stranger).rejects.toMatchObject({ code: 'invalid_api_key' });
		const elsewhere = openai().chat.completions.create({ model: 'gpt-realtime', messages: [] });
		await expect(elsewhere).rejects.toBeInstanceOf(OpenAI.NotFoundError);
	});

	it('lists models', async () => {
		const ids: string[] = [];
		for await (const { id } of openai().models.list()) ids.push(id);
		expect(ids).toContain('gpt-realtime');
		expect(await openai().models.retrieve('gpt-realtime')).toMatchObject({ object: 'model', owned_by: 'system' });
		await expect(openai().models.retrieve('gpt-nope')).rejects.toBeInstanceOf(OpenAI.NotFoundError);
	});

	it('a socket with a wrong key, or a client secret of somebody else, is told so', async () => {
		for (const key of ['sk-wrong-key-of-somebody-else', `ek_${'a'.repeat(32)}`]) {
			const event = await connectWith(key);
			expect(event).toMatchObject({ type: 'error', error: { code: 'invalid_api_key' } });
			expect(JSON.stringify(event)).not.toContain(key);
		}
	});
});
