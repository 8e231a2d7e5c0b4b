import { describe, expect, it } from 'vitest';
import { FIRST_ENTRY } from './recording-store.ts';
import { Follower } from './testing/following.ts';
import { OtherTab } from './testing/other-tab.ts';
import type { FollowedThere } from './testing/other-tab.worker.ts';
import { LiveRecording, countingBytes } from './testing/live-recording.ts';
import { expectValue, freshDatabase, makeHeader, openTestStore } from './testing/store-fixtures.ts';
import { storeKinds } from './testing/store-kinds.ts';

describe.each(Object.entries(storeKinds))('reading along: %s', (_name, open) => {
	it('hands over what comes, in order and once, up to the end', async () => {
		const { store, openWriter } = await open();
		const header = makeHeader();
		const writer = openWriter(header);
		const live = new LiveRecording(writer);
		live.recordTexts(700);
		await writer.flush();
		const follower = new Follower(store, header.id);
		await follower.until(({ damage }) => damage.length > 0);
		expect(follower.texts).toHaveLength(700);
		for (let round = 0; round < 5; round++) {
			live.recordTexts(250);
			live.recordAudio('model', countingBytes(1_000, round));
			await writer.flush();
		}
		await follower.until(({ texts }) => texts.length >= 1_955);
		await store.edit(header.id, { title: 'Another' });
		live.recordTexts(1);
		await writer.close();
		await follower.until(({ summaries }) => summaries.at(-1)?.status === 'closed');
		await follower.until(({ summaries }) => summaries.at(-1)?.header.title === 'Another');
		const expected = Array.from({ length: live.log.length }, (_, index) => live.log.entry(index).text);
		expect(follower.texts).toEqual(expected);
		expect(follower.damage).toEqual([[]]);
		expect(follower.summaries[0]).toMatchObject({ status: 'live', eventCount: 700 });
		expect(follower.summaries.at(-1)).toMatchObject({ eventCount: 1_956, modelBytes: 5_000 });

		await store.purge([header.id]);
		await follower.until(({ problem }) => problem !== undefined);
		expect(follower.problem?.message).toContain('not in this browser');
	});

	it('goes on from where somebody has read, and tells that the maker is gone', async () => {
		const { store, openWriter } = await open();
		const header = makeHeader();
		const writer = openWriter(header);
		const live = new LiveRecording(writer);
		live.recordTexts(10);
		await writer.flush();
		const read = expectValue(await store.readEntries(header.id, FIRST_ENTRY, () => undefined));
		const follower = new Follower(store, header.id, read.cursor);
		live.recordTexts(2);
		await writer.flush();
		await follower.until(({ texts }) => texts.length >= 2);
		writer.dispose();
		await follower.until(({ summaries }) => summaries.at(-1)?.status === 'interrupted');
		expect(follower.texts).toEqual([10, 11].map((index) => live.log.entry(index).text));
	});

	it('hands over nothing after it was stopped', async () => {
		const { store, openWriter } = await open();
		const header = makeHeader();
		const writer = openWriter(header);
		const live = new LiveRecording(writer);
		live.recordTexts(10);
		await writer.flush();
		const [stopped, other] = [new Follower(store, header.id), new Follower(store, header.id)];
		await stopped.until(({ texts }) => texts.length === 10);
		stopped.stop();
		live.recordTexts(1);
		await writer.close();
		await other.until(({ summaries }) => summaries.at(-1)?.status === 'closed');
		expect([stopped.texts.length, other.texts.length]).toEqual([10, 11]);
		expect(await navigator.locks.query()).toMatchObject({ pending: [] });
	});

	it('says at once when there is no such recording', async () => {
		const { store } = await open();
		const follower = new Follower(store, 'unknown');
		await follower.until(({ problem }) => problem !== undefined);
		expect(follower.texts).toEqual([]);
	});
});

/** Follows a recording that another tab makes, and that has its first entries by then. */
async function followOtherTab(texts: number, audioBytes: number) {
	const name = freshDatabase();
	const store = await openTestStore(name);
	const header = makeHeader();
	const tab = new OtherTab();
	await tab.tell({ kind: 'open', name });
	await tab.tell({ kind: 'record', header });
	await tab.tell({ kind: 'append', texts, audioBytes });
	return { store, header, tab, follower: new Follower(store, header.id) };
}

describe('reading along what another tab makes', () => {
	it('hands over all that it stored, and tells that it was killed', async () => {
		const { store, header, tab, follower } = await followOtherTab(600, 1_000);
		for (let round = 2; round <= 4; round++) {
			await tab.tell({ kind: 'append', texts: 600, audioBytes: 1_000 });
			await follower.until(({ summaries }) => summaries.at(-1)?.eventCount === round * 601);
			expect(follower.texts).toHaveLength(round * 601);
			expect(await store.readAudio(header.id, 'model', (round - 1) * 1_000, 1_000)).toEqual(countingBytes(1_000));
		}
		expect(follower.summaries.every(({ status }) => status === 'live')).toBe(true);
		tab.kill();
		await follower.until(({ summaries }) => summaries.at(-1)?.status === 'interrupted');
		expect(follower.texts).toHaveLength(4 * 601);
		expect(follower.damage).toEqual([[]]);
		expect(expectValue(await store.list())[0]?.status).toBe('interrupted');
	});

	it('tells that it was closed', async () => {
		const { tab, follower } = await followOtherTab(1, 0);
		await tab.tell({ kind: 'close' });
		await follower.until(({ summaries }) => summaries.at(-1)?.status === 'closed');
		expect(follower.texts).toHaveLength(1);
	});

	it('works in a worker, for a recording of the page', async () => {
		const name = freshDatabase();
		const store = await openTestStore(name);
		const header = makeHeader();
		const writer = store.openWriter(header);
		const live = new LiveRecording(writer);
		live.recordTexts(100);
		await writer.flush();
		const tab = new OtherTab();
		await tab.tell({ kind: 'open', name });
		const followed = tab.tell<FollowedThere>({ kind: 'follow', id: header.id });
		for (let round = 0; round < 5; round++) {
			live.recordTexts(100);
			await writer.flush();
		}
		await writer.close();
		const { texts, status } = await followed;
		expect(status).toBe('closed');
		expect(texts).toEqual(Array.from({ length: 600 }, (_, index) => live.log.entry(index).text));
	});
});
