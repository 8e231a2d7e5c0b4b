// Two tabs of one browser: one holds a session, the other reads along.
import { ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

test('a second tab follows a session while it is held, and sees it end', async ({ page, context }) => {
	const talker = new ConsolePage(page);
	await talker.open();
	await talker.connect();
	await talker.say('Hello');
	await talker.waitForEvent('response.done');

	const other = await context.newPage();
	const reader = new ConsolePage(other);
	await other.goto('/recordings');
	const row = other.getByRole('main').getByRole('listitem');
	await expect(row).toContainText('live now');
	await expect(row.getByRole('button', { name: 'Delete' })).toBeDisabled();
	await row.getByRole('link').click();
	await reader.filter('response.done');
	await expect(reader.grid).toHaveAttribute('aria-rowcount', '1');

	await talker.say('And what else?');
	await expect(reader.grid).toHaveAttribute('aria-rowcount', '2');
	await reader.filter('');
	await talker.idle(60_000);
	await talker.disconnect();
	await talker.filter('');
	await expect(reader.grid).toHaveAttribute('aria-rowcount', (await talker.grid.getAttribute('aria-rowcount')) ?? '');
	await expect(other.getByText(/closed 1000/)).toBeVisible();
	await other.getByRole('slider', { name: 'Playhead' }).press('End');
	await reader.idle();
	expect((await reader.readConversation()).length).toBe(4);

	// Only now can it be deleted, and here it is gone at once.
	await page.goto('/recordings');
	await page.getByRole('main').getByRole('listitem').getByRole('button', { name: 'Delete' }).click();
	await expect(page.getByText('Nothing is recorded yet.')).toBeVisible();
	await other.goto('/recordings');
	await expect(other.getByText('Nothing is recorded yet.')).toBeVisible();
});
