// What a recording loses when the browser is killed in the middle of it: 100 events a second with audio go through the
// real writer, all processes of the browser end by SIGKILL at a random moment, and the next one looks at every byte.
//
// An entry counts as acknowledged when the page had told of the flush that stored it before the signal was sent.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { servePage, startChromium, type ChromiumPage } from './chromium-page.ts';
import type { Found, KillBench, Told } from './kill-page.ts';
import { median, percentile, printTable } from './table.ts';

export interface KillOptions {
	readonly kills: number;
	/** A kill comes between so many ms after the recording has begun. */
	readonly afterMs?: readonly [least: number, most: number];
}

/** What one kill did. */
export interface KillResult {
	/** `null` when it was killed before anything was stored. */
	readonly found: Found | null;
	readonly told: Told;
	/** Acknowledged entries that are not there. */
	readonly lostEntries: number;
	/** What had been appended and is not there: entries, and the time from the last that is there to the last that was. */
	readonly missingEntries: number;
	readonly missingMs: number;
}

type KillScope = typeof globalThis & { killBench: KillBench };

/** Kills a browser so many times while it records, and returns what each left. */
export async function killBrowsers({ kills, afterMs = [300, 1500] }: KillOptions): Promise<KillResult[]> {
	const profile = await mkdtemp(path.join(tmpdir(), 'earshot-kills-'));
	const site = await servePage(path.join(import.meta.dirname, 'kill-page.ts'));
	const lives: { id: string; told: Told }[] = [];
	const results: KillResult[] = [];
	const look = async ({ page }: ChromiumPage) => {
		const last = lives.at(-1);
		if (last) results.push(resultOf(await find(page, last.id), last.told));
	};
	try {
		while (lives.length < kills) {
			const chromium = await startChromium(profile, site.url);
			try {
				await look(chromium);
				lives.push(await recordUntilKilled(chromium, afterMs));
			} finally {
				await chromium.kill();
			}
		}
		const last = await startChromium(profile, site.url);
		try {
			await look(last);
			// Later kills must not harm what earlier ones left.
			for (const [index, { id }] of lives.entries()) {
				const found = await find(last.page, id);
				if (JSON.stringify(found) !== JSON.stringify(results[index]!.found)) {
					throw new Error(`Recording ${index} is another one after later kills: ${JSON.stringify(found)}`);
				}
			}
		} finally {
			await last.close();
		}
	} finally {
		await site.dispose();
		await rm(profile, { recursive: true, force: true });
	}
	return results;
}

async function recordUntilKilled(
	{ page, kill }: ChromiumPage,
	[least, most]: readonly [number, number]
): Promise<{ id: string; told: Told }> {
	const id = randomUUID();
	let told: Told = { stored: 0, appended: 0, at: 0 };
	await page.exposeFunction('told', (now: Told) => (told = now));
	await page.evaluate((recordingId) => {
		const scope = globalThis as unknown as KillScope & { told(told: Told): void };
		void scope.killBench.record(recordingId, (now) => scope.told(now));
	}, id);
	await sleep(least + Math.random() * (most - least));
	const before = told;
	await kill();
	return { id, told: before };
}

function find(page: ChromiumPage['page'], id: string): Promise<Found | null> {
	return page.evaluate((wanted) => (globalThis as unknown as KillScope).killBench.find(wanted), id);
}

function resultOf(found: Found | null, told: Told): KillResult {
	const entries = found?.entries ?? 0;
	return {
		found,
		told,
		lostEntries: Math.max(0, told.stored - entries),
		missingEntries: Math.max(0, told.appended - entries),
		missingMs: Math.max(0, told.at - (found?.at ?? 0))
	};
}

/** Kills the browser so many times, and prints what was lost. */
export async function benchKills({ kills }: KillOptions): Promise<void> {
	const results = await killBrowsers({ kills });
	const founds = results.flatMap(({ found }) => found ?? []);
	const missing = results.map(({ missingEntries }) => missingEntries);
	const missingMs = results.map(({ missingMs: ms }) => ms);
	const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
	const row = (what: string, value: number) => ({ what, value });
	printTable(`A recording of 100 events a second with audio, and ${kills} SIGKILLs to the whole browser.`, [
		row('events recorded', sum(results.map(({ told }) => told.appended))),
		row('events acknowledged before the kills', sum(results.map(({ told }) => told.stored))),
		row('acknowledged events lost', sum(results.map(({ lostEntries }) => lostEntries))),
		row('events found', sum(founds.map(({ entries }) => entries))),
		row('of them wrong in text, place or audio', sum(founds.map(({ wrong }) => wrong))),
		row('recordings with gaps or damage', founds.filter(({ damage }) => damage.length > 0).length),
		row('recordings listed as interrupted', founds.filter(({ status }) => status === 'interrupted').length),
		row('killed before the first flush', results.filter(({ found }) => !found).length),
		row('events missing at the end, median', median(missing)),
		row('events missing at the end, most', Math.max(...missing)),
		row('ms missing at the end, median', median(missingMs)),
		row('ms missing at the end, 95 %', percentile(missingMs, 0.95)),
		row('ms missing at the end, most', Math.max(...missingMs))
	]);
}
