// Tool calls of the real simulator, answered by mocks: by themselves, in their order, by hand; and that a mock's script
// reaches nothing.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright/test';
import { startTestHost } from '../host.ts';
import { ConsolePage } from './console-page.ts';
import { expect, test } from './test.ts';

const call = (tool: string, args: object) => ({ call: { tool, arguments: args } });

/** What the model does: two calls in one response, one with wrong arguments, and an answer that takes its time. */
const SCENARIO = {
	scenario: 1,
	name: 'tool calls',
	rules: [
		{ when: { toolOutput: true }, say: 'Thank you.' },
		{
			when: { typed: 'trip' },
			do: [call('get_weather', { city: 'Oslo' }), call('lookup_order', { order_number: '7' })]
		},
		{ when: { typed: 'order' }, do: [call('lookup_order', { number: 7 })] },
		{ when: { typed: 'story' }, do: [{ wait: 6000 }, { say: 'The end.' }] },
		{ say: 'Hello.' }
	]
};

class ToolsTab {
	readonly page: Page;
	readonly earshot: ConsolePage;

	constructor(page: Page) {
		this.page = page;
		this.earshot = new ConsolePage(page);
	}

	async open(url = '/'): Promise<void> {
		await this.page.goto(url);
		await this.earshot.idle();
		await this.page.getByRole('tab', { name: 'Tools' }).click();
		await expect(this.page.locator('.monaco-editor')).toBeVisible();
	}

	async insert(...names: string[]): Promise<void> {
		for (const name of names) {
			await this.page.getByRole('combobox', { name: 'Function to insert' }).selectOption(name);
			await expect(this.mock(name)).toBeVisible();
		}
	}

	mock(name: string) {
		return this.page.getByRole('button', { name: new RegExp(`^${name} `) });
	}

	async setMock(name: string, kind: string): Promise<void> {
		await this.mock(name).click();
		await this.page.getByRole('combobox', { name: `Mock of ${name}` }).selectOption({ label: kind });
	}

	/** The card of the newest call of a function. */
	card(name: string) {
		return this.page.getByRole('list', { name: 'Tool calls' }).getByRole('listitem').filter({ hasText: name }).first();
	}

	/** What the client sent, in its order. The rows are few enough to be all in the document. */
	async sent(): Promise<string[]> {
		await this.earshot.filter('client');
		return this.earshot.grid
			.locator('[role="row"][data-from="client"]')
			.evaluateAll((rows) => rows.map((row) => row.getAttribute('data-type') ?? ''));
	}

	async seqOf(type: string, which: number): Promise<number> {
		await this.earshot.filter(type);
		return Number(await this.earshot.row(type).nth(which).getAttribute('data-seq'));
	}
}

test('a function from one example, its mock, and a call that it answers by itself', async ({ page }) => {
	const tools = new ToolsTab(page);
	await tools.open();
	await page.getByRole('button', { name: 'From an example…' }).click();
	const dialog = page.getByRole('dialog', { name: 'A function from an example' });
	await dialog.getByRole('textbox', { name: 'Example of its arguments' }).fill('{"city": "Berlin", "days": 3}');
	await dialog.getByRole('button', { name: 'Add to the array' }).click();
	await expect(dialog.getByText('Give the function a name.')).toBeVisible();
	await dialog.getByRole('textbox', { name: 'Name' }).fill('get_forecast');
	await dialog.getByRole('button', { name: 'Add to the array' }).click();
	await expect(dialog).toBeHidden();

	await tools.setMock('get_forecast', 'Fixed result');
	await page.getByRole('textbox', { name: 'Result' }).fill('{"sky": "clear", "celsius": 21}');
	await page.reload();
	await page.getByRole('tab', { name: 'Tools' }).click();
	await expect(tools.mock('get_forecast')).toContainText('Fixed result');

	await tools.earshot.connect();
	expect(await tools.earshot.readEvent('session.update')).toMatchObject({
		session: {
			tools: [
				{
					name: 'get_forecast',
					parameters: {
						type: 'object',
						properties: { city: { type: 'string' }, days: { type: 'integer' } },
						required: ['city', 'days']
					}
				}
			]
		}
	});
	await tools.earshot.say('What is the forecast?');
	await tools.earshot.waitForEvent('response.done', 2);
	expect(await tools.sent()).toEqual([
		'session.update',
		'conversation.item.create',
		'response.create',
		'conversation.item.create',
		'response.create'
	]);
	await expect(tools.earshot.conversation).toContainText('sky clear, celsius 21');
	await page.getByRole('tab', { name: 'Tools' }).click();
	await page.getByRole('tab', { name: 'Calls 1' }).click();
	await expect(tools.card('get_forecast')).toContainText(/answered\s*waited \d+ ms/);
});

test('without a mock nothing is answered', async ({ page }) => {
	const tools = new ToolsTab(page);
	await tools.open();
	await tools.insert('get_weather');
	await tools.earshot.connect();
	await tools.earshot.say('What is the weather?');
	await tools.earshot.waitForEvent('response.done');
	await tools.earshot.idle();
	expect(await tools.sent()).toEqual(['session.update', 'conversation.item.create', 'response.create']);
	await page.getByRole('tab', { name: 'Calls 1' }).click();
	await expect(tools.card('get_weather')).toContainText('no mock');
});

test.describe('with a model that does more', () => {
	let host: Awaited<ReturnType<typeof startTestHost>>;
	let folder: string;

	test.beforeAll(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'earshot-tools-'));
		const file = path.join(folder, 'tools.json');
		await writeFile(file, JSON.stringify(SCENARIO));
		host = await startTestHost({ args: ['--scenario', file] });
	});
	test.afterAll(async () => {
		await host.dispose();
		await rm(folder, { recursive: true });
	});

	test('two calls of one response: one request for the next, after both outputs', async ({ page }) => {
		const tools = new ToolsTab(page);
		await tools.open(host.url);
		await tools.insert('get_weather', 'lookup_order');
		await tools.setMock('get_weather', 'JavaScript');
		await page.getByRole('textbox', { name: 'JavaScript' }).fill('return { city: args.city, call: count }');
		await tools.setMock('lookup_order', 'Fixed result');
		await page.getByRole('spinbutton', { name: 'Delay (ms)' }).fill('400');
		await page.getByRole('combobox', { name: 'Failures of lookup_order' }).selectOption('always');
		await page.getByRole('textbox', { name: 'Error text' }).fill('The warehouse is closed.');
		await tools.earshot.connect();
		await tools.earshot.say('Tell me about the trip');
		await tools.earshot.waitForEvent('response.done', 2);
		expect(await tools.sent()).toEqual([
			'session.update',
			'conversation.item.create',
			'response.create',
			'conversation.item.create',
			'conversation.item.create',
			'response.create'
		]);
		await page.getByRole('tab', { name: 'Calls 2' }).click();
		await expect(tools.card('get_weather').getByLabel('Output')).toHaveText('{"city":"Oslo","call":1}');
		await expect(tools.card('lookup_order').getByLabel('Output')).toHaveText('{"error":"The warehouse is closed."}');
		await expect(tools.card('lookup_order')).toContainText('answered with an error');
	});

	test('a reply by hand while another response runs: its output at once, the request after that', async ({ page }) => {
		const tools = new ToolsTab(page);
		await tools.open(host.url);
		await tools.insert('lookup_order');
		await tools.setMock('lookup_order', 'Reply by hand');
		await tools.mock('lookup_order').press('Tab'); // not writing at the mock any more
		await page.getByRole('tab', { name: 'Tools' }).focus();
		await tools.earshot.connect();
		await tools.earshot.say('Where is my order?');
		const reply = page.getByRole('textbox', { name: 'Reply to lookup_order' });
		await expect(reply).toBeVisible();
		await expect(tools.card('lookup_order')).toContainText('order_number is missing');
		await tools.earshot.say('A story, please');
		await tools.earshot.waitForEvent('response.created', 2);
		await reply.fill('{"status": "shipped"}');
		await page.getByRole('button', { name: 'Send', exact: true }).click();
		await expect(tools.card('lookup_order')).toContainText('answered');
		await tools.earshot.waitForEvent('response.created', 3);
		const output = await tools.seqOf('conversation.item.create', 2);
		const storyDone = await tools.seqOf('response.done', 1);
		const request = await tools.seqOf('response.create', 2);
		expect(output).toBeLessThan(storyDone);
		expect(storyDone).toBeLessThan(request);
		await tools.earshot.waitForEvent('response.done', 3);
	});

	test('with the switch off a click answers, and Fail tells the model so', async ({ page }) => {
		const tools = new ToolsTab(page);
		await tools.open(host.url);
		await tools.insert('lookup_order');
		await page.getByRole('checkbox', { name: 'Answer tool calls by themselves' }).uncheck();
		await tools.setMock('lookup_order', 'Fixed result');
		await tools.earshot.connect();
		await tools.earshot.say('Where is my order?');
		await page.getByRole('tab', { name: 'Calls 1, 1 waiting' }).click();
		for (const colorScheme of ['dark', 'light'] as const) {
			await page.emulateMedia({ colorScheme });
			const { violations } = await new AxeBuilder({ page }).include('.tab-panels').analyze();
			expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
		}
		await page.getByRole('button', { name: 'Answer', exact: true }).click();
		await tools.earshot.waitForEvent('response.done', 2);
		await tools.earshot.say('Another order');
		await expect(tools.card('lookup_order')).toContainText('waits for a click');
		await page.getByRole('button', { name: 'Reply by hand' }).click();
		await page.getByRole('button', { name: 'Fail' }).click();
		await expect(tools.card('lookup_order').getByLabel('Output')).toHaveText(
			'{"error":"The service is not available."}'
		);
		await tools.earshot.waitForEvent('response.done', 4);
	});
});

/** A server that counts who asks it for anything. */
async function openCountingServer() {
	let requests = 0;
	const server = createServer((_request, response) => {
		requests++;
		response.setHeader('Access-Control-Allow-Origin', '*');
		response.setHeader('Content-Type', 'text/javascript');
		response.end('export default 1');
	});
	server.on('upgrade', (_request, socket) => {
		requests++;
		socket.destroy();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { port: (server.address() as AddressInfo).port, count: () => requests, close: () => server.close() };
}

test('the script of a mock reaches nothing, and one that does not end is stopped', async ({ page, pageErrors }) => {
	const server = await openCountingServer();
	const tools = new ToolsTab(page);
	await tools.open();
	await tools.insert('get_weather');
	await tools.setMock('get_weather', 'JavaScript');
	const script = `
		const address = 'http://127.0.0.1:${server.port}/';
		const told = {};
		const ways = {
			fetch: () => fetch(address),
			WebSocket: () => new WebSocket(address.replace('http', 'ws')),
			XMLHttpRequest: () => new XMLHttpRequest(),
			importScripts: () => importScripts(address),
			import: () => import(address),
			importOfPage: () => import('${new URL('/', page.url()).href}icon.svg'),
			indexedDB: () => indexedDB.open('x'),
			localStorage: () => localStorage.length,
			Worker: () => new Worker(address),
			global: () => Function('return this')().fetch(address),
			constructor: () => globalThis.constructor.constructor('return fetch')()(address),
			document: () => document.title
		};
		for (const [name, way] of Object.entries(ways)) {
			try { await way(); told[name] = 'reached'; } catch (error) { told[name] = 'stopped'; }
		}
		return told;`;
	await page.getByRole('textbox', { name: 'JavaScript' }).fill(script);
	await page.getByRole('spinbutton', { name: 'Time limit (ms)' }).fill('20000');
	await tools.earshot.connect();
	await tools.earshot.say('What is the weather?');
	await tools.earshot.waitForEvent('response.done', 2);
	await page.getByRole('tab', { name: 'Calls 1' }).click();
	const output = JSON.parse((await tools.card('get_weather').getByLabel('Output').textContent()) ?? '') as object;
	expect(Object.entries(output).filter(([, what]) => what !== 'stopped')).toEqual([]);
	expect(Object.keys(output)).toHaveLength(12);
	expect(server.count()).toBe(0);
	pageErrors.length = 0; // where a browser tells of the imports that the policy stopped

	await page.getByRole('tab', { name: 'Mocks' }).click();
	await page.getByRole('textbox', { name: 'JavaScript' }).fill('for (;;);');
	await page.getByRole('spinbutton', { name: 'Time limit (ms)' }).fill('100');
	await tools.earshot.say('And the weather now?');
	await tools.earshot.waitForEvent('response.done', 4);
	await page.getByRole('tab', { name: 'Calls 2' }).click();
	await expect(tools.card('get_weather').getByLabel('Output')).toHaveText(
		'{"error":"It did not return within 100 ms and was stopped."}'
	);
	server.close();
});

test('the sandbox itself lets nothing out, even if a name of the browser were left', async ({ page, pageErrors }) => {
	const server = await openCountingServer();
	await page.goto('/');
	const isForeign = await page.evaluate(async (address) => {
		const frame = document.createElement('iframe');
		frame.sandbox.add('allow-scripts');
		frame.src = address;
		const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
		document.body.append(frame);
		await loaded;
		return frame.contentDocument === null;
	}, '/tool-sandbox.html');
	expect(isForeign, 'it is of another origin').toBe(true);
	const frame = page.frames().find((known) => known.url().endsWith('/tool-sandbox.html'));
	const outcome = await frame!.evaluate(
		(address) =>
			new Promise<Record<string, string>>((resolve) => {
				// A worker as the mocks have it, with every name still there.
				const script = `
					const address = ${JSON.stringify(address)};
					const settled = (socket) => new Promise((done, fail) => { socket.onopen = done; socket.onerror = fail; });
					const ways = {
						fetch: () => fetch(address),
						WebSocket: () => settled(new WebSocket(address.replace('http', 'ws'))),
						EventSource: () => settled(new EventSource(address)),
						XMLHttpRequest: () => { const x = new XMLHttpRequest(); x.open('GET', address, false); x.send(); },
						importScripts: () => importScripts(address),
						importOfData: () => importScripts('data:text/javascript,1'),
						import: () => import(address),
						Worker: () => settled(new Worker(address)),
						indexedDB: () => new Promise((done, fail) => {
							const asked = indexedDB.open('x');
							asked.onsuccess = done;
							asked.onerror = fail;
						}),
						caches: () => caches.open('x'),
						files: () => navigator.storage.getDirectory()
					};
					(async () => {
						const told = {};
						for (const [name, way] of Object.entries(ways)) {
							try { await way(); told[name] = 'reached'; } catch { told[name] = 'stopped'; }
						}
						postMessage(told);
					})();`;
				const worker = new Worker(URL.createObjectURL(new Blob([script])));
				worker.onmessage = ({ data }) => resolve(data as Record<string, string>);
			}),
		`http://127.0.0.1:${server.port}/`
	);
	expect(Object.entries(outcome).filter(([, what]) => what !== 'stopped')).toEqual([]);
	expect(Object.keys(outcome)).toHaveLength(11);
	expect(server.count()).toBe(0);
	pageErrors.length = 0; // each attempt broke the policy of the sandbox
	server.close();
});
