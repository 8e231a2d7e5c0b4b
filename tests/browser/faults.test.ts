// What goes wrong, and what the user is told: a killed tab, a server that goes away, messages that are no events, a
// browser without a store, a full one, or without audio. What was recorded stays.
import { startTestHost } from '../host.ts';
import { alert, ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

test('a killed tab leaves its recording in the library, and it replays', async ({ page, context }) => {
	const earshot = new ConsolePage(page);
	await earshot.open();
	await earshot.connect();
	await earshot.say('Hello');
	await earshot.waitForEvent('earshot.playback.ended');
	await earshot.idle();
	await earshot.filter('');
	const before = await earshot.readConversation();
	const eventCount = Number(await earshot.grid.getAttribute('aria-rowcount'));
	// What is on the screen is stored within 250 ms; the library of another tab shows when it is.
	const other = await context.newPage();
	await other.goto('/recordings');
	await expect(other.getByText(`${eventCount} events`)).toBeVisible();

	const session = await context.newCDPSession(page);
	const crashed = page.waitForEvent('crash');
	void session.send('Page.crash').catch(() => undefined); // the answer dies with the tab
	await crashed;

	await other.reload();
	const item = other.getByRole('main').getByRole('listitem');
	await expect(item).toContainText('cut off');
	await item.getByRole('link').click();
	const replay = new ConsolePage(other);
	await expect(other.getByRole('slider', { name: 'Playhead' })).toBeVisible();
	await replay.idle();
	expect(Number(await replay.grid.getAttribute('aria-rowcount'))).toBeGreaterThanOrEqual(eventCount);
	await other.getByRole('slider', { name: 'Playhead' }).press('End');
	expect(await replay.readConversation()).toEqual(before);
});

test('a server that goes away in the middle is named, and the recording is closed and kept', async ({ page }) => {
	const host = await startTestHost();
	try {
		const earshot = new ConsolePage(page);
		await page.goto(host.url);
		await earshot.idle();
		await earshot.connect();
		await earshot.say('Hello');
		await earshot.waitForEvent('earshot.playback.started');
		await host.dispose();
		await expect(earshot.status).toHaveText(/^closed/);
		await expect(alert(page, 'Simulator went away')).toBeVisible();
		await expect(alert(page, 'What was recorded is in the library')).toBeVisible();
		await expect(page.getByRole('button', { name: 'Connect', exact: true })).toBeEnabled();
		await earshot.idle();
		expect(await earshot.count('earshot.connection.closed')).toBe(1);
		expect((await earshot.readConversation()).length).toBe(2);
	} finally {
		await host.dispose();
	}
});

test('messages that are no events are kept as they came, shown, and told', async ({ page }) => {
	const broken = ['this is { not JSON', '[1,2,3]', '{"no":"type"}', '<img src=x onerror="window.__hit=1">'];
	await page.routeWebSocket(/\/v1\/realtime/, (socket) => {
		const server = socket.connectToServer();
		server.onMessage((message) => {
			socket.send(message);
			if (String(message).includes('"session.updated"')) for (const text of broken) socket.send(text);
		});
	});
	const earshot = new ConsolePage(page);
	await earshot.open();
	await earshot.connect();
	await earshot.waitForEvent('(not', 2);
	await expect(page.getByText('The server sent a message that is no event')).toBeVisible();
	for (const text of broken) {
		await earshot.filter(text.slice(0, 6).trim().split(' ')[0] ?? '');
		await earshot.grid.locator('[role="row"]').first().click();
		await page.getByRole('button', { name: 'Raw', pressed: false }).click();
		await expect(page.getByLabel('The event’s text')).toHaveText(text);
		await page.getByRole('button', { name: 'Raw', pressed: true }).click();
	}
	expect(await page.evaluate(() => '__hit' in window)).toBe(false);
	// The session goes on.
	await earshot.say('Hello');
	await earshot.waitForEvent('response.done');
});

test('without IndexedDB everything works but keeping, and the page says so', async ({ page }) => {
	await page.addInitScript(() => Object.defineProperty(window, 'indexedDB', { value: undefined }));
	const earshot = new ConsolePage(page);
	await earshot.open();
	await expect(alert(page, 'Recordings cannot be kept')).toBeVisible();
	await earshot.connect();
	await earshot.say('Hello');
	await earshot.waitForEvent('earshot.playback.ended');
	expect((await earshot.readConversation()).length).toBe(2);
	await expect(page.getByText('REC', { exact: true })).toHaveCount(0);
});

test('a full store is told at once; the session goes on and nothing is lost on the page', async ({ page, context }) => {
	// Before anything is stored: Chromium looks at the room that is left only now and then.
	await page.goto('/icon.svg');
	const origin = new URL(page.url()).origin;
	const session = await context.newCDPSession(page);
	await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 120_000 });
	const earshot = new ConsolePage(page);
	await earshot.open();
	await earshot.connect();
	await earshot.say('Tell me something long, please');
	await expect(alert(page, 'storage is full')).toBeVisible();
	await earshot.waitForEvent('earshot.playback.ended');
	expect((await earshot.readConversation()).length).toBe(2);
	// Room again: what was kept in memory is stored, and nothing is missing.
	await session.send('Storage.overrideQuotaForOrigin', { origin });
	await expect(page.getByText('Recordings are kept again')).toBeVisible({ timeout: 60_000 });
	await earshot.filter('');
	const eventCount = Number(await earshot.grid.getAttribute('aria-rowcount'));
	await earshot.disconnect();
	await page.goto('/recordings');
	await expect(page.getByRole('main').getByRole('listitem')).toContainText(`${eventCount + 1} events`);
});

test('without AudioContext the session is held unheard, and the page says so', async ({ page }) => {
	await page.addInitScript(() => Object.defineProperty(window, 'AudioContext', { value: undefined }));
	const earshot = new ConsolePage(page);
	await earshot.open();
	await earshot.connect();
	await expect(alert(page, 'This browser gives no audio')).toBeVisible();
	await earshot.say('Hello');
	await earshot.waitForEvent('response.done');
	expect((await earshot.readConversation()).length).toBe(2);
	expect(await earshot.count('earshot.playback')).toBe(0);
});
