/** Translation sessions of the `openai` package: its own class for them, and their client secrets. */
import { once } from 'node:events';
import OpenAI from 'openai';
import { OpenAIRealtimeTranslationWS } from 'openai/realtime/translations/ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Collector, makeCallerAudio, onlyScenario, startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';

const LIMIT = { timeout: 60_000 };
const translation = { hear: 'Hello, when does my parcel arrive?', say: 'Ola, quando chega o meu pacote?' };

interface RawEvent {
	type: string;
	[field: string]: unknown;
}

let server: ContractServer;
beforeAll(async () => {
	server = await startContractServer({
		scenarios: onlyScenario({ translations: [translation], rules: [{ say: 'Nothing.' }] })
	});
});
afterAll(() => server.dispose());

/** Speaks once into a session, ends it as the package does, and gives all that came. */
async function translate(apiKey: string, language?: string): Promise<Collector<RawEvent>> {
	const openai = new OpenAI({ apiKey, baseURL: server.tlsUrl });
	const client = await OpenAIRealtimeTranslationWS.create(openai, {
		model: 'gpt-realtime-translate',
		options: { ca: server.certificate }
	});
	const events = new Collector<RawEvent>();
	const errors: Error[] = [];
	client.on('event', (event) => events.add(event as RawEvent));
	client.on('error', (error) => errors.push(error));
	await events.first(({ type }) => type === 'session.created');
	if (language !== undefined) {
		client.send({ type: 'session.update', session: { audio: { output: { language } } } });
		await events.next(({ type }) => type === 'session.updated');
	}
	const audio = Buffer.from(makeCallerAudio().buffer).toString('base64');
	client.send({ type: 'session.input_audio_buffer.append', audio });
	await client.finish({ timeoutMs: 30_000 });
	expect(errors).toEqual([]);
	return events;
}

const text = ({ all }: Collector<RawEvent>, type: string): string =>
	all
		.filter((event) => event.type === type)
		.map(({ delta }) => delta)
		.join('');

describe('openai 7 over TLS, translation', LIMIT, () => {
	it('hears, translates, speaks, and delivers everything before session.closed', async () => {
		const events = await translate('sk-local', 'pt');
		expect(events.all[1]).toMatchObject({
			type: 'session.updated',
			session: { audio: { output: { language: 'pt' } } }
		});
		expect(text(events, 'session.output_transcript.delta').trim()).toBe(translation.say);
		const sound = events.all.filter(({ type }) => type === 'session.output_audio.delta');
		expect(sound.length).toBeGreaterThan(0);
		expect(sound[0]).toMatchObject({ sample_rate: 24000, channels: 1, format: 'pcm16' });
		expect(events.all.at(-1)?.type).toBe('session.closed');
	});

	it('starts as its client secret says', async () => {
		const openai = new OpenAI({ apiKey: 'sk-local', baseURL: server.httpUrl, maxRetries: 0 });
		const secret = await openai.realtime.translations.clientSecrets.create({
			session: {
				model: 'gpt-realtime-translate',
				audio: { input: { transcription: { model: 'gpt-realtime-whisper' } }, output: { language: 'fr' } }
			}
		});
		expect(secret.session).toMatchObject({ type: 'translation', audio: { output: { language: 'fr' } } });
		const events = await translate(secret.value);
		expect(events.all[0]).toMatchObject({
			type: 'session.created',
			session: { audio: { output: { language: 'fr' } } }
		});
		expect(text(events, 'session.input_transcript.delta').trim()).toBe(translation.hear);
	});

	it('does not open with a secret for a conversation, nor with a model for one', async () => {
		const openai = new OpenAI({ apiKey: 'sk-local', baseURL: server.httpUrl, maxRetries: 0 });
		const { value } = await openai.realtime.clientSecrets.create({ session: { type: 'realtime' } });
		for (const [apiKey, model, code] of [
			[value, 'gpt-realtime-translate', 'invalid_value'],
			['sk-local', 'gpt-realtime', 'invalid_model']
		] as const) {
			const client = await OpenAIRealtimeTranslationWS.create(new OpenAI({ apiKey, baseURL: server.tlsUrl }), {
				model,
				options: { ca: server.certificate }
			});
			const events = new Collector<RawEvent>();
			client.on('event', (event) => events.add(event as RawEvent));
			client.on('error', () => {});
			const [closeCode] = await once(client.socket.platformSocket as never, 'close');
			expect(closeCode).toBe(4000);
			expect(events.all).toMatchObject([{ type: 'error', error: { code } }]);
		}
	});
});
