// The tab Event as a person uses it: kin, tree, code, difference. Against the real simulator.
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

/** A red picture of 2 by 2 points. */
const RED_PNG =
	'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==';

const heading = (page: Page, type: string) => page.getByRole('heading', { name: type, exact: true });
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const member = (page: Page, name: RegExp) => page.getByRole('treeitem', { name });

/** A session in which the caller typed something and was answered. */
async function talk(page: Page): Promise<ConsolePage> {
	const earshot = new ConsolePage(page);
	await earshot.talk('What do you have tonight?');
	return earshot;
}

async function send(earshot: ConsolePage, event: object): Promise<void> {
	await earshot.page.getByRole('tab', { name: 'Compose' }).click();
	await earshot.compose(JSON.stringify(event));
	await button(earshot.page, 'Send event').click();
}

/** A recording of these client events, opened in replay. */
async function replay(page: Page, events: readonly object[]): Promise<ConsolePage> {
	const header = {
		...{ earshot: 1, id: 'inspected', startedAt: '2026-01-02T03:04:05.000Z', title: 'Inspected' },
		...{ endpoint: 'Simulator', transport: 'WebSocket', model: 'gpt-realtime', redacted: [] }
	};
	const lines = events.map((event, seq) => ({ seq, at: seq * 100, from: 'client', event }));
	const text = [header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
	await page.goto('/recordings');
	const file = { name: 'inspected.earshot.jsonl', mimeType: 'application/octet-stream', buffer: Buffer.from(text) };
	await page.getByLabel('Import file').setInputFiles(file);
	await page.getByRole('main').getByRole('link', { name: 'Inspected' }).click();
	const earshot = new ConsolePage(page);
	await expect(earshot.grid).toHaveAttribute('aria-rowcount', String(events.length));
	return earshot;
}

async function select(earshot: ConsolePage, type: string): Promise<void> {
	await earshot.filter(type);
	await earshot.row(type).last().click();
	await expect(heading(earshot.page, type)).toBeVisible();
	await earshot.idle();
}

test('from an event to its cause, to what it led to, and through its response', async ({ page }) => {
	const earshot = await talk(page);
	await select(earshot, 'response.output_audio.delta');
	await button(page, 'Go to cause').click();
	await expect(heading(page, 'response.created')).toBeVisible();
	await button(page, 'Go to cause').click();
	await expect(heading(page, 'response.create')).toBeVisible();
	await expect(button(page, 'Go to cause')).toBeDisabled();
	const kin = page.getByRole('region', { name: 'Kin of the event' });
	await expect(kin).toContainText('by order');
	await button(page, 'Go to effect').click();
	await expect(heading(page, 'response.created')).toBeVisible();

	await kin.getByRole('link', { name: /^last event of the same response/ }).click();
	await expect(heading(page, 'response.done')).toBeVisible();
	const counted = await kin
		.getByText(/events: /)
		.last()
		.textContent();
	const id = (await earshot.readEvent('response.done'))['response'] as { id: string };
	expect(id.id).toMatch(/^resp_/);
	expect(Number(/([\d,]+) events/.exec(counted ?? '')?.[1])).toBeGreaterThan(10);

	await select(earshot, 'session.created');
	await expect(page.getByText('Event before')).toBeVisible();
	await select(earshot, 'response.done');
	await expect(page.getByText(/^Turn \d+$/)).toBeVisible();
});

test('an error names the event that it refuses', async ({ page }) => {
	const earshot = await talk(page);
	await send(earshot, { type: 'response.cancel', event_id: 'event_mine' });
	await earshot.waitForEvent('error');
	await select(earshot, 'error');
	await button(page, 'Go to cause').click();
	await expect(heading(page, 'response.cancel')).toBeVisible();
	await expect(page.getByLabel('The event’s text')).toContainText('event_mine');
	await page.getByRole('link', { name: /^\d+ error$/ }).click();
	await expect(heading(page, 'error')).toBeVisible();
});

test('the tree: keys, long text, an image, unknown fields, the jq path', async ({ page, context }) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const text = `A long text. ${'It goes on. '.repeat(30)}`;
	const event = {
		type: 'conversation.item.create',
		colour: 'red',
		item: {
			...{ type: 'message', role: 'user' },
			content: [
				{ type: 'input_text', text },
				{ type: 'input_image', image_url: RED_PNG }
			]
		}
	};
	const earshot = await replay(page, [{ type: 'response.create' }, event]);
	await select(earshot, 'conversation.item.create');
	await button(page, 'Tree').click();
	await expect(member(page, /^colour: "red" unknown field$/)).toBeVisible();
	await expect(page.getByText('unknown field')).toHaveCount(1);
	await expect(page.getByRole('img', { name: 'What image_url holds' })).toBeVisible();

	const first = page.getByRole('treeitem').first();
	await first.focus();
	await page.keyboard.press('End');
	await expect(member(page, /image_url/)).toBeFocused();
	await page.keyboard.press('ArrowLeft');
	await expect(page.getByRole('img', { name: 'What image_url holds' })).toBeHidden();
	await page.keyboard.press('ArrowLeft');
	await expect(member(page, /1: \{ 2 members \}/)).toBeFocused();
	await expect(page.getByText('.item.content[1]', { exact: true })).toBeVisible();
	await page.keyboard.press('ArrowLeft');
	await expect(member(page, /image_url/)).toHaveCount(0);
	await page.keyboard.press('ArrowUp');
	await page.keyboard.press('Enter');
	await expect(member(page, /373 characters A long text/)).toBeFocused();
	await expect(member(page, /A long text/)).toHaveAttribute('aria-expanded', 'true');
	await expect(member(page, /A long text/)).toHaveAttribute('aria-level', '4');
	await page.keyboard.press('Space');
	await expect(member(page, /A long text/)).toHaveAttribute('aria-expanded', 'false');
	await button(page, 'jq path').click();
	expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('.item.content[0].text');

	await member(page, /^item: /).click();
	await expect(member(page, /^item: /)).toHaveAttribute('aria-expanded', 'false');
	await expect(page.getByRole('treeitem')).toHaveCount(3);
});

test('the audio of an event is drawn, told in seconds and played', async ({ page }) => {
	const tone = Int16Array.from({ length: 20 * 24_000 }, (_, index) => 3000 * Math.sin(index / 10));
	const audio = Buffer.from(tone.buffer).toString('base64');
	const earshot = await replay(page, [{ type: 'response.create' }, { type: 'input_audio_buffer.append', audio }]);
	await select(earshot, 'input_audio_buffer.append');
	await button(page, 'Tree').click();
	const appended = member(page, /^audio: /);
	await expect(appended).toContainText(/20\.00 s\s*pcm16, 960 kB/);
	await expect(appended.getByRole('img', { name: 'Waveform' })).toBeVisible();
	await appended.getByRole('button', { name: 'Play this audio' }).click();
	await appended.getByRole('button', { name: 'Stop this audio' }).click();
	await expect(appended.getByRole('button', { name: 'Play this audio' })).toBeVisible();
});

test('code that sends an event again, for several libraries', async ({ page, context }) => {
	await context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const earshot = await talk(page);
	await select(earshot, 'response.created');
	await expect(button(page, 'Code')).toBeDisabled();
	await select(earshot, 'conversation.item.create');
	await button(page, 'Code').click();
	const code = page.getByLabel('Code that sends this event');
	await expect(code).toContainText("from 'openai/realtime/ws'");
	await expect(code).toContainText('What do you have tonight?');
	for (const [language, word] of [
		['openai-python', 'connection.send({'],
		['websocat', "printf '%s"],
		['agents-sdk', 'session.transport.sendEvent({']
	] as const) {
		await page.getByRole('combobox', { name: 'Language' }).selectOption(language);
		await expect(code).toContainText(word);
	}
	await page.getByRole('combobox', { name: 'Sent to' }).selectOption('simulator');
	await expect(code).toContainText(`${new URL(page.url()).host}/v1/realtime`);
	await button(page, 'Copy').click();
	expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await code.textContent());
});

test('two events are compared', async ({ page }) => {
	const earshot = await talk(page);
	await select(earshot, 'conversation.item.added');
	await button(page, 'Compare with…').click();
	await expect(page.getByText('Choose another event')).toBeVisible();
	await select(earshot, 'conversation.item.done');
	const difference = page.getByRole('group', { name: 'Difference of the events' });
	await expect(difference.locator('del').filter({ hasText: 'conversation.item.added' })).toHaveCount(1);
	await expect(difference.locator('ins').filter({ hasText: 'conversation.item.done' })).toHaveCount(1);
	await button(page, 'Compare with…').click();
	await expect(page.getByLabel('The event’s text')).toContainText('conversation.item.done');
});

for (const colorScheme of ['dark', 'light'] as const) {
	test(`axe finds nothing in any of its looks, ${colorScheme}`, async ({ page }) => {
		await page.emulateMedia({ colorScheme });
		const part = { type: 'input_image', image_url: RED_PNG, colour: 'red' };
		const earshot = await replay(page, [
			{ type: 'session.hologram', depth: 3 },
			{ type: 'input_audio_buffer.append', audio: Buffer.alloc(4800, 7).toString('base64') },
			{ type: 'conversation.item.create', item: { type: 'message', role: 'user', call_id: 'c', content: [part] } },
			{ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: 'c', output: '{}' } }
		]);
		const expectNothing = async (what: string) => {
			await earshot.idle();
			const { violations } = await new AxeBuilder({ page }).include('.tab-panels').analyze();
			const found = violations.map(
				({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(' | ')}`
			);
			expect(found, what).toEqual([]);
		};
		await select(earshot, 'session.hologram');
		await expect(page.getByText('unknown event')).toBeVisible();
		await expectNothing('an unknown event');
		await button(page, 'Tree').click();
		await select(earshot, 'input_audio_buffer.append');
		await expectNothing('audio in the tree');
		await select(earshot, 'conversation.item.create');
		await expect(page.getByRole('treeitem').first()).toBeVisible();
		await expectNothing('a tree with kin');
		await button(page, 'Code').click();
		await expectNothing('code');
		await button(page, 'Compare with…').click();
		await select(earshot, 'input_audio_buffer.append');
		await expect(page.getByRole('group', { name: 'Difference of the events' })).toBeVisible();
		await expectNothing('a difference');
	});
}
