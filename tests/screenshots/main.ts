// Takes the pictures of the documents from a real session: `npm run screenshots`. A caller made by our own voice talks to
// the simulator, interrupts it, and the recording is opened at the interruption, in both themes.
import path from 'node:path';
import { mkdir } from 'node:fs/promises';
import { chromium, type Page } from 'playwright/test';
import { concatenate, silence, speak, wavFile } from '../browser/speech.ts';
import { ConsolePage } from '../browser/console-page.ts';
import { chromiumLaunchOptions, ensureChromium } from '../chromium.ts';
import { startTestHost } from '../host.ts';

const folder = path.resolve(import.meta.dirname, '../../docs/images');

await ensureChromium();
await mkdir(folder, { recursive: true });
const host = await startTestHost();
const browser = await chromium.launch(chromiumLaunchOptions());
try {
	const page = await browser.newPage({ baseURL: host.url, viewport: { width: 1440, height: 900 } });
	await holdConversation(page);
	for (const colorScheme of ['dark', 'light'] as const) {
		await page.emulateMedia({ colorScheme });
		await page.mouse.move(720, 880);
		await page.screenshot({ path: path.join(folder, `workbench-${colorScheme}.png`), animations: 'disabled' });
	}
	console.log(`Pictures written to ${path.relative(process.cwd(), folder)}/`);
} finally {
	await browser.close();
	await host.dispose();
}

async function holdConversation(page: Page): Promise<void> {
	const earshot = new ConsolePage(page);
	const question = await speak('Good evening. What do you have tonight?');
	const booking = await speak('Just a table for two, at half past seven.');
	await earshot.open();
	await earshot.connect();
	await earshot.speakFile('question.wav', wavFile(concatenate([silence(0.3), question])));
	await earshot.waitForEvent('earshot.playback.started');
	await earshot.speakFile('booking.wav', wavFile(concatenate([silence(2), booking])));
	await earshot.waitForEvent('earshot.playback.ended');
	await earshot.say('Thank you, that is all.');
	await earshot.waitForEvent('earshot.playback.ended', 2);
	await earshot.disconnect();
	await page.getByRole('link', { name: 'Replay' }).click();
	await page.getByRole('slider', { name: 'Playhead' }).waitFor();
	await earshot.idle();
	await page.getByRole('button', { name: 'Show all' }).click();
	await earshot.filter('-append -delta -position');
	await page.getByRole('button', { name: /^Interruption at/ }).click();
	await earshot.row('conversation.item.truncate').click();
	await page.getByRole('button', { name: 'Next turn' }).click();
	await page.getByRole('tab', { name: 'Session' }).click();
	await earshot.idle();
	await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
}
