// The composer: variables, scripts, saved events, history, binary frames, images, and sending again what was recorded.
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright/test';
import { alert, ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

async function openComposer(page: Page): Promise<ConsolePage> {
	const earshot = new ConsolePage(page);
	await earshot.open();
	await earshot.connect();
	await showComposer(page);
	return earshot;
}

async function showComposer(page: Page): Promise<void> {
	await page.getByRole('tab', { name: 'Compose' }).click();
}

async function chooseKind(page: Page, kind: string): Promise<void> {
	await page.getByRole('combobox', { name: 'Kind of message' }).selectOption(kind);
}

async function insert(page: Page, what: 'Event' | 'Variable', name: string): Promise<void> {
	await page.getByRole('combobox', { name: `${what} to insert` }).selectOption(name);
}

/** The button's count says how many there are. */
function view(page: Page, name: 'Write' | 'Saved' | 'History') {
	return page.getByRole('group', { name: 'Composer', exact: true }).getByRole('button', { name });
}

test('every client event has a snippet that the editor’s schema finds nothing wrong with', async ({ page }) => {
	const earshot = new ConsolePage(page);
	await earshot.open();
	await showComposer(page);
	const names = await page.getByRole('combobox', { name: 'Event to insert' }).locator('option').allTextContents();
	const snippets = names.filter((name) => /^[a-z_.]+(,|$)/.test(name));
	expect(snippets.length).toBe(15);
	// Each check begins with a type that is none, whose mark goes with the next text.
	test.slow();
	for (const name of snippets) {
		await earshot.compose('{ "type": "nope" }');
		await expect(page.locator('.squiggly-warning').first()).toBeVisible();
		await insert(page, 'Event', name);
		await expect(page.locator('.monaco-editor')).toContainText(name.split(',')[0] ?? '');
		await expect(page.locator('.squiggly-warning')).toHaveCount(0);
	}
});

test('variables stand for values of the session: shown first, then sent', async ({ page }) => {
	const earshot = await openComposer(page);
	await insert(page, 'Event', 'conversation.item.retrieve');
	await expect(page.getByText('{{last.item_id}} has no value: the conversation has no item yet.')).toBeVisible();
	await page.getByRole('button', { name: 'Send event' }).click();
	await expect(alert(page, 'Not sent. {{last.item_id}} has no value')).toBeVisible();

	await earshot.compose(
		'{ "type": "conversation.item.create", "item": { "id": "mine", "type": "message", "role": "user", "content": [] } }'
	);
	await page.keyboard.press('ControlOrMeta+Enter');
	await earshot.waitForEvent('conversation.item.added');
	await earshot.compose('{ "type": "conversation.item.retrieve", "item_id": ');
	await insert(page, 'Variable', 'last.item_id: the last item of the conversation');
	await page.keyboard.insertText(' }');
	await expect(page.getByLabel('Text that will be sent')).toHaveText(
		'{ "type": "conversation.item.retrieve", "item_id": "mine" }'
	);
	await page.keyboard.press('ControlOrMeta+Enter');
	await earshot.waitForEvent('conversation.item.retrieved');
	expect(await earshot.readEvent('conversation.item.retrieve')).toEqual({
		type: 'conversation.item.retrieve',
		item_id: 'mine'
	});
});

test('a script is run step by step, and says where it failed', async ({ page }) => {
	const earshot = await openComposer(page);
	await chooseKind(page, 'Script');
	await page.getByRole('button', { name: 'Run script' }).click();
	const steps = page.getByRole('list', { name: 'Steps of the script' }).getByRole('listitem');
	await expect(page.getByText('Script done: 5 of 5 steps')).toBeVisible({ timeout: 20_000 });
	await expect(steps.nth(2)).toContainText('came as event');
	await earshot.waitForEvent('conversation.item.retrieved');

	await page.getByRole('textbox', { name: 'Script JSON' }).focus();
	await page.keyboard.press('ControlOrMeta+a');
	await page.keyboard.insertText('[{ "type": "nope" }, { "wait_for": "response.done", "timeout_ms": 300 }]');
	await page.keyboard.press('ControlOrMeta+Enter');
	await expect(page.getByText('Script failed: 1 of 2 steps')).toBeVisible();
	await expect(steps.nth(1)).toContainText('It did not come within 0.30 s. The server said:');

	await page.getByRole('textbox', { name: 'Script JSON' }).focus();
	await page.keyboard.press('ControlOrMeta+a');
	await page.keyboard.insertText('[{ "wait_ms": 600000 }]');
	await page.getByRole('button', { name: 'Run script' }).click();
	await page.getByRole('button', { name: 'Stop script' }).click();
	await expect(page.getByText('Script stopped: 0 of 1 steps')).toBeVisible();
	await page.getByRole('button', { name: 'Run script' }).click();
	await page.getByRole('button', { name: 'Disconnect' }).click();
	await expect(page.getByText('Script failed: 0 of 1 steps')).toBeVisible();
	await expect(steps.first()).toContainText('The connection ended.');
});

test('a binary frame is sent and recorded as one, and sent again from its recording', async ({ page }) => {
	const earshot = await openComposer(page);
	await chooseKind(page, 'Binary, hex');
	await page.getByRole('textbox', { name: 'Bytes in hex' }).fill('00 ff 3c');
	await page.keyboard.press('ControlOrMeta+Enter');
	await expect(page.getByText('Sent 3 bytes as a binary frame')).toBeVisible();
	expect(await earshot.readEvent('error')).toMatchObject({ error: { code: 'invalid_event' } });
	await earshot.filter('binary client');
	await earshot.grid.locator('[role="row"][data-from="client"]').last().click();
	await page.getByRole('button', { name: 'Edit and send again' }).click();
	await expect(page.getByRole('textbox', { name: 'Bytes in base64' })).toHaveValue('AP88');
	await page.getByRole('button', { name: 'Send frame' }).click();
	await earshot.waitForEvent('error', 2);
});

test('a recorded event is edited and sent again, from the session and from a replay', async ({ page }) => {
	const earshot = await openComposer(page);
	await earshot.compose('{"type":"input_audio_buffer.clear","event_id":"first"}');
	await page.getByRole('button', { name: 'Send event' }).click();
	await earshot.waitForEvent('input_audio_buffer.cleared');
	await earshot.readEvent('input_audio_buffer.cleared');
	await expect(page.getByRole('button', { name: 'Edit and send again' })).toBeHidden();
	await earshot.readEvent('input_audio_buffer.clear');
	await page.getByRole('button', { name: 'Edit and send again' }).click();
	await expect(page.locator('.monaco-editor')).toContainText('first');
	await page.getByRole('button', { name: 'Send event' }).click();
	await earshot.waitForEvent('input_audio_buffer.cleared', 2);
	await showComposer(page);
	await earshot.compose('{"mine":1}');
	await earshot.disconnect();

	await page.getByRole('link', { name: 'Replay' }).click();
	await page.getByRole('slider', { name: 'Playhead' }).waitFor();
	await earshot.readEvent('input_audio_buffer.clear');
	await page.getByRole('button', { name: 'Edit and send again' }).click();
	await expect(page.getByText("The event of this recording is in the live console's composer.")).toBeVisible();
	await page.getByRole('link', { name: 'Earshot' }).click();
	await showComposer(page);
	await expect(page.locator('.monaco-editor')).toContainText('input_audio_buffer.clear');
	await page.getByRole('button', { name: 'Bring it back' }).click();
	await expect(page.locator('.monaco-editor')).toContainText('"mine"');
});

test('events are saved, exported, deleted, imported, and what was sent is in the history after a reload', async ({
	page
}) => {
	const earshot = await openComposer(page);
	await insert(page, 'Event', 'response.cancel');
	await page.getByRole('button', { name: 'Send event' }).click();
	await view(page, 'Saved').click();
	await page.getByRole('textbox', { name: 'Name' }).fill('Stop it');
	await page.getByRole('textbox', { name: 'Note' }).fill('says no when nothing runs');
	await page.getByRole('button', { name: 'Save', exact: true }).click();
	const saved = page.getByRole('list', { name: 'Saved events' }).getByRole('listitem');
	await expect(saved).toContainText('says no when nothing runs');
	const downloading = page.waitForEvent('download');
	await page.getByRole('button', { name: 'Export events' }).click();
	const file = await readFile(await (await downloading).path(), 'utf8');
	expect(JSON.parse(file)).toMatchObject({ earshot_events: 1, events: [{ name: 'Stop it', kind: 'event' }] });

	await earshot.idle();
	await page.reload();
	await showComposer(page);
	await view(page, 'History').click();
	const sent = page.getByRole('list', { name: 'Sent from here, newest first' }).getByRole('listitem');
	await expect(sent).toContainText('response.cancel');
	await view(page, 'Saved').click();
	await page.getByRole('button', { name: 'Delete Stop it' }).click();
	await expect(saved).toHaveCount(0);
	await page.getByRole('button', { name: 'Undo' }).click();
	await expect(saved).toHaveCount(1);
	const renamed = file.replace('Stop it', 'Another');
	await page.getByLabel('Events file').setInputFiles({
		name: 'events.json',
		mimeType: 'application/json',
		buffer: Buffer.from(renamed)
	});
	await expect(page.getByText('1 event taken in.')).toBeVisible();
	await page.getByRole('button', { name: 'Edit Another' }).click();
	await expect(page.locator('.monaco-editor')).toContainText('response.cancel');
	await expect(view(page, 'Write')).toBeFocused();
});

test('a pasted image becomes part of a message that the model is shown', async ({ page }) => {
	const earshot = await openComposer(page);
	await expect(page.locator('.monaco-editor')).toBeVisible();
	await page.getByRole('textbox', { name: 'Event JSON' }).focus();
	await page.evaluate(async () => {
		const canvas = new OffscreenCanvas(3000, 40);
		canvas.getContext('2d');
		const data = new DataTransfer();
		data.items.add(new File([await canvas.convertToBlob()], 'wide.png', { type: 'image/png' }));
		const paste = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
		document.activeElement?.dispatchEvent(paste);
	});
	await expect(page.getByText(/wide\.png was 3000 × 40 px.* It goes as JPEG, 2048 × 27 px/)).toBeVisible();
	await page.getByRole('button', { name: 'Send event' }).click();
	await earshot.waitForEvent('conversation.item.added');
	expect(await earshot.readEvent('conversation.item.create')).toMatchObject({
		item: { content: [{ type: 'input_text' }, { type: 'input_image' }] }
	});
	expect(await earshot.count('error')).toBe(0);
});
