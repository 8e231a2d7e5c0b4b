/** Plain WebSockets: how connections begin, live and end. */
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';
import { attempt, randomPart, settle } from './socket-attempt.ts';
import type { Attempt } from './socket-attempt.ts';

const LIMIT = { timeout: 30_000 };
let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer();
});
afterAll(() => server.dispose());
afterEach(() => void vi.useRealTimers());

const open = (query: string, ...rest: [string[]?, Parameters<typeof attempt>[2]?]): Attempt =>
	attempt(`${server.wsUrl}${query}`, ...rest);

describe('connections', LIMIT, () => {
	it('opens without a key, with one, and with parameters that nobody knows', async () => {
		for (const headers of [{}, { Authorization: 'Bearer sk-anything' }]) {
			const one = open('?model=gpt-realtime&temperature=0.8', [], { headers });
			await one.first('session.created');
			one.socket.close();
			await one.closed;
		}
	});

	it('selects the subprotocol that browsers need', async () => {
		const one = open('?model=gpt-realtime', ['realtime', 'openai-insecure-api-key.sk-x']);
		await one.first('session.created');
		expect(one.socket.protocol).toBe('realtime');
		one.socket.close();
	});

	it.each([
		['?model=gpt-realtime-mini', 'realtime', 'realtime.session'],
		['?intent=transcription', 'transcription', 'realtime.transcription_session'],
		['/translations?model=gpt-realtime-translate', 'translation', undefined]
	])('opens the session of %s', async (query, type, object) => {
		const one = open(query);
		const { session } = (await one.first('session.created')) as unknown as {
			session: { type: string; object?: string };
		};
		expect([session.type, session.object]).toEqual([type, object]);
		one.socket.close();
	});

	it.each([
		['no model', '', [], 'missing_model'],
		['an unknown model', '?model=gpt-nope', [], 'invalid_model'],
		['a model of another kind', '?model=gpt-realtime-translate', [], 'invalid_model'],
		['a model of another kind of session', '/translations?model=gpt-realtime', [], 'invalid_model'],
		['a call to join', '?call_id=rtc_1', [], 'call_not_found'],
		['the beta header', '?model=gpt-realtime', [], 'beta_api_shape_disabled'],
		['the beta subprotocol', '?model=gpt-realtime', ['realtime', 'openai-beta.realtime-v1'], 'beta_api_shape_disabled']
	])('answers %s after the 101, with an event and a close', async (name, query, protocols, code) => {
		const headers = name === 'the beta header' ? { 'OpenAI-Beta': 'realtime=v1' } : {};
		const { events, closed } = open(query, protocols, { headers });
		expect(await closed).toEqual({ code: 4000, reason: `invalid_request_error.${code}` });
		expect(events.all).toMatchObject([{ type: 'error', error: { code, event_id: null } }]);
	});

	it('names what was wrong with the connection', async () => {
		for (const [query, words] of [
			['?model=gpt-nope', 'Model "gpt-nope" is not supported in realtime mode'],
			['?call_id=rtc_1', "Call with id 'rtc_1' not found. The simulator takes no WebRTC or SIP calls"]
		] as const) {
			const { events, closed } = open(query);
			await closed;
			expect(events.all[0]?.error?.message).toContain(words);
		}
	});

	it('answers other paths under /v1 with a 404 of the API', async () => {
		await expect(open('/nothing?model=gpt-realtime').closed).rejects.toThrow('404');
		const response = await fetch(`${server.httpUrl}/realtime/nothing`, { method: 'POST', body: '{}' });
		expect(response.status).toBe(404);
		expect(await response.json()).toEqual({
			error: {
				message: 'Invalid URL (POST /v1/realtime/nothing)',
				type: 'invalid_request_error',
				param: null,
				code: null
			}
		});
	});

	it('lives through what is no event, and through 15 MiB in one', async () => {
		const one = open('?model=gpt-realtime');
		await one.first('session.created');
		one.socket.send('{');
		one.socket.send(Buffer.from([1, 2, 3]));
		one.send({ type: 'session.update', session: { type: 'realtime', audio: { input: { turn_detection: null } } } });
		const audio = Buffer.alloc((15 * 1024 * 1024 * 3) / 4).toString('base64');
		one.send({ type: 'input_audio_buffer.append', audio });
		one.send({ type: 'input_audio_buffer.commit' });
		await one.first('input_audio_buffer.committed');
		expect(one.events.all.slice(1, 4).map(({ type, error }) => error?.code ?? type)).toEqual([
			'invalid_json',
			'invalid_event',
			'session.updated'
		]);
		one.socket.close();
		await one.closed;
	});

	it('closes on a message above 16 MiB, and serves others', async () => {
		const one = open('?model=gpt-realtime');
		const other = open('?model=gpt-realtime');
		await Promise.all([one.first('session.created'), other.first('session.created')]);
		one.socket.send(Buffer.alloc(17 * 1024 * 1024, 32).toString());
		expect(await one.closed).toMatchObject({ code: 1009 });
		await settle(other);
		other.socket.close();
	});

	it('gives the same ids for the same seed', async () => {
		const ids: string[] = [];
		for (let i = 0; i < 2; i++) {
			const again = await startContractServer({ seed: 'same' });
			const { first } = attempt(`${again.wsUrl}?model=gpt-realtime`);
			ids.push(randomPart((await first('session.created'))['event_id']));
			await again.dispose();
		}
		expect(ids[0]).toBe(ids[1]);
	});

	it('says that it is going when it stops', async () => {
		const short = await startContractServer();
		const { first, closed } = attempt(`${short.wsUrl}?model=gpt-realtime`);
		await first('session.created');
		await short.dispose();
		expect(await closed).toEqual({ code: 1001, reason: 'The simulator is stopping.' });
	});
});

describe('a ping every 20 seconds', LIMIT, () => {
	const seconds = (count: number): void => void vi.advanceTimersByTime(count * 1000);

	/** A session whose intervals are moved by hand, and all else by the clock. */
	async function openWithHandMovedPings(autoPong: boolean): Promise<Attempt & { pings: () => number }> {
		vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
		const one = open('?model=gpt-realtime', [], { autoPong });
		let pings = 0;
		one.socket.on('ping', () => pings++);
		await one.first('session.created');
		return { ...one, pings: () => pings };
	}

	it('goes to a client that answers, for as long as it does', async () => {
		const one = await openWithHandMovedPings(true);
		seconds(19);
		await settle(one);
		expect(one.pings()).toBe(0);
		for (let count = 1; count <= 3; count++) {
			const ping = once(one.socket, 'ping');
			seconds(count === 1 ? 1 : 20);
			await ping;
			// The pong is on its way before this is.
			await settle(one);
		}
		expect(one.pings()).toBe(3);
		one.socket.close();
		expect(await one.closed).toMatchObject({ code: 1005 });
	});

	it('ends a connection that does not answer', async () => {
		const one = await openWithHandMovedPings(false);
		seconds(20);
		await settle(one);
		expect(one.pings()).toBe(1);
		seconds(20);
		expect(await one.closed).toMatchObject({ code: 1006 });
	});
});
