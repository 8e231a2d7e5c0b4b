// A conversation from end to end against the real simulator: typed, spoken, interrupted, recorded, replayed.
import { concatenate, silence, speak, wavFile } from './speech.ts';
import { ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

const QUESTION = 'Good evening. Do you have a table for two at half past seven?';

test('a typed message is answered with a voice, and everything is on record', async ({ page }) => {
	const earshot = new ConsolePage(page);
	await earshot.talk('What do you have tonight?');

	const conversation = await earshot.readConversation();
	expect(conversation).toHaveLength(2);
	expect(conversation[0]).toBe('user: What do you have tonight?');
	expect(conversation[1]).toMatch(/^assistant: .*What do you have tonight\?/);

	const done = await earshot.readEvent('response.done');
	expect(done).toMatchObject({ response: { status: 'completed' } });
	const ended = await earshot.readEvent('earshot.playback.ended');
	const audio = await earshot.count('response.output_audio.delta');
	expect(audio).toBeGreaterThan(8);
	expect(Number(ended['played_samples'])).toBeGreaterThan(2 * 24_000);
	for (const type of ['earshot.connection.opened', 'session.created', 'conversation.item.create', 'response.created']) {
		await earshot.filter(type);
		await expect(earshot.row(type)).toHaveCount(1);
	}
});

test('an audio file is heard as the caller, and an answer that is spoken over stops and is truncated', async ({
	page
}) => {
	const speech = await speak(QUESTION);
	const earshot = new ConsolePage(page);
	await earshot.open();
	await earshot.connect();
	await earshot.speakFile('question.wav', wavFile(concatenate([silence(0.4), speech])));
	await earshot.waitForEvent('earshot.playback.started');
	await earshot.speakFile('again.wav', wavFile(concatenate([silence(1), speech])));
	await earshot.waitForEvent('conversation.item.truncated');
	await earshot.waitForEvent('earshot.playback.ended');
	await earshot.idle();

	const stopped = await earshot.readEvent('earshot.playback.stopped');
	const truncate = await earshot.readEvent('conversation.item.truncate');
	const truncated = await earshot.readEvent('conversation.item.truncated');
	const playedSamples = Number(stopped['played_samples']);
	expect(playedSamples).toBeGreaterThan(0);
	expect(stopped).toMatchObject({ reason: 'caller_speech', item_id: truncate['item_id'] });
	expect(truncate['audio_end_ms']).toBe(Math.floor(playedSamples / 24));
	expect(truncated['audio_end_ms']).toBe(truncate['audio_end_ms']);

	const markers = await earshot.readMarkers();
	expect(markers).toHaveLength(1);
	expect(markers[0]).toMatch(/^Interruption at \d+:\d\d\.\d{3} heard \d+\.\d\d of \d+\.\d\d s, silent after \d+ ms$/);
	expect(markers[0]).toContain(`heard ${(playedSamples / 24_000).toFixed(2)} of`);
	await expect(earshot.conversation.getByText('interrupted')).toBeVisible();
	expect(await earshot.count('input_audio_buffer.speech_started')).toBe(2);
});

test('a recording is in the library, and its replay shows what was shown live', async ({ page }) => {
	const speech = await speak(QUESTION);
	const earshot = new ConsolePage(page);
	await earshot.open();
	await earshot.connect();
	await earshot.say('Hello');
	await earshot.waitForEvent('earshot.playback.ended');
	await earshot.idle();
	await earshot.filter('');
	const midCount = Number(await earshot.grid.getAttribute('aria-rowcount'));
	const midConversation = await earshot.readConversation();
	await earshot.speakFile('question.wav', wavFile(speech));
	await earshot.waitForEvent('earshot.playback.started', 2);
	await earshot.say('Stop, please');
	await earshot.waitForEvent('earshot.playback.ended', 2);
	await earshot.idle();
	await earshot.disconnect();
	await earshot.filter('');
	const total = Number(await earshot.grid.getAttribute('aria-rowcount'));
	const live = { conversation: await earshot.readConversation(), markers: await earshot.readMarkers() };
	expect(live.markers).toHaveLength(1);

	await page.getByRole('link', { name: 'Recordings', exact: true }).first().click();
	const link = page.getByRole('main').getByRole('listitem').getByRole('link').first();
	const title = await link.textContent();
	await link.click();
	await expect(page.getByRole('heading', { level: 1, name: title ?? '' })).toBeVisible();
	await earshot.idle();
	const replayId = page.url().split('/').at(-1);

	expect(Number(await earshot.grid.getAttribute('aria-rowcount'))).toBe(total);
	expect(await earshot.readMarkers()).toEqual(live.markers);
	const playhead = page.getByRole('slider', { name: 'Playhead' });
	await expect(playhead).toHaveAttribute('aria-valuenow', '0');
	await playhead.press('End');
	expect(await earshot.readConversation()).toEqual(live.conversation);

	// The moment after the first answer, by its event: the same as it was live.
	await page.goto(`/recordings/${replayId}#seq=${midCount - 1}`);
	await page.reload();
	await earshot.idle();
	expect(await earshot.readConversation()).toEqual(midConversation);
});

test('the replay plays, pauses, steps and changes its speed', async ({ page }) => {
	const earshot = new ConsolePage(page);
	await earshot.open();
	await earshot.connect();
	await earshot.say('Hello');
	await earshot.waitForEvent('earshot.playback.ended');
	await earshot.say('And again');
	await earshot.waitForEvent('earshot.playback.ended', 2);
	await earshot.disconnect();
	await page.getByRole('link', { name: 'Replay' }).click();
	const playhead = page.getByRole('slider', { name: 'Playhead' });
	const now = async () => Number(await playhead.getAttribute('aria-valuenow'));
	await expect(playhead).toBeVisible();

	await page.getByRole('combobox', { name: 'Speed' }).selectOption('4');
	await page.getByRole('button', { name: 'Play', exact: true }).click();
	await expect.poll(now).toBeGreaterThan(500);
	await page.getByRole('button', { name: 'Pause' }).click();
	const paused = await now();
	await page.getByRole('button', { name: 'Next event' }).click();
	const next = await now();
	expect(next).toBeGreaterThanOrEqual(paused);
	await page.getByRole('button', { name: 'Previous event' }).click();
	expect(await now()).toBeLessThanOrEqual(next);
	await page.getByRole('button', { name: 'Next turn' }).click();
	await page.getByRole('button', { name: 'Previous turn' }).click();

	await playhead.press('Home');
	await page.locator('body').press('Space');
	await expect.poll(now).toBeGreaterThan(100);
	await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
	await page.locator('body').press('Space');
	await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible();

	// To its end, four times as fast, with sound in the places that the recording says.
	await page.getByRole('button', { name: 'Play', exact: true }).click();
	await expect(page.getByRole('button', { name: 'Play', exact: true })).toBeVisible({ timeout: 20_000 });
	expect(await now()).toBe(Number(await playhead.getAttribute('aria-valuemax')));
});
