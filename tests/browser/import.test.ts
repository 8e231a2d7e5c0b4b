// What arrives as a bug report: files of other tools, with secrets in them, damaged, huge in number of recordings, pasted,
// dropped anywhere, named in a link. And what leaves again.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page } from 'playwright/test';
import { alert, ConsolePage, dropFile } from './console-page.ts';
import { expect, test } from './test.ts';

const fixture = path.join(import.meta.dirname, '../fixtures/v1-barge-in.earshot.jsonl');
const KEY = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH';

const event = (type: string, more: object = {}) => JSON.stringify({ type, ...more });
const SESSION = { type: 'realtime', model: 'gpt-realtime', audio: { input: {}, output: {} } };

/** A HAR with two Realtime connections, a key in every place that this test can think of, and another socket. */
function har(): Buffer {
	const messages = [
		['receive', event('session.created', { event_id: 'event_1', session: SESSION })],
		[
			'send',
			event('session.update', { session: { tools: [{ type: 'mcp', authorization: KEY, server_url: 'https://x/' }] } })
		],
		[
			'receive',
			event('conversation.item.added', {
				item: {
					id: 'i1',
					type: 'message',
					role: 'user',
					content: [{ type: 'input_text', text: 'Where is my parcel?' }]
				}
			})
		]
	].map(([type, data], index) => ({ type, time: 1_795_000_000 + index / 10, opcode: 1, data }));
	const entry = (url: string, webSocketMessages: unknown) => ({
		_resourceType: 'websocket',
		startedDateTime: '2026-11-20T10:00:00.000Z',
		request: { url, method: 'GET', headers: [{ name: 'Authorization', value: `Bearer ${KEY}` }] },
		_webSocketMessages: webSocketMessages
	});
	const entries = [
		entry(`wss://api.openai.com/v1/realtime?model=gpt-realtime&api-key=${KEY}`, messages),
		entry('wss://api.openai.com/v1/realtime?model=gpt-realtime', messages),
		entry('wss://chat.example/socket', [{ type: 'send', time: 1_795_000_000, opcode: 1, data: 'ping' }])
	];
	return Buffer.from(JSON.stringify({ log: { version: '1.2', creator: { name: 'WebInspector' }, entries } }));
}

function rows(page: Page): Locator {
	return page.getByRole('main').getByRole('listitem');
}

async function take(page: Page, name: string, buffer: Buffer): Promise<void> {
	await page.getByLabel('Import file').setInputFiles({ name, mimeType: 'application/octet-stream', buffer });
	await new ConsolePage(page).idle();
}

async function saved(page: Page, click: Promise<void>): Promise<string> {
	const [download] = await Promise.all([page.waitForEvent('download'), click]);
	return readFile(await download.path(), 'latin1');
}

test('a HAR becomes a recording for each connection, without its secrets', async ({ page }) => {
	await page.goto('/recordings');
	await take(page, 'bug report.har', har());
	await expect(rows(page)).toHaveCount(2);
	const report = page.getByRole('region', { name: 'Reading bug report.har' });
	await expect(report).toContainText('Taken in: 2 recordings, 6 events.');
	await expect(report).toContainText('Taken out before it was kept: authorization (2)');
	await report.getByText('Left out: 1').click();
	await expect(report).toContainText('entry 3');
	await expect(page.locator('body')).not.toContainText(KEY);

	await rows(page).first().getByRole('link').click();
	const earshot = new ConsolePage(page);
	await earshot.row('session.update').click();
	await page.getByRole('button', { name: 'Raw' }).click();
	await expect(page.getByLabel('The event’s text')).toContainText('[redacted: authorization]');
	await page.goto('/recordings');
	const exported = await saved(page, rows(page).first().getByRole('button', { name: 'Export' }).click());
	expect(exported).not.toContain(KEY);
	expect(JSON.parse(exported.split('\n')[0]!)).toMatchObject({ source: 'Chrome HAR', redacted: ['authorization'] });
});

test('what was taken out can be kept after all', async ({ page }) => {
	await page.goto('/recordings');
	await take(page, 'whole.har', har());
	const report = page.getByRole('region', { name: 'Reading whole.har' });
	await report.getByText('Taken out before it was kept').click();
	await report.getByRole('button', { name: 'Keep them after all' }).click();
	await new ConsolePage(page).idle();
	await expect(rows(page)).toHaveCount(2);
	await rows(page).first().getByRole('link').click();
	await new ConsolePage(page).row('session.update').click();
	await expect(page.getByLabel('The event’s text')).toContainText(KEY);
});

test('text that is pasted is read, and found again by what was said in it', async ({ page, context }) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	await page.goto('/recordings');
	await expect(page.getByText('Nothing is recorded yet.')).toBeVisible();
	const text = [
		'received:',
		event('session.created', { event_id: 'e1', session: SESSION }),
		`and then ${event('conversation.item.added', { item: { id: 'i', type: 'message', role: 'user', content: [{ type: 'input_text', text: 'A table for two' }] } })}`
	].join('\n');
	await page.evaluate((value) => navigator.clipboard.writeText(value), text);
	await page.keyboard.press('Control+V');
	await expect(rows(page)).toHaveCount(1);
	await new ConsolePage(page).idle();
	await expect(rows(page)).toContainText('times not known');
	await page.getByLabel('Import file').setInputFiles(fixture);
	await expect(rows(page)).toHaveCount(2);
	await page.getByRole('searchbox', { name: 'Search recordings' }).fill('table two');
	await expect(rows(page)).toHaveCount(1);
	await expect(rows(page)).toContainText('A table for two');
	await page.getByRole('searchbox', { name: 'Search recordings' }).fill('');
	await expect(rows(page)).toHaveCount(2);
});

test('title, tags and note are kept, searched and sorted by', async ({ page }) => {
	await page.goto('/recordings');
	await page.getByLabel('Import file').setInputFiles(fixture);
	await page.getByLabel('Import file').setInputFiles(fixture);
	await expect(rows(page)).toHaveCount(2);
	const first = rows(page).first();
	await first.getByRole('button', { name: 'More' }).click();
	await first.getByRole('textbox', { name: 'Title' }).fill('A first take');
	await first.getByRole('textbox', { name: 'Tags' }).fill('keep, pizza');
	await first.getByRole('textbox', { name: 'Note' }).fill('The caller hangs up too early.');
	await first.getByRole('button', { name: 'Keep changes' }).click();
	await expect(page.getByRole('link', { name: 'A first take' })).toBeVisible();
	await page.reload();
	const named = rows(page).filter({ hasText: 'A first take' });
	await expect(named).toContainText('pizza');
	await expect(named).toContainText('hangs up too early');
	await page.getByRole('searchbox', { name: 'Search recordings' }).fill('PIZZA early');
	await expect(rows(page)).toHaveCount(1);
	await page.getByRole('searchbox', { name: 'Search recordings' }).fill('');
	await page.getByRole('button', { name: 'Title' }).click();
	await expect(rows(page).first()).toContainText('A first take');
	await page.getByRole('button', { name: 'Title' }).click();
	await expect(rows(page).last()).toContainText('A first take');
});

test('several are removed at once, and come back', async ({ page }) => {
	await page.goto('/recordings');
	for (let i = 0; i < 3; i++) await page.getByLabel('Import file').setInputFiles(fixture);
	await expect(rows(page)).toHaveCount(3);
	await page.getByRole('checkbox', { name: 'Choose all' }).check();
	await page.getByRole('button', { name: 'Remove 3' }).click();
	await expect(page.getByText('Nothing is recorded yet.')).toBeVisible();
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(rows(page)).toHaveCount(3);
});

test('a recording is saved in every format, with a look at what leaves', async ({ page }) => {
	await page.goto('/recordings');
	await page.getByLabel('Import file').setInputFiles(fixture);
	await expect(rows(page)).toHaveCount(1);
	const begins: [string, string | RegExp][] = [
		['Earshot recording .earshot.jsonl', '{"earshot":1'],
		['Earshot recording, zipped', 'PK'],
		['HAR', '{"log":{"version":"1.2"'],
		['Both voices', 'RIFF'],
		['The caller alone', 'RIFF'],
		['The model alone', 'RIFF'],
		['Transcript', '# '],
		['Table of turns', /^\u00ef\u00bb\u00bfturn,/]
	];
	for (const [name, begin] of begins) {
		await rows(page).getByRole('button', { name: 'More' }).click();
		await rows(page).getByRole('button', { name: 'Save as…' }).click();
		const dialog = page.getByRole('dialog');
		await dialog.getByRole('radio', { name }).check();
		await expect(dialog.getByRole('region', { name: 'What leaves' })).toContainText('leave this browser');
		const text = await saved(page, dialog.getByRole('button', { name: 'Save', exact: true }).click());
		expect(text.slice(0, 40)).toMatch(
			typeof begin === 'string' ? new RegExp(`^${begin.replace(/[{}["]/g, '\\$&')}`) : begin
		);
		await expect(dialog).toBeHidden();
		await rows(page).getByRole('button', { name: 'More' }).click();
	}
});

test('a zip of ours is taken in again with every byte', async ({ page }) => {
	await page.goto('/recordings');
	await page.getByLabel('Import file').setInputFiles(fixture);
	await expect(rows(page)).toHaveCount(1);
	await rows(page).getByRole('button', { name: 'More' }).click();
	await rows(page).getByRole('button', { name: 'Save as…' }).click();
	await page.getByRole('radio', { name: 'Earshot recording, zipped' }).check();
	const zip = await saved(page, page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click());
	await rows(page).getByRole('button', { name: 'Delete' }).click();
	await expect(rows(page)).toHaveCount(0);
	await take(page, 'whatever.bin', Buffer.from(zip, 'latin1'));
	await expect(rows(page)).toHaveCount(1);
	const exported = await saved(page, rows(page).getByRole('button', { name: 'Export' }).click());
	const original = await readFile(fixture, 'latin1');
	expect(exported.split('\n').slice(1)).toEqual(original.split('\n').slice(1));
});

test('several that are saved as one file are taken in again as several', async ({ page }) => {
	await page.goto('/recordings');
	for (let i = 0; i < 2; i++) await page.getByLabel('Import file').setInputFiles(fixture);
	await expect(rows(page)).toHaveCount(2);
	await page.getByRole('checkbox', { name: 'Choose all' }).check();
	await page.getByRole('button', { name: 'Save 2 as…' }).click();
	const zip = await saved(page, page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click());
	await take(page, 'several.bin', Buffer.from(zip, 'latin1'));
	await expect(rows(page)).toHaveCount(4);
	const exported = await saved(page, rows(page).first().getByRole('button', { name: 'Export' }).click());
	const original = await readFile(fixture, 'latin1');
	expect(exported.split('\n').slice(1)).toEqual(original.split('\n').slice(1));
});

test('a file that is dropped on the live console is read in the library', async ({ page }) => {
	await page.goto('/');
	await new ConsolePage(page).idle();
	const text = await readFile(fixture, 'utf8');
	await dropFile(page, 'main', 'dropped.earshot.jsonl', text);
	await expect(page).toHaveURL(/\/recordings$/);
	await expect(rows(page)).toHaveCount(1);
});

test('a link opens a file of the same address, and of no other', async ({ page }) => {
	await page.goto('/recordings?src=/demos/clean-turn.earshot.jsonl');
	await expect(page.getByRole('slider', { name: 'Playhead' })).toBeVisible();
	await expect(page.getByRole('heading', { name: /A clean turn/ })).toBeVisible();
	const asked: string[] = [];
	page.on('request', (request) => asked.push(request.url()));
	await page.goto('/recordings?src=https://example.com/stolen.har');
	await expect(alert(page, 'same address')).toBeVisible();
	expect(asked.filter((url) => url.includes('example.com') && !url.includes('/recordings?'))).toEqual([]);
});

test('the demos are offered to whoever has nothing yet', async ({ page }) => {
	await page.goto('/recordings');
	await page.getByRole('button', { name: 'Take all' }).click();
	await expect(rows(page)).toHaveCount(6);
	await page.getByRole('link', { name: /Barge-in/ }).click();
	await expect(page.getByRole('button', { name: /^Interruption at/ })).toHaveCount(1);
});

test('an audio file is taken in as one of the two voices', async ({ page }) => {
	await page.goto('/recordings');
	const demo = await readFile(path.join(import.meta.dirname, '../fixtures/v1-barge-in.earshot.jsonl'), 'utf8');
	expect(demo).not.toBe('');
	const { speak, wavFile } = await import('./speech.ts');
	const wav = wavFile(await speak('Good evening. I would like to order.'));
	await page.getByLabel('Import file').setInputFiles({ name: 'caller.dat', mimeType: 'audio/wav', buffer: wav });
	await page.getByRole('button', { name: 'The caller’s' }).click();
	await expect(rows(page)).toHaveCount(1);
	await expect(rows(page)).toContainText('from Audio');
	await rows(page).getByRole('link').click();
	await expect(new ConsolePage(page).row('earshot.audio').first()).toBeVisible();
});

const HOSTILE: [string, Buffer][] = [
	['nothing.har', Buffer.alloc(0)],
	['noise.bin', Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919 + (i >> 3)) & 255))],
	['deep.json', Buffer.from('['.repeat(200_000))],
	['cut.har', har().subarray(0, 60)],
	['cut.zip', Buffer.from('PK\x03\x04 this was a zip', 'latin1')]
];

for (const [name, buffer] of HOSTILE) {
	test(`a file that is none ends in a message: ${name}`, async ({ page }) => {
		await page.goto('/recordings');
		await take(page, name, buffer);
		await expect(alert(page, name)).toBeVisible();
		await expect(rows(page)).toHaveCount(0);
	});
}

test('HTML and script in every string is text', async ({ page }) => {
	const evil = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>';
	const lines = [
		event('session.created', { event_id: evil, session: { ...SESSION, model: evil, instructions: evil } }),
		event('conversation.item.added', {
			item: { id: evil, type: 'message', role: 'user', content: [{ type: 'input_text', text: evil }] }
		}),
		event('error', { error: { message: evil, code: evil } }),
		event(evil, { event_id: 'x', __proto__: { polluted: true } }),
		'{"type":"session.update","__proto__":{"polluted":1},"session":{"constructor":{"prototype":{"polluted":1}}}}'
	];
	await page.goto('/recordings');
	await take(page, `${evil.replaceAll('/', '')}.log`, Buffer.from(lines.join('\n')));
	await expect(rows(page)).toHaveCount(1);
	await rows(page).getByRole('link').click();
	await expect(page.getByRole('slider', { name: 'Playhead' })).toBeVisible();
	await new ConsolePage(page).idle();
	await page.getByRole('slider', { name: 'Playhead' }).press('End');
	await new ConsolePage(page).idle();
	const state = await page.evaluate(() => [(window as { hit?: number }).hit, ({} as { polluted?: unknown }).polluted]);
	expect(state).toEqual([undefined, undefined]);
});
