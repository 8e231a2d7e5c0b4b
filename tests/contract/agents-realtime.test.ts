/** The `@openai/agents-realtime` package, unchanged, over a plain WebSocket. */
import { RealtimeAgent } from '@openai/agents-realtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectAgent, isAnswer } from './agents-connection.ts';
import type { AgentsConnection } from './agents-connection.ts';
import { feedAudio, makeCallerAudio, startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';

const LIMIT = { timeout: 60_000 };
let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer();
});
afterAll(() => server.dispose());

/** Its own defaults ask for a transcription, whose words nobody knows here. */
const connect = (): Promise<AgentsConnection> =>
	connectAgent(server.wsUrl, new RealtimeAgent({ name: 'Tester', instructions: 'Be kind.' }), {
		config: {
			audio: {
				input: {
					transcription: null,
					turnDetection: { type: 'server_vad', interruptResponse: true, createResponse: true }
				}
			}
		}
	});

describe('@openai/agents-realtime 0.20', LIMIT, () => {
	it('connects and gets an answer to a typed message, with nothing dropped', async () => {
		const { session, next, errors, dropped, events } = await connect();
		const finished = next('rate_limits.updated');
		session.sendMessage('Are you there?');
		await finished;
		const answer = session.history.find(isAnswer);
		expect(JSON.stringify(answer)).toContain('Are you there?');
		expect(events.all.filter(({ type }) => type === 'session.updated').length).toBeGreaterThan(0);
		expect(errors).toEqual([]);
		expect(dropped()).toEqual([]);
		session.close();
	});

	it('is heard, answered, and interrupts: its own event, and a truncate that is accepted', async () => {
		const { session, next, errors, dropped, events } = await connect();
		const caller = makeCallerAudio();
		const send = (chunk: Uint8Array): void => session.sendAudio(chunk.buffer as ArrayBuffer);
		let heardBytes = 0;
		let interruptions = 0;
		session.on('audio', ({ data }) => (heardBytes += data.byteLength));
		session.on('audio_interrupted', () => interruptions++);
		const firstAudio = next('response.output_audio.delta');
		await feedAudio(caller, send);
		await firstAudio;
		const truncated = next('conversation.item.truncated');
		const retrieved = next('conversation.item.retrieved');
		const answered = events.next((event) => {
			return event.type === 'response.done' && (event['response'] as { status: string }).status === 'completed';
		});
		await feedAudio(caller, send, 20);
		await Promise.all([truncated, retrieved, answered]);
		expect(interruptions).toBe(1);
		expect(heardBytes).toBeGreaterThan(12_000);
		const done = events.all
			.filter(({ type }) => type === 'response.done')
			.map((event) => event['response'] as { status: string });
		expect(done.map(({ status }) => status)).toEqual(['cancelled', 'completed']);
		expect(errors).toEqual([]);
		expect(dropped()).toEqual([]);
		session.close();
	});
});
