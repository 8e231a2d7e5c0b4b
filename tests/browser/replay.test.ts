// The replay of a recording that is longer than a screen, and of one that is still being made.
import { writeFile } from 'node:fs/promises';
import { hourLog, hourLogHeader } from '../bench/hour-log.ts';
import { ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

const OPTIONS = { minutes: 4, seed: 3 };

test('four minutes of talk: every event is reached, read and heard', async ({ page }, testInfo) => {
	const pieces = [...hourLog(OPTIONS)];
	const file = testInfo.outputPath('talk.earshot.jsonl');
	await writeFile(file, pieces);
	const lines = Buffer.concat(pieces).toString('utf8').trimEnd().split('\n').slice(1);

	await page.goto('/recordings');
	await page.getByLabel('Import file').setInputFiles(file);
	const title = hourLogHeader(OPTIONS).title;
	await page.getByRole('main').getByRole('link', { name: title }).click();
	await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
	const earshot = new ConsolePage(page);
	await earshot.idle();
	await expect(earshot.grid).toHaveAttribute('aria-rowcount', String(lines.length));

	// The last event, by the key; and an event of audio, whose bytes are read when it is looked at.
	await earshot.grid.focus();
	await page.keyboard.press('End');
	await expect(earshot.grid.locator(`[data-seq="${lines.length - 1}"]`)).toHaveAttribute('aria-selected', 'true');
	const audioSeq = lines.findLastIndex((line) => line.includes('response.output_audio.delta'));
	await page.goto(`${page.url().split('#')[0]}#seq=${audioSeq}`);
	await expect(earshot.grid.locator(`[data-seq="${audioSeq}"]`)).toHaveAttribute('aria-selected', 'true');
	await page.getByRole('button', { name: 'Raw' }).click();
	const event = lines[audioSeq]!;
	const raw = event.slice(event.indexOf('"event":') + '"event":'.length, -1);
	await expect(page.getByLabel('The event’s text')).toHaveText(raw);

	const done = lines.filter((line) => line.includes('"type":"response.done"')).length;
	expect(done).toBeGreaterThan(10);
	await earshot.filter('response.done');
	await earshot.idle();
	await expect(earshot.grid).toHaveAttribute('aria-rowcount', String(done));

	const playhead = page.getByRole('slider', { name: 'Playhead' });
	const now = async () => Number(await playhead.getAttribute('aria-valuenow'));
	await playhead.press('Home');
	await page.getByRole('button', { name: 'Play', exact: true }).click();
	await expect.poll(now).toBeGreaterThan(500);
	await page.getByRole('button', { name: 'Pause' }).click();
	await expect(page.getByRole('alert').filter({ hasText: 'cannot be heard' })).toHaveCount(0);
});

test('a link to an event shows it, however much has to come before it', async ({ page }, testInfo) => {
	const file = testInfo.outputPath('talk.earshot.jsonl');
	await writeFile(file, [...hourLog(OPTIONS)]);
	await page.goto('/recordings');
	await page.getByLabel('Import file').setInputFiles(file);
	const link = page.getByRole('main').getByRole('listitem').getByRole('link').first();
	await expect(link).toBeVisible();
	const earshot = new ConsolePage(page);
	await earshot.idle();
	await page.goto(`${await link.getAttribute('href')}#seq=15000`);
	const row = earshot.grid.locator('[data-seq="15000"]');
	await expect(row).toHaveAttribute('aria-selected', 'true');
	await expect(row).toBeInViewport();
	await earshot.idle();
	await expect(page.getByText(/event 15000,/)).toBeVisible();
});

test('a recording that is being made in another tab grows on the page that shows it', async ({ page, context }) => {
	const live = new ConsolePage(page);
	await live.open();
	await live.connect();
	await live.say('Hello');
	await live.waitForEvent('earshot.playback.ended');

	const other = await context.newPage();
	await other.goto('/recordings');
	await other.getByRole('main').getByRole('listitem').getByRole('link').first().click();
	const replay = new ConsolePage(other);
	await expect(other.getByText('being recorded')).toBeVisible();
	const rowCount = async () => Number(await replay.grid.getAttribute('aria-rowcount'));
	await expect.poll(rowCount).toBeGreaterThan(20);
	await replay.filter('response.done');
	await expect.poll(rowCount).toBe(1);

	await page.bringToFront();
	await live.say('And again');
	await live.waitForEvent('earshot.playback.ended', 2);
	await live.disconnect();
	await live.filter('');
	const total = Number(await live.grid.getAttribute('aria-rowcount'));
	await other.bringToFront();
	await expect.poll(rowCount).toBe(2);
	await replay.filter('');
	await expect.poll(rowCount).toBe(total);
	await expect(other.getByText('closed 1000')).toBeVisible();
});

test('the list follows the playhead that is moved, and all of a short recording stays in sight', async ({ page }) => {
	const errors: string[] = [];
	page.on('pageerror', (error) => errors.push(error.message));
	await page.goto('/recordings');
	await page.getByRole('button', { name: /^Barge-in/ }).click();
	const playhead = page.getByRole('slider', { name: 'Playhead' });
	await expect(playhead).toBeVisible();
	const earshot = new ConsolePage(page);
	await earshot.idle();
	await earshot.row('input_audio_buffer.append').first().click();
	await playhead.press('End');
	// The chosen event lets go of the list: its end is in sight.
	await expect(earshot.row('earshot.connection.closed')).toBeInViewport();
	await expect(page.getByRole('button', { name: /^Interruption at/ })).toBeInViewport();
	await page.getByRole('link', { name: 'Recordings' }).first().click();
	await expect(page.getByRole('main').getByRole('listitem')).toHaveCount(1);
	expect(errors).toEqual([]);
});
