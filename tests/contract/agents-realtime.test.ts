/** The `@openai/agents-realtime` package, unchanged, over a plain WebSocket. */
import { OpenAIRealtimeWebSocket, RealtimeAgent, RealtimeSession } from '@openai/agents-realtime';
import type { RealtimeItem } from '@openai/agents-realtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Collector, feedAudio, makeCallerAudio, startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';

const LIMIT = { timeout: 60_000 };
let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer();
});
afterAll(() => server.dispose());

interface RawEvent {
	type: string;
	[field: string]: unknown;
}

interface Connection {
	session: RealtimeSession;
	events: Collector<RawEvent>;
	errors: unknown[];
	next: (type: string) => Promise<RawEvent>;
	/** Types of events that the package's schemas turned away, silently. */
	dropped: () => string[];
}

async function connect(): Promise<Connection> {
	const transport = new OpenAIRealtimeWebSocket({ url: `${server.wsUrl}?model=gpt-realtime` });
	const session = new RealtimeSession(new RealtimeAgent({ name: 'Tester', instructions: 'Be kind.' }), {
		transport,
		model: 'gpt-realtime',
		config: {
			audio: {
				// Its defaults ask for a transcription model and semantic_vad, which the simulator does not do yet.
				input: {
					transcription: null,
					turnDetection: { type: 'server_vad', interruptResponse: true, createResponse: true }
				}
			}
		}
	});
	const events = new Collector<RawEvent>();
	const errors: unknown[] = [];
	const understood: string[] = [];
	const seen = new Set<string>();
	transport.on('*', (event: RawEvent) => {
		// The package tells of an event by its own type only when its schema took it, and right after this.
		if (!seen.has(event.type)) {
			seen.add(event.type);
			transport.on(event.type as 'error', () => understood.push(event.type));
		}
		events.add(event);
	});
	session.on('error', (error) => errors.push(error));
	const ready = events.next(({ type }) => type === 'session.updated');
	await session.connect({ apiKey: 'sk-local' });
	await ready;
	const count = (types: string[], type: string): number => types.filter((one) => one === type).length;
	return {
		session,
		events,
		errors,
		next: (type) => events.next((event) => event.type === type),
		dropped: () => {
			const received = events.all.map(({ type }) => type);
			return [...seen].filter((type) => count(received, type) !== count(understood, type));
		}
	};
}

const isAnswer = (item: RealtimeItem): boolean => item.type === 'message' && item.role === 'assistant';

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

describe('its stock configuration', LIMIT, () => {
	it('gets an honest error for what is not there yet, and an answer all the same', async () => {
		const transport = new OpenAIRealtimeWebSocket({ url: `${server.wsUrl}?model=gpt-realtime` });
		const session = new RealtimeSession(new RealtimeAgent({ name: 'Tester' }), { transport, model: 'gpt-realtime' });
		const errors = new Collector<unknown>();
		session.on('error', (error) => errors.add(error));
		const failed = errors.next(() => true);
		const answered = new Promise((resolve) => transport.on('response.done', resolve));
		await session.connect({ apiKey: 'sk-local' });
		expect(JSON.stringify(await failed)).toContain('unsupported_by_simulator');
		session.sendMessage('Are you there?');
		await answered;
		expect(JSON.stringify(session.history.find(isAnswer))).toContain('Are you there?');
		session.close();
	});
});
