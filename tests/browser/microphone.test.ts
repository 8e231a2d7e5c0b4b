// The microphone: a WAV file as the fake device, permission refused, no device at all, push-to-talk.
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright/test';
import { chromiumLaunchOptions } from '../chromium.ts';
import { alert, ConsolePage } from './console-page.ts';
import { concatenate, silence, speak, wavFile } from './speech.ts';
import { expect, test } from './test.ts';

const FAKE_DEVICE = ['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'];

/** Runs `use` in a browser whose microphone is a file: the file is a launch flag, so each needs its own browser. */
async function withMicrophone(
	samples: Int16Array,
	baseURL: string,
	use: (page: Page, browser: Browser) => Promise<void>
): Promise<void> {
	const folder = await mkdtemp(path.join(tmpdir(), 'earshot-microphone-'));
	const file = path.join(folder, 'caller.wav');
	await writeFile(file, wavFile(samples));
	const args = [...FAKE_DEVICE, `--use-file-for-fake-audio-capture=${file}%noloop`];
	const browser = await chromium.launch(chromiumLaunchOptions(args));
	try {
		const context = await browser.newContext({ baseURL, permissions: ['microphone'] });
		await use(await context.newPage(), browser);
	} finally {
		await browser.close();
		await rm(folder, { recursive: true, force: true });
	}
}

test('what is said into the microphone is detected, answered and drawn', async ({ host }) => {
	const speech = await speak('Good evening. Do you have a table for two?');
	await withMicrophone(concatenate([silence(1), speech, silence(20)]), host.url, async (page) => {
		const earshot = new ConsolePage(page);
		await earshot.open();
		await earshot.connect();
		await page.getByRole('button', { name: 'Microphone' }).click();
		await expect(page.getByRole('button', { name: 'Microphone' })).toHaveAttribute('aria-pressed', 'true');
		await earshot.waitForEvent('input_audio_buffer.speech_stopped');
		await page.getByRole('button', { name: 'Microphone' }).click();
		await expect(page.getByRole('button', { name: 'Microphone' })).toHaveAttribute('aria-pressed', 'false');
		await earshot.waitForEvent('earshot.playback.ended');
		await earshot.idle();
		const started = await earshot.readEvent('input_audio_buffer.speech_started');
		const stopped = await earshot.readEvent('input_audio_buffer.speech_stopped');
		const spokenMs = speech.length / 24;
		const heardMs = Number(stopped['audio_end_ms']) - Number(started['audio_start_ms']);
		// The detected turn is the speech, 300 ms before and 500 ms of silence after it.
		expect(heardMs).toBeGreaterThan(spokenMs * 0.7);
		expect(heardMs).toBeLessThan(spokenMs + 1600);
		expect(await earshot.count('earshot.microphone')).toBe(2);
		const conversation = await earshot.readConversation();
		expect(conversation.map((line) => line.split(':')[0])).toEqual(['user', 'assistant']);
	});
});

test('without turn detection, letting go of the button ends the turn', async ({ host }) => {
	const speech = await speak('Is anybody there? I would like to order.');
	await withMicrophone(concatenate([speech, speech, speech, silence(30)]), host.url, async (page) => {
		const earshot = new ConsolePage(page);
		await earshot.open();
		await earshot.connect();
		await page.getByRole('tab', { name: 'Compose' }).click();
		await earshot.compose(
			'{"type":"session.update","session":{"type":"realtime","audio":{"input":{"turn_detection":null}}}}'
		);
		await page.getByRole('button', { name: 'Send event' }).click();
		await earshot.waitForEvent('session.updated', 2);

		const button = page.getByRole('button', { name: 'Hold to talk' });
		await earshot.filter('input_audio_buffer.append');
		await button.focus();
		await page.keyboard.down('Space');
		await expect(button).toHaveAttribute('aria-pressed', 'true');
		await expect.poll(async () => Number(await earshot.grid.getAttribute('aria-rowcount'))).toBeGreaterThan(20);
		await page.keyboard.up('Space');
		await earshot.waitForEvent('earshot.playback.ended');
		await earshot.idle();
		expect(await earshot.count('input_audio_buffer.speech_started')).toBe(0);
		expect(await earshot.count('input_audio_buffer.commit')).toBe(2); // commit and committed
	});
});

test('a microphone that is refused is explained, and typing goes on', async ({ host }) => {
	const browser = await chromium.launch(
		chromiumLaunchOptions(['--deny-permission-prompts', '--use-fake-device-for-media-stream'])
	);
	try {
		const page = await (await browser.newContext({ baseURL: host.url })).newPage();
		const earshot = new ConsolePage(page);
		await earshot.open();
		await earshot.connect();
		await page.getByRole('button', { name: 'Microphone' }).click();
		await expect(alert(page, 'The microphone was refused')).toBeVisible();
		await expect(alert(page, 'Allow it')).toBeVisible();
		await earshot.say('Then I will type');
		await earshot.waitForEvent('response.done');
		expect(await earshot.count('earshot.problem')).toBe(1);
	} finally {
		await browser.close();
	}
});

test('a machine without a microphone is told so', async ({ page }) => {
	const earshot = new ConsolePage(page);
	await page.context().grantPermissions(['microphone']);
	await earshot.open();
	await earshot.connect();
	await page.getByRole('button', { name: 'Microphone' }).click();
	await expect(alert(page, 'No microphone was found')).toBeVisible();
	await expect(page.getByRole('button', { name: 'Microphone' })).toHaveAttribute('aria-pressed', 'false');
});
