/** The `openai` package, unchanged, over TLS: a typed turn, a spoken one, an interruption, a wrong event. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { feedAudio, makeCallerAudio, startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';
import { answer, connectOpenAI, typeText, update } from './openai-connection.ts';

const LIMIT = { timeout: 60_000 };
let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer();
});
afterAll(() => server.dispose());

describe('openai 7 over TLS', LIMIT, () => {
	it('connects, updates the session and gets a text answer', async () => {
		const connection = await connectOpenAI(server);
		const { client, errors, of } = connection;
		await update(connection, { type: 'realtime', output_modalities: ['text'] });
		typeText(connection, 'Are you there?');
		expect(await answer(connection)).toMatchObject({ status: 'completed' });
		expect(of('response.output_text.done')[0]?.text).toContain('Are you there?');
		expect(errors).toEqual([]);
		client.close();
	});

	it('is heard, answered with sound, and can interrupt and truncate', async () => {
		const { client, events, errors, next } = await connectOpenAI(server);
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
		const connection = await connectOpenAI(server);
		const failed = connection.next('error');
		connection.client.send({ type: 'session.update', session: { type: 'realtime', bogus_field: 1 } as never });
		await failed;
		expect(connection.errors.join()).toContain("Unknown parameter: 'session.bogus_field'.");
		await update(connection, { type: 'realtime', instructions: 'x' });
		connection.client.close();
	});
});
