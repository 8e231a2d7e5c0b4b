import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import { openOnePort } from './one-port.ts';
import type { OnePort } from './one-port.ts';

let home: string;
let certificate: Certificate;
let onePort: OnePort;

beforeAll(async () => {
	home = await mkdtemp(path.join(tmpdir(), 'earshot-one-port-'));
	certificate = await openCertificate(home);
	onePort = await openOnePort({ ...certificate, port: 0, hostname: '127.0.0.1' }, () => ({
		request(request, response) {
			let length = 0;
			request.on('data', (chunk: Buffer) => (length += chunk.length));
			request.on('end', () => response.end(`${request.method} ${request.url} ${length}`));
		},
		upgrade(_request, socket, head) {
			socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
			socket.write(`head:${head}`);
			socket.on('data', (chunk) => socket.write(chunk));
		}
	}));
});

afterAll(async () => {
	await onePort.dispose();
	await rm(home, { recursive: true, force: true });
});

async function get(module: typeof http | typeof https, options: https.RequestOptions, body = ''): Promise<string> {
	const request = module.request({ host: '127.0.0.1', port: onePort.port, ca: certificate.cert, ...options });
	request.end(body);
	const [response] = (await once(request, 'response')) as [http.IncomingMessage];
	let text = '';
	for await (const chunk of response) text += chunk;
	return text;
}

/** What a socket receives until it is closed, or until `enough`. */
function read(socket: net.Socket, enough?: RegExp): Promise<string> {
	return new Promise((resolve) => {
		let text = '';
		socket.on('data', (chunk) => {
			text += chunk;
			if (enough?.test(text)) resolve(text);
		});
		socket.on('error', () => {});
		socket.on('close', () => resolve(text));
	});
}

const connect = () => net.connect({ port: onePort.port, host: '127.0.0.1' });

test('answers HTTP and TLS on the same port', async () => {
	expect(await get(http, { path: '/a' })).toBe('GET /a 0');
	expect(await get(https, { path: '/b', host: 'localhost' })).toBe('GET /b 0');
	expect(await get(https, { path: '/c', host: '127.0.0.1' })).toBe('GET /c 0');
});

test('keeps connections, with bodies larger than a packet', async () => {
	const body = 'x'.repeat(1_000_000);
	for (const module of [http, https]) {
		const agent = new module.Agent({ keepAlive: true, maxSockets: 1 });
		for (let i = 0; i < 3; i++)
			expect(await get(module, { method: 'POST', path: '/', agent }, body)).toBe('POST / 1000000');
		agent.destroy();
	}
});

test('loses nothing when the first bytes trickle in or come all at once', async () => {
	const slow = connect();
	const slowText = read(slow, /GET \/slow 0/);
	for (const byte of 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n') {
		slow.write(byte);
		await new Promise((resolve) => setImmediate(resolve));
	}
	expect(await slowText).toContain('GET /slow 0');
	slow.destroy();

	const pipelined = connect();
	const text = read(pipelined, /GET \/2 0/);
	pipelined.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
	expect(await text).toMatch(/GET \/1 0[^]*GET \/2 0/);
	pipelined.destroy();
});

test.each(['plain', 'tls'])('hands over upgrades with what follows them (%s)', async (kind) => {
	const socket =
		kind === 'plain' ? connect() : tls.connect({ port: onePort.port, host: '127.0.0.1', ca: certificate.cert });
	const early = read(socket, /early$/);
	const text = read(socket, /pong$/);
	socket.write('GET /v1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nearly');
	await early;
	socket.write('pong');
	expect(await text).toMatch(/^HTTP\/1\.1 101[^]*early[^]*pong$/);
	socket.destroy();
});

test('an upgrade to something else goes on as a request', async () => {
	const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
	expect(await get(http, { path: '/h2c', headers })).toBe('GET /h2c 0');
});

test.each([
	['nothing', '', /^$/],
	['half a TLS record', '\x16\x03\x01', /^$/],
	['half a head', 'GET / HTTP/1.1\r\nHost', /^HTTP\/1\.1 4\d\d /]
])('ends a connection that sends %s and then waits', async (_what, start, answer) => {
	const options = { ...certificate, port: 0, hostname: '127.0.0.1', patienceMs: 50 };
	const impatient = await openOnePort(options, () => ({ request() {}, upgrade() {} }));
	try {
		const socket = net.connect({ port: impatient.port, host: '127.0.0.1' });
		socket.write(start);
		expect(await read(socket)).toMatch(answer);
	} finally {
		await impatient.dispose();
	}
});

test('survives nonsense and peers that vanish', async () => {
	const nonsense = connect();
	nonsense.write('\x00\xff nonsense\r\n\r\n');
	expect(await read(nonsense)).toMatch(/^HTTP\/1\.1 400/);
	const brokenTls = connect();
	brokenTls.write(Buffer.from('160301000401020304', 'hex'));
	await read(brokenTls);
	for (const start of ['', 'G', 'GET / HTTP/1.1\r\n', '\x16']) {
		const socket = connect();
		await once(socket, 'connect');
		socket.write(start);
		socket.resetAndDestroy();
	}
	expect(await get(http, { path: '/still-here' })).toBe('GET /still-here 0');
});

test('dispose ends open connections and frees the port', async () => {
	const other = await openOnePort({ ...certificate, port: 0, hostname: '127.0.0.1' }, () => ({
		request: () => {}, // never answers
		upgrade: () => {}
	}));
	const waiting = net.connect({ port: other.port, host: '127.0.0.1' });
	waiting.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
	const silent = tls.connect({ port: other.port, host: '127.0.0.1', ca: certificate.cert });
	await once(silent, 'secureConnect');
	const ends = [read(waiting), read(silent)];
	await other.dispose();
	await Promise.all(ends);
	const again = net.createServer().listen(other.port, '127.0.0.1');
	await once(again, 'listening');
	again.close();
});

test('a taken port is an error with its code', async () => {
	const options = { ...certificate, port: onePort.port, hostname: '127.0.0.1' };
	await expect(openOnePort(options, () => ({ request() {}, upgrade() {} }))).rejects.toMatchObject({
		code: 'EADDRINUSE'
	});
});
