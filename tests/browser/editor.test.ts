// The editors: Monaco with our schemas, "Apply session", the composer, and the errors that the server answers with.
import { alert, ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

test('the session editor knows the schema, and applies what is written', async ({ page }) => {
	const earshot = new ConsolePage(page);
	await earshot.open();
	await earshot.connect();
	await earshot.write('Session', '{ "type": "realtime", "audio": { "output": { "voice": "cedar", "speed": 9 } } }');
	await expect(page.locator('.squiggly-warning').first()).toBeVisible();
	await page.getByRole('button', { name: 'Apply session' }).click();
	await earshot.waitForEvent('error');
	expect(await earshot.readEvent('error')).toMatchObject({ error: { type: 'invalid_request_error' } });

	await page.getByRole('tab', { name: 'Session' }).click();
	await earshot.write('Session', '{ "type": "realtime", "audio": { "output": { "voice": "cedar", "speed": 1.2 } } }');
	await page.getByRole('button', { name: 'Apply session' }).click();
	await earshot.waitForEvent('session.updated', 2);
	expect(await earshot.readEvent('session.updated')).toMatchObject({
		session: { audio: { output: { voice: 'cedar', speed: 1.2 } } }
	});
	await expect(page.getByText('cedar', { exact: false }).first()).toBeVisible();
});

test('a session that is no JSON is not sent, and the reason stands beside it', async ({ page }) => {
	const earshot = new ConsolePage(page);
	await earshot.open();
	await earshot.connect();
	await earshot.write('Session', '{ "type": "realtime", ');
	await page.getByRole('button', { name: 'Apply session' }).click();
	await expect(alert(page, 'not JSON')).toBeVisible();
	expect(await earshot.count('session.update')).toBe(2); // the one at connect, and its session.updated
});

test('the composer sends any event, also one that is wrong, and what was written outlives a reload', async ({
	page
}) => {
	const earshot = new ConsolePage(page);
	await earshot.open();
	await earshot.connect();
	await page.getByRole('tab', { name: 'Compose' }).click();
	await earshot.compose('{"type":"nope","event_id":"mine"}');
	await page.getByRole('button', { name: 'Send event' }).click();
	await earshot.waitForEvent('error');
	expect(await earshot.readEvent('error')).toMatchObject({
		error: { code: 'invalid_value', param: 'type', event_id: 'mine' }
	});

	await page.getByRole('tab', { name: 'Compose' }).click();
	await page.getByRole('combobox', { name: 'Event to insert' }).selectOption('conversation.item.create');
	await page.getByRole('button', { name: 'Send event' }).click();
	await earshot.waitForEvent('conversation.item.added');
	expect(await earshot.readConversation()).toEqual(['user: Hello']);

	await page.getByRole('tab', { name: 'Compose' }).click();
	await earshot.compose('this is not JSON');
	await page.getByRole('button', { name: 'Send event' }).click();
	await earshot.waitForEvent('error', 2);
	await expect(earshot.status).toHaveText(/^connected/);
	await page.reload();
	await page.getByRole('tab', { name: 'Compose' }).click();
	await expect(page.locator('.monaco-editor')).toContainText('this is not JSON');
});

test('tools are written in their own editor and go with the session', async ({ page }) => {
	const earshot = new ConsolePage(page);
	await earshot.open();
	await page.getByRole('tab', { name: 'Tools' }).click();
	await page.getByRole('button', { name: 'Add function' }).click();
	await expect(page.locator('.monaco-editor')).toContainText('book_table');
	await page.getByRole('button', { name: 'Connect', exact: true }).click();
	await earshot.waitForEvent('session.update');
	expect(await earshot.readEvent('session.update')).toMatchObject({ session: { tools: [{ name: 'book_table' }] } });
});
