import { describe, expect, it } from 'vitest';
import { PeakTrack } from '#core/audio/peaks.ts';
import { audioOfTracks } from '#core/recording/export/audio-reader.ts';
import { LiveRecording, bytesOf, randomBytes, rawsOf } from './testing/live-recording.ts';
import { importLog, loadRecording } from './testing/load-recording.ts';
import { expectValue, makeHeader } from './testing/store-fixtures.ts';
import { storeKinds } from './testing/store-kinds.ts';

const kinds = Object.entries(storeKinds).filter(([name]) => !name.includes('port'));

describe.each(kinds)('importing into a store: %s', (_name, open) => {
	/** 20,000 texts, with 20 MB of audio in each track, here and there: some transactions. */
	function makeLog(): LiveRecording {
		const live = new LiveRecording({ append: () => undefined });
		const noise = randomBytes(1_000_021);
		for (let round = 0; round < 20; round++) {
			live.recordTexts(1_000);
			live.recordAudio('caller', noise.subarray(round, round + 1_000_000));
			live.recordAudio('model', noise.subarray(round, round + 1_000_001));
		}
		return live;
	}

	it('takes in all of it, with levels and words', async () => {
		const { store } = await open();
		const { log } = makeLog();
		const header = makeHeader({ tags: ['from elsewhere'], note: 'a note' });
		const peaks = { caller: new PeakTrack(), model: new PeakTrack() };
		peaks.caller.append(bytesOf(log, 'caller'));
		const done: number[] = [];
		const options = { onprogress: (bytes: number) => done.push(bytes), peaks, text: 'some words' };
		const update = { turns: 2, lengthMs: 1e6, model: 'another' };
		const summary = expectValue(await importLog(store, header, log, update, options));
		expect(summary).toEqual(expectValue(await store.summary(header.id)));
		expect(summary).toMatchObject({ status: 'closed', turns: 2, lengthMs: 1e6, eventCount: 20_040, callerBytes: 20e6 });
		expect(summary.header).toEqual({ ...header, model: 'another' });
		expect(done).toEqual([...done].sort((a, b) => a - b));
		expect(done.at(-1)).toBeGreaterThanOrEqual(40_000_020);
		const stored = expectValue(await loadRecording(store, header.id));
		expect(stored.damage).toEqual([]);
		expect(rawsOf(stored.log)).toEqual(rawsOf(log));
		expect(await store.peaks(header.id, 'caller')).toEqual(peaks.caller.levels(0, peaks.caller.bucketCount));
		expect(expectValue(await store.search('words from'))).toEqual([{ id: header.id, excerpt: 'some words' }]);
		expect(await importLog(store, header, log)).toMatchObject({ ok: false, error: { kind: 'failed' } });
		expect(expectValue(await store.list())).toHaveLength(1);
		expectValue(await importLog(store, makeHeader(), log, { wasCutOff: true }));
		expect(
			expectValue(await store.list())
				.map(({ status }) => status)
				.sort()
		).toEqual(['closed', 'interrupted']);
	});

	it('keeps nothing when its source cannot be read any more', async () => {
		const { store } = await open();
		const { log } = makeLog();
		const audio = audioOfTracks(log.tracks);
		const gone = {
			length: audio.length,
			read: (track: 'caller' | 'model', start: number, length: number) =>
				start > 0 ? Promise.reject(new Error('The file is gone.')) : audio.read(track, start, length)
		};
		const failed = await store.importRecording(makeHeader(), log, gone);
		expect(failed).toMatchObject({ ok: false, error: { kind: 'failed' } });
		expect(JSON.stringify(failed)).toContain('The file is gone.');
		expect(expectValue(await store.list())).toEqual([]);
	});
});
