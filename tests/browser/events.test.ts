// The list of events: completion in the filter, what is wrong with it, facets, saved filters, folded runs, and its place.
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

const RECORDING = path.join(import.meta.dirname, '../fixtures/v1-barge-in.earshot.jsonl');

/** Opens the recorded session of the fixtures in replay. */
async function openRecording(page: Page): Promise<ConsolePage> {
	await page.goto('/recordings');
	await page.getByLabel('Import file').setInputFiles(RECORDING);
	await page.getByRole('main').getByRole('listitem').getByRole('link').first().click();
	await expect(page.getByRole('slider', { name: 'Playhead' })).toBeVisible();
	const earshot = new ConsolePage(page);
	await earshot.idle();
	return earshot;
}

const field = (page: Page) => page.getByRole('searchbox', { name: 'Filter events' });
const option = (page: Page) => page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option');
const types = (earshot: ConsolePage) =>
	earshot.grid
		.getByRole('row')
		.evaluateAll((rows) => [...new Set(rows.map((row) => row.getAttribute('data-type') ?? ''))]);

test('a filter is written by keyboard alone, from what the log holds', async ({ page }) => {
	const earshot = await openRecording(page);
	await page.keyboard.press('/');
	await page.keyboard.press('ArrowDown');
	await expect(option(page)).toHaveText([/^type:/, /^from:/, /^item:/, /^response:/, /^call:/, /^after:/, /^before:/]);
	await expect(option(page).first()).toHaveAttribute('aria-selected', 'true');
	await page.keyboard.press('Enter');
	await expect(field(page)).toHaveValue('type:');
	await page.keyboard.type('truncate');
	await expect(option(page)).toHaveText([/^conversation\.item\.truncate\s*1$/, /^conversation\.item\.truncated\s*1$/]);
	await page.keyboard.press('ArrowDown');
	await page.keyboard.press('ArrowDown');
	const active = await field(page).getAttribute('aria-activedescendant');
	await expect(page.locator(`[id="${active}"]`)).toHaveText(/^conversation\.item\.truncated/);
	await page.keyboard.press('Enter');
	await expect(field(page)).toHaveValue('type:conversation.item.truncated ');
	await expect(option(page)).toHaveCount(0);
	expect(await types(earshot)).toEqual(['conversation.item.truncated']);
	await page.keyboard.type('-re');
	await expect(option(page)).toHaveText([/^-response:/]);
	await page.keyboard.press('Escape');
	await expect(option(page)).toHaveCount(0);
	await expect(field(page)).toHaveValue('type:conversation.item.truncated -re');
	await page.keyboard.press('Tab');
	await expect(earshot.grid).toBeFocused();
});

test('ids are offered with how many events are about them', async ({ page }) => {
	const earshot = await openRecording(page);
	await field(page).pressSequentially('response:');
	await expect(option(page)).toHaveText([/^resp_2\s*\d+$/, /^resp_1\s*\d+$/]);
	const told = Number((await option(page).first().textContent())?.match(/(\d+)\s*$/)?.[1]);
	await option(page).first().click();
	await expect(field(page)).toHaveValue('response:resp_2 ');
	await expect(field(page)).toBeFocused();
	await expect(earshot.grid).toHaveAttribute('aria-rowcount', String(told));
});

test('a term that means nothing is told in words, and takes nothing away', async ({ page }) => {
	const earshot = await openRecording(page);
	const done = await earshot.count('type:*done');
	expect(await earshot.count('type:*done from:martian tpye:error')).toBe(done);
	await expect(earshot.events).toContainText('from:martian is left out: from: is client, server or console');
	await expect(earshot.events).toContainText('tpye:error is left out: There is no key tpye:, perhaps type: was meant.');
	await expect(field(page)).toHaveAttribute('aria-invalid', 'true');
	await expect(page.getByRole('listbox', { name: 'Suggestions' })).toHaveCount(0);
	await earshot.filter('type:*done "audio_end_ms');
	await expect(earshot.events).not.toContainText('is left out');
	await expect(field(page)).toHaveAttribute('aria-invalid', 'false');
});

test('facets count what there is, and set the filter with a click', async ({ page }) => {
	const earshot = await openRecording(page);
	await page.getByRole('button', { name: 'Facets' }).click();
	const facets = page.getByRole('group', { name: 'Facets' });
	const facet = (name: RegExp) => facets.getByRole('button', { name });
	await earshot.idle();
	for (const name of ['server', 'input_audio_buffer.append', 'response.done']) {
		await facet(new RegExp(`^${name.replaceAll('.', '\\.')}, `)).click();
		const count = /, ([\d,]+) events/.exec(
			(await facet(new RegExp(`^${name}, `)).getAttribute('aria-label')) ?? ''
		)?.[1];
		await expect(earshot.grid).toHaveAttribute('aria-rowcount', count!);
		await expect(facet(new RegExp(`^${name}, `))).toHaveAttribute('aria-pressed', 'true');
		await facet(new RegExp(`^${name}, `)).click();
		await expect(field(page)).toHaveValue('');
	}
	await facet(/^response\.done, /).click();
	await facet(/^response\.created, /).click();
	await expect.poll(() => types(earshot)).toEqual(['response.created', 'response.done']);
	await facet(/^response\.done, /).click({ modifiers: ['Shift'] });
	await expect(field(page)).toHaveValue('type:response.created -type:response.done');
	await expect(facet(/^response\.done, .* left out$/)).toHaveAttribute('aria-pressed', 'false');
});

test('a filter is saved by name, is there after a reload, and can be removed; a key is not kept', async ({ page }) => {
	const earshot = await openRecording(page);
	const facets = page.getByRole('group', { name: 'Facets' });
	const save = async (name: string) => {
		await facets.getByRole('textbox', { name: 'Name of the filter' }).fill(name);
		await facets.getByRole('button', { name: 'Save filter' }).click();
	};
	await page.getByRole('button', { name: 'Facets' }).click();
	await save('Nothing');
	await expect(facets).toContainText('There is no filter to save.');
	await earshot.filter('sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJ');
	await save('Mine');
	await expect(facets).toContainText('Keys are not kept in the browser');
	await earshot.filter('type:response -delta');
	await save('Milestones');
	await expect(facets.getByRole('button', { name: 'Milestones', exact: true })).toHaveAttribute('aria-pressed', 'true');
	await page.reload();
	await page.getByRole('button', { name: 'Facets' }).click();
	await facets.getByRole('button', { name: 'Milestones', exact: true }).click();
	await expect(field(page)).toHaveValue('type:response -delta');
	await facets.getByRole('button', { name: 'Remove Milestones' }).click();
	await expect(facets.getByRole('button', { name: 'Milestones', exact: true })).toHaveCount(0);
	expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('sk-proj');
});

test('runs are folded into a row each, unfolded by click and by key, and nothing is lost', async ({ page }) => {
	const earshot = await openRecording(page);
	const rowCount = async () => Number(await earshot.grid.getAttribute('aria-rowcount'));
	const all = await earshot.count('');
	const fold = page.getByRole('button', { name: 'Fold runs' });
	await expect(fold).toHaveAttribute('aria-pressed', 'false');
	await fold.click();
	await expect.poll(rowCount).toBeLessThan(all);
	await expect(earshot.events).toContainText(`${all} of ${all}`);
	const folded = await rowCount();

	const words = earshot.row('response.output_audio_transcript.delta').first();
	await expect(words).toContainText('We are open from nine to six on weekdays, and from ten to two on Saturdays.');
	const count = Number(await words.getAttribute('data-count'));
	const seq = await words.getAttribute('data-seq');
	await words.getByRole('button', { name: `${count} events, unfold` }).click();
	await expect.poll(rowCount).toBe(folded + count - 1);
	await expect(earshot.grid).toBeFocused();
	await earshot.grid.locator(`[data-seq="${seq}"]`).getByRole('button', { name: 'fold' }).click();
	await expect.poll(rowCount).toBe(folded);

	await words.click();
	await earshot.grid.focus();
	await page.keyboard.press('ArrowRight');
	await expect.poll(rowCount).toBe(folded + count - 1);
	await earshot.row('response.output_audio_transcript.delta').nth(1).click();
	await page.keyboard.press('ArrowLeft');
	await expect(earshot.grid.locator(`[data-seq="${seq}"]`)).toHaveAttribute('aria-selected', 'true');
	expect(await rowCount()).toBe(folded + count - 1);
	await page.keyboard.press('ArrowLeft');
	await expect.poll(rowCount).toBe(folded);

	await page.reload();
	await expect(fold).toHaveAttribute('aria-pressed', 'true');
	await expect.poll(rowCount).toBe(folded);
	await fold.click();
	await expect.poll(rowCount).toBe(all);
});

test('the list keeps its place when the filter changes', async ({ page }) => {
	const earshot = await openRecording(page);
	await earshot.filter('type:conversation.item.truncate');
	await earshot.row('conversation.item.truncate').click();
	await earshot.filter('');
	const chosen = earshot.grid.locator('[aria-selected="true"]');
	await expect(chosen).toHaveAttribute('data-type', 'conversation.item.truncate');
	await expect(chosen).toBeInViewport();
	await page.getByRole('button', { name: 'Fold runs' }).click();
	await expect(chosen).toBeInViewport();
	await page.getByRole('button', { name: 'Fold runs' }).click();
	await expect(chosen).toBeInViewport();

	// Nothing chosen in sight: the first row in sight stays the first.
	const first = () =>
		earshot.grid.evaluate((grid) => {
			const { top } = grid.getBoundingClientRect();
			const rows = [...grid.querySelectorAll('[role="row"]')];
			return rows.find((row) => row.getBoundingClientRect().top >= top - 1)?.getAttribute('data-type');
		});
	await earshot.grid.hover();
	await page.mouse.wheel(0, -100_000);
	await expect(earshot.row('earshot.connection.opening')).toBeInViewport();
	await page.mouse.wheel(0, 2 * 24);
	await expect.poll(first).toBe('session.created');
	await earshot.filter('-append');
	await expect.poll(first).toBe('session.created');
	await earshot.filter('');
	await expect.poll(first).toBe('session.created');
});

test('a time without events is told', async ({ page }) => {
	const earshot = await openRecording(page);
	await earshot.filter('type:response.created');
	await expect(earshot.row('response.created').nth(1)).toContainText(/\+\d\.\d\d s/);
	await expect(earshot.row('response.created').first()).not.toContainText('+');
});

for (const colorScheme of ['dark', 'light'] as const) {
	test(`axe finds nothing in the list with all of it open, ${colorScheme}`, async ({ page }) => {
		await page.emulateMedia({ colorScheme });
		const earshot = await openRecording(page);
		await page.getByRole('button', { name: 'Fold runs' }).click();
		await page.getByRole('button', { name: 'Facets' }).click();
		await page.getByRole('button', { name: /^response\.done, / }).click({ modifiers: ['Shift'] });
		await earshot.filter('from:nobody -response.done');
		const check = async () => {
			const { violations } = await new AxeBuilder({ page }).include('section[aria-label="Events"]').analyze();
			expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
		};
		await check();
		await field(page).press('End');
		await field(page).pressSequentially(' item:');
		await page.keyboard.press('ArrowDown');
		await expect(option(page).first()).toBeVisible();
		await check();
	});
}
