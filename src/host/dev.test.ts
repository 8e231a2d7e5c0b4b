// `npm run dev`: Vite with what the host gives the built site mounted.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const START_WITHIN_MS = 60_000; // the first time Vite bundles the dependencies
let dev: ChildProcess;
let url: string;

beforeAll(async () => {
	const env: NodeJS.ProcessEnv = { ...process.env };
	// It shall not know that it is tested: Vite would bundle all dependencies anew for that.
	for (const name of Object.keys(env))
		if (/^(VITEST|NODE_ENV$|TEST$|MODE$|DEV$|PROD$|SSR$|BASE_URL$)/.test(name)) delete env[name];
	const script = path.join(import.meta.dirname, 'dev.ts');
	dev = fork(script, ['--port', '0', '--no-open'], {
		env,
		execArgv: [],
		stdio: ['ignore', 'ignore', 'inherit', 'ipc']
	});
	const [message] = (await once(dev, 'message')) as [{ url: string }];
	({ url } = message);
}, START_WITHIN_MS);

afterAll(async () => {
	const ended = once(dev, 'exit');
	dev.disconnect(); // as when the bootstrap is killed
	expect(await ended).toEqual([0, null]);
});

/** Asks for a WebSocket and returns the status of the answer. */
async function upgrade(target: string, headers: http.OutgoingHttpHeaders = {}): Promise<number | undefined> {
	const request = http.get(`${url}${target}`, {
		headers: {
			connection: 'Upgrade',
			upgrade: 'websocket',
			'sec-websocket-version': '13',
			'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
			...headers
		}
	});
	return new Promise((resolve, reject) => {
		request.on('error', reject);
		request.on('response', ({ statusCode }) => resolve(statusCode));
		request.on('upgrade', (_response, socket) => {
			socket.destroy();
			resolve(101);
		});
	});
}

test('serves the page, isolated, and nothing to other sites', { timeout: START_WITHIN_MS }, async () => {
	const page = await fetch(url);
	expect(page.status).toBe(200);
	expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin');
	expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
	const client = await fetch(`${url}/@vite/client`);
	expect(client.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
	expect(client.headers.get('access-control-allow-origin')).toBeNull();
	const sandbox = await fetch(`${url}/tool-sandbox.html`);
	expect(sandbox.headers.get('content-security-policy')).toBe("sandbox allow-scripts; frame-ancestors 'self'");
	expect(sandbox.headers.get('cross-origin-embedder-policy')).toBe('require-corp');
	const foreign = http.get(`${url}/`, { headers: { host: 'evil.test' } });
	const [answer] = (await once(foreign, 'response')) as [http.IncomingMessage];
	expect(answer.statusCode).toBe(403);
	answer.destroy();
});

test(
	'the simulator answers, others are refused, unknown sockets are not left waiting',
	{ timeout: 20_000 },
	async () => {
		expect(await upgrade('/v1/realtime?model=gpt-realtime')).toBe(101);
		expect(await upgrade('/v1/realtime?model=gpt-realtime', { origin: url })).toBe(101);
		expect(await upgrade('/v1/realtime?model=gpt-realtime', { origin: 'http://evil.test' })).toBe(403);
		expect(await upgrade('/nothing-here')).toBe(404);
		expect((await fetch(`${url}/v1/nothing-of-the-kind`)).status).toBe(404);
	}
);

test('only what Vite itself answers goes past the guard', { timeout: 20_000 }, async () => {
	const ask = (target: string, protocol: string, origin?: string) =>
		upgrade(target, { 'sec-websocket-protocol': protocol, ...(origin ? { origin } : {}) });
	expect(await ask('/', 'vite-hmr')).toBe(101);
	expect(await ask('/', 'vite-ping')).toBe(101);
	expect(await ask('/', 'vite-hmr', 'http://evil.test'), 'without the token of the page').toBe(400);
	for (const protocol of ['vite-other', 'vite-', 'vite-hmr, vite-other', 'VITE-HMR']) {
		expect(await ask('/v1/realtime', protocol, 'http://evil.test'), protocol).toBe(403);
		expect(await ask('/', protocol), protocol).toBe(404);
	}
	expect(await ask('/v1/realtime', 'vite-hmr', 'http://evil.test')).toBe(403);
});
