import fc from 'fast-check';
import { openDB } from 'idb';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LiveRecording, bytesOf, countingBytes, rawsOf } from './testing/live-recording.ts';
import { importLog, loadRecording } from './testing/load-recording.ts';
import { expectValue, freshDatabase, makeHeader, openTestStore } from './testing/store-fixtures.ts';
import type { LibraryChange } from './library-changes.ts';
import { MemoryLog } from '#core/recording/recording-log.ts';

describe('writing and loading', () => {
	it.each([1, 499, 500, 501, 1001])('gives %i entries back', async (count) => {
		const store = await openTestStore(freshDatabase());
		const header = makeHeader();
		const writer = store.openWriter(header);
		const live = new LiveRecording(writer);
		live.recordTexts(count);
		expectValue(await writer.close());
		const { log, damage, summary } = expectValue(await loadRecording(store, header.id));
		expect(damage).toEqual([]);
		expect(rawsOf(log)).toEqual(rawsOf(live.log));
		expect(summary).toMatchObject({ header, status: 'closed', eventCount: count, lengthMs: (count - 1) * 10 });
	});

	it('cuts entries into chunks of 500, however they are flushed', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const header = makeHeader();
		const writer = store.openWriter(header);
		const live = new LiveRecording(writer);
		for (const count of [1, 498, 1, 1, 499, 1, 7]) {
			live.recordTexts(count);
			await writer.flush();
		}
		const database = await openDB(name);
		onTestFinished(() => database.close());
		expect(await database.getAllKeys('events')).toEqual([0, 500, 1000].map((first) => [header.id, first]));
		const chunks = (await database.getAll('events')) as { count: number }[];
		expect(chunks.map(({ count }) => count)).toEqual([500, 500, 8]);
		expect(rawsOf(expectValue(await loadRecording(store, header.id)).log)).toEqual(rawsOf(live.log));
	});

	it('cuts audio into seconds, however it comes', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const header = makeHeader();
		const writer = store.openWriter(header);
		const live = new LiveRecording(writer);
		for (const length of [47_999, 1, 960, 96_001, 48_000, 2]) {
			live.recordAudio('model', countingBytes(length, length));
			live.recordAudio('caller', countingBytes(length >> 1, length));
			await writer.flush();
		}
		const database = await openDB(name);
		onTestFinished(() => database.close());
		const keys = (await database.getAllKeys('audio')) as unknown as [string, string, number][];
		expect(keys.filter(([, track]) => track === 'model').map(([, , first]) => first)).toEqual(
			[0, 1, 2, 3, 4].map((second) => second * 48_000)
		);
		const { log, damage } = expectValue(await loadRecording(store, header.id));
		expect(damage).toEqual([]);
		expect(bytesOf(log, 'model')).toEqual(bytesOf(live.log, 'model'));
		expect(bytesOf(log, 'caller')).toEqual(bytesOf(live.log, 'caller'));
		expect(rawsOf(log)).toEqual(rawsOf(live.log));
	});

	it('gives every raw text back, byte for byte', async () => {
		const store = await openTestStore(freshDatabase());
		const header = makeHeader();
		const writer = store.openWriter(header);
		const live = new LiveRecording(writer);
		for (const raw of ['', '\u0000', '\ud800', '\udc00\ud800', '\uFEFF', '"\\\n\r\u2028', '{"a":1.0}', 'ä𝄞日本']) {
			live.record('server', raw);
		}
		const anyText = fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) });
		for (const raw of fc.sample(anyText, 300)) live.record('client', raw);
		await writer.close();
		expect(rawsOf(expectValue(await loadRecording(store, header.id)).log)).toEqual(rawsOf(live.log));
	});

	it('stores a flush in one transaction, and never two at a time', async () => {
		const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction');
		onTestFinished(() => transactions.mockRestore());
		const store = await openTestStore(freshDatabase());
		const writer = store.openWriter(makeHeader());
		const live = new LiveRecording(writer);
		await writer.flush();
		transactions.mockClear();
		live.recordTexts(3);
		live.recordAudio('caller', countingBytes(100_000));
		live.recordAudio('model', countingBytes(50_000));
		writer.setSummary({ turns: 1 });
		const first = writer.flush();
		live.recordTexts(2);
		const second = writer.flush();
		expect(transactions).toHaveBeenCalledTimes(1);
		await first;
		await second;
		expect(transactions.mock.calls.map(([, mode, options]) => [mode, options])).toEqual([
			['readwrite', { durability: 'relaxed' }],
			['readwrite', { durability: 'relaxed' }]
		]);
		await writer.close();
		expect(transactions.mock.lastCall?.[2]).toEqual({ durability: 'strict' });
	});

	it('waits for the disk every 5 s, by flushes that are due anyway', async () => {
		const store = await openTestStore(freshDatabase());
		const writer = store.openWriter(makeHeader());
		const live = new LiveRecording(writer);
		const openedMs = performance.now();
		await writer.flush();
		const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction');
		const now = vi.spyOn(performance, 'now');
		onTestFinished(() => [transactions, now].forEach((spy) => spy.mockRestore()));
		for (const elapsedMs of [4_900, 5_200, 9_900, 10_400]) {
			now.mockReturnValue(openedMs + elapsedMs);
			live.recordTexts(1);
			await writer.flush();
		}
		expect(transactions.mock.calls.map(([, , options]) => options?.durability)).toEqual([
			'relaxed',
			'strict',
			'relaxed',
			'strict'
		]);
	});

	it('flushes by itself after the first append, and says when all is stored', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const header = makeHeader();
		let idle = Promise.withResolvers<void>();
		const writer = store.openWriter(header, { onidle: () => idle.resolve() });
		await idle.promise;
		idle = Promise.withResolvers<void>();
		new LiveRecording(writer).recordTexts(5);
		expect(writer.pendingEntries).toBe(5);
		await idle.promise;
		expect(writer.pendingEntries).toBe(0);
		const other = await openTestStore(name);
		expect(expectValue(await loadRecording(other, header.id)).log.length).toBe(5);
	});

	it('has handed everything to the database before a pagehide is over', async () => {
		const store = await openTestStore(freshDatabase());
		const writer = store.openWriter(makeHeader());
		await writer.flush();
		const commits = vi.spyOn(IDBTransaction.prototype, 'commit');
		onTestFinished(() => commits.mockRestore());
		new LiveRecording(writer).recordTexts(2);
		dispatchEvent(new PageTransitionEvent('pagehide'));
		expect(commits).toHaveBeenCalledTimes(1);
		await writer.flush();
		expect(writer.pendingEntries).toBe(0);
	});

	it('shows another connection a whole recording after each flush, while it is being made', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const other = await openTestStore(name);
		const header = makeHeader();
		const writer = store.openWriter(header);
		const live = new LiveRecording(writer);
		for (let round = 1; round <= 5; round++) {
			live.recordTexts(120);
			live.recordAudio('model', countingBytes(30_000, round));
			await writer.flush();
			const { log, damage, summary } = expectValue(await loadRecording(other, header.id));
			expect(damage).toEqual([]);
			expect(summary).toMatchObject({ status: 'live', eventCount: live.log.length, modelBytes: round * 30_000 });
			expect(rawsOf(log)).toEqual(rawsOf(live.log));
		}
	});
});

describe('the library', () => {
	it('lists newest first, with what the session told', async () => {
		const store = await openTestStore(freshDatabase());
		const older = store.openWriter(makeHeader({ startedAt: '2026-11-19T10:00:00.000Z', title: 'older' }));
		const newer = store.openWriter(makeHeader({ startedAt: '2026-11-20T10:00:00.000Z', title: 'newer' }));
		newer.setSummary({ title: 'newest', model: 'another', turns: 3, interruptions: 2, errors: 1, lengthMs: 99 });
		await Promise.all([older.flush(), newer.flush()]);
		const rows = expectValue(await store.list());
		expect(rows.map(({ header }) => header.title)).toEqual(['newest', 'older']);
		expect(rows[0]).toMatchObject({ status: 'live', turns: 3, interruptions: 2, errors: 1, lengthMs: 99 });
		expect(rows[0]?.header.model).toBe('another');
		expect(rows[0]).not.toHaveProperty('id');
	});

	it('imports a whole log, and refuses an id that is there', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const log = new MemoryLog();
		const live = new LiveRecording({ append: () => undefined });
		// More than is written, or read, at once.
		live.recordTexts(33_000);
		live.recordAudio('caller', countingBytes(10_000_001));
		for (let index = 0; index < live.log.length; index++) log.append(live.log.recorded(index));
		const header = makeHeader();
		expectValue(await importLog(store, header, log, { turns: 2 }));
		const loaded = expectValue(await loadRecording(store, header.id));
		expect(loaded.damage).toEqual([]);
		expect(loaded.summary).toMatchObject({ status: 'closed', turns: 2, eventCount: 33_001, callerBytes: 10_000_001 });
		expect(rawsOf(loaded.log)).toEqual(rawsOf(log));
		expect(await importLog(store, header, log)).toMatchObject({ ok: false, error: { kind: 'failed' } });
		expect(expectValue(await loadRecording(store, header.id)).log.length).toBe(33_001);
	});

	it('deletes rows, events and audio of what is asked for, and nothing else', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const headers = [makeHeader(), makeHeader(), makeHeader()];
		for (const header of headers) {
			const writer = store.openWriter(header);
			const live = new LiveRecording(writer);
			live.recordTexts(600);
			live.recordAudio('caller', countingBytes(60_000));
			await writer.close();
		}
		const [first, second, third] = headers.map(({ id }) => id);
		const deleted: LibraryChange[] = [];
		store.onchange((change) => deleted.push(change));
		expectValue(await store.purge([first!, third!, 'unknown']));
		expect(deleted).toEqual([{ kind: 'deleted', ids: [first, third] }]);
		const database = await openDB(name);
		onTestFinished(() => database.close());
		expect(await database.getAllKeys('recordings')).toEqual([second]);
		expect(await database.count('events')).toBe(2);
		expect(await database.count('audio')).toBe(2);
		expect(expectValue(await loadRecording(store, second!)).damage).toEqual([]);
		expect(await loadRecording(store, first!)).toMatchObject({ ok: false });
	});

	it('leaves a recording alone that is being made', async () => {
		const store = await openTestStore(freshDatabase());
		const header = makeHeader();
		const writer = store.openWriter(header);
		await writer.flush();
		expectValue(await store.purge([header.id]));
		expect(expectValue(await store.remove([header.id]))).toEqual([]);
		expect(expectValue(await store.list())).toHaveLength(1);
		await writer.close();
		expectValue(await store.purge([header.id]));
		expect(expectValue(await store.list())).toHaveLength(0);
	});

	it('keeps a title that was given in another tab while the recording is being made', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const other = await openTestStore(name);
		const header = makeHeader();
		const writer = store.openWriter(header);
		await writer.flush();
		const heard = new Promise<LibraryChange>((resolve) => store.onchange(resolve));
		expectValue(await other.edit(header.id, { title: 'The bad call' }));
		expect(await heard).toEqual({ kind: 'edited', ids: [header.id], edit: { title: 'The bad call' } });
		new LiveRecording(writer).recordTexts(1);
		await writer.close();
		expect(expectValue(await store.list())[0]?.header.title).toBe('The bad call');
		expect(await other.edit('unknown', { title: 'x' })).toMatchObject({ ok: false });
	});

	it('tells this tab and the others what changed', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const other = await openTestStore(name);
		const here: LibraryChange[] = [];
		const there: LibraryChange[] = [];
		const lastThere = Promise.withResolvers<void>();
		store.onchange((change) => here.push(change));
		other.onchange((change) => {
			there.push(change);
			if (change.kind === 'deleted') lastThere.resolve();
		});
		const header = makeHeader();
		const writer = store.openWriter(header);
		await writer.close();
		await store.purge([header.id]);
		const ids = [header.id];
		expect(here.map(({ kind }) => kind)).toEqual(['added', 'deleted']);
		await lastThere.promise;
		expect(there).toEqual([
			{ kind: 'added', ids, extent: { id: header.id, status: 'closed', eventCount: 0, callerBytes: 0, modelBytes: 0 } },
			{ kind: 'deleted', ids }
		]);
	});

	it('tells of the room there is', async () => {
		const store = await openTestStore(freshDatabase());
		const estimate = await store.estimate();
		expect(estimate?.quotaBytes).toBeGreaterThan(0);
		expect(typeof (await store.persist())).toBe('boolean');
	});
});
