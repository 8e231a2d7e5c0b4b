// What it costs to store recordings and to read them, each against bare puts and gets of the same bytes in the same run.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright';
import { servePage, startChromium } from './chromium-page.ts';
import type { StoreBench } from './store-page.ts';
import { median, printTable } from './table.ts';

const ROUNDS = 3;
const MINUTES = 60;
const WRITERS = 20;
const PACED_SECONDS = 10;
const BURST_EVENTS = 5000;

/** Calls a method of the page's bench. */
type Call = <Name extends keyof StoreBench>(
	name: Name,
	...args: Parameters<StoreBench[Name]>
) => Promise<Awaited<ReturnType<StoreBench[Name]>>>;

function callsOf(page: Page): Call {
	return (name, ...args) =>
		page.evaluate(
			([method, given]) => {
				const { storeBench } = globalThis as unknown as { storeBench: Record<string, (...args: never[]) => unknown> };
				return storeBench[method]!(...(given as never[]));
			},
			[name as string, args] as const
		) as Promise<never>;
}

/** Measures two ways in turn, so that what else the machine does meets both. */
async function inTurn<A, B>(ours: () => Promise<A>, plain: () => Promise<B>): Promise<{ ours: A[]; plain: B[] }> {
	const results = { ours: [] as A[], plain: [] as B[] };
	for (let round = 0; round < ROUNDS; round++) {
		results.plain.push(await plain());
		results.ours.push(await ours());
	}
	return results;
}

const speed = ({ ms, bytes }: { ms: number; bytes: number }): number => bytes / ms / 1000;

export async function benchStore(): Promise<void> {
	const profile = await mkdtemp(path.join(tmpdir(), 'earshot-store-'));
	const site = await servePage(path.join(import.meta.dirname, 'store-page.ts'));
	const chromium = await startChromium(profile, site.url);
	try {
		await bench(callsOf(chromium.page));
	} finally {
		await chromium.close();
		await site.dispose();
		await rm(profile, { recursive: true, force: true });
	}
}

async function bench(call: Call): Promise<void> {
	const { entries, audioBytes } = await call('prepare', MINUTES);
	const imports = await inTurn(
		() => call('importRecording'),
		() => call('putAsImport')
	);
	const reads = await inTurn(
		() => call('readEntries'),
		() => call('fetchChunks')
	);
	const bursts = await inTurn(
		() => call('recordBurst', WRITERS, BURST_EVENTS),
		() => call('putAsBurst', WRITERS, BURST_EVENTS)
	);
	const row = (part: string, against: string, results: { ours: Measured[]; plain: Measured[] }) => {
		const [ours, plain] = [median(results.ours.map(speed)), median(results.plain.map(speed))];
		return { part, 'MB/s': ours, against, 'MB/s of that': plain, ratio: ours / plain };
	};
	const megabytes = (audioBytes / 1e6).toFixed(0);
	printTable(
		`The store: an hour of ${entries.toLocaleString('en')} events and ${megabytes} MB of audio. Medians of ${ROUNDS} runs.`,
		[
			row('import of the hour', 'bare puts, 480 kB chunks', imports),
			row(`${WRITERS} writers, all at once`, 'bare puts, 48 kB chunks', bursts),
			row('reading the entries', 'fetching their chunks', reads)
		]
	);
	const firstMs = median(reads.ours.map((read) => read.firstMs));
	const allMs = median(reads.ours.map(({ ms }) => ms));
	console.log(
		`The first entries of the hour come after ${firstMs.toFixed(0)} ms, the last after ${allMs.toFixed(0)} ms.`
	);
	const paced = await call('recordPaced', WRITERS, PACED_SECONDS);
	console.log(
		`${WRITERS} recordings at once for ${PACED_SECONDS} s, ${paced.events.toLocaleString('en')} events: at most ` +
			`${paced.mostPending} entries of one waited, for at most ${paced.longestMs.toFixed(0)} ms. In the end ` +
			`${paced.left} waited; all was stored and closed ${paced.closeMs.toFixed(0)} ms later.`
	);
}

type Measured = { ms: number; bytes: number };
