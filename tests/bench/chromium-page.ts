// Pages for benchmarks that need a browser: a script of ours, bundled, on an address of its own, in a Chromium with a
// profile on the disk. (Vitest's browser keeps its databases in memory, which is no measure for a store.)
//
//   const site = await servePage(path.join(import.meta.dirname, 'store-page.ts'));
//   const chromium = await startChromium(profileFolder, site.url);
//   await chromium.page.evaluate(...);
//   await chromium.kill();      // SIGKILL to all of its processes; or close() for the ordinary end
//   await site.dispose();
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser, Page } from 'playwright';
import { chromiumLaunchOptions, ensureChromium } from '../chromium.ts';

const root = path.resolve(import.meta.dirname, '../..');
const STARTS_WITHIN_MS = 20_000;

export interface ServedPage {
	url: string;
	dispose(): Promise<void>;
}

/** Bundles a script and serves a page that runs it. The script is a module; what it gives to the tests it puts on `globalThis`. */
export async function servePage(entry: string): Promise<ServedPage> {
	const script = await bundle(entry);
	const server = createServer((request, response) => {
		const isScript = request.url === '/page.js';
		response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
		response.end(
			isScript ? script : '<!doctype html><title>Bench</title><script type="module" src="/page.js"></script>'
		);
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}/`,
		async dispose() {
			server.closeAllConnections();
			server.close();
			await once(server, 'close');
		}
	};
}

async function bundle(entry: string): Promise<string> {
	const { build } = await import('vite');
	const built = await build({
		root,
		configFile: false,
		logLevel: 'error',
		publicDir: false,
		build: { write: false, minify: false, target: 'esnext', lib: { entry, formats: ['es'], fileName: 'page' } }
	});
	const [output] = Array.isArray(built) ? built : [built];
	if (!output || !('output' in output)) throw new Error(`${entry} could not be bundled.`);
	return output.output[0].code;
}

export interface ChromiumPage {
	page: Page;
	browser: Browser;
	/** Ends all of its processes at once, as a crash or a kill by the system does. */
	kill(): Promise<void>;
	/** Ends it as a user does. */
	close(): Promise<void>;
}

/** Starts a Chromium on a profile folder and opens the address in it. */
export async function startChromium(profileFolder: string, url: string): Promise<ChromiumPage> {
	const { chromium } = await import('playwright');
	const executable = await ensureChromium();
	const args = [
		...chromiumLaunchOptions().args,
		'--headless=new',
		'--remote-debugging-port=0',
		`--user-data-dir=${profileFolder}`,
		'about:blank'
	];
	// A process group of its own, so that one signal reaches all of its processes.
	const child = spawn(executable, args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
	const ended = once(child, 'exit');
	const browser = await chromium.connectOverCDP(await debuggerAddress(child.stderr));
	const context = browser.contexts()[0];
	const page = context?.pages()[0] ?? (await context?.newPage());
	if (!page) throw new Error('Chromium has no page.');
	await page.goto(url);
	const { pid } = child;
	return {
		page,
		browser,
		async kill() {
			if (pid !== undefined) process.kill(-pid, 'SIGKILL');
			await ended;
			await browser.close().catch(() => undefined);
		},
		async close() {
			const session = await browser.newBrowserCDPSession();
			await session.send('Browser.close').catch(() => undefined);
			await ended;
		}
	};
}

/** Chromium prints on stderr where it can be debugged. */
function debuggerAddress(stderr: NodeJS.ReadableStream): Promise<string> {
	return new Promise((resolve, reject) => {
		let output = '';
		const timer = setTimeout(
			() => reject(new Error(`Chromium did not start. It printed:\n${output}`)),
			STARTS_WITHIN_MS
		);
		stderr.on('data', (text) => {
			output += String(text);
			const address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
			if (!address) return;
			clearTimeout(timer);
			resolve(address);
		});
		stderr.on('end', () => {
			clearTimeout(timer);
			reject(new Error(`Chromium ended at once. It printed:\n${output}`));
		});
	});
}
