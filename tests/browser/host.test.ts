// What the host promises to the page, seen from the page: a policy that holds, isolation, and no way in for others.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chromium } from 'playwright/test';
import { chromiumLaunchOptions } from '../chromium.ts';
import { expect, test } from './test.ts';

test('the page loads isolated, under a policy that it does not break', async ({ page }) => {
	const requests: string[] = [];
	page.on('request', (request) => requests.push(new URL(request.url()).origin));
	await page.goto('/');
	expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(true);
	expect(new Set(requests), 'only our own origin is asked for anything').toEqual(new Set([new URL(page.url()).origin]));
	for (const path of ['/', '/recordings/a-recording-that-nobody-has']) {
		await page.goto(path);
		const policy = await page.locator('meta[http-equiv="content-security-policy" i]').getAttribute('content');
		expect(policy, path).toContain("default-src 'none'");
		expect(policy, path).toMatch(/script-src 'self' 'wasm-unsafe-eval' 'sha256-/);
	}
});

test('the policy stops inline scripts, eval, and requests to other places', async ({ page, pageErrors }) => {
	await page.goto('/');
	const result = await page.evaluate(async () => {
		const isDecided = new Promise<void>((resolve) => {
			window.addEventListener('evaluated', () => resolve());
			document.addEventListener('securitypolicyviolation', ({ blockedURI }) => {
				if (blockedURI === 'eval') resolve();
			});
		});
		const script = document.createElement('script');
		script.textContent = 'window.injected = true';
		document.head.append(script);
		// In a task of its own, because what a test evaluates itself is exempt from the policy.
		Reflect.apply(setTimeout, window, ['window.evaluated = true; dispatchEvent(new Event("evaluated"))']);
		await isDecided;
		const attempt = async (action: () => unknown) => {
			try {
				await action();
				return 'done';
			} catch {
				return 'refused';
			}
		};
		return {
			inline: 'injected' in window,
			evaluated: 'evaluated' in window,
			fetch: await attempt(() => fetch('http://127.0.0.1:9/')),
			socket: await attempt(() => new WebSocket('ws://127.0.0.1:9/'))
		};
	});
	expect(result).toMatchObject({ inline: false, evaluated: false, fetch: 'refused' });
	await expect.poll(() => pageErrors.filter((text) => text.includes('connect-src')).length).toBe(2);
	pageErrors.length = 0;
});

test('a WebSocket to our own origin reaches the server', async ({ page, host }) => {
	await page.goto('/');
	const refused = page.waitForEvent('console', (message) => message.text().includes('404'));
	await page.evaluate((url) => void new WebSocket(url), `${host.url.replace('http', 'ws')}/nothing-here`);
	await refused; // an answer of the host: the policy let it through, and it does not hang
});

test('pages of other sites cannot read, post, connect or frame', async ({ host }) => {
	// A browser in which evil.test is 127.0.0.1: the state after its name was rebound.
	const args = ['--host-resolver-rules=MAP evil.test 127.0.0.1'];
	const other = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<p>other'));
	await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
	const otherPort = (other.address() as AddressInfo).port;
	const browser = await chromium.launch(chromiumLaunchOptions(args));
	try {
		const page = await browser.newPage();
		const rebound = await page.goto(`http://evil.test:${host.port}/`);
		expect(rebound?.status()).toBe(403);
		expect(await page.evaluate(connect, `ws://evil.test:${host.port}/v1/realtime`)).toBe('closed 1006');
		expect(await page.evaluate(async () => (await fetch('/v1/x', { method: 'POST' })).status)).toBe(403);

		await page.goto(`http://evil.test:${otherPort}/`);
		expect(await page.evaluate(connect, `ws://127.0.0.1:${host.port}/v1/realtime`)).toBe('closed 1006');
		const statuses: number[] = [];
		page.on('response', (response) => statuses.push(response.status()));
		await page.evaluate(
			(url) => fetch(url, { method: 'POST', mode: 'no-cors', body: 'x' }).catch(() => undefined),
			`${host.url}/v1/realtime/sessions`
		);
		await page.evaluate((url) => {
			const frame = document.createElement('iframe');
			frame.src = url;
			document.body.append(frame);
			return new Promise((resolve) => (frame.onload = resolve));
		}, host.url);
		// The page hears of the answer a moment after it has come.
		await expect.poll(() => statuses).toEqual([403]);
		expect(page.frames()[1]?.url()).toBe('chrome-error://chromewebdata/');

		// A link is no attack: a person may follow one from anywhere to a page.
		await page.evaluate((url) => location.assign(url), `${host.url}/`);
		await page.waitForURL(`${host.url}/`);
		expect(statuses.slice(1)).not.toContain(403);
	} finally {
		await browser.close();
		other.close();
	}
});

/** In the page: how a WebSocket to `url` ends. */
function connect(url: string): Promise<string> {
	return new Promise((resolve) => {
		const socket = new WebSocket(url);
		socket.onopen = () => resolve('open');
		socket.onclose = ({ code }) => resolve(`closed ${code}`);
	});
}
