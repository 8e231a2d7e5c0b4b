import { openDB } from 'idb';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LibraryChange } from './library-changes.ts';
import { openRecordingStore, type RecordingStore } from './recording-store.ts';
import { LiveRecording, countingBytes } from './testing/live-recording.ts';
import { importLog } from './testing/load-recording.ts';
import { expectValue, freshDatabase, makeHeader, openTestStore } from './testing/store-fixtures.ts';

async function record(store: RecordingStore, texts = 1): Promise<string> {
	const writer = store.openWriter(makeHeader());
	new LiveRecording(writer).recordTexts(texts);
	expectValue(await writer.close());
	return writer.id;
}

const idsOf = async (store: RecordingStore) => expectValue(await store.list()).map(({ header }) => header.id);

/** How many records each part of the database holds. */
async function countRecords(name: string): Promise<Record<string, number>> {
	const database = await openDB(name);
	const parts = [...database.objectStoreNames];
	const counts = await Promise.all(parts.map(async (part) => [part, await database.count(part)] as const));
	database.close();
	return Object.fromEntries(counts);
}

describe('an edit', () => {
	it('is not undone by a maker that stores its row at the same time', async () => {
		const name = freshDatabase();
		const [store, other] = [await openTestStore(name), await openTestStore(name)];
		for (let round = 0; round < 20; round++) {
			const writer = store.openWriter(makeHeader());
			await writer.flush();
			new LiveRecording(writer).recordTexts(1);
			writer.setSummary({ title: 'of the session' });
			const results = await Promise.all(
				round % 2 === 0
					? [other.edit(writer.id, { title: 'of the keeper' }), writer.close()]
					: [writer.close(), other.edit(writer.id, { title: 'of the keeper' })]
			);
			results.forEach((result) => expectValue(result));
			expect(expectValue(await store.summary(writer.id)).header.title).toBe('of the keeper');
		}
	});
});

describe('what was removed', () => {
	/** A store that was opened, and does what it does, at this wall time. */
	async function openAt(name: string, nowMs: number): Promise<RecordingStore> {
		clock.mockReturnValue(nowMs);
		return expectValue(await openRecordingStore({ name }));
	}
	/** Resolves when the others know that the store which was opened at this time is closed. */
	async function presenceEnded(name: string, openedAt: number): Promise<void> {
		await vi.waitFor(async () => {
			const { held = [] } = await navigator.locks.query();
			expect(held.map((lock) => lock.name)).not.toContain(`earshot:open:${name}:${openedAt}`);
		});
	}
	const clock = vi.spyOn(Date, 'now');
	const DAY_MS = 24 * 3600 * 1000;

	it('is deleted for good when no page is open any more that was open then', async () => {
		onTestFinished(() => void clock.mockReset());
		const name = freshDatabase();
		const earlier = await openAt(name, 500);
		const [old, id] = [await record(earlier), await record(earlier)];
		expectValue(await earlier.remove([old]));
		earlier.dispose();
		await presenceEnded(name, 500);

		const store = await openAt(name, 1_000);
		clock.mockReturnValue(2_000);
		expectValue(await store.remove([id]));
		const later = await openAt(name, 3_000);
		onTestFinished(() => later.dispose());
		const deleted: LibraryChange[] = [];
		let told = Promise.withResolvers<void>();
		later.onchange((change) => {
			if (change.kind !== 'deleted') return;
			deleted.push(change);
			told.resolve();
		});
		// The page where the second was removed is still open, and may offer to take it back.
		expect(await idsOf(later)).toEqual([]);
		await told.promise;
		expect(deleted).toEqual([{ kind: 'deleted', ids: [old] }]);
		expectValue(await later.undoRemove([id]));
		expect(await idsOf(later)).toEqual([id]);

		clock.mockReturnValue(2_500);
		expectValue(await store.remove([id]));
		store.dispose();
		await presenceEnded(name, 1_000);
		told = Promise.withResolvers<void>();
		expect(await idsOf(later)).toEqual([]);
		await told.promise;
		expect(deleted[1]).toEqual({ kind: 'deleted', ids: [id] });
		expect((await countRecords(name))['recordings']).toBe(0);
		expect(await later.undoRemove([id])).toMatchObject({ ok: false });
	});

	it('is deleted for good after a day', async () => {
		onTestFinished(() => void clock.mockReset());
		const name = freshDatabase();
		const store = await openAt(name, 1_000);
		onTestFinished(() => store.dispose());
		const [old, young] = [await record(store), await record(store)];
		clock.mockReturnValue(2_000);
		expectValue(await store.remove([old]));
		clock.mockReturnValue(DAY_MS);
		expectValue(await store.remove([young]));
		expect(await idsOf(store)).toEqual([]);
		const deleted = new Promise<LibraryChange>((resolve) => store.onchange(resolve));
		clock.mockReturnValue(DAY_MS + 2_001);
		expect(await idsOf(store)).toEqual([]);
		expect(await deleted).toEqual({ kind: 'deleted', ids: [old] });
		expectValue(await store.undoRemove([young]));
		expect(await idsOf(store)).toEqual([young]);
	});
});

describe('deleting for good', () => {
	// Whether the browser counts less room then is looked at where its profile is on the disk: tests/browser/store.test.ts.
	it('leaves no record behind', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const live = new LiveRecording({ append: () => undefined });
		live.recordAudio('model', countingBytes(1_000_000));
		live.recordAudio('caller', countingBytes(1_000_000));
		live.recordTexts(600);
		const header = makeHeader();
		expectValue(await importLog(store, header, live.log, {}, { text: 'words' }));
		expectValue(await store.putPeaks(header.id, 'model', Float32Array.of(1)));
		expectValue(await store.edit(header.id, { note: 'a note' }));
		expect(await countRecords(name)).toEqual({ audio: 6, edits: 1, events: 2, peaks: 1, recordings: 1, texts: 1 });
		expectValue(await store.purge([header.id]));
		expect(await countRecords(name)).toEqual({ audio: 0, edits: 0, events: 0, peaks: 0, recordings: 0, texts: 0 });
	});
});

describe('telling the others', () => {
	it('says with each flush how much is stored', async () => {
		const name = freshDatabase();
		const [store, other] = [await openTestStore(name), await openTestStore(name)];
		const changes: LibraryChange[] = [];
		const closed = new Promise<void>((resolve) =>
			other.onchange((change) => {
				changes.push(change);
				if (change.kind === 'updated' && change.extent.status === 'closed') resolve();
			})
		);
		const writer = store.openWriter(makeHeader());
		const live = new LiveRecording(writer);
		for (let round = 0; round < 3; round++) {
			live.recordTexts(10);
			live.recordAudio('caller', countingBytes(100));
			await writer.flush();
		}
		await writer.close();
		await closed;
		const extents = changes.map(
			(change) => 'extent' in change && [change.kind, change.extent.eventCount, change.extent.callerBytes]
		);
		expect(extents).toEqual([
			['added', 11, 100],
			['updated', 22, 200],
			['updated', 33, 300],
			['updated', 33, 300]
		]);
	});

	it('asks the browser once to keep the recordings, when the first with sound is complete', async () => {
		const persist = vi.spyOn(StorageManager.prototype, 'persist').mockResolvedValue(true);
		onTestFinished(() => persist.mockRestore());
		const store = await openTestStore(freshDatabase());
		await record(store);
		const writer = store.openWriter(makeHeader());
		const live = new LiveRecording(writer);
		live.recordAudio('caller', countingBytes(100));
		await writer.flush();
		expect(persist).not.toHaveBeenCalled();
		await writer.close();
		expect(persist).toHaveBeenCalledTimes(1);
		expectValue(await importLog(store, makeHeader(), live.log));
		expect(persist).toHaveBeenCalledTimes(1);
		const importing = await openTestStore(freshDatabase());
		expectValue(await importLog(importing, makeHeader(), live.log, { wasCutOff: true }));
		expect(persist).toHaveBeenCalledTimes(2);
	});
});
