// A list longer than any element a browser lays out: its last row is reached, by the bar, the wheel and by name.
import { createRawSnippet, flushSync, mount, unmount } from 'svelte';
import { fromStore, writable } from 'svelte/store';
import { afterEach, expect, test, vi } from 'vitest';
import VirtualRows from './VirtualRows.svelte';

const ROW_PX = 24;
const VIEW_PX = 480;

interface Handle {
	scrollToRow(index: number, align: 'nearest' | 'end'): void;
	rowsInSight(): number;
	topRow(): number;
	offsetOf(index: number): number;
	placeRow(index: number, offsetPx: number): void;
}

let host: HTMLElement | null = null;
let rows: Handle & Record<string, unknown>;

afterEach(async () => {
	await unmount(rows);
	host?.remove();
});

const row = createRawSnippet<[number]>((index) => ({
	render: () => `<div role="row" style="height: ${ROW_PX}px" data-index="${index()}">row ${index()}</div>`
}));

function open(count: number): HTMLElement {
	host = document.createElement('div');
	host.style.cssText = `height: ${VIEW_PX}px; width: 300px`;
	document.body.append(host);
	const props = { count, rowPx: ROW_PX, keyOf: (index: number) => index, row, role: 'grid', style: 'height: 100%' };
	rows = mount(VirtualRows, { target: host, props }) as typeof rows;
	flushSync();
	return host.querySelector<HTMLElement>('[role="grid"]')!;
}

/** The rows of which something is in sight. */
function inSight(grid: HTMLElement): number[] {
	const { top, bottom } = grid.getBoundingClientRect();
	return [...grid.querySelectorAll<HTMLElement>('[data-index]')]
		.filter(
			(element) => element.getBoundingClientRect().bottom > top + 1 && element.getBoundingClientRect().top < bottom - 1
		)
		.map((element) => Number(element.dataset['index']));
}

const span = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at);
const sighted = (grid: HTMLElement, first: number, count = VIEW_PX / ROW_PX) =>
	vi.waitFor(() => expect(inSight(grid)).toEqual(span(first, count)));

test('only what is in sight is drawn, and what is scrolled to comes', async () => {
	const grid = open(10_000);
	await sighted(grid, 0);
	expect(rows.rowsInSight()).toBe(20);
	expect(grid.querySelectorAll('[data-index]').length).toBeLessThan(60);
	grid.scrollTop = 100 * ROW_PX;
	await sighted(grid, 100);
	grid.scrollTop = grid.scrollHeight;
	await sighted(grid, 9980);
});

test('a row is brought into sight, no further than needed', async () => {
	const grid = open(10_000);
	rows.scrollToRow(500, 'nearest');
	await sighted(grid, 481);
	rows.scrollToRow(490, 'nearest');
	await sighted(grid, 481);
	rows.scrollToRow(470, 'nearest');
	await sighted(grid, 470);
	rows.scrollToRow(9999, 'end');
	await sighted(grid, 9980);
});

test.each([1_000_000, 3_000_000])('the last of %d rows is reached', async (count) => {
	const grid = open(count);
	grid.scrollTop = grid.scrollHeight;
	await sighted(grid, count - 20);
	grid.scrollTop = 0;
	await sighted(grid, 0);
	rows.scrollToRow(count - 1, 'nearest');
	await sighted(grid, count - 20);
	rows.scrollToRow(count / 2, 'nearest');
	await sighted(grid, count / 2);
	rows.scrollToRow(count / 2 + 20, 'nearest');
	await sighted(grid, count / 2 + 1);
});

test('the wheel moves a list of millions row by row, in its middle and at its ends', async () => {
	const grid = open(3_000_000);
	rows.scrollToRow(1_500_000, 'nearest');
	await sighted(grid, 1_499_981);
	const wheel = (deltaY: number, deltaMode: number = WheelEvent.DOM_DELTA_PIXEL) =>
		grid.dispatchEvent(new WheelEvent('wheel', { deltaY, deltaMode, cancelable: true, bubbles: true }));
	for (let n = 0; n < 10; n++) wheel(ROW_PX);
	await sighted(grid, 1_499_991);
	wheel(-3, WheelEvent.DOM_DELTA_LINE);
	await sighted(grid, 1_499_988);
	rows.scrollToRow(2_999_999, 'end');
	wheel(-2 * ROW_PX);
	await sighted(grid, 2_999_978);
	for (let n = 0; n < 5; n++) wheel(ROW_PX);
	await sighted(grid, 2_999_980);
	expect(grid.scrollTop + grid.clientHeight).toBeGreaterThan(grid.scrollHeight - 2);
});

test('no more rows than a screen holds are drawn, however tall the list is laid out', () => {
	host = document.createElement('div');
	document.body.append(host);
	const props = { count: 100_000, rowPx: ROW_PX, keyOf: (index: number) => index, row, style: 'height: 50000px' };
	rows = mount(VirtualRows, { target: host, props }) as typeof rows;
	flushSync();
	expect(host.querySelectorAll('[data-index]').length).toBeLessThanOrEqual(520);
});

test('a row is placed where it was told, also when the list becomes shorter at the same time', async () => {
	host = document.createElement('div');
	host.style.cssText = `height: ${VIEW_PX}px; width: 300px`;
	document.body.append(host);
	const count = writable(1000);
	const shown = fromStore(count);
	const props = {
		get count() {
			return shown.current;
		},
		...{ rowPx: ROW_PX, keyOf: (index: number) => index, row, role: 'grid', style: 'height: 100%' }
	};
	rows = mount(VirtualRows, { target: host, props }) as typeof rows;
	flushSync();
	const grid = host.querySelector<HTMLElement>('[role="grid"]')!;
	rows.placeRow(500, 100);
	await sighted(grid, 495, 21);
	await vi.waitFor(() => expect(grid.scrollTop).toBe(500 * ROW_PX - 100));
	expect(rows.offsetOf(500)).toBe(100);
	expect(rows.topRow()).toBe(496);
	count.set(100);
	flushSync();
	rows.placeRow(50, 0);
	// The browser finds out that its bar is beyond the end, and says so before the bar is placed.
	expect(grid.scrollTop).toBe(100 * ROW_PX - VIEW_PX);
	grid.dispatchEvent(new Event('scroll'));
	await sighted(grid, 50);
	await vi.waitFor(() => expect(grid.scrollTop).toBe(50 * ROW_PX));
	await sighted(grid, 50);
});
