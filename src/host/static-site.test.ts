import { once } from 'node:events';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createStaticSite } from './static-site.ts';

let directory: string;
let server: Server;
const script = 'console.log(1)';

beforeEach(async () => {
	directory = path.join(await mkdtemp(path.join(tmpdir(), 'earshot-site-')), 'build');
	await mkdir(path.join(directory, '_app/immutable'), { recursive: true });
	const files = {
		'index.html': '<p>index',
		'fallback.html': '<p>fallback',
		'recordings.html': '<p>library',
		'.built': 'stamp',
		'../secret.txt': 'secret',
		'_app/immutable/a.js': script
	};
	for (const [name, text] of Object.entries(files)) await writeFile(path.join(directory, name), text);
	await writeFile(path.join(directory, '_app/immutable/a.js.br'), brotliCompressSync(script));
	server = createServer(createStaticSite(directory)).listen(0, '127.0.0.1');
	await once(server, 'listening');
});
afterEach(async () => {
	server.closeAllConnections();
	server.close();
	await rm(path.dirname(directory), { recursive: true, force: true });
});

async function get(target: string, headers: OutgoingHttpHeaders = {}, method = 'GET') {
	const { port } = server.address() as AddressInfo;
	const sent = request({ port, host: '127.0.0.1', path: target, method, headers });
	sent.end();
	const [response] = (await once(sent, 'response')) as [IncomingMessage];
	let text = '';
	for await (const chunk of response) text += chunk;
	return { status: response.statusCode, headers: response.headers, text };
}

const asPage = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

test('serves pages, and files under names that never change for ever', async () => {
	expect(await get('/')).toMatchObject({ status: 200, text: '<p>index', headers: { 'cache-control': 'no-cache' } });
	expect(await get('/recordings')).toMatchObject({ status: 200, text: '<p>library' });
	const file = await get('/_app/immutable/a.js');
	expect(file).toMatchObject({ status: 200, text: script });
	expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable');
	expect(file.headers['content-type']).toMatch(/javascript/);
	expect(file.headers['content-security-policy']).toContain("default-src 'none'");
	const again = await get('/_app/immutable/a.js', { 'if-none-match': file.headers.etag });
	expect(again).toMatchObject({ status: 304, text: '' });
	expect(again.headers['content-security-policy']).toBe(file.headers['content-security-policy']);
});

test('sends the compressed form to those who take it', async () => {
	const file = await get('/_app/immutable/a.js', { 'accept-encoding': 'gzip, br' });
	expect(file.headers['content-encoding']).toBe('br');
	expect(file.headers.vary).toBe('Accept-Encoding');
});

test('gives the fallback to pages that it does not know, and 404 to the rest', async () => {
	expect(await get('/recordings/abc?x=1.5', asPage)).toMatchObject({ status: 200, text: '<p>fallback' });
	expect(await get('/recordings/abc', asPage, 'HEAD')).toMatchObject({ status: 200, text: '' });
	for (const target of ['/missing.js', '/_app/immutable/gone.js', '/_app/gone', '/favicon.ico']) {
		expect(await get(target, asPage), target).toMatchObject({ status: 404 });
	}
	expect(await get('/recordings/abc', { accept: '*/*' })).toMatchObject({ status: 404 });
});

test.each(['/../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/..%5csecret.txt', '//secret.txt', '/.built'])(
	'gives nothing away: %s',
	async (target) => {
		const answer = await get(target);
		expect(answer.text).not.toMatch(/secret|stamp/);
		expect(answer.status).toBe(404);
	}
);

test('survives addresses and ranges that make no sense', async () => {
	expect((await get('/%E0%A4%A')).status).toBe(404);
	for (const range of ['bytes=0-3', 'bytes=5-2', 'bytes=900-', 'bytes=-3,1-2', 'pages=1']) {
		expect(await get('/index.html', { range }), range).toMatchObject({ status: 200, text: '<p>index' });
	}
});

test('can only be read', async () => {
	expect(await get('/', {}, 'POST')).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
});

test('notices a new build, and survives one that is going on', async () => {
	await writeFile(path.join(directory, 'index.html'), '<p>a much longer index');
	await utimes(path.join(directory, 'index.html'), 1, 2);
	expect((await get('/')).text).toBe('<p>a much longer index');

	await rm(path.join(directory, '_app/immutable/a.js'));
	await expect(get('/_app/immutable/a.js')).rejects.toThrow(/socket hang up|aborted/);
	expect((await get('/')).status).toBe(200);

	await rm(path.join(directory, 'index.html'));
	expect((await get('/')).status).toBe(503);
});

test('says so when there is no built site', () => {
	expect(() => createStaticSite(path.join(directory, 'nowhere'))).toThrow(/npm run build/);
});
