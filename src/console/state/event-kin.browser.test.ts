import { afterEach, expect, test } from 'vitest';
import { MemoryLog } from '#core/recording/recording-log.ts';
import { EventKinView } from './event-kin.svelte.ts';
import { HeldSlices } from './testing/held-slices.ts';

const append = (log: MemoryLog, from: 'client' | 'server', event: object) =>
	log.append({ seq: log.length, at: log.length, from, raw: JSON.stringify(event) });

function longLog(): MemoryLog {
	const log = new MemoryLog();
	append(log, 'client', { type: 'response.create', event_id: 'mine' });
	for (let count = 0; count < 5000; count++) append(log, 'server', { type: 'rate_limits.updated' });
	append(log, 'server', { type: 'error', error: { event_id: 'mine' } });
	return log;
}

const busy = () => document.documentElement.dataset['busy'];

let end = () => {};
afterEach(() => end());

test('a long log is read in slices, and the page is busy until all of it was', async () => {
	const slices = new HeldSlices();
	const log = longLog();
	const view = new EventKinView(log, slices);
	end = view.watch();
	expect(view.count).toBeGreaterThan(0);
	expect(view.count).toBeLessThan(2000);
	expect(view.kinOf(5001)).toBeNull();
	expect(view.kinOf(0)?.effects).toEqual([]);
	expect(busy()).toBe('true');
	expect(await slices.finish()).toBeGreaterThan(2);
	expect(view.kinOf(0)?.effects).toEqual([{ seq: 5001, ground: 'id' }]);
	expect(view.kinOf(5001)?.causes).toEqual([{ seq: 0, ground: 'id' }]);
	expect(busy()).toBe('false');
});

test('it reads while somebody looks, and goes on where it was', async () => {
	const slices = new HeldSlices();
	const log = longLog();
	const view = new EventKinView(log, slices);
	view.update();
	expect(view.count).toBe(0);
	view.watch()();
	const read = view.count;
	await slices.finish();
	expect(view.count).toBe(read);
	expect(busy()).toBe('false');
	end = view.watch();
	await slices.finish();
	expect(view.count).toBe(log.length);
});

test('what a log gains is taken in, and the configuration is the last that was told', () => {
	const log = new MemoryLog();
	const view = new EventKinView(log, new HeldSlices());
	end = view.watch();
	append(log, 'server', { type: 'session.created', session: { model: 'one' } });
	append(log, 'server', { type: 'session.updated', session: { model: 'two' } });
	expect(view.configAt(1)).toBeNull();
	view.update();
	expect([view.configAt(0), view.configAt(1)]).toEqual([{ model: 'one' }, { model: 'two' }]);
});
