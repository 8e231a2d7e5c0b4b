// The library: import, export, the same bytes back, search, delete and undo.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { alert, ConsolePage, dropFile } from './console-page.ts';
import { expect, test } from './test.ts';

const fixture = path.join(import.meta.dirname, '../fixtures/v1-barge-in.earshot.jsonl');

test('a file is imported, replayed and exported with the same messages', async ({ page }) => {
	await page.goto('/recordings');
	await expect(page.getByText('Nothing is recorded yet.')).toBeVisible();
	await page.getByLabel('Import file').setInputFiles(fixture);
	const item = page.getByRole('main').getByRole('listitem');
	await expect(item).toHaveCount(1);
	await expect(item).toContainText('1 interruption');

	const downloading = page.waitForEvent('download');
	await item.getByRole('button', { name: 'Export' }).click();
	const exported = await readFile(await (await downloading).path(), 'utf8');
	const original = await readFile(fixture, 'utf8');
	expect(exported.split('\n').slice(1)).toEqual(original.split('\n').slice(1));

	await item.getByRole('link').click();
	const earshot = new ConsolePage(page);
	await expect(page.getByRole('slider', { name: 'Playhead' })).toBeVisible();
	await earshot.idle();
	expect(await earshot.readMarkers()).toHaveLength(1);
	await page.getByRole('button', { name: /^Interruption at/ }).click();
	expect(await earshot.readConversation()).not.toHaveLength(0);
});

test('a recording of a newer Earshot is refused by name, and so is what is no recording', async ({ page }) => {
	await page.goto('/recordings');
	await page
		.getByLabel('Import file')
		.setInputFiles(path.join(import.meta.dirname, '../fixtures/from-the-future.earshot.jsonl'));
	await expect(alert(page, 'newer Earshot')).toBeVisible();
	await page
		.getByLabel('Import file')
		.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('just some notes') });
	await expect(alert(page, 'notes.txt')).toBeVisible();
	await expect(page.getByText('Nothing is recorded yet.')).toBeVisible();
});

test('a deleted recording comes back with Undo', async ({ page }) => {
	await page.goto('/recordings');
	await page.getByLabel('Import file').setInputFiles(fixture);
	const item = page.getByRole('main').getByRole('listitem');
	const link = item.getByRole('link');
	await expect(link).toBeVisible();
	const title = await link.textContent();
	await item.getByRole('button', { name: 'Delete' }).click();
	await expect(page.getByText('Nothing is recorded yet.')).toBeVisible();
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(link).toHaveText(title ?? '');
	await page.reload();
	await expect(link).toHaveText(title ?? '');
	await page.getByRole('searchbox', { name: 'Search recordings' }).fill('no such words');
	await expect(link).toHaveCount(0);
});

test('a recording that was cut off is still one after Undo, and after export and import', async ({ page }) => {
	const whole = await readFile(fixture, 'utf8');
	const lines = whole.trimEnd().split('\n');
	const end = lines.findIndex((line) => line.includes('earshot.connection.closed'));
	const cutOff = Buffer.from(lines.slice(0, end < 0 ? -1 : end).join('\n'));
	await page.goto('/recordings');
	const input = page.getByLabel('Import file');
	await input.setInputFiles({ name: 'cut.earshot.jsonl', mimeType: 'application/x-ndjson', buffer: cutOff });
	const item = page.getByRole('main').getByRole('listitem');
	await expect(item).toContainText('cut off');
	await item.getByRole('button', { name: 'Delete' }).click();
	await expect(item).toHaveCount(0);
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(item).toContainText('cut off');
	await input.setInputFiles(fixture);
	await expect(item).toHaveCount(2);
	await expect(item.filter({ hasText: 'cut off' })).toHaveCount(end < 0 ? 2 : 1);
});

test('a file that is dropped anywhere on the page is imported', async ({ page }) => {
	await page.goto('/recordings');
	const text = await readFile(fixture, 'utf8');
	await dropFile(page, 'header', 'dropped.earshot.jsonl', text);
	await expect(page.getByRole('main').getByRole('listitem').getByRole('link')).toBeVisible();
});

test('the focus stays where the work is: after deleting, undoing, and editing', async ({ page }) => {
	await page.goto('/recordings');
	await page.getByRole('button', { name: 'Take all' }).click();
	const items = page.getByRole('main').getByRole('listitem');
	await expect(items).toHaveCount(6);
	await new ConsolePage(page).idle();
	const links = items.getByRole('link');
	const second = (await links.nth(1).textContent()) ?? '';
	await items.first().getByRole('button', { name: 'Delete' }).press('Enter');
	await expect(items).toHaveCount(5);
	await expect(links.first()).toHaveText(second);
	await expect(links.first()).toBeFocused();
	await page.getByRole('button', { name: 'Undo' }).press('Enter');
	await expect(items).toHaveCount(6);
	await expect(page.getByRole('main')).toBeFocused();

	const more = items.first().getByRole('button', { name: 'More' });
	await more.press('Enter');
	await page.getByRole('textbox', { name: 'Title' }).fill('Another title');
	await page.getByRole('button', { name: 'Keep changes' }).press('Enter');
	await expect(links.first()).toHaveText('Another title');
	await expect(more).toBeFocused();
	await more.press('Enter');
	await page.keyboard.press('Escape');
	await expect(page.getByRole('textbox', { name: 'Title' })).toHaveCount(0);
});

test('a note is read where the recording is', async ({ page }) => {
	await page.goto('/recordings');
	await page.getByRole('button', { name: /^Barge-in/ }).click();
	const note = page.getByRole('note');
	await expect(note).toContainText('conversation.item.truncate');
	await page.getByRole('button', { name: 'Hide the note' }).click();
	await expect(note).toHaveCount(0);
});

test('what was chosen for one export is not carried over to the next', async ({ page }) => {
	await page.goto('/recordings');
	await page.getByLabel('Import file').setInputFiles(fixture);
	await page.getByRole('button', { name: 'More' }).click();
	await page.getByRole('button', { name: 'Save as…' }).click();
	const dialog = page.getByRole('dialog');
	await dialog.getByRole('checkbox', { name: /^Secrets/ }).uncheck();
	await expect(dialog.getByText('Everything leaves')).toBeVisible();
	await page.keyboard.press('Escape');
	await page.getByRole('button', { name: 'Save as…' }).click();
	await expect(dialog.getByRole('checkbox', { name: /^Secrets/ })).toBeChecked();
	await dialog.getByLabel(/^Silent stretches/).fill('9:00 - 9:10');
	await expect(dialog.getByText('No stretch of this recording: 9:00 - 9:10')).toBeVisible();
});

test('a recording that was deleted is not opened any more, and says so without end nor loop', async ({ page }) => {
	const errors: string[] = [];
	page.on('pageerror', (error) => errors.push(error.message));
	await page.goto('/recordings');
	await page.getByLabel('Import file').setInputFiles(fixture);
	const report = page.getByRole('region', { name: /^Reading/ });
	await expect(report.getByRole('button', { name: 'Open' })).toBeVisible();
	const item = page.getByRole('main').getByRole('listitem');
	const href = await item.getByRole('link').getAttribute('href');
	await item.getByRole('button', { name: 'Delete' }).click();
	await expect(report.getByRole('button', { name: 'Open' })).toHaveCount(0);
	await page.goto(href ?? '');
	await expect(page.getByRole('heading', { name: 'This recording cannot be opened' })).toBeVisible();
	expect(errors).toEqual([]);
});
