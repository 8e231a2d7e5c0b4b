/** Plain WebSockets: how connections begin and end. */
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Collector, startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';

const LIMIT = { timeout: 30_000 };
let server: ContractServer;

beforeAll(async () => {
	server = await startContractServer();
});
afterAll(() => server.dispose());

interface Attempt {
	socket: WebSocket;
	events: Collector<{ type: string; error?: unknown }>;
	closed: Promise<{ code: number; reason: string }>;
}

function attempt(query: string, protocols: string[] = [], options: ClientOptions = {}): Attempt {
	const socket = new WebSocket(`${server.wsUrl}${query}`, protocols, options);
	const events = new Collector<{ type: string; error?: unknown }>();
	socket.on('message', (data) => events.add(JSON.parse(String(data)) as { type: string }));
	const closed = new Promise<{ code: number; reason: string }>((resolve, reject) => {
		socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
		socket.on('error', reject);
	});
	// A test that does not look at how it closed must not fail over it.
	closed.catch(() => {});
	return { socket, events, closed };
}

const created = ({ events }: Attempt): Promise<unknown> => events.next(({ type }) => type === 'session.created');

describe('connections', LIMIT, () => {
	it('opens without a key, with one, and with parameters that nobody knows', async () => {
		for (const headers of [{}, { Authorization: 'Bearer sk-anything' }]) {
			const one = attempt('?model=gpt-realtime&temperature=0.8', [], { headers });
			await created(one);
			one.socket.close();
			await one.closed;
		}
	});

	it('selects the subprotocol that browsers need', async () => {
		const one = attempt('?model=gpt-realtime', ['realtime', 'openai-insecure-api-key.sk-x']);
		await created(one);
		expect(one.socket.protocol).toBe('realtime');
		one.socket.close();
	});

	it.each([
		['no model', '', [], 'missing_model'],
		['the beta header', '?model=gpt-realtime', [], 'beta_api_shape_disabled'],
		['the beta subprotocol', '?model=gpt-realtime', ['realtime', 'openai-beta.realtime-v1'], 'beta_api_shape_disabled'],
		['a transcription session', '?intent=transcription', [], 'unsupported_by_simulator']
	])('answers %s after the 101, with an event and a close', async (name, query, protocols, code) => {
		const headers = name === 'the beta header' ? { 'OpenAI-Beta': 'realtime=v1' } : {};
		const { events, closed } = attempt(query, protocols, { headers });
		expect(await closed).toEqual({ code: 4000, reason: `invalid_request_error.${code}` });
		expect(events.all).toMatchObject([{ type: 'error', error: { code, event_id: null } }]);
	});

	it('answers other paths under /v1 with a 404 of the API', async () => {
		const { closed } = attempt('/translations?model=x');
		await expect(closed).rejects.toThrow('404');
		const response = await fetch(`${server.httpUrl}/realtime/client_secrets`, { method: 'POST', body: '{}' });
		expect(response.status).toBe(404);
		expect(await response.json()).toEqual({
			error: {
				message: 'Invalid URL (POST /v1/realtime/client_secrets)',
				type: 'invalid_request_error',
				param: null,
				code: null
			}
		});
	});

	it('lives through what is no event, and through 15 MiB in one', async () => {
		const one = attempt('?model=gpt-realtime');
		await created(one);
		const codes: unknown[] = [];
		one.socket.on('message', (data) =>
			codes.push((JSON.parse(String(data)) as { error?: { code: string } }).error?.code)
		);
		one.socket.send('{');
		one.socket.send(Buffer.from([1, 2, 3]));
		one.socket.send(
			'{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}'
		);
		const audio = Buffer.alloc((15 * 1024 * 1024 * 3) / 4).toString('base64');
		one.socket.send(JSON.stringify({ type: 'input_audio_buffer.append', audio }));
		const committed = one.events.next(({ type }) => type === 'input_audio_buffer.committed');
		one.socket.send('{"type":"input_audio_buffer.commit"}');
		await committed;
		expect(codes.slice(0, 3)).toEqual(['invalid_json', 'invalid_event', undefined]);
		one.socket.close();
		await one.closed;
	});

	it('closes on a message above 16 MiB, and serves others', async () => {
		const one = attempt('?model=gpt-realtime');
		const other = attempt('?model=gpt-realtime');
		await Promise.all([created(one), created(other)]);
		one.socket.send(Buffer.alloc(17 * 1024 * 1024, 32).toString());
		expect(await one.closed).toMatchObject({ code: 1009 });
		const updated = other.events.next(({ type }) => type === 'session.updated');
		other.socket.send('{"type":"session.update","session":{"type":"realtime"}}');
		await updated;
		other.socket.close();
	});

	it('gives the same ids for the same seed', async () => {
		const ids: unknown[] = [];
		for (let i = 0; i < 2; i++) {
			const again = await startContractServer({ seed: 'same' });
			const socket = new WebSocket(`${again.wsUrl}?model=gpt-realtime`);
			const data = await new Promise((resolve) => socket.once('message', resolve));
			// The first five characters of an id are the time.
			ids.push((JSON.parse(String(data)) as { session: { id: string } }).session.id.slice(-16));
			socket.close();
			await again.dispose();
		}
		expect(ids[0]).toBe(ids[1]);
	});

	it('says that it is going when it stops', async () => {
		const short = await startContractServer();
		const socket = new WebSocket(`${short.wsUrl}?model=gpt-realtime`);
		await new Promise((resolve) => socket.once('message', resolve));
		const closed = new Promise((resolve) => socket.once('close', resolve));
		await short.dispose();
		expect(await closed).toBe(1001);
	});
});
