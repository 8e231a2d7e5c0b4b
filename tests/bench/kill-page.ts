// The browser's side of the kill test: records until it is killed, and looks at what an earlier life left.
import { joinAudio } from '#core/recording/audio-split.ts';
import { EntryBlock, type EntryBlockData } from '#core/recording/entry-block.ts';
import { MemoryLog } from '#core/recording/recording-log.ts';
import type { RecordingHeader, TrackName } from '#core/recording/recorded-event.ts';
import { FIRST_ENTRY, openRecordingStore, type RecordingStore } from '#browser/store/recording-store.ts';
import { eventOf } from './live-source.ts';

/** 100 events a second. */
const EVERY_MS = 10;

/** How far a recording was when it told of it. */
export interface Told {
	/** Entries that a flush had stored, and those that were appended. */
	readonly stored: number;
	readonly appended: number;
	/** Time of the last that was appended, ms. */
	readonly at: number;
}

/** What was found of a recording whose browser was killed. */
export interface Found {
	readonly status: string;
	readonly entries: number;
	/** Time of the last entry, ms. */
	readonly at: number;
	/** Entries that are not, byte for byte and audio included, what was recorded at their place. */
	readonly wrong: number;
	readonly damage: readonly string[];
}

async function openStore(): Promise<RecordingStore> {
	const store = await openRecordingStore();
	if (!store.ok) throw new Error(store.error.message);
	return store.value;
}

class KillBench {
	readonly #store = openStore();

	/** Records until the end of the browser, and tells `told` of every append and every flush. */
	async record(id: string, told: (told: Told) => void): Promise<void> {
		const store = await this.#store;
		const header: RecordingHeader = {
			earshot: 1,
			id,
			startedAt: new Date().toISOString(),
			title: 'To be killed',
			endpoint: 'Test',
			transport: 'WebSocket',
			model: 'none',
			redacted: []
		};
		const log = new MemoryLog();
		const writer = store.openWriter(header, { log });
		let stored = 0;
		const tell = () => told({ stored, appended: log.length, at: log.lengthMs });
		store.onchange((change) => {
			if (!('extent' in change) || change.extent.id !== id) return;
			stored = change.extent.eventCount;
			tell();
		});
		const startedAt = performance.now();
		setInterval(() => {
			const elapsedMs = performance.now() - startedAt;
			while (log.length * EVERY_MS <= elapsedMs) {
				const { from, raw } = eventOf(log.length);
				const { entry, audio } = log.append({ seq: log.length, at: elapsedMs, from, raw });
				writer.append(entry, audio);
			}
			tell();
		}, EVERY_MS);
	}

	/** Looks at every byte of a recording. `null` when nothing of it was stored. */
	async find(id: string): Promise<Found | null> {
		const store = await this.#store;
		const listed = await store.list();
		if (!listed.ok) throw new Error(listed.error.message);
		if (!listed.value.some(({ header }) => header.id === id)) return null;
		const blocks: EntryBlockData[] = [];
		const read = await store.readEntries(id, FIRST_ENTRY, (some) => void blocks.push(...some));
		if (!read.ok) throw new Error(read.error.message);
		const { summary, damage } = read.value;
		const tracks: Record<TrackName, Uint8Array> = {
			caller: await store.readAudio(id, 'caller', 0, summary.callerBytes),
			model: await store.readAudio(id, 'model', 0, summary.modelBytes)
		};
		const reach = { caller: 0, model: 0 };
		let [entries, wrong, at] = [0, 0, 0];
		for (const data of blocks) {
			const block = EntryBlock.of(data);
			for (let index = 0; index < data.count; index++, entries++) {
				const { text, from, audio, at: entryAt } = block.entry(index, 0);
				const bytes = audio && tracks[audio.track].subarray(audio.offset, audio.offset + audio.length);
				const expected = eventOf(entries);
				const raw = audio && bytes ? joinAudio(text, audio.index, bytes) : text;
				if (raw !== expected.raw || from !== expected.from || audio?.track !== expected.track) wrong++;
				if (audio) reach[audio.track] = audio.offset + audio.length;
				at = entryAt;
			}
		}
		// All audio belongs to an entry, and all entries that are counted are there.
		if (reach.caller !== summary.callerBytes || reach.model !== summary.modelBytes) wrong++;
		if (entries !== summary.eventCount) wrong++;
		return { status: summary.status, entries, at, wrong, damage };
	}
}

export type { KillBench };
(globalThis as { killBench?: KillBench }).killBench = new KillBench();
