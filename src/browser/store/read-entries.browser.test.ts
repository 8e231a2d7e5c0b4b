import { openDB } from 'idb';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { EntryBlockData } from '#core/recording/entry-block.ts';
import { FIRST_ENTRY, type RecordingStore } from './recording-store.ts';
import { LiveRecording, bytesOf, countingBytes, rawsOf } from './testing/live-recording.ts';
import { importLog, loadRecording } from './testing/load-recording.ts';
import { expectValue, freshDatabase, makeHeader, openTestStore } from './testing/store-fixtures.ts';

/** A recording of so many texts, imported. */
async function storeTexts(store: RecordingStore, count: number): Promise<string> {
	const live = new LiveRecording({ append: () => undefined });
	live.recordTexts(count);
	const header = makeHeader();
	expectValue(await importLog(store, header, live.log));
	return header.id;
}

const countOf = (blocks: readonly EntryBlockData[]) => blocks.reduce((sum, { count }) => sum + count, 0);

describe('reading entries', () => {
	it('hands over the first chunk alone, then pieces, in blocks that are not too large', async () => {
		const store = await openTestStore(freshDatabase());
		const id = await storeTexts(store, 70_000);
		const pieces: EntryBlockData[][] = [];
		const read = expectValue(await store.readEntries(id, FIRST_ENTRY, (blocks) => void pieces.push(blocks)));
		expect(pieces.map(countOf)).toEqual([500, 32_000, 32_000, 5_500]);
		expect(Math.max(...pieces.flat().map(({ count }) => count))).toBe(4_096);
		expect(pieces.flat().map(({ at }) => at[0])).toEqual(
			[...pieces.flat().map(({ at }) => at[0]!)].sort((a, b) => a - b)
		);
		expect(read).toMatchObject({ cursor: { index: 70_000, at: 699_990 }, damage: [] });
		expect(read.summary).toEqual(expectValue(await store.summary(id)));

		const rest: EntryBlockData[] = [];
		await store.readEntries(id, { index: 69_321, at: 693_200 }, (blocks) => void rest.push(...blocks));
		expect(rest.map(({ count, at }) => [count, at[0]])).toEqual([[679, 693_210]]);
		expectValue(await store.readEntries(id, read.cursor, () => expect.unreachable()));
	});

	it('waits for whoever takes them', async () => {
		const store = await openTestStore(freshDatabase());
		const id = await storeTexts(store, 40_000);
		let isTaking = false;
		let calls = 0;
		const read = await store.readEntries(id, FIRST_ENTRY, async () => {
			expect(isTaking).toBe(false);
			isTaking = true;
			calls++;
			await store.list();
			isTaking = false;
		});
		expectValue(read);
		expect(calls).toBe(3);
	});

	it('stops when it is told to, and can go on from there', async () => {
		const store = await openTestStore(freshDatabase());
		const id = await storeTexts(store, 40_000);
		const stopping = new AbortController();
		let taken = 0;
		const take = (blocks: EntryBlockData[]) => {
			taken += countOf(blocks);
			stopping.abort();
		};
		const { cursor, damage } = expectValue(await store.readEntries(id, FIRST_ENTRY, take, stopping.signal));
		expect([taken, cursor.index, damage]).toEqual([500, 500, []]);
		expectValue(await store.readEntries(id, cursor, take));
		expect(taken).toBe(40_000);
	});

	it('says that a recording is gone which was deleted while it was read', async () => {
		const store = await openTestStore(freshDatabase());
		const id = await storeTexts(store, 70_000);
		const read = await store.readEntries(id, FIRST_ENTRY, async () => void (await store.purge([id])));
		expect(read).toMatchObject({ ok: false, error: { kind: 'failed' } });
	});

	it('hands over what there was when it began, and the rest the next time', async () => {
		const store = await openTestStore(freshDatabase());
		const writer = store.openWriter(makeHeader());
		const live = new LiveRecording(writer);
		live.recordTexts(700);
		await writer.flush();
		const counts: number[] = [];
		const take = async (blocks: EntryBlockData[]) => {
			counts.push(countOf(blocks));
			if (counts.length > 1) return;
			for (let index = 0; index < 50; index++) live.recordAudio('model', countingBytes(2_000, index));
			expectValue(await writer.flush());
		};
		const first = expectValue(await store.readEntries(writer.id, FIRST_ENTRY, take));
		expect([counts, first.cursor.index, first.damage]).toEqual([[500, 200], 700, []]);
		const second = expectValue(await store.readEntries(writer.id, first.cursor, take));
		expect([counts, second.cursor.index, second.damage]).toEqual([[500, 200, 50], 750, []]);
	});

	it('does not touch the audio', async () => {
		const store = await openTestStore(freshDatabase());
		const live = new LiveRecording({ append: () => undefined });
		for (let round = 0; round < 6; round++) live.recordAudio('model', countingBytes(480_000, round));
		const header = makeHeader();
		expectValue(await importLog(store, header, live.log));
		const gets = vi.spyOn(IDBObjectStore.prototype, 'get');
		const getAlls = vi.spyOn(IDBObjectStore.prototype, 'getAll');
		onTestFinished(() => [gets, getAlls].forEach((spy) => spy.mockRestore()));
		expectValue(await store.readEntries(header.id, FIRST_ENTRY, () => undefined));
		const ofAudio = (spy: typeof gets | typeof getAlls) =>
			spy.mock.contexts.filter((context) => (context as IDBObjectStore).name === 'audio');
		// The last chunk's length tells whether the track is whole.
		expect([ofAudio(gets).length, ofAudio(getAlls).length]).toEqual([1, 0]);
	});
});

describe('damage of an imported recording', () => {
	it('is found whatever the size of its chunks', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const live = new LiveRecording({ append: () => undefined });
		for (let index = 0; index < 20; index++) live.recordAudio('model', countingBytes(96_000, index));
		const header = makeHeader();
		expectValue(await importLog(store, header, live.log));
		const database = await openDB(name);
		onTestFinished(() => database.close());
		const keys = (await database.getAllKeys('audio')) as unknown as [string, string, number][];
		expect(keys.map(([, , first]) => first)).toEqual([0, 480_000, 960_000, 1_440_000]);
		await database.delete('audio', [header.id, 'model', 480_000]);
		await database.put('audio', 'no bytes', [header.id, 'model', 1_440_000]);

		const { log, damage } = expectValue(await loadRecording(store, header.id));
		expect(damage).toEqual([
			"The model's audio from 10.000 s to 20.000 s of its track is missing.",
			"The model's audio ends at 30.000 s instead of 40.000 s.",
			'10 audio events are kept without audio.'
		]);
		expect(log.length).toBe(20);
		const isWhole = (index: number) => index < 5 || (index >= 10 && index < 15);
		for (let index = 0; index < 20; index++) {
			expect(log.entry(index).audio !== undefined).toBe(isWhole(index));
			if (isWhole(index)) expect(log.raw(index)).toBe(live.log.raw(index));
		}
		const silent = bytesOf(live.log, 'model').slice();
		silent.fill(0, 480_000, 960_000);
		silent.fill(0, 1_440_000);
		expect(indexedDB.cmp(bytesOf(log, 'model').slice(), silent)).toBe(0);
	});

	it('is not what a killed import leaves: that is whole up to some moment', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const live = new LiveRecording({ append: () => undefined });
		const noise = countingBytes(2_000_010);
		for (let round = 0; round < 10; round++) {
			live.recordTexts(2_000);
			live.recordAudio('caller', noise.subarray(round, round + 2_000_000));
			live.recordAudio('model', noise.subarray(round, round + 1_999_999));
		}
		const header = makeHeader();
		let seen = 0;
		// What another tab finds at any moment of the import is what it would find had the importing one been killed then.
		const other = await openTestStore(name);
		const checks: Promise<void>[] = [];
		const check = async () => {
			const { log, damage } = expectValue(await loadRecording(other, header.id));
			expect(damage).toEqual([]);
			expect(rawsOf(log)).toEqual(rawsOf(live.log).slice(0, log.length));
			seen = Math.max(seen, log.length);
		};
		const options = { onprogress: () => void checks.push(check()) };
		expectValue(await importLog(store, header, live.log, {}, options));
		await Promise.all(checks);
		expect(checks.length).toBeGreaterThan(3);
		expect(seen).toBe(live.log.length);
	});
});
