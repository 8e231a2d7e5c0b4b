// The whole host, in this process, over real sockets. What it does as a program is in start.test.ts.
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startHost } from './host.ts';
import type { Host } from './host.ts';

let folder: string;
let siteDirectory: string;
let homeDirectory: string;
let host: Host;

beforeAll(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'earshot-host-'));
	siteDirectory = path.join(folder, 'build');
	homeDirectory = path.join(folder, 'home');
	await mkdir(siteDirectory);
	for (const name of ['index.html', 'fallback.html']) await writeFile(path.join(siteDirectory, name), `<p>${name}`);
	host = await startHost({ port: 0, siteDirectory, homeDirectory });
});
afterAll(async () => {
	await host.dispose();
	await rm(folder, { recursive: true });
});

/** Sends bytes and returns all that comes back until the connection ends. */
async function exchange(text: string): Promise<string> {
	const socket = net.connect({ port: host.port, host: '127.0.0.1' });
	socket.write(text.replaceAll('\n', '\r\n').replaceAll('PORT', String(host.port)));
	let answer = '';
	for await (const chunk of socket) answer += chunk;
	return answer;
}

test('serves the site over HTTP and, trusted by its certificate file, over TLS', async () => {
	expect(await (await fetch(host.url)).text()).toBe('<p>index.html');
	const ca = await readFile(host.certificatePath, 'utf8');
	for (const name of ['127.0.0.1', 'localhost']) {
		const request = https.get({ host: name, port: host.port, family: 4, ca });
		const [response] = (await once(request, 'response')) as [IncomingMessage];
		expect(response.statusCode).toBe(200);
		response.destroy();
	}
	expect(host.tlsUrl).toBe(`https://127.0.0.1:${host.port}`);
});

test.each([
	['/', 200],
	['/nothing.js', 404],
	['/relay/openai/v1/realtime', 404],
	['/v1/nothing-of-the-kind', 404]
])('%s is %i, under the headers that every answer carries', async (target, status) => {
	const response = await fetch(`${host.url}${target}`);
	expect(response.status).toBe(status);
	expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
	expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
	expect(response.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
	expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
	expect(response.headers.get('x-content-type-options')).toBe('nosniff');
	expect(response.headers.get('referrer-policy')).toBe('no-referrer');
	expect(response.headers.get('permissions-policy')).toContain('microphone=(self)');
	expect(response.headers.get('access-control-allow-origin')).toBeNull();
});

describe('others are refused with 403', () => {
	const upgrade =
		'Connection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n\n';
	test.each([
		['a name that is not ours', 'GET / HTTP/1.1\nHost: evil.test:PORT\nConnection: close\n\n'],
		['no Host', 'GET / HTTP/1.1\nConnection: close\n\n'],
		['no Host, as of old', 'GET / HTTP/1.0\n\n'],
		['two Hosts', 'GET / HTTP/1.1\nHost: 127.0.0.1:PORT\nHost: evil.test\nConnection: close\n\n'],
		['a static file for another name', 'GET /index.html HTTP/1.1\nHost: evil.test\nConnection: close\n\n'],
		['the simulator for another name', 'GET /v1/models HTTP/1.1\nHost: evil.test:PORT\nConnection: close\n\n'],
		[
			'a post of another site',
			'POST /v1/x HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: http://evil.test\nContent-Length: 0\nConnection: close\n\n'
		],
		[
			'a socket of another site',
			`GET /v1/realtime HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: http://evil.test\n${upgrade}`
		],
		['a socket of a sandboxed page', `GET /v1/realtime HTTP/1.1\nHost: 127.0.0.1:PORT\nOrigin: null\n${upgrade}`],
		[
			'a socket of a rebound page',
			`GET /v1/realtime HTTP/1.1\nHost: evil.test:PORT\nOrigin: http://evil.test:PORT\n${upgrade}`
		]
	])('%s', async (_what, text) => {
		const answer = await exchange(text);
		expect(answer).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n/);
		expect(answer).toMatch(/\r\n\r\n[A-Z][^\r\n]{10,250}\n$/); // one line that says why
		const origin = /^Origin: (.*)$/m.exec(text)?.[1];
		expect(answer.replace(`the origin ${origin}.`, '')).not.toContain('evil'); // of what was sent only that is named
	});

	test('a WebSocket to an unknown path gets 404 and an end, not silence', async () => {
		expect(await exchange(`GET /relay/x HTTP/1.1\nHost: 127.0.0.1:PORT\n${upgrade}`)).toMatch(/^HTTP\/1\.1 404 /);
	});
});

test('a taken port is explained', async () => {
	const second = startHost({ port: host.port, siteDirectory, homeDirectory });
	await expect(second).rejects.toThrow(
		new RegExp(`Port ${host.port} of 127\\.0\\.0\\.1 is taken.*npm start -- --port ${host.port + 1}`, 's')
	);
});

test('an address of another machine is explained', async () => {
	await expect(startHost({ port: 0, hostname: '192.0.2.1', homeDirectory })).rejects.toThrow(
		/has no address '192\.0\.2\.1'/
	);
});

test('listens on nothing but the address that it was given', async () => {
	const [address] = await ownAddresses();
	if (!address) return; // a machine without a network
	const socket = net.connect({ port: host.port, host: address });
	await expect(once(socket, 'connect')).rejects.toThrow(/ECONNREFUSED/);
});

async function ownAddresses(): Promise<string[]> {
	const { networkInterfaces } = await import('node:os');
	const all = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
	return all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
}

test('dispose frees the port', async () => {
	const other = await startHost({ port: 0, homeDirectory });
	await fetch(other.url);
	await other.dispose();
	await expect(fetch(other.url)).rejects.toThrow();
});
