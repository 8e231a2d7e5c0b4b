// axe on each page in both themes, and the console by keyboard alone.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

async function expectNothingSerious(page: Page, what: string): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	const serious = violations
		.filter(({ impact }) => impact === 'serious' || impact === 'critical')
		.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`);
	expect(serious, what).toEqual([]);
}

for (const colorScheme of ['dark', 'light'] as const) {
	test(`axe finds nothing serious on any page, ${colorScheme}`, async ({ page }) => {
		await page.emulateMedia({ colorScheme });
		const earshot = new ConsolePage(page);
		await earshot.open();
		await expectNothingSerious(page, 'the empty console');
		await earshot.connect();
		await earshot.say('Hello');
		await earshot.waitForEvent('earshot.playback.started');
		await earshot.say('And now something else');
		await earshot.waitForEvent('conversation.item.truncated');
		await earshot.waitForEvent('earshot.playback.ended');
		await earshot.filter('');
		await expectNothingSerious(page, 'the console in a session');
		for (const tab of ['Tools', 'Compose', 'Event']) {
			await page.getByRole('tab', { name: tab }).click();
			await earshot.idle();
			await expectNothingSerious(page, `the tab ${tab}`);
		}
		await earshot.disconnect();
		await page.goto('/recordings');
		await expect(page.getByRole('main').getByRole('listitem')).toBeVisible();
		await earshot.idle();
		await expectNothingSerious(page, 'the library');
		await page.getByRole('main').getByRole('listitem').getByRole('link').click();
		await expect(page.getByRole('slider', { name: 'Playhead' })).toBeVisible();
		await earshot.idle();
		await page.getByRole('button', { name: 'Next turn' }).click();
		await expectNothingSerious(page, 'a replay');
		await page.goto('/recordings/of-nobody');
		await expect(page.getByRole('heading', { name: 'This recording cannot be opened' })).toBeVisible();
		await expectNothingSerious(page, 'a recording that is not there');
	});
}

test('a conversation is held and inspected by keyboard alone', async ({ page }) => {
	const earshot = new ConsolePage(page);
	await earshot.open();
	const press = (key: string) => page.keyboard.press(key);
	const focused = () =>
		page.evaluate(
			() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim()
		);
	const tabTo = async (name: string) => {
		for (let i = 0; i < 60; i++) {
			if ((await focused()) === name) return;
			await press('Tab');
		}
		throw new Error(`Tab never reaches "${name}"`);
	};
	await tabTo('Connect');
	await press('Enter');
	await expect(earshot.status).toHaveText(/^connected/);
	await tabTo('Message');
	await page.keyboard.type('Hello');
	await press('Enter');
	await expect(earshot.conversation.locator('li[data-role="assistant"]')).toBeVisible();
	await earshot.idle();

	await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
	await press('/');
	expect(await focused()).toBe('Filter events');
	await page.keyboard.type('response.done');
	await press('Tab');
	await press('ArrowDown');
	await press('End');
	await expect(page.getByRole('heading', { name: 'response.done' })).toBeVisible();
	await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
	await press('?');
	await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
	await press('Escape');
	await expect(page.getByRole('dialog', { name: 'Keys' })).toBeHidden();
});
