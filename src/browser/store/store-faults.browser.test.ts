import { openDB } from 'idb';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { cdp } from 'vitest/browser';
import { openDatabase } from './database-connection.ts';
import { openRecordingStore } from './recording-store.ts';
import { MIGRATIONS } from './schema.ts';
import type { StoreProblem } from './store-problem.ts';
import { LiveRecording, bytesOf, countingBytes, randomBytes, rawsOf } from './testing/live-recording.ts';
import { importLog, loadRecording } from './testing/load-recording.ts';
import { expectValue, freshDatabase, makeHeader, openTestStore } from './testing/store-fixtures.ts';
import type { DoomedWriterOrder } from './testing/doomed-writer.worker.ts';

/** The part of Chromium's debugging protocol that is used here. */
interface ChromiumSession {
	send(method: string, params: object): Promise<unknown>;
}

/** Chromium's storage buckets: databases of their own, whose room is counted for itself. */
interface StorageBuckets {
	open(name: string): Promise<{ indexedDB: IDBFactory }>;
	delete(name: string): Promise<void>;
}

/**
 * A store with room for so many bytes, and the function that gives it all the room there is. In a bucket of its own,
 * because Chromium trusts for 30 s what it knows of the room in a bucket.
 */
async function openCrampedStore(roomBytes: number) {
	const session = cdp() as unknown as ChromiumSession;
	const lift = () => session.send('Storage.overrideQuotaForOrigin', { origin: location.origin });
	const { usage = 0 } = await navigator.storage.estimate();
	const quotaSize = usage + roomBytes;
	await session.send('Storage.overrideQuotaForOrigin', { origin: location.origin, quotaSize });
	const buckets = (navigator as unknown as { storageBuckets: StorageBuckets }).storageBuckets;
	const bucketName = crypto.randomUUID();
	const { indexedDB: factory } = await buckets.open(bucketName);
	const store = expectValue(await openRecordingStore({ name: bucketName, factory }));
	onTestFinished(async () => {
		store.dispose();
		await lift();
		await buckets.delete(bucketName);
	});
	return { store, lift, factory, name: bucketName };
}

describe('opening', () => {
	it('says so when the browser stores nothing', async () => {
		expect(await openRecordingStore({ factory: undefined })).toMatchObject({ error: { kind: 'unavailable' } });
		const forbidding = {
			open: () => {
				throw new DOMException('no', 'SecurityError');
			}
		} as unknown as IDBFactory;
		expect(await openRecordingStore({ factory: forbidding })).toMatchObject({ error: { kind: 'unavailable' } });
	});

	it('refuses a database of a newer version by name', async () => {
		const name = freshDatabase();
		(await openDB(name, 99)).close();
		expect(await openRecordingStore({ name })).toMatchObject({ error: { kind: 'newer-version' } });
	});

	it('brings an older database up, and makes way for a newer one', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const header = makeHeader();
		const writer = store.openWriter(header);
		new LiveRecording(writer).recordTexts(3);
		await writer.close();
		// The newer version is not blocked: the store lets go on `versionchange`.
		const migrations = [...MIGRATIONS, (database: IDBDatabase) => void database.createObjectStore('notes')];
		const newer = expectValue(await openDatabase({ name, factory: indexedDB, migrations }));
		onTestFinished(() => newer.close());
		expect([...newer.objectStoreNames] as string[]).toEqual([
			'audio',
			'edits',
			'events',
			'notes',
			'peaks',
			'recordings',
			'texts'
		]);
		expect(await newer.count('recordings')).toBe(1);
		expect(await store.list()).toMatchObject({ ok: false, error: { kind: 'newer-version' } });
	});

	it('does not wait without end for a tab that holds an older version', async () => {
		const name = freshDatabase();
		const deaf = await openDB(name, 1);
		onTestFinished(() => deaf.close());
		const migrations = [...MIGRATIONS, () => undefined];
		expect(await openDatabase({ name, factory: indexedDB, migrations })).toMatchObject({ error: { kind: 'blocked' } });
	});
});

describe('a writer that dies', () => {
	it('loses nothing that was flushed, and leaves an interrupted recording', async () => {
		const name = freshDatabase();
		const header = makeHeader();
		const worker = new Worker(new URL('./testing/doomed-writer.worker.ts', import.meta.url), { type: 'module' });
		const flushed = new Promise((resolve, reject) => {
			worker.onmessage = ({ data }) => resolve(data);
			worker.onerror = ({ message }) => reject(new Error(message));
		});
		const order: DoomedWriterOrder = { name, header, texts: 700, audioBytes: 70_000 };
		worker.postMessage(order);
		expect(await flushed).toBe(true);

		const store = await openTestStore(name);
		expect(expectValue(await store.list())[0]).toMatchObject({ status: 'live' });
		worker.terminate();
		await navigator.locks.request(`earshot:recording:${header.id}`, () => undefined);

		expect(expectValue(await store.list())[0]).toMatchObject({ status: 'interrupted', modelBytes: 70_000 });
		const { log, damage, summary } = expectValue(await loadRecording(store, header.id));
		expect(summary.status).toBe('interrupted');
		expect(damage).toEqual([]);
		expect(log.length).toBeGreaterThanOrEqual(701);
		expect(bytesOf(log, 'model')).toEqual(countingBytes(70_000));
		expect(log.entry(700).audio).toMatchObject({ offset: 0, length: 70_000 });
	});

	it('counts as interrupted when its page lets go of it without closing', async () => {
		const store = await openTestStore(freshDatabase());
		const header = makeHeader();
		const writer = store.openWriter(header);
		await writer.flush();
		writer.dispose();
		await navigator.locks.request(`earshot:recording:${header.id}`, () => undefined);
		expect(expectValue(await loadRecording(store, header.id)).summary.status).toBe('interrupted');
	});
});

describe('a full store', () => {
	it('keeps what is stored and what is not, says so once, and stores all when there is room', async () => {
		const { store, lift } = await openCrampedStore(600_000);
		const problems: StoreProblem[] = [];
		let recoveries = 0;
		const header = makeHeader();
		const writer = store.openWriter(header, {
			onproblem: (problem) => problems.push(problem),
			onrecovery: () => recoveries++
		});
		const live = new LiveRecording(writer);
		live.recordTexts(10);
		live.recordAudio('model', countingBytes(10_000));
		expectValue(await writer.flush());

		for (let round = 1; round <= 3; round++) {
			live.recordAudio('model', countingBytes(1_000_000, round));
			expect(await writer.flush()).toMatchObject({ ok: false, error: { kind: 'full' } });
			expect(writer.pendingEntries).toBe(round);
		}
		expect(problems.map(({ kind }) => kind)).toEqual(['full']);
		const stored = expectValue(await loadRecording(store, header.id));
		expect(stored.damage).toEqual([]);
		expect(stored.log.length).toBe(11);

		await lift();
		expectValue(await writer.close());
		expect(recoveries).toBe(1);
		const { log, damage, summary } = expectValue(await loadRecording(store, header.id));
		expect(damage).toEqual([]);
		expect(summary.status).toBe('closed');
		expect(rawsOf(log)).toEqual(rawsOf(live.log));
	});

	it('tries again at once when something was deleted', async () => {
		const { store, lift } = await openCrampedStore(600_000);
		const old = store.openWriter(makeHeader());
		await old.close();
		let isRecovered = false;
		const writer = store.openWriter(makeHeader(), { onrecovery: () => (isRecovered = true) });
		await writer.flush();
		new LiveRecording(writer).recordAudio('caller', countingBytes(1_000_000));
		expect(await writer.flush()).toMatchObject({ ok: false, error: { kind: 'full' } });
		await lift();
		const flushes = vi.spyOn(writer, 'flush');
		await store.purge([old.id]);
		expect(flushes).toHaveBeenCalledTimes(1);
		await flushes.mock.results[0]?.value;
		expect(isRecovered).toBe(true);
		expect(writer.pendingEntries).toBe(0);
	});

	it('removes an import that does not fit', async () => {
		const { store, factory, name } = await openCrampedStore(600_000);
		const live = new LiveRecording({ append: () => undefined });
		// The browser packs what repeats.
		for (let megabyte = 0; megabyte < 5; megabyte++) live.recordAudio('caller', randomBytes(1_000_000));
		const header = makeHeader();
		expect(await importLog(store, header, live.log)).toMatchObject({ ok: false, error: { kind: 'full' } });
		const database = expectValue(await openDatabase({ name, factory }));
		onTestFinished(() => database.close());
		expect([await database.count('recordings'), await database.count('audio')]).toEqual([0, 0]);
	});
});

describe('a database that is taken away', () => {
	it('is opened again, and the whole recording stored again from the log', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const problems: StoreProblem[] = [];
		const header = makeHeader();
		const live = new LiveRecording({ append: (entry, audio) => writer.append(entry, audio) });
		const writer = store.openWriter(header, { log: live.log, onproblem: (problem) => problems.push(problem) });
		live.recordTexts(600);
		live.recordAudio('model', countingBytes(70_000));
		expectValue(await writer.flush());
		await new Promise((resolve, reject) => {
			const request = indexedDB.deleteDatabase(name);
			request.onsuccess = resolve;
			request.onerror = reject;
			request.onblocked = reject;
		});
		live.recordTexts(1);
		live.recordAudio('model', countingBytes(10));
		expectValue(await writer.close());
		expect(problems.map(({ kind }) => kind)).toEqual(['closed']);
		const { log, damage } = expectValue(await loadRecording(store, header.id));
		expect(damage).toEqual([]);
		expect(rawsOf(log)).toEqual(rawsOf(live.log));
	});

	it('is opened again by the browser’s clearing of site data', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const header = makeHeader();
		const live = new LiveRecording({ append: (entry, audio) => writer.append(entry, audio) });
		const writer = store.openWriter(header, { log: live.log });
		live.recordTexts(3);
		await writer.flush();
		const witness = await openDB(name);
		const closed = new Promise((resolve) => witness.addEventListener('close', resolve));
		const session = cdp() as unknown as ChromiumSession;
		await session.send('Storage.clearDataForOrigin', { origin: location.origin, storageTypes: 'indexeddb' });
		await closed;
		live.recordTexts(3);
		expectValue(await writer.flush());
		expect(rawsOf(expectValue(await loadRecording(store, header.id)).log)).toEqual(rawsOf(live.log));
	});
});

describe('damage', () => {
	/** 1,001 entries of text, then 2.5 s of model audio in 50 entries. */
	async function storeRecording(name: string) {
		const store = await openTestStore(name);
		const header = makeHeader();
		const writer = store.openWriter(header);
		const live = new LiveRecording(writer);
		live.recordTexts(1001);
		for (let index = 0; index < 50; index++) live.recordAudio('model', countingBytes(2_400, index));
		await writer.close();
		const database = await openDB(name);
		onTestFinished(() => database.close());
		return { store, header, live, database };
	}

	it('a missing chunk of events costs these events', async () => {
		const { store, header, live, database } = await storeRecording(freshDatabase());
		await database.delete('events', [header.id, 500]);
		const { log, damage } = expectValue(await loadRecording(store, header.id));
		expect(damage).toEqual(['Events 500 to 999 are missing.']);
		expect(log.length).toBe(551);
		expect(log.raw(500)).toBe(live.log.raw(1000));
		expect(log.raw(550)).toBe(live.log.raw(1050));
	});

	it('a broken line costs this line, a cut chunk what was cut off', async () => {
		const { store, header, live, database } = await storeRecording(freshDatabase());
		const chunk = (await database.get('events', [header.id, 0])) as { bytes: Uint8Array; count: number };
		chunk.bytes[chunk.bytes.indexOf(10) + 1] = 0;
		await database.put('events', chunk, [header.id, 0]);
		const second = (await database.get('events', [header.id, 500])) as { bytes: Uint8Array; count: number };
		const cut = { ...second, bytes: second.bytes.slice(0, second.bytes.length - 20) };
		await database.put('events', cut, [header.id, 500]);
		const { log, damage } = expectValue(await loadRecording(store, header.id));
		expect(damage).toEqual([
			'Event 1 could not be read and is left out.',
			'Event 999 could not be read and is left out.'
		]);
		expect(log.length).toBe(1049);
		expect(log.raw(1)).toBe(live.log.raw(2));
	});

	it('a missing second of audio is silence, and only its events lose their audio', async () => {
		const { store, header, live, database } = await storeRecording(freshDatabase());
		await database.delete('audio', [header.id, 'model', 48_000]);
		const { log, damage } = expectValue(await loadRecording(store, header.id));
		expect(damage).toEqual([
			"The model's audio from 1.000 s to 2.000 s of its track is missing.",
			'20 audio events are kept without audio.'
		]);
		expect(log.length).toBe(live.log.length);
		expect(log.raw(1001)).toBe(live.log.raw(1001));
		expect(log.entry(1001 + 20).audio).toBeUndefined();
		expect(log.raw(1001 + 45)).toBe(live.log.raw(1001 + 45));
		expect(bytesOf(log, 'model').subarray(96_000)).toEqual(bytesOf(live.log, 'model').subarray(96_000));
	});

	it('audio that ends too early is said, and its events are kept', async () => {
		const { store, header, live, database } = await storeRecording(freshDatabase());
		const last = (await database.get('audio', [header.id, 'model', 96_000])) as ArrayBuffer;
		await database.put('audio', last.slice(0, 2_400), [header.id, 'model', 96_000]);
		const { log, damage } = expectValue(await loadRecording(store, header.id));
		expect(damage).toEqual([
			"The model's audio ends at 2.050 s instead of 2.500 s.",
			'9 audio events are kept without audio.'
		]);
		expect(log.length).toBe(live.log.length);
		expect(log.raw(1041)).toBe(live.log.raw(1041));
		expect(JSON.parse(log.raw(1042))).toMatchObject({ delta: '' });
	});
});
