import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createFaultInjector } from '#simulator/faults/fault-injector.ts';
import { readFaults } from '#simulator/faults/fault-text.ts';
import { guardBackpressure, openSocketEdge } from '#simulator/faults/socket-edge.ts';
import { createRandom } from '#simulator/session/ids.ts';
import { VirtualClock } from '#simulator/testing/virtual-clock.ts';

const MIB = 1024 * 1024;

const opened: { dispose: () => void }[] = [];
afterEach(() => {
	for (const { dispose } of opened.splice(0)) dispose();
});

/** A client and its server's end of a real connection. */
async function connect(): Promise<{ client: WebSocket; socket: WebSocket }> {
	const http = createServer();
	const server = new WebSocketServer({ server: http, perMessageDeflate: false, maxPayload: 16 * MIB });
	http.listen(0, '127.0.0.1');
	await once(http, 'listening');
	const accepted = once(server, 'connection') as Promise<[WebSocket]>;
	const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`, { perMessageDeflate: false });
	const [[socket]] = await Promise.all([accepted, once(client, 'open')]);
	opened.push({
		dispose: () => {
			client.terminate();
			socket.terminate();
			server.close();
			http.close();
		}
	});
	return { client, socket };
}

interface Call {
	client: WebSocket;
	socket: WebSocket;
	clock: VirtualClock;
	/** What came to the session. */
	received: string[];
	/** What came to the client. */
	heard: string[];
	send: (type: string, padding?: string) => void;
}

/** A connection with faults between its socket and a session that is only a list. */
async function call(faults: string): Promise<Call> {
	const { client, socket } = await connect();
	const clock = new VirtualClock();
	const parsed = readFaults(faults);
	if ('error' in parsed) throw new Error(parsed.error);
	const injector = createFaultInjector({
		faults: parsed.faults,
		random: createRandom('seed'),
		nowMs: clock.nowMs,
		schedule: clock.schedule,
		model: 'gpt-realtime',
		edge: openSocketEdge(socket)
	});
	const received: string[] = [];
	const heard: string[] = [];
	injector.begin({ receiveText: (text) => received.push(text), receiveBinary: () => received.push('binary') });
	socket.on('message', (data, isBinary) => {
		if (isBinary) injector.receiveBinary();
		else injector.receiveText(String(data));
	});
	client.on('message', (data) => heard.push(String(data)));
	const send = (type: string, padding = ''): void => injector.send({ type, event_id: 'event_1', padding });
	return { client, socket, clock, received, heard, send };
}

/** Both directions are empty: a ping went there and its answer came back. */
async function roundTrip(from: WebSocket): Promise<void> {
	from.ping();
	await once(from, 'pong');
}

async function closeOf(client: WebSocket): Promise<{ code: number; reason: string }> {
	const [code, reason] = (await once(client, 'close')) as [number, Buffer];
	return { code, reason: String(reason) };
}

describe('over a real socket', () => {
	it('a torn connection is 1006 at the client', async () => {
		const { client, send, heard } = await call('drop@response.done');
		const closed = closeOf(client);
		send('response.created');
		await once(client, 'message');
		send('response.done');
		expect(await closed).toEqual({ code: 1006, reason: '' });
		expect(heard).toHaveLength(1);
	});

	it('another drop arrives with its code and its reason, after what was sent', async () => {
		const { client, send, heard } = await call('drop:1011@response.done');
		const closed = closeOf(client);
		send('response.created');
		send('response.done');
		expect(await closed).toEqual({ code: 1011, reason: 'Internal server error' });
		expect(heard).toHaveLength(1);
	});

	it('an early end arrives as an error and a close', async () => {
		const { client, send, heard } = await call('expire:announce@response.done');
		const closed = closeOf(client);
		send('response.done');
		expect(await closed).toEqual({ code: 1001, reason: 'Your session hit the maximum duration of 60 minutes.' });
		expect(JSON.parse(heard[0] ?? '')).toMatchObject({ type: 'error', error: { code: 'session_expired' } });
	});

	it('a malformed event arrives as text that is not JSON, and the next one whole', async () => {
		const { client, send, heard, socket } = await call('malformed@response.created,malformed:html@response.done');
		for (const type of ['response.created', 'response.done', 'rate_limits.updated']) send(type);
		await roundTrip(socket);
		expect(heard.map((text) => /^\{"type".*\}$/.test(text))).toEqual([false, false, true]);
		expect(client.readyState).toBe(client.OPEN);
	});

	it('a silent server sends nothing, and then everything', async () => {
		const { client, send, heard, clock, socket } = await call('silence:3000@response.created');
		send('response.created');
		send('response.done');
		clock.advance(2999);
		await roundTrip(socket);
		expect(heard).toEqual([]);
		clock.advance(1);
		await roundTrip(socket);
		expect(heard).toHaveLength(2);
		expect(client.readyState).toBe(client.OPEN);
	});

	it('a slow consumer leaves the client’s messages in the client’s buffer, and reads all of them afterwards', async () => {
		const slow = await call('slow_consumer:3000@client:response.create');
		const usual = await call('none');
		const message = JSON.stringify({ type: 'input_audio_buffer.append', audio: 'A'.repeat(MIB) });
		const count = 40;
		for (const { client } of [slow, usual]) {
			client.send('{"type":"response.create"}');
			for (let n = 0; n < count; n++) client.send(message);
		}
		// What has come all the way on the other connection had the time to come on this one.
		while (usual.received.length < count + 1) await once(usual.socket, 'message');
		expect(slow.received).toEqual(['{"type":"response.create"}']);
		expect(slow.client.bufferedAmount).toBeGreaterThan(10 * MIB);
		slow.clock.advance(3000);
		while (slow.received.length < count + 1) await once(slow.socket, 'message');
		expect(slow.received.slice(1)).toEqual(Array.from({ length: count }, () => message));
		await roundTrip(slow.client);
		expect(slow.client.bufferedAmount).toBe(0);
	}, 30_000);
});

describe('the guard against a client that does not read', () => {
	/** About as large as an event with a quarter of a second of audio. */
	const delta = 'A'.repeat(16_000);

	it('closes the connection with 1013 when 40 MiB wait, and keeps no more than that', async () => {
		const { client, socket } = await connect();
		const overflows: number[] = [];
		const guard = guardBackpressure(socket, undefined, (bytes) => overflows.push(bytes));
		client.pause();
		let largest = 0;
		for (let n = 0; n < 5000; n++) {
			guard.sendText(delta);
			largest = Math.max(largest, socket.bufferedAmount);
			// The system takes what it can.
			if (n % 50 === 0) await new Promise(setImmediate);
		}
		expect(overflows).toHaveLength(1);
		expect(socket.readyState).toBe(socket.CLOSING);
		expect(largest).toBeGreaterThan(40 * MIB);
		expect(largest).toBeLessThan(40.2 * MIB);
		const closed = closeOf(client);
		let heard = 0;
		client.on('message', () => heard++);
		client.resume();
		expect(await closed).toEqual({
			code: 1013,
			reason: `The client does not read: ${overflows[0]} bytes wait for it.`
		});
		// What was sent before arrives whole.
		expect(heard * delta.length).toBeGreaterThan(40 * MIB);
		expect(heard).toBeLessThan(5000);
	}, 30_000);

	it('leaves a client alone that reads, however much it is sent', async () => {
		const { client, socket } = await connect();
		const guard = guardBackpressure(socket);
		let heard = 0;
		client.on('message', () => heard++);
		for (let round = 0; round < 40; round++) {
			for (let n = 0; n < 50; n++) guard.sendText(delta);
			await roundTrip(socket);
		}
		expect(heard).toBe(2000);
		expect(socket.readyState).toBe(socket.OPEN);
	}, 30_000);

	it('never takes one large message for a client that does not read', async () => {
		const { client, socket } = await connect();
		const guard = guardBackpressure(socket);
		let heardBytes = 0;
		client.on('message', (data) => (heardBytes += (data as Buffer).length));
		guard.sendText('A'.repeat(20 * MIB));
		guard.sendText(delta);
		await roundTrip(socket);
		expect(heardBytes).toBe(20 * MIB + delta.length);
		expect(socket.readyState).toBe(socket.OPEN);
	}, 30_000);

	it('sends nothing on a connection that is over', async () => {
		const { client, socket } = await connect();
		const guard = guardBackpressure(socket);
		const gone = once(socket, 'close');
		client.terminate();
		await gone;
		guard.sendText(delta);
		expect(socket.bufferedAmount).toBe(0);
	});
});
