// The rows of the list of events: what is shown while a filter looks through a long log, and when its mind is changed.
import { flushSync } from 'svelte';
import { toStore } from 'svelte/store';
import { afterEach, expect, test } from 'vitest';
import { MemoryLog } from '#core/recording/recording-log.ts';
import { EventFilter } from '#core/session/event-filter.ts';
import { deriveEventRow } from '#core/session/event-row.ts';
import { EventList } from './event-list.svelte.ts';
import { HeldSlices } from './testing/held-slices.ts';

const isBusy = () => document.documentElement.dataset['busy'] === 'true';

function grow(log: MemoryLog, count: number): void {
	for (let i = 0; i < count; i++) {
		const seq = log.length;
		const type = seq % 10 === 3 ? 'response.done' : 'input_audio_buffer.append';
		const body = seq % 10 === 3 ? { type, response: { status: `status ${seq}` } } : { type, audio: 'AAAA' };
		log.append({ seq, at: seq, from: seq % 10 === 3 ? 'server' : 'client', raw: JSON.stringify(body) });
	}
}

const opened: EventList[] = [];
afterEach(() => {
	for (const list of opened.splice(0)) list.dispose();
});

function open(count: number) {
	const log = new MemoryLog();
	grow(log, count);
	const slicing = new HeldSlices();
	const list = new EventList(log, slicing);
	opened.push(list);
	list.update();
	return { log, list, slicing };
}

const seqs = (list: EventList) => Array.from({ length: list.length }, (_, index) => list.seq(index));

/** What passes, one by one. */
function passing(log: MemoryLog, text: string): number[] {
	const filter = new EventFilter(text);
	return Array.from({ length: log.length }, (_, seq) => seq).filter((seq) => filter.matches(log.entry(seq)));
}

test('without a filter every event is a row, read when it is drawn', () => {
	const { log, list } = open(5000);
	expect([list.length, list.total]).toEqual([5000, 5000]);
	expect(list.row(4993)).toEqual(deriveEventRow(log.entry(4993)));
	expect(list.row(4993)).toBe(list.row(4993));
	expect([list.indexOf(17), list.indexOf(5000)]).toEqual([17, -1]);
	expect([list.neighbour(-1, 1), list.neighbour(0, -1), list.neighbour(5, -1), list.neighbour(4999, 1)]).toEqual([
		...[0, null],
		...[4, null]
	]);
	expect(list.neighbour(5000, -1)).toBe(4999);
});

test('a filter shows what it finds as it comes, and the page is busy until it is through', async () => {
	const { log, list, slicing } = open(20_000);
	list.setFilter('response -append');
	const first = list.length;
	expect(first).toBeGreaterThan(100);
	expect(first).toBeLessThan(1000);
	expect(isBusy()).toBe(true);
	await slicing.next();
	expect(list.length).toBeGreaterThan(first);
	expect(list.length).toBeLessThan(2000);
	await slicing.finish();
	expect(isBusy()).toBe(false);
	expect(seqs(list)).toEqual(passing(log, 'response -append'));
	expect(list.total).toBe(20_000);
	expect([list.indexOf(13), list.indexOf(14), list.countBefore(14)]).toEqual([1, -1, 2]);
	expect([list.neighbour(13, 1), list.neighbour(14, 1), list.neighbour(14, -1)]).toEqual([23, 23, 13]);
});

test('a short log is looked through at once', () => {
	const { log, list, slicing } = open(1500);
	list.setFilter('done');
	expect(seqs(list)).toEqual(passing(log, 'done'));
	expect(slicing.waiting).toBe(0);
});

test('the newest filter counts', async () => {
	const { log, list, slicing } = open(20_000);
	list.setFilter('append');
	await slicing.next();
	list.setFilter('done');
	await slicing.next();
	list.setFilter('status 19');
	await slicing.finish();
	expect(seqs(list)).toEqual(passing(log, 'status 19'));
	list.setFilter('done');
	list.setFilter('');
	expect(list.length).toBe(20_000);
	await slicing.next();
	expect(list.length).toBe(20_000);
	await slicing.finish();
	expect([list.length, list.seq(7), isBusy()]).toEqual([20_000, 7, false]);
});

test('rows come to the end as the log grows, also while the filter is on its way', async () => {
	const { log, list, slicing } = open(20_000);
	list.setFilter('done');
	grow(log, 30);
	list.update();
	await slicing.next();
	grow(log, 5000);
	list.update();
	await slicing.finish();
	expect(seqs(list)).toEqual(passing(log, 'done'));
	grow(log, 100);
	list.update();
	expect(slicing.waiting).toBe(0);
	expect(seqs(list)).toEqual(passing(log, 'done'));
});

test('another filter that finds as many rows shows its own', async () => {
	const { list } = open(1000);
	list.setFilter('done');
	const first: number[] = [];
	const stop = toStore(() => list.row(0).seq).subscribe((seq) => first.push(seq));
	list.setFilter('-append done');
	list.setFilter('status 13');
	flushSync();
	expect(first).toEqual([3, 13]);
	stop();
});

test('a list that is thrown away looks through nothing more', async () => {
	const { list, slicing } = open(50_000);
	list.setFilter('done');
	list.dispose();
	const { length } = list;
	await slicing.finish();
	expect(list.length).toBe(length);
	expect(isBusy()).toBe(false);
});

test('what passes is counted, and how far the log was looked through', async () => {
	const { list, slicing } = open(20_000);
	expect([list.passing, list.scanned]).toEqual([20_000, 20_000]);
	list.setFilter('done');
	expect(list.scanned).toBeLessThan(20_000);
	expect(list.passing).toBe(list.length);
	await slicing.finish();
	expect([list.passing, list.scanned, list.length]).toEqual([2000, 20_000, 2000]);
});

test('a gap is the time since the event before that passes', () => {
	const { list } = open(100);
	expect([list.gapMs(0), list.gapMs(13)]).toEqual([0, 1]);
	list.setFilter('done');
	expect([list.gapMs(3), list.gapMs(13)]).toEqual([0, 10]);
});

test('a log is counted when somebody asks, and kept up from then on', async () => {
	const { log, list, slicing } = open(20_000);
	expect(list.census.counts.eventCount).toBe(0);
	list.census.want();
	expect(isBusy()).toBe(true);
	await slicing.finish();
	grow(log, 10);
	list.update();
	const types = list.census.counts.types().map(({ value, count }) => [value, count]);
	expect(types).toEqual([
		['input_audio_buffer.append', 18_009],
		['response.done', 2001]
	]);
	expect(isBusy()).toBe(false);
});
