// What only shows in a browser whose profile is on a disk. No host is needed: the pages are bundled from the sources.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'playwright/test';
import { servePage, startChromium } from '../bench/chromium-page.ts';
import { killBrowsers } from '../bench/kill-test.ts';
import type { StoreBench } from '../bench/store-page.ts';

test('a browser that is killed while it records loses nothing that was acknowledged', async () => {
	const results = await killBrowsers({ kills: 3, afterMs: [700, 1200] });
	expect(results).toHaveLength(3);
	for (const { found, told, lostEntries } of results) {
		expect(told.stored).toBeGreaterThan(0);
		expect(lostEntries).toBe(0);
		expect(found).toMatchObject({ status: 'interrupted', wrong: 0, damage: [] });
	}
});

test('the browser counts less room when an import was deleted for good', async () => {
	const profile = await mkdtemp(path.join(tmpdir(), 'earshot-store-'));
	const site = await servePage(path.join(import.meta.dirname, '../bench/store-page.ts'));
	const chromium = await startChromium(profile, site.url);
	try {
		const usage = await chromium.page.evaluate(async () => {
			const { storeBench } = globalThis as unknown as { storeBench: StoreBench };
			storeBench.prepare(3);
			return storeBench.usageAround();
		});
		expect(usage.full - usage.before).toBeGreaterThan(5_000_000);
		// What is left is the log of the database's changes, which it tidies up when it likes.
		expect(usage.purged - usage.before).toBeLessThan((usage.full - usage.before) / 2);
	} finally {
		await chromium.close();
		await site.dispose();
		await rm(profile, { recursive: true, force: true });
	}
});
