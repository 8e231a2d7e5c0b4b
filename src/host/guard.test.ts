import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { createGuard, parseAllowedOrigin } from './guard.ts';

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
		const refuse = (origin: string, url = '/relay/openai') =>
			guard.check(request([...host, 'Origin', origin], { url }), 'upgrade')?.reason;
		expect(refuse('http://localhost:5173')).toBe(
			"Refused: a page of the origin http://localhost:5173. From a browser only Earshot's own pages may connect. " +
				'Server-side clients may, too: they send no Origin header.'
		);
		expect(refuse('null')).toContain('the origin null.');
		for (const origin of ['', '<b>', 'http://a b', 'http://a/<script>', `http://${'a'.repeat(200)}`])
			for (const url of ['/', '/v1/realtime'])
				expect(refuse(origin, url), origin).toContain('a page of another origin.');
		const fetched = request([...host, 'Origin', 'http://localhost:5173', 'Sec-Fetch-Site', 'same-site']);
		expect(guard.check(fetched)?.reason).toBe(refuse('http://localhost:5173'));
	});

	test('the refusal of the simulator names the flag that lets the page in, where one can', () => {
		const refuse = (origin: string) =>
			guard.check(request([...host, 'Origin', origin], { url: '/v1/realtime?model=x' }), 'upgrade')?.reason;
		expect(refuse('http://localhost:5173')).toBe(
			"Refused: a page of the origin http://localhost:5173. From a browser only Earshot's own pages may connect. " +
				'To let it use the simulator, start Earshot with --allow-origin and this origin. ' +
				'Server-side clients may, too: they send no Origin header.'
		);
		expect(refuse('null')).not.toContain('--allow-origin');
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

describe('an allowed origin', () => {
	const app = 'http://localhost:3000';
	const open = createGuard({ port: 4600, hostname: '127.0.0.1', allowedOrigins: [app, 'https://app.test'] });
	const crossSite = ['Sec-Fetch-Site', 'cross-site', 'Sec-Fetch-Mode', 'cors', 'Sec-Fetch-Dest', 'empty'];
	const paths = ['/v1', '/v1/', '/v1?x=1', '/v1/realtime?model=x', '/v1/realtime/client_secrets', '/v1/a/../b'];

	test.each(paths)('may use %s: sockets, requests of every method, preflights', (url) => {
		for (const origin of [app, 'HTTP://LocalHost:3000', 'https://app.test']) {
			const from = [...host, 'Origin', origin, ...crossSite];
			expect(open.check(request(from, { url }), 'upgrade'), origin).toBeUndefined();
			for (const method of ['GET', 'POST', 'OPTIONS', 'DELETE'])
				expect(open.check(request(from, { url, method })), `${method} ${origin}`).toBeUndefined();
			expect(guard.check(request(from, { url }), 'upgrade')).toMatchObject({ status: 403 });
			expect(guard.check(request(from, { url, method: 'OPTIONS' }))).toMatchObject({ status: 403 });
		}
	});

	const closed = [
		'/',
		'/index.html',
		'/relay',
		'/relay/openai/v1/realtime',
		'/v1x',
		'/v10/realtime',
		'/V1/realtime',
		'//v1/realtime',
		'/v1/../relay',
		'/v1/..',
		'/v1/..%2frelay/../../relay',
		'/v1/%2e%2e/index.html',
		'/v1/.%2E/index.html',
		'/v1\\..\\..\\relay',
		'/v1/..\\relay',
		'/v1#/x',
		'/%76%31/realtime'
	];
	test.each(closed)('may not use %s', (url) => {
		const from = [...host, 'Origin', app, ...crossSite];
		expect(open.check(request(from, { url }), 'upgrade')).toMatchObject({ status: 403 });
		expect(open.check(request(from, { url }))).toMatchObject({ status: 403 });
		expect(open.check(request(from, { url, method: 'POST' }))).toMatchObject({ status: 403 });
	});

	const similar = [
		'http://localhost:3001',
		'https://localhost:3000',
		'http://localhost',
		'http://127.0.0.1:3000',
		'http://localhost:3000/',
		'http://localhost:3000.evil.test',
		'http://evil.test/http://localhost:3000',
		'http://sub.app.test',
		'https://app.test:444',
		'https://app.test.',
		'null',
		''
	];
	test.each(similar)('is spelled out: %j is another', (origin) => {
		const from = [...host, 'Origin', origin];
		expect(open.check(request(from, { url: '/v1/realtime' }), 'upgrade')).toMatchObject({ status: 403 });
		expect(open.check(request(from, { url: '/v1/x', method: 'POST' }))).toMatchObject({ status: 403 });
	});

	test('still has to name this server as Host, once, and its Origin once', () => {
		const url = '/v1/realtime';
		const origin = ['Origin', app];
		expect(open.check(request(['Host', 'evil.test:4600', ...origin], { url }), 'upgrade')).toMatchObject({
			status: 403
		});
		expect(open.check(request(['Host', 'localhost:3000', ...origin], { url }), 'upgrade')).toMatchObject({
			status: 403
		});
		expect(open.check(request([...host, ...origin, ...origin], { url }), 'upgrade')).toMatchObject({ status: 403 });
		expect(open.check(request([...host, ...origin, 'origin', 'http://evil.test'], { url }))).toMatchObject({
			status: 403
		});
	});

	test('is not assumed of a request of another site that names none', () => {
		expect(open.check(request([...host, ...crossSite], { url: '/v1/models' }))).toMatchObject({ status: 403 });
	});
});

describe('parseAllowedOrigin', () => {
	test.each([
		['http://localhost:3000', 'http://localhost:3000'],
		['http://localhost:3000/', 'http://localhost:3000'],
		['HTTPS://App.Test', 'https://app.test'],
		['http://localhost:80', 'http://localhost'],
		['https://app.test:443', 'https://app.test'],
		['http://[::1]:5173', 'http://[::1]:5173'],
		['https://müller.test', 'https://xn--mller-kva.test'],
		['capacitor://localhost', 'capacitor://localhost'],
		['chrome-extension://ABC', 'chrome-extension://abc']
	])('%s is sent by browsers as %s', (text, origin) => {
		expect(parseAllowedOrigin(text)).toEqual({ origin });
	});

	test.each([
		['*', /every page that you open.*Name the origin of your app/],
		['null', /pages without an origin.*over HTTP/],
		['', /scheme and host/],
		['localhost:3000', /scheme and host/],
		['localhost', /scheme and host/],
		['//localhost:3000', /scheme and host/],
		['file:///app/index.html', /scheme and host/],
		['http://', /scheme and host/],
		['http:localhost', /scheme and host/],
		['https://*.app.test', /no wildcards/],
		['http://localhost:*', /scheme and host/],
		['http://localhost:3000/app', /no path/],
		['http://localhost:3000?x', /no path/],
		['http://localhost:3000/?', /no path/],
		['http://localhost:3000#x', /no path/],
		['http://me@localhost:3000', /user name/],
		['http://me:secret@localhost:3000', /user name/]
	])('refuses %j', (text, why) => {
		const result = parseAllowedOrigin(text);
		expect('error' in result && result.error).toMatch(why);
		expect('error' in result && result.error).not.toContain('secret');
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
