// The console as a person uses it: by roles and accessible names only. Waits are on what the page says, never on time.
import type { Locator, Page } from 'playwright/test';
import { expect } from './test.ts';

/** A message with these words. Monaco keeps empty alerts of its own in the page. */
export function alert(page: Page, text: string): Locator {
	return page.getByRole('alert').filter({ hasText: text });
}

/** Drops a file with this text on an element. */
export async function dropFile(page: Page, selector: string, name: string, text: string): Promise<void> {
	const dataTransfer = await page.evaluateHandle(
		([fileName, content]) => {
			const data = new DataTransfer();
			data.items.add(new File([content], fileName));
			return data;
		},
		[name, text] as const
	);
	await page.dispatchEvent(selector, 'dragover', { dataTransfer });
	await page.dispatchEvent(selector, 'drop', { dataTransfer });
}

export class ConsolePage {
	readonly page: Page;
	readonly status: Locator;
	readonly events: Locator;
	readonly grid: Locator;
	readonly conversation: Locator;
	readonly waveforms: Locator;
	readonly message: Locator;

	constructor(page: Page) {
		this.page = page;
		this.status = page.getByRole('status', { name: 'Connection' });
		this.events = page.getByRole('region', { name: 'Events' });
		this.grid = this.events.getByRole('grid');
		this.conversation = page.getByRole('region', { name: 'Conversation' });
		this.waveforms = page.getByRole('region', { name: 'Waveforms' });
		this.message = page.getByRole('textbox', { name: 'Message' });
	}

	async open(): Promise<void> {
		await this.page.goto('/');
		await this.idle();
	}

	/** Waits until the page has no work pending. */
	async idle(timeout = 20_000): Promise<void> {
		await expect(this.page.locator('html')).toHaveAttribute('data-busy', 'false', { timeout });
	}

	async connect(): Promise<void> {
		await this.page.getByRole('button', { name: 'Connect', exact: true }).click();
		await expect(this.status).toHaveText(/^connected/);
		await this.waitForEvent('session.updated');
	}

	async disconnect(): Promise<void> {
		await this.page.getByRole('button', { name: 'Disconnect' }).click();
		await expect(this.status).toHaveText(/^closed/);
		await this.idle();
	}

	/** Types a message and sends it. */
	async say(text: string): Promise<void> {
		await this.message.fill(text);
		await this.page.getByRole('button', { name: 'Send message' }).click();
	}

	/** Opens the console and has a typed message answered to its end. */
	async talk(text: string): Promise<void> {
		await this.open();
		await this.connect();
		await this.say(text);
		await this.waitForEvent('earshot.playback.ended');
		await this.idle();
	}

	/** Speaks samples as an audio file. */
	async speakFile(name: string, wav: Buffer): Promise<void> {
		await this.page.getByLabel('Audio file').setInputFiles({ name, mimeType: 'audio/wav', buffer: wav });
	}

	/** Shows only events with these words, so that their rows are in the document. */
	async filter(text: string): Promise<void> {
		await this.page.getByRole('searchbox', { name: 'Filter events' }).fill(text);
	}

	/** Replaces the text of an editor (the tab must be open). */
	async write(label: 'Session' | 'Tools' | 'Event', text: string): Promise<void> {
		const editor = this.page.getByRole('textbox', { name: `${label} JSON` });
		await expect(this.page.locator('.monaco-editor')).toBeVisible();
		await editor.focus();
		await this.page.keyboard.press('ControlOrMeta+a');
		await this.page.keyboard.insertText(text);
	}

	/** Replaces the text of the composer (its tab must be open). */
	async compose(text: string): Promise<void> {
		await this.write('Event', text);
	}

	/** How many events pass a filter. */
	async count(filter: string): Promise<number> {
		await this.filter(filter);
		return Number(await this.grid.getAttribute('aria-rowcount'));
	}

	/** Waits until at least `count` events of a type are there. */
	async waitForEvent(type: string, count = 1): Promise<void> {
		await this.filter(type);
		await expect
			.poll(async () => Number(await this.grid.getAttribute('aria-rowcount')), { timeout: 20_000 })
			.toBeGreaterThanOrEqual(count);
	}

	row(type: string): Locator {
		return this.grid.locator(`[role="row"][data-type="${type}"]`);
	}

	/** The JSON of the last event of a type, read where a person reads it: in the tab Event. */
	async readEvent(type: string): Promise<Record<string, unknown>> {
		await this.filter(type);
		await this.row(type).last().click();
		await expect(this.page.getByRole('heading', { name: type, exact: true })).toBeVisible();
		const text = await this.page.getByLabel('The event’s text').textContent();
		return JSON.parse(text ?? '') as Record<string, unknown>;
	}

	/** The conversation as the pane shows it. */
	async readConversation(): Promise<string[]> {
		return this.conversation
			.locator('li[data-item-id]')
			.evaluateAll((items) =>
				items.map((item) => `${item.getAttribute('data-role')}: ${item.querySelector('p, code')?.textContent ?? ''}`)
			);
	}

	async readMarkers(): Promise<string[]> {
		return this.waveforms
			.getByRole('button', { name: /^Interruption at/ })
			.evaluateAll((markers) => markers.map((marker) => `${marker.getAttribute('aria-label')} ${marker.textContent}`));
	}
}
