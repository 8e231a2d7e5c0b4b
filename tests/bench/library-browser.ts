// The console and the page of the plain limits in one Chromium, with a profile on the disk: in a private window the
// databases would lie in memory.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { BrowserContext, Page } from 'playwright';
import { chromiumLaunchOptions, ensureChromium } from '../chromium.ts';
import { startTestHost } from '../host.ts';
import { servePage } from './chromium-page.ts';
import type { Floor } from './library-floor-page.ts';
import { installProbe, type Probe } from './library-probe.ts';

export interface BenchBrowser {
	readonly context: BrowserContext;
	/** Address of the console. */
	readonly url: string;
	/** A page of the console, where the probe is at work. */
	openConsole(address: string): Promise<Page>;
	/** The page of the plain limits; it stays open. */
	readonly floor: Page;
	dispose(): Promise<void>;
}

/** Starts all of it. The site must be built. */
export async function startBenchBrowser(profileFolder: string): Promise<BenchBrowser> {
	const { chromium } = await import('playwright');
	await ensureChromium();
	const host = await startTestHost();
	const site = await servePage(path.join(import.meta.dirname, 'library-floor-page.ts'));
	// Measuring memory waits for the garbage collector's own time otherwise, which may be half a minute.
	const args = ['--enable-blink-features=ForceEagerMeasureMemory'];
	const viewport = { width: 1440, height: 900 };
	const context = await chromium.launchPersistentContext(profileFolder, { ...chromiumLaunchOptions(args), viewport });
	const floor = context.pages()[0] ?? (await context.newPage());
	await floor.goto(site.url);
	return {
		context,
		url: host.url,
		floor,
		async openConsole(address) {
			const page = await context.newPage();
			await page.addInitScript(installProbe);
			await page.goto(`${host.url}${address}`);
			return page;
		},
		async dispose() {
			await context.close();
			await site.dispose();
			await host.dispose();
		}
	};
}

/** What the pages' scripts put on `globalThis`. */
export type ConsoleScope = typeof globalThis & { readonly probe: Probe };
export type FloorScope = typeof globalThis & { readonly floor: Floor };

/** Bytes that a page and its workers hold, garbage not counted. */
export async function pageMemory(page: Page): Promise<number> {
	return page.evaluate(async () => {
		const { measureUserAgentSpecificMemory } = performance as Performance & {
			measureUserAgentSpecificMemory(): Promise<{ bytes: number }>;
		};
		return (await measureUserAgentSpecificMemory.call(performance)).bytes;
	});
}

/** Watches how much memory the browser's page processes hold at most, garbage counted. Only on Linux: else NaN. */
export class MemoryPeak {
	#peak = NaN;
	#start = NaN;
	readonly #timer: NodeJS.Timeout;
	readonly #pids: readonly number[];

	private constructor(pids: readonly number[]) {
		this.#pids = pids;
		this.#timer = setInterval(() => void this.#look(), 50);
	}

	static async start(context: BrowserContext): Promise<MemoryPeak> {
		const page = context.pages()[0]!;
		const session = await (context.browser()?.newBrowserCDPSession() ?? context.newCDPSession(page));
		const { processInfo } = await session.send('SystemInfo.getProcessInfo');
		await session.detach();
		const watch = new MemoryPeak(processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id));
		await watch.#look();
		return watch;
	}

	/** Bytes above those at the start. */
	async stop(): Promise<number> {
		clearInterval(this.#timer);
		await this.#look();
		return this.#peak - this.#start;
	}

	async #look(): Promise<void> {
		const sizes = await Promise.all(this.#pids.map(anonymousBytes));
		const sum = sizes.reduce((total, size) => total + size, 0);
		if (Number.isNaN(this.#start)) this.#start = sum;
		this.#peak = Number.isNaN(this.#peak) ? sum : Math.max(this.#peak, sum);
	}
}

async function anonymousBytes(pid: number): Promise<number> {
	const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
	return Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1024;
}
