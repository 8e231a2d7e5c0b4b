// A file on the disk that is changed, or taken away, while it is taken in: what was read of it is kept where that can be, and
// the page says which file it was and what to do.
import { open, rm, truncate, writeFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright/test';
import { hourLog } from '../bench/hour-log.ts';
import { alert, ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

const CHANGED = 'changed, or was moved or deleted, while it was being read. Import it again.';

/** Writes a recording of so many minutes, 6.6 MB each. */
async function writeRecording(file: string, minutes: number): Promise<void> {
	const handle = await open(file, 'w');
	for (const piece of hourLog({ minutes, seed: 11 })) await handle.write(piece);
	await handle.close();
}

/** Writes a log of 200,000 events without audio: 200 MB. */
async function writeLog(file: string): Promise<void> {
	const handle = await open(file, 'w');
	const pad = 'x'.repeat(900);
	for (let first = 0; first < 200_000; first += 1000) {
		const lines = Array.from(
			{ length: 1000 },
			(_, index) => `{"type":"response.create","event_id":"mine_${first + index}","metadata":{"pad":"${pad}"}}\n`
		);
		await handle.write(lines.join(''));
	}
	await handle.close();
}

/** Chooses a file, and calls back as soon as the page says that some of it has been read. */
async function importUntil(page: Page, file: string, then: () => Promise<void>): Promise<void> {
	await page.getByLabel('Import file').setInputFiles(file);
	await page.getByRole('progressbar', { name: /Reading .*, [1-9][\d,]* events/ }).waitFor();
	await then();
	await new ConsolePage(page).idle(60_000);
}

function rows(page: Page): Locator {
	return page.getByRole('main').getByRole('listitem');
}

test('a log that is cut while it is read is kept as far as it was read', async ({ page }, testInfo) => {
	const file = testInfo.outputPath('calls.jsonl');
	await writeLog(file);
	await page.goto('/recordings');
	await importUntil(page, file, () => truncate(file, 1000));
	await expect(rows(page)).toHaveCount(1);
	const report = page.getByRole('region', { name: 'Reading calls.jsonl' });
	await expect(report).toContainText(/Taken in: 1 recording, [1-9][\d,]* events\./);
	await report.getByText('Left out: 1').click();
	await expect(report).toContainText('the rest of the file');
	await expect(report).toContainText(`calls.jsonl ${CHANGED}`);
});

for (const [name, change] of [
	['is written anew', (file: string) => writeFile(file, 'something else')],
	['is deleted', (file: string) => rm(file)]
] as const) {
	test(`a recording whose file ${name} before its audio is stored is named`, async ({ page }, testInfo) => {
		const file = testInfo.outputPath('call.earshot.jsonl');
		await writeRecording(file, 20);
		await page.goto('/recordings');
		await importUntil(page, file, () => change(file));
		await expect(alert(page, `call.earshot.jsonl ${CHANGED}`)).toBeVisible();
		await expect(rows(page)).toHaveCount(0);
	});
}
