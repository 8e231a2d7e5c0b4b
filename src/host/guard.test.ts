import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { createGuard } from './guard.ts';

const guard = createGuard({ port: 4600, hostname: '127.0.0.1' });

/** A request with these raw headers, as Node's parser would hand it over. */
function request(rawHeaders: string[], { method = 'GET', url = '/' } = {}): IncomingMessage {
	const message = new IncomingMessage(new Socket());
	message.method = method;
	message.url = url;
	message.rawHeaders = rawHeaders;
	for (let i = 0; i < rawHeaders.length; i += 2) {
		message.headers[(rawHeaders[i] ?? '').toLowerCase()] ??= rawHeaders[i + 1];
	}
	return message;
}

const host = ['Host', '127.0.0.1:4600'];

describe('Host', () => {
	const ours = ['127.0.0.1:4600', 'localhost:4600', 'LocalHost:4600', 'localhost.:4600', '[::1]:4600'];
	test.each(ours)('lets pass %s', (value) => {
		expect(guard.check(request(['Host', value]))).toBeUndefined();
		expect(guard.check(request(['hOST', value]), 'upgrade')).toBeUndefined();
	});

	const foreign = [
		'',
		'evil.test:4600',
		'127.0.0.1',
		'localhost',
		'127.0.0.1:4601',
		'127.0.0.1:04600',
		'127.0.0.1:4600 ',
		'localhost.evil.test:4600',
		'evil.test@127.0.0.1:4600',
		'127.0.0.1:4600,evil.test',
		'127.0.0.1..:4600',
		'127.1:4600',
		'0.0.0.0:4600',
		'[::]:4600',
		'[::ffff:127.0.0.1]:4600'
	];
	test.each(foreign)('refuses %j', (value) => {
		expect(guard.check(request(['Host', value]))).toMatchObject({ status: 403 });
		expect(guard.check(request(['Host', value]), 'upgrade')).toMatchObject({ status: 403 });
	});

	test('refuses none and two', () => {
		expect(guard.check(request([]))).toMatchObject({ status: 403 });
		expect(guard.check(request([...host, 'host', 'evil.test:4600']))).toMatchObject({ status: 403 });
		expect(guard.check(request([...host, ...host]))).toMatchObject({ status: 403 });
	});

	test('a configured address is one more name, and a wildcard stands for the addresses of this machine', () => {
		const named = createGuard({ port: 4600, hostname: 'Box.lan' });
		expect(named.check(request(['Host', 'box.lan:4600']))).toBeUndefined();
		expect(named.check(request(['Host', 'other.lan:4600']))).toMatchObject({ status: 403 });

		const open = createGuard({ port: 4600, hostname: '0.0.0.0' });
		const address = Object.values(networkInterfaces())
			.flat()
			.find((entry) => entry?.family === 'IPv4')?.address;
		expect(open.check(request(['Host', `${address}:4600`]))).toBeUndefined();
		expect(open.check(request(['Host', 'evil.test:4600']))).toMatchObject({ status: 403 });
	});

	test('on port 80 clients leave the port out', () => {
		const web = createGuard({ port: 80, hostname: '127.0.0.1' });
		expect(web.check(request(['Host', 'localhost']))).toBeUndefined();
	});
});

describe('Origin', () => {
	const ours = ['http://127.0.0.1:4600', 'https://localhost:4600', 'HTTP://LOCALHOST:4600', 'http://[::1]:4600'];
	const foreign = [
		'null',
		'',
		'http://evil.test',
		'http://evil.test:4600',
		'http://127.0.0.1',
		'http://127.0.0.1:3000',
		'http://localhost.evil.test:4600',
		'http://evil-127.0.0.1:4600',
		'ftp://127.0.0.1:4600',
		'http://127.0.0.1:4600.evil.test',
		'http://127.0.0.1:4600/',
		'file://',
		'chrome-extension://abc'
	];
	const post = { method: 'POST', url: '/v1/realtime/client_secrets' };

	test.each(ours)('lets pass %s', (origin) => {
		expect(guard.check(request([...host, 'Origin', origin]), 'upgrade')).toBeUndefined();
		expect(guard.check(request([...host, 'Origin', origin], post))).toBeUndefined();
	});

	test.each(foreign)('refuses %j on upgrades and on requests that change something', (origin) => {
		expect(guard.check(request([...host, 'Origin', origin]), 'upgrade')).toMatchObject({ status: 403 });
		for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'QUERY']) {
			expect(guard.check(request([...host, 'Origin', origin], { method })), method).toMatchObject({ status: 403 });
		}
	});

	test('the refusal names it, says who may connect, and quotes nothing that is no origin', () => {
		const refuse = (origin: string) => guard.check(request([...host, 'Origin', origin]), 'upgrade')?.reason;
		expect(refuse('http://localhost:5173')).toBe(
			"Refused: a page of the origin http://localhost:5173. From a browser only Earshot's own pages may connect. " +
				'Server-side clients may, too: they send no Origin header.'
		);
		expect(refuse('null')).toContain('the origin null.');
		for (const origin of ['', '<b>', 'http://a b', 'http://a/<script>', `http://${'a'.repeat(200)}`])
			expect(refuse(origin), origin).toContain('a page of another origin.');
		const fetched = request([...host, 'Origin', 'http://localhost:5173', 'Sec-Fetch-Site', 'same-site']);
		expect(guard.check(fetched)?.reason).toBe(refuse('http://localhost:5173'));
	});

	test('is never compared with Host', () => {
		const rebound = ['Host', 'evil.test:4600', 'Origin', 'http://evil.test:4600'];
		expect(guard.check(request(rebound), 'upgrade')).toMatchObject({ status: 403 });
	});

	test('two are refused, none is let pass: programs send none', () => {
		const origin = ['Origin', 'http://127.0.0.1:4600'];
		expect(guard.check(request([...host, ...origin, ...origin], post))).toMatchObject({ status: 403 });
		expect(guard.check(request(host, post))).toBeUndefined();
		expect(guard.check(request(host), 'upgrade')).toBeUndefined();
	});
});

describe('Sec-Fetch-Site', () => {
	const visit = ['Sec-Fetch-Mode', 'navigate', 'Sec-Fetch-Dest', 'document'];

	test.each(['cross-site', 'same-site'])('%s: only a visit to a page passes', (site) => {
		const from = [...host, 'Sec-Fetch-Site', site];
		expect(guard.check(request(from))).toMatchObject({ status: 403 });
		expect(guard.check(request(from, { method: 'POST', url: '/v1/x' }))).toMatchObject({ status: 403 });
		expect(guard.check(request(from), 'upgrade')).toMatchObject({ status: 403 });
		expect(guard.check(request([...from, ...visit], { url: '/recordings/abc' }))).toBeUndefined();
		expect(guard.check(request([...from, ...visit], { url: '/v1/realtime' }))).toMatchObject({ status: 403 });
		expect(guard.check(request([...from, ...visit], { method: 'POST' }))).toMatchObject({ status: 403 });
		const framed = ['Sec-Fetch-Mode', 'navigate', 'Sec-Fetch-Dest', 'iframe'];
		expect(guard.check(request([...from, ...framed]))).toMatchObject({ status: 403 });
	});

	test.each(['same-origin', 'none'])('%s passes', (site) => {
		expect(guard.check(request([...host, 'Sec-Fetch-Site', site], { url: '/v1/x' }))).toBeUndefined();
	});
});

test('a target that names a host itself is refused', () => {
	expect(guard.check(request(host, { url: 'http://evil.test/' }))).toMatchObject({ status: 400 });
	expect(guard.check(request(host, { url: '*', method: 'OPTIONS' }))).toMatchObject({ status: 400 });
});
