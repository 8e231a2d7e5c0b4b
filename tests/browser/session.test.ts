// The session editor beyond its JSON: fields, what did not take, sessions of the retired beta, history.
import type { Locator, Page } from 'playwright/test';
import { alert, ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

function differences(page: Page): Locator {
	return page.getByRole('region', { name: 'Requested against effective' });
}

/** The session editor's JSON, read where it is kept. */
async function draft(page: Page): Promise<string> {
	return page.evaluate(
		() => (JSON.parse(localStorage.getItem('earshot.drafts') ?? '{}') as { session: string }).session
	);
}

async function openSession(page: Page): Promise<ConsolePage> {
	const earshot = new ConsolePage(page);
	await earshot.open();
	await page.getByRole('tab', { name: 'Session' }).click();
	return earshot;
}

test('fields and JSON write each other, and what has no field stays as it is spelled', async ({ page }) => {
	const earshot = await openSession(page);
	const text = '{ "x_vendor": 1.0, "type": "realtime",\n  "audio": {\n    "output": { "voice":  "marin" } } }';
	await earshot.write('Session', text);
	const written = await draft(page);
	expect(written).toContain('"voice":  "marin" } } }');
	await page.getByRole('button', { name: 'Fields', exact: true }).click();
	const fields = page.getByRole('group', { name: 'Session fields' });
	await expect(fields.getByLabel('Voice', { exact: true }).locator('option:checked')).toHaveText('marin');

	await fields.getByLabel('Voice', { exact: true }).selectOption('cedar');
	await fields.getByLabel('Speed').fill('1.25');
	await fields.getByLabel('Speed').press('Tab');
	expect(await draft(page)).toBe(written.replace('"marin"', '"cedar", "speed": 1.25'));

	await fields.getByLabel('Turn detection').selectOption({ label: 'semantic_vad: meaning' });
	await fields.getByLabel('Eagerness').selectOption('high');
	await fields.getByLabel('no limit').check();
	await fields.getByLabel('Speed').fill('7');
	await fields.getByLabel('Speed').press('Tab');
	await expect(fields.getByText('The schema says 0.25 to 1.5')).toBeVisible();
	expect(JSON.parse(await draft(page))).toMatchObject({
		x_vendor: 1,
		max_output_tokens: 'inf',
		audio: { input: { turn_detection: { type: 'semantic_vad', eagerness: 'high' } }, output: { speed: 7 } }
	});
	await page.reload();
	await expect(fields.getByLabel('Voice', { exact: true }).locator('option:checked')).toHaveText('cedar');

	await page.getByRole('button', { name: 'JSON', exact: true }).click();
	await expect(page.locator('.monaco-editor')).toContainText('semantic_vad');
	await earshot.write('Session', '{ "type": ');
	await page.getByRole('button', { name: 'Fields', exact: true }).click();
	await expect(alert(page, 'cannot be read')).toContainText('end of JSON');
	await page.getByRole('button', { name: 'Correct it in the JSON' }).click();
	await expect(page.getByRole('textbox', { name: 'Session JSON' })).toBeVisible();
});

test('what took, what was refused and why stands under the editor, live and in replay', async ({ page }) => {
	const earshot = await openSession(page);
	await earshot.connect();
	await expect(differences(page).getByRole('status')).toHaveText('In force as it was asked for');

	await page.getByRole('tab', { name: 'Session' }).click();
	await earshot.write(
		'Session',
		'{ "type": "realtime", "instructions": "New.", "audio": { "output": { "voice": "cedar", "speed": 9 } } }'
	);
	await page.getByRole('button', { name: 'Apply session' }).click();
	await expect(differences(page).getByRole('status')).toHaveText(/^Refused: nothing of it is in force/);
	const rows = differences(page).getByRole('listitem');
	await expect(rows.first()).toContainText('audio.output.speed asked for 9, still 1.');
	await expect(rows.filter({ hasText: 'instructions' })).toContainText('whole or not at all');

	await earshot.write('Session', '{ "type": "realtime", "model": "gpt-realtime-2.1" }');
	await page.getByRole('button', { name: 'Apply session' }).click();
	await expect(rows.first()).toContainText('The model is fixed when the session is opened');

	await earshot.say('Hello');
	await earshot.waitForEvent('response.done');
	await earshot.idle();
	await page.getByRole('tab', { name: 'Session' }).click();
	await earshot.write('Session', '{ "type": "realtime", "audio": { "output": { "voice": "cedar" } } }');
	await page.getByRole('button', { name: 'Apply session' }).click();
	await expect(rows.first()).toContainText('audio.output.voice asked for cedar, still marin.');
	await expect(rows.first()).toContainText('locked once the model has spoken');

	await earshot.disconnect();
	await page.getByRole('link', { name: 'Replay' }).click();
	await earshot.idle();
	await page.getByRole('slider', { name: 'Playhead' }).press('End');
	await page.getByRole('tab', { name: 'Session' }).click();
	await expect(rows.first()).toContainText('audio.output.voice asked for cedar, still marin.');
});

test('a session of the beta is rewritten on one click, each change listed, and the click can be undone', async ({
	page
}) => {
	const earshot = await openSession(page);
	const beta =
		'{\n  "modalities": ["text", "audio"],\n  "voice": "ash",\n  "instructions": "Caf\\u00e9.",\n  "temperature": 0.8,\n  "turn_detection": null\n}';
	await earshot.write('Session', beta);
	const written = await draft(page);
	const offer = page.getByRole('region', { name: 'Rewrite' });
	await expect(offer).toContainText('retired beta');
	await offer.getByText('5 changes').click();
	await expect(offer).toContainText('temperature is dropped. GA has no temperature: it was removed.');

	await page.getByRole('button', { name: 'Rewrite as GA' }).click();
	await expect(offer).toBeHidden();
	await expect(page.getByRole('region', { name: 'What was done to the draft' })).toContainText(
		'voice becomes audio.output.voice'
	);
	expect(await draft(page)).toContain('"Caf\\u00e9."');
	expect(JSON.parse(await draft(page))).toEqual({
		type: 'realtime',
		output_modalities: ['audio'],
		instructions: 'Café.',
		audio: { output: { voice: 'ash' }, input: { turn_detection: null } }
	});
	await page.getByRole('button', { name: 'Undo' }).click();
	expect(await draft(page)).toBe(written);
	await page.getByRole('button', { name: 'Rewrite as GA' }).click();
	await page.getByRole('button', { name: 'Connect', exact: true }).click();
	await earshot.waitForEvent('session.updated');
	expect(await earshot.readEvent('session.updated')).toMatchObject({
		session: { audio: { output: { voice: 'ash' } } }
	});
});

test('only what changed is sent when that is chosen, and the event is seen before', async ({ page }) => {
	const earshot = await openSession(page);
	await earshot.connect();
	await page.getByRole('tab', { name: 'Session' }).click();
	await page.getByRole('combobox', { name: 'What is sent' }).selectOption('Send only changes');
	await page.getByRole('button', { name: 'See the event' }).click();
	const event = page.getByLabel('The event that will be sent');
	await expect(page.getByText('There is nothing to send')).toBeVisible();
	await page.getByRole('button', { name: 'Fields', exact: true }).click();
	await page.getByLabel('Speed').fill('1.1');
	await page.getByLabel('Speed').press('Tab');
	await expect(event).toContainText('"speed": 1.1');
	const shown: unknown = JSON.parse((await event.textContent()) ?? '');
	expect(shown).toMatchObject({ session: { type: 'realtime', audio: { output: { speed: 1.1 } } } });

	await page.getByRole('button', { name: 'Apply session' }).click();
	await earshot.waitForEvent('session.updated', 2);
	await earshot.filter('session.update -updated');
	await earshot.row('session.update').last().click();
	const sent: unknown = JSON.parse((await page.getByLabel('The event’s text').textContent()) ?? '');
	expect(sent).toEqual(shown);
	expect(sent).not.toHaveProperty('session.instructions');

	await page.reload();
	await page.getByRole('tab', { name: 'Session' }).click();
	await expect(page.getByRole('combobox', { name: 'What is sent' })).toHaveValue('changes');
});

test('what was applied is in the history with its difference, outlives a reload and can be restored', async ({
	page
}) => {
	const earshot = await openSession(page);
	await earshot.connect();
	await page.getByRole('tab', { name: 'Session' }).click();
	await earshot.write('Session', '{ "type": "realtime", "audio": { "output": { "voice": "cedar" } } }');
	await page.getByRole('button', { name: 'Apply session' }).click();
	await earshot.waitForEvent('session.updated', 2);
	await page.reload();
	await page.getByRole('tab', { name: 'Session' }).click();
	await page.getByRole('button', { name: 'History' }).click();
	const rows = page.getByRole('list', { name: 'Applied sessions' }).locator('> li');
	await expect(rows).toHaveCount(2);
	await expect(rows.first()).toContainText('Simulator, gpt-realtime');
	await expect(rows.first()).toContainText(/audio\.output\.voice marin\s*cedar/);
	await rows
		.last()
		.getByRole('button', { name: /^Restore/ })
		.click();
	await expect(page.getByRole('dialog')).toBeHidden();
	expect(await draft(page)).toContain('You answer the phone of a small restaurant.');
	await expect(page.getByText(/^Restored: the session of/)).toBeVisible();
});
