// A recording that is too large for the memory of a page: it is written to the disk while it is made, and read at any of its
// moments.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { Page } from 'playwright/test';
import { hourLog } from '../bench/hour-log.ts';
import { ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

const OPTIONS = { minutes: 11, seed: 5 };

/** In place of the browser's own dialog, which no test can use: a file of the page's own, or one on a full disk. */
async function choosePlace(page: Page, isFull: boolean): Promise<void> {
	await page.evaluate((full) => {
		const picker = async ({ suggestedName }: { suggestedName: string }) => {
			if (full)
				return { createWritable: () => new WritableStream({ write: () => Promise.reject(new Error('No room')) }) };
			return (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
		};
		Object.assign(globalThis, { showSaveFilePicker: picker });
	}, isFull);
}

/** SHA-256 of the lines that were saved under a name, without the header: a recording that is taken in has an id of its own. */
async function digestOf(page: Page, name: string): Promise<string> {
	return page.evaluate(async (fileName) => {
		const handle = await (await navigator.storage.getDirectory()).getFileHandle(fileName);
		const bytes = new Uint8Array(await (await handle.getFile()).arrayBuffer());
		const digest = await crypto.subtle.digest('SHA-256', bytes.subarray(bytes.indexOf(10)));
		return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
	}, name);
}

test('eleven minutes are saved to the disk as they were read, and seen at any moment', async ({ page }, testInfo) => {
	const pieces = [...hourLog(OPTIONS)];
	const file = testInfo.outputPath('long.earshot.jsonl');
	await writeFile(file, pieces);
	await page.goto('/recordings');
	await page.getByLabel('Import file').setInputFiles(file);
	const report = page.getByRole('region', { name: 'Reading long.earshot.jsonl' });
	await expect(report.getByRole('status')).toContainText('Taken in: 1 recording', { timeout: 30_000 });

	await page.getByRole('button', { name: 'More' }).click();
	await page.getByRole('button', { name: 'Save as…' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('radio', { name: 'Earshot recording .earshot.jsonl' }).check();
	await expect(dialog.getByText('Nothing was found to take out.')).toBeVisible();
	await choosePlace(page, true);
	await dialog.getByRole('button', { name: 'Save', exact: true }).click();
	await expect(dialog.getByRole('alert')).toContainText('No room');
	await choosePlace(page, false);
	await dialog.getByRole('button', { name: 'Save', exact: true }).click();
	await expect(dialog).toBeHidden();
	const bytes = Buffer.concat(pieces);
	const source = createHash('sha256').update(bytes.subarray(bytes.indexOf(10)));
	expect(await digestOf(page, '11-minutes-at-the-library.earshot.jsonl')).toBe(source.digest('hex'));

	await report.getByRole('button', { name: 'Open' }).click();
	const playhead = page.getByRole('slider', { name: 'Playhead' });
	await expect(playhead).toBeVisible();
	const earshot = new ConsolePage(page);
	await earshot.idle();
	await playhead.press('End');
	// The waveforms show the moment, and no time of the list is cut.
	await expect(earshot.waveforms.getByText(/^1\d:\d\d\.\d{3}$/)).toBeVisible();
	const last = earshot.grid.getByRole('row').last().getByRole('gridcell').first();
	await expect(last).toHaveText(/^1\d:\d\d\.\d{3}$/);
	expect(await last.evaluate((cell) => cell.scrollWidth - cell.clientWidth)).toBe(0);
});
