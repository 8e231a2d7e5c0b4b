import { succeed, type Result } from '#core/base/result.ts';
import { EntryBlock } from '#core/recording/entry-block.ts';
import { audioOfTracks } from '#core/recording/export/audio-reader.ts';
import type { RecordingHeader } from '#core/recording/recorded-event.ts';
import { MemoryLog } from '#core/recording/recording-log.ts';
import { FIRST_ENTRY, type RecordingStore, type StoredSummary } from '../recording-store.ts';
import type { ImportOptions } from '../import-recording.ts';
import type { SummaryUpdate } from '../recording-writer.ts';
import type { StoreProblem } from '../store-problem.ts';

/** A recording as a whole. */
export interface StoredRecording {
	readonly summary: StoredSummary;
	readonly log: MemoryLog;
	/** What is missing or broken, in words for the page; empty for a whole recording. All the rest is in the log. */
	readonly damage: readonly string[];
}

const BYTES_PER_READ = 9_600_000;

/** Reads a recording into memory, its audio too. */
export async function loadRecording(
	store: Pick<RecordingStore, 'readEntries' | 'readAudio'>,
	id: string
): Promise<Result<StoredRecording, StoreProblem>> {
	const log = new MemoryLog();
	const read = await store.readEntries(id, FIRST_ENTRY, (blocks) => {
		for (const data of blocks) {
			const block = EntryBlock.of(data);
			for (let index = 0; index < data.count; index++) log.restore(block.entry(index, 0));
		}
	});
	if (!read.ok) return read;
	const { summary, damage } = read.value;
	for (const track of ['caller', 'model'] as const) {
		const end = track === 'caller' ? summary.callerBytes : summary.modelBytes;
		for (let start = 0; start < end; start += BYTES_PER_READ) {
			log.tracks[track].append(await store.readAudio(id, track, start, Math.min(BYTES_PER_READ, end - start)));
		}
	}
	return succeed({ summary, log, damage });
}

/** Stores what is in memory. */
export function importLog(
	store: RecordingStore,
	header: RecordingHeader,
	log: MemoryLog,
	summary?: SummaryUpdate,
	options?: ImportOptions
): Promise<Result<StoredSummary, StoreProblem>> {
	return store.importRecording(header, log, audioOfTracks(log.tracks), summary, options);
}
