import { openDB } from 'idb';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openRecordingStore } from './recording-store.ts';
import { LiveRecording, bytesOf, countingBytes, rawsOf } from './testing/live-recording.ts';
import { loadRecording } from './testing/load-recording.ts';
import { expectValue, freshDatabase, makeHeader, openTestStore } from './testing/store-fixtures.ts';
import { openVersion1, writeVersion1 } from './testing/version-1.ts';

describe('a database of version 1', () => {
	it('is brought up with all that was in it, and goes on being used', async () => {
		const name = freshDatabase();
		const old = await openVersion1(name);
		const written = await writeVersion1(old);
		old.close();
		const store = await openTestStore(name);

		const rows = expectValue(await store.list());
		expect(rows.map(({ header, status }) => [header.title, status]).sort()).toEqual([
			['A closed one', 'closed'],
			['A killed one', 'interrupted']
		]);
		for (const { id, raws } of [written.closed, written.killed]) {
			const { log, damage, summary } = expectValue(await loadRecording(store, id));
			expect(damage).toEqual([]);
			expect(rawsOf(log)).toEqual(raws);
			expect(summary).toMatchObject({ eventCount: raws.length, turns: 2, interruptions: 1 });
			expect(summary.eventBytes).toBeUndefined();
		}
		const { log } = expectValue(await loadRecording(store, 'closed'));
		expect(bytesOf(log, 'model')).toEqual(written.closed.model);
		expect(await store.readAudio('closed', 'model', 47_990, 20)).toEqual(written.closed.model.subarray(47_990, 48_010));

		expectValue(await store.edit('closed', { tags: ['old'] }));
		expectValue(await store.putPeaks('closed', 'model', Float32Array.of(0.5)));
		expectValue(await store.putText('closed', 'some words'));
		expect(expectValue(await store.search('words old'))).toEqual([{ id: 'closed', excerpt: 'some words' }]);
		const writer = store.openWriter(makeHeader());
		const live = new LiveRecording(writer);
		live.recordAudio('caller', countingBytes(100));
		expectValue(await writer.close());
		expectValue(await store.purge(['closed', 'killed']));
		expect(expectValue(await store.list()).map(({ header }) => header.id)).toEqual([writer.id]);
		const raw = await openDB(name);
		onTestFinished(() => raw.close());
		expect(raw.version).toBe(2);
		const counts = await Promise.all(['events', 'audio', 'peaks', 'texts', 'edits'].map((part) => raw.count(part)));
		expect(counts).toEqual([1, 1, 0, 0, 0]);
	});

	it('is taken over from an open tab that lets go of it', async () => {
		const name = freshDatabase();
		const old = await openVersion1(name);
		const { killed } = await writeVersion1(old);
		const told = new Promise<number | null>((resolve) => {
			old.onversionchange = ({ newVersion }) => {
				old.close();
				resolve(newVersion);
			};
		});
		const store = await openTestStore(name);
		expect(await told).toBe(2);
		expect(rawsOf(expectValue(await loadRecording(store, killed.id)).log)).toEqual(killed.raws);
	});

	it('stays as it is while a tab does not let go of it, which is said', async () => {
		const name = freshDatabase();
		const old = await openVersion1(name);
		await writeVersion1(old);
		const blocked = await openRecordingStore({ name });
		expect(blocked).toMatchObject({ ok: false, error: { kind: 'blocked' } });
		expect(blocked.ok || blocked.error.message).toContain('Close the other tabs');
		old.close();
		expect(expectValue(await (await openTestStore(name)).list())).toHaveLength(2);
	});
});
