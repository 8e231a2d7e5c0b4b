import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PeakTrack } from '#core/audio/peaks.ts';
import type { RecordingHeader } from '#core/recording/recorded-event.ts';
import type { LibraryChange } from './library-changes.ts';
import type { RecordingStore } from './recording-store.ts';
import { LiveRecording, bytesOf, countingBytes, rawsOf } from './testing/live-recording.ts';
import { importLog, loadRecording } from './testing/load-recording.ts';
import { expectValue, makeHeader } from './testing/store-fixtures.ts';
import { storeKinds, type StoreKind } from './testing/store-kinds.ts';

/** Recordings and their makers at once, closed. */
async function record(
	{ openWriter }: StoreKind,
	header: RecordingHeader,
	texts = 3,
	audioBytes = 0
): Promise<LiveRecording> {
	const writer = openWriter(header);
	const live = new LiveRecording(writer);
	live.recordTexts(texts);
	if (audioBytes > 0) live.recordAudio('model', countingBytes(audioBytes));
	expectValue(await writer.close());
	return live;
}

const titlesOf = async (store: RecordingStore) => expectValue(await store.list()).map(({ header }) => header.title);

describe.each(Object.entries(storeKinds))('a store: %s', (_name, open) => {
	it('gives back what was written, while it is written and afterwards', async () => {
		const { store, openWriter } = await open();
		const header = makeHeader();
		let isIdle = false;
		const writer = openWriter(header, { onidle: () => (isIdle = true) });
		const live = new LiveRecording(writer);
		for (let round = 1; round <= 3; round++) {
			live.recordTexts(300);
			live.recordAudio('model', countingBytes(30_001, round));
			live.recordAudio('caller', countingBytes(1_000, round));
			writer.setSummary({ turns: round, model: 'another' });
			expectValue(await writer.flush());
			expect(writer.pendingEntries).toBe(0);
			const { log, summary, damage } = expectValue(await loadRecording(store, header.id));
			expect(damage).toEqual([]);
			expect(rawsOf(log)).toEqual(rawsOf(live.log));
			expect(bytesOf(log, 'model')).toEqual(bytesOf(live.log, 'model'));
			expect(summary).toMatchObject({
				status: 'live',
				turns: round,
				header: { model: 'another' },
				lengthMs: log.lengthMs
			});
		}
		expect(isIdle).toBe(true);
		expectValue(await writer.close());
		expect(expectValue(await store.summary(header.id))).toMatchObject({ status: 'closed', eventCount: 906 });
		expect(expectValue(await store.summary(header.id)).eventBytes).toBeGreaterThan(10_000);
	});

	it('lists the newest first, and what its maker let go of as interrupted', async () => {
		const { store, openWriter } = await open();
		const older = makeHeader({ title: 'older', startedAt: '2026-11-20T09:00:00.000Z' });
		const writer = openWriter(older);
		await writer.flush();
		await record({ store, openWriter }, makeHeader({ title: 'newer' }));
		expect(expectValue(await store.list()).map(({ status }) => status)).toEqual(['closed', 'live']);
		const told = new Promise<unknown>((resolve) => store.onchange(resolve));
		writer.dispose();
		if (!store.isKept) await told;
		else await navigator.locks.request(`earshot:recording:${older.id}`, () => undefined);
		expect(await titlesOf(store)).toEqual(['newer', 'older']);
		expect(expectValue(await store.summary(older.id)).status).toBe('interrupted');
		expect(await store.summary('unknown')).toMatchObject({ ok: false });
	});

	it('keeps what its keeper changed, also while it is made', async () => {
		const { store, openWriter } = await open();
		const header = makeHeader();
		const writer = openWriter(header);
		await writer.flush();
		const changes: LibraryChange[] = [];
		store.onchange((change) => changes.push(change));
		expectValue(await store.edit(header.id, { title: 'The bad call' }));
		expectValue(await store.edit(header.id, { tags: ['billing', 'barge-in'] }));
		writer.setSummary({ title: 'What the session calls it' });
		await writer.close();
		expectValue(await store.edit(header.id, { note: 'Heard twice' }));
		const edited = { title: 'The bad call', tags: ['billing', 'barge-in'], note: 'Heard twice' };
		expect(expectValue(await store.list())[0]?.header).toMatchObject(edited);
		expect(expectValue(await loadRecording(store, header.id)).summary.header).toMatchObject(edited);
		expect(changes[0]).toEqual({ kind: 'edited', ids: [header.id], edit: { title: 'The bad call' } });
		expect(await store.edit('unknown', { title: 'x' })).toMatchObject({ ok: false });
	});

	it('takes recordings out of the list and puts them back, until they are gone for good', async () => {
		const kind = await open();
		const { store } = kind;
		const [first, second] = [makeHeader({ title: 'first' }), makeHeader({ title: 'second' })];
		await record(kind, first);
		await record(kind, second);
		const live = kind.openWriter(makeHeader({ title: 'live' }));
		await live.flush();
		const changes: LibraryChange[] = [];
		store.onchange((change) => changes.push(change));

		expect(expectValue(await store.remove([first.id, live.id, 'unknown']))).toEqual([first.id]);
		expect((await titlesOf(store)).sort()).toEqual(['live', 'second']);
		expect(expectValue(await store.search('first'))).toEqual([]);
		expectValue(await store.undoRemove([first.id]));
		expect((await titlesOf(store)).sort()).toEqual(['first', 'live', 'second']);
		expectValue(await store.purge([first.id, second.id, live.id]));
		expect(await titlesOf(store)).toEqual(['live']);
		expect(await store.undoRemove([first.id])).toMatchObject({ ok: false });
		const ofThese = changes.filter(({ kind }) => kind !== 'updated');
		expect(ofThese.map(({ kind, ids }) => [kind, ids])).toEqual([
			['removed', [first.id]],
			['restored', [first.id]],
			['deleted', [first.id, second.id]]
		]);
	});

	it('finds recordings by all of the words, in any of the places, and shows where', async () => {
		const kind = await open();
		const { store } = kind;
		const older = makeHeader({
			title: 'Opening hours (1+1)',
			startedAt: '2026-11-20T09:00:00.000Z',
			endpoint: 'Staging'
		});
		const newer = makeHeader({ title: 'A lost parcel' });
		await record(kind, older);
		await record(kind, newer);
		expect(expectValue(await store.idsWithoutText())).toHaveLength(2);
		const before = 'so it goes and goes '.repeat(10);
		expectValue(await store.putText(older.id, `${before}We are open until SIX, Grüße\n${before}`));
		expectValue(await store.putText(newer.id, 'the parcel is lost'));
		expectValue(await store.edit(newer.id, { tags: ['Grüße'], note: 'call back at six' }));
		expect(expectValue(await store.idsWithoutText())).toEqual([]);
		const find = async (words: string) => expectValue(await store.search(words)).map(({ id }) => id);
		expect(await find('six grüße')).toEqual([newer.id, older.id]);
		expect(await find('grüße'.normalize('NFD'))).toEqual([newer.id, older.id]);
		expect(await find('  OPEN six ')).toEqual([older.id]);
		expect(await find('open parcel')).toEqual([]);
		expect(await find('staging (1+1)')).toEqual([older.id]);
		expect(await find('gpt-realtime .')).toEqual([]);
		expect(await find('')).toEqual([newer.id, older.id]);
		const [hit] = expectValue(await store.search('six staging'));
		expect(hit?.excerpt).toMatch(/^… .*We are open until SIX, Grüße so it goes.* …$/);
		expect(expectValue(await store.search('lost'))).toEqual([{ id: newer.id, excerpt: 'the parcel is lost' }]);
		expect(expectValue(await store.search('staging'))).toEqual([{ id: older.id }]);
		expect(await store.putText('unknown', '')).toMatchObject({ ok: false });
	});

	it('keeps the levels of a track as they are', async () => {
		const kind = await open();
		const header = makeHeader();
		const live = await record(kind, header, 1, 48_000);
		const peaks = new PeakTrack();
		peaks.append(bytesOf(live.log, 'model'));
		peaks.append(Uint8Array.of(0, 128));
		const levels = peaks.levels(0, peaks.bucketCount);
		expect(Math.max(...levels)).toBe(1);
		expectValue(await kind.store.putPeaks(header.id, 'model', levels));
		expect(await kind.store.peaks(header.id, 'model')).toEqual(levels);
		expect(await kind.store.peaks(header.id, 'caller')).toBeUndefined();
		expect(await kind.store.putPeaks('unknown', 'model', levels)).toMatchObject({ ok: false });
	});

	it('gives any stretch of audio', async () => {
		const kind = await open();
		const { store } = kind;
		const [recorded, imported] = [makeHeader(), makeHeader()];
		const live = await record(kind, recorded, 1, 1_100_000);
		const whole = bytesOf(live.log, 'model');
		expectValue(await importLog(store, imported, live.log));
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom(recorded.id, imported.id),
				fc.nat(1_200_000),
				fc.oneof(fc.nat(100), fc.nat(1_000_000)),
				async (id, offset, length) => {
					const bytes = await store.readAudio(id, 'model', offset, length);
					const expected = whole.subarray(offset, offset + length);
					expect(bytes.length).toBe(expected.length);
					expect(indexedDB.cmp(bytes, expected.slice())).toBe(0);
				}
			),
			{ numRuns: 60 }
		);
		expect(await store.readAudio(recorded.id, 'caller', 0, 10)).toEqual(new Uint8Array(0));
		await expect(store.readAudio('unknown', 'model', 0, 1)).rejects.toThrow('not in this browser');
	});
});
