// A stored recording in the workbench: until it is shown, seeking in it, and its list of events.
import assert from 'node:assert/strict';
import type { Page } from 'playwright';
import { pageMemory, type BenchBrowser, type ConsoleScope, type FloorScope } from './library-browser.ts';
import { longTaskText, type StoredRow } from './library-import.ts';
import type { LogFile } from './library-logs.ts';
import type { Reaction } from './library-probe.ts';
import { median, percentile, printTable } from './table.ts';

const WAIT_MS = 120_000;
const ROUNDS = 3;
const SEEKS = 30;
const SCROLLED_FRAMES = 120;

/** What opening a recording took. Milliseconds since the navigation began. */
interface OpenTimes {
	readonly firstRowMs: number;
	readonly playheadMs: number;
	readonly loadedMs: number;
	readonly longTasks: readonly number[];
	/** Reading the same records of events, bare. */
	readonly readMs: number;
}

/** Opens a stored recording a few times, measures, and prints. Its events must be the last that the floor wrote. */
export async function benchOpening(bench: BenchBrowser, file: LogFile, row: StoredRow): Promise<void> {
	const times: OpenTimes[] = [];
	const empty = await bench.openConsole('/recordings');
	await empty.waitForSelector('html[data-busy="false"]');
	const emptyBytes = await pageMemory(empty);
	await empty.close();
	let memory = 0;
	for (let round = 0; round < ROUNDS; round++) {
		const { ms: readMs, bytes } = await bench.floor.evaluate(() => (globalThis as FloorScope).floor.readEvents());
		assert.equal(bytes, row.eventBytes, 'bytes of events that were read plainly');
		const page = await openRecording(bench, row.id);
		times.push({ ...(await openTimes(page, file)), readMs });
		if (round === ROUNDS - 1) memory = (await pageMemory(page)) - emptyBytes;
		await page.close();
	}
	const of = (key: 'firstRowMs' | 'playheadMs' | 'loadedMs' | 'readMs') => median(times.map((time) => time[key]));
	printTable(
		'Opening it from the store, in a new page. first row, playhead: until they are painted. loaded: until all events have come\n' +
			'and are folded. reading: its records of events merely read. memory: what the page and its worker hold\n' +
			'then, above what they hold on the page of recordings.',
		[
			{
				file: file.title,
				'first row ms': of('firstRowMs'),
				'playhead ms': of('playheadMs'),
				'loaded ms': of('loadedMs'),
				'reading ms': of('readMs'),
				'long tasks': longTaskText(times.flatMap(({ longTasks }) => longTasks)),
				'memory MB': memory / 1e6,
				'MB per million events': memory / file.eventCount
			}
		]
	);
}

async function openRecording(bench: BenchBrowser, id: string): Promise<Page> {
	const page = await bench.openConsole(`/recordings/${id}`);
	await page.waitForFunction(() => (globalThis as ConsoleScope).probe.seen().marks.loaded, null, { timeout: WAIT_MS });
	return page;
}

async function openTimes(page: Page, file: LogFile): Promise<Omit<OpenTimes, 'readMs'>> {
	const { marks, longTasks } = await page.evaluate(() => (globalThis as ConsoleScope).probe.seen());
	const { eventRow, playhead, loaded } = marks;
	assert(eventRow && playhead && loaded, 'the page showed rows, a playhead and all of the recording');
	const rowCount = await page.getByRole('grid', { name: 'Events' }).getAttribute('aria-rowcount');
	assert.equal(Number(rowCount), file.eventCount, 'events in the list');
	return {
		firstRowMs: eventRow.paintedMs,
		playheadMs: playhead.paintedMs,
		loadedMs: loaded.atMs,
		longTasks: longTasks.filter(({ atMs }) => atMs < loaded.atMs).map(({ ms }) => ms)
	};
}

/** Long tasks since the last look. */
async function newLongTasks(page: Page, sinceMs: number): Promise<number[]> {
	const { longTasks } = await page.evaluate(() => (globalThis as ConsoleScope).probe.seen());
	return longTasks.filter(({ atMs }) => atMs >= sinceMs).map(({ ms }) => ms);
}

const nowOf = (page: Page) => page.evaluate(() => performance.now());

/**
 * Clicks on moments of the slider, here and there in the recording, and prints how long the page took.
 *
 * @param countUpTo how many events had happened by a session time, in ms: what the page must show
 */
export async function benchSeeking(
	bench: BenchBrowser,
	file: LogFile,
	row: StoredRow,
	countUpTo: (ms: number) => number
): Promise<void> {
	const page = await openRecording(bench, row.id);
	const rail = await page.getByRole('slider', { name: 'Playhead' }).boundingBox();
	assert(rail, 'the playhead has a rail');
	const sinceMs = await nowOf(page);
	const reactions: Reaction[] = [];
	for (let seek = 0; seek < SEEKS; seek++) {
		// Far apart and never in order, the same in each run.
		const part = ((seek + 1) * 0.618) % 1;
		await page.evaluate(() => (globalThis as ConsoleScope).probe.awaitPress());
		await page.mouse.click(rail.x + 8 + part * (rail.width - 16), rail.y + rail.height / 2);
		reactions.push(await page.evaluate(() => (globalThis as ConsoleScope).probe.pressed));
		await assertShown(page, countUpTo);
	}
	const frames = reactions.map(({ frameMs }) => frameMs);
	const shown = reactions.map(({ shownMs }) => shownMs);
	printTable(
		`Seeking: ${SEEKS} clicks on the slider, far apart. answer: until the next frame. state: until the panes show the session\n` +
			'as it was then.',
		[
			{
				file: file.title,
				'answer ms': median(frames),
				'answer, longest': Math.max(...frames),
				'state ms': median(shown),
				'state, 9 of 10': percentile(shown, 0.9),
				'state, longest': Math.max(...shown),
				'long tasks': longTaskText(await newLongTasks(page, sinceMs))
			}
		]
	);
	await page.close();
}

/** The list's last row before the playhead is the last event that had happened by it. */
async function assertShown(page: Page, countUpTo: (ms: number) => number): Promise<void> {
	const clock = (await page.locator('.clock').textContent()) ?? '';
	const next = await page
		.locator('[role=row][data-future="true"]')
		.evaluateAll((rows) => Math.min(...rows.map((row) => Number(row.getAttribute('data-seq')))));
	const parts = clock.split('/')[0]!.trim().split(':').map(Number);
	const ms = Math.round(parts.reduce((sum, part) => sum * 60 + part, 0) * 1000);
	assert.equal(next, countUpTo(ms), `the first event after ${clock}`);
}

/** Filters, jumps and scrolls in the list of events, and prints how long the page took. */
export async function benchEventList(bench: BenchBrowser, file: LogFile, row: StoredRow): Promise<void> {
	const page = await openRecording(bench, row.id);
	const rows = [
		await filterRow(page, 'response.done', file.passing['response.done']),
		await filterRow(page, '-delta', file.passing['-delta']),
		await filterRow(page, '', file.eventCount),
		await endRow(page, file),
		await scrollRow(page)
	];
	printTable(
		`The list of ${file.eventCount.toLocaleString('en')} events. answer: until the next frame. state: until all of it is shown. Of scrolling:\n` +
			'the median frame, and the longest.',
		rows
	);
	await page.close();
}

async function filterRow(page: Page, filter: string, expected: number) {
	const sinceMs = await nowOf(page);
	const reaction = await page.evaluate(
		({ filter, expected }) => {
			const input = document.querySelector<HTMLInputElement>('input[aria-label="Filter events"]')!;
			const grid = document.querySelector('[role=grid][aria-label="Events"]')!;
			const type = () => {
				input.value = filter;
				input.dispatchEvent(new InputEvent('input', { bubbles: true }));
			};
			const isShown = () => Number(grid.getAttribute('aria-rowcount')) >= expected;
			return (globalThis as ConsoleScope).probe.react(type, isShown);
		},
		{ filter, expected }
	);
	const count = await page.getByRole('grid', { name: 'Events' }).getAttribute('aria-rowcount');
	assert.equal(Number(count), expected, `events that pass "${filter}"`);
	return reactionRow(
		filter === '' ? 'filter taken away' : `filter ${filter}`,
		reaction,
		await newLongTasks(page, sinceMs)
	);
}

async function endRow(page: Page, file: LogFile) {
	const sinceMs = await nowOf(page);
	const reaction = await page.evaluate((last) => {
		const grid = document.querySelector<HTMLElement>('[role=grid][aria-label="Events"]')!;
		const press = () =>
			grid.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true, cancelable: true }));
		const isShown = () => document.querySelector(`[role=row][data-seq="${last}"][aria-selected="true"]`) !== null;
		return (globalThis as ConsoleScope).probe.react(press, isShown);
	}, file.eventCount - 1);
	return reactionRow('End', reaction, await newLongTasks(page, sinceMs));
}

async function scrollRow(page: Page) {
	const sinceMs = await nowOf(page);
	const frames = await page.evaluate((count) => {
		const grid = document.querySelector('[role=grid][aria-label="Events"]')!;
		return (globalThis as ConsoleScope).probe.scroll(grid, -480, count);
	}, SCROLLED_FRAMES);
	const reaction = { frameMs: median(frames), shownMs: Math.max(...frames) };
	return reactionRow(`scroll, ${SCROLLED_FRAMES} frames`, reaction, await newLongTasks(page, sinceMs));
}

function reactionRow(what: string, { frameMs, shownMs }: Reaction, longTasks: readonly number[]) {
	return { what, 'answer ms': frameMs, 'state ms': shownMs, 'long tasks': longTaskText(longTasks) };
}
