import { fail, succeed, type Result } from '#core/base/result.ts';
import { EntryBlock, type EntryBlockData } from '#core/recording/entry-block.ts';
import type { AudioReader } from '#core/recording/export/audio-reader.ts';
import type { RecordingHeader, TrackName } from '#core/recording/recorded-event.ts';
import type { EntryReader } from '#core/recording/recording-log.ts';
import { followRecording } from './follow-recording.ts';
import type { ImportOptions } from './import-recording.ts';
import { extentOf, LibraryChanges, type LibraryChange } from './library-changes.ts';
import { newestFirst } from './library-rows.ts';
import { MemoryRecording, MemoryWriter } from './memory-recording.ts';
import type {
	EntriesRead,
	EntryCursor,
	FollowListener,
	RecordingEdit,
	RecordingStore,
	SearchHit,
	StoredSummary
} from './recording-store.ts';
import type { RecordingWriter, SummaryUpdate, WriterOptions } from './recording-writer.ts';
import { keptText, WordSearch } from './search-recordings.ts';
import { failedProblem, notHere, StoreFailure, type StoreProblem } from './store-problem.ts';

/** Audio that an import reads at once. */
const BYTES_PER_READ = 4_800_000;

/**
 * Opens a store that lasts as long as the page or worker that opened it, for a browser that keeps nothing. Nobody else sees
 * it: the page writes to the one of its worker through `connectWriters`.
 */
export function openMemoryStore(): RecordingStore {
	return new MemoryStore();
}

class MemoryStore implements RecordingStore {
	readonly isKept = false;
	readonly #changes = new LibraryChanges();
	readonly #recordings = new Map<string, MemoryRecording>();
	readonly #writers = new Set<MemoryWriter>();

	openWriter(header: RecordingHeader, options: WriterOptions = {}): RecordingWriter {
		const recording = this.#add(header);
		const writer = new MemoryWriter(recording, options, {
			onstored: () => this.#tell(recording, 'updated'),
			ondisposed: (disposed) => this.#writers.delete(disposed)
		});
		this.#writers.add(writer);
		return writer;
	}

	list(): Promise<Result<StoredSummary[], StoreProblem>> {
		const listed = [...this.#recordings.values()].filter(({ isRemoved }) => !isRemoved);
		return resolved(listed.map((recording) => recording.summary()).sort(newestFirst));
	}

	summary(id: string): Promise<Result<StoredSummary, StoreProblem>> {
		// What was removed can come back, but nobody looks at it until then.
		if (this.#recordings.get(id)?.isRemoved) return Promise.resolve(fail(notHere()));
		return this.#with(id, (recording) => recording.summary());
	}

	async readEntries(
		id: string,
		from: EntryCursor,
		take: (blocks: EntryBlockData[]) => void | Promise<void>,
		signal?: AbortSignal
	): Promise<Result<EntriesRead, StoreProblem>> {
		const recording = this.#recordings.get(id);
		if (!recording) return fail(notHere());
		const { log } = recording;
		const end = log.length;
		let { index } = from;
		while (index < end && !signal?.aborted) {
			const block = new EntryBlock();
			while (index < end && !block.isFull) block.append(log.entry(index++));
			await take([block.data()]);
		}
		const cursor = { index, at: index === 0 ? 0 : log.at(index - 1) };
		return succeed({ summary: recording.summary(), cursor, damage: [] });
	}

	follow(id: string, from: EntryCursor, listener: FollowListener, signal: AbortSignal): void {
		followRecording(this, id, from, listener, signal);
	}

	readAudio(id: string, track: TrackName, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
		const bytes = this.#recordings.get(id)?.log.tracks[track];
		if (!bytes) return Promise.reject(new StoreFailure(notHere()));
		const end = Math.min(offset + length, bytes.length);
		// A copy: what is given away may be handed over to another thread.
		return Promise.resolve(end <= offset ? new Uint8Array(0) : bytes.read(offset, end - offset).slice());
	}

	peaks(id: string, track: TrackName): Promise<Float32Array<ArrayBuffer> | undefined> {
		return Promise.resolve(this.#recordings.get(id)?.peaks[track]?.slice());
	}

	putPeaks(id: string, track: TrackName, levels: Float32Array): Promise<Result<void, StoreProblem>> {
		return this.#with(id, (recording) => void (recording.peaks[track] = levels.slice()));
	}

	putText(id: string, text: string): Promise<Result<void, StoreProblem>> {
		return this.#with(id, (recording) => void (recording.text = keptText(text)));
	}

	idsWithoutText(): Promise<Result<string[], StoreProblem>> {
		const without = [...this.#recordings.values()].filter(
			({ text, status }) => status !== 'live' && text === undefined
		);
		return resolved(without.map(({ id }) => id));
	}

	async importRecording(
		header: RecordingHeader,
		entries: EntryReader,
		audio: AudioReader,
		summary: SummaryUpdate = {},
		options: ImportOptions = {}
	): Promise<Result<StoredSummary, StoreProblem>> {
		if (this.#recordings.has(header.id)) {
			return fail(failedProblem('A recording with this id is already there. Delete it, or import it as a copy.'));
		}
		const recording = this.#add(header);
		recording.update(summary);
		try {
			await copyInto(recording, entries, audio, options);
			recording.status = summary.wasCutOff ? 'interrupted' : 'closed';
			this.#tell(recording, 'updated');
			return succeed(recording.summary());
		} catch (error) {
			this.#drop([header.id]);
			const words = error instanceof Error ? error.message : String(error);
			return fail(failedProblem(`The recording could not be read: ${words}`));
		}
	}

	async edit(id: string, edit: RecordingEdit): Promise<Result<void, StoreProblem>> {
		const edited = await this.#with(id, (recording) => void (recording.edit = { ...recording.edit, ...edit }));
		if (edited.ok) this.#changes.announce({ kind: 'edited', ids: [id], edit });
		return edited;
	}

	remove(ids: readonly string[]): Promise<Result<string[], StoreProblem>> {
		const removed = this.#finished(ids);
		for (const recording of removed) recording.isRemoved = true;
		return this.#told('removed', removed);
	}

	async undoRemove(ids: readonly string[]): Promise<Result<void, StoreProblem>> {
		const restored = this.#finished(ids);
		for (const recording of restored) recording.isRemoved = false;
		await this.#told('restored', restored);
		return restored.length === ids.length ? succeed(undefined) : fail(notHere());
	}

	purge(ids: readonly string[]): Promise<Result<void, StoreProblem>> {
		this.#drop(this.#finished(ids).map(({ id }) => id));
		return resolved(undefined);
	}

	async search(words: string): Promise<Result<SearchHit[], StoreProblem>> {
		const search = new WordSearch(words);
		const listed = await this.list();
		if (!listed.ok) return listed;
		const textOf = (id: string) => this.#recordings.get(id)?.text ?? '';
		return succeed(listed.value.flatMap((summary) => search.match(summary, textOf(summary.header.id)) ?? []));
	}

	estimate(): Promise<undefined> {
		return Promise.resolve(undefined);
	}

	persist(): Promise<boolean> {
		return Promise.resolve(false);
	}

	onchange(listener: (change: LibraryChange) => void): () => void {
		return this.#changes.listen(listener);
	}

	dispose(): void {
		for (const writer of [...this.#writers]) writer.dispose();
		this.#changes.dispose();
		this.#recordings.clear();
	}

	#add(header: RecordingHeader): MemoryRecording {
		const recording = new MemoryRecording(header);
		this.#recordings.set(header.id, recording);
		this.#tell(recording, 'added');
		return recording;
	}

	/** Those that are there and that nobody is making. */
	#finished(ids: readonly string[]): MemoryRecording[] {
		return ids.flatMap((id) => this.#recordings.get(id) ?? []).filter(({ status }) => status !== 'live');
	}

	#drop(ids: readonly string[]): void {
		for (const id of ids) this.#recordings.delete(id);
		if (ids.length > 0) this.#changes.announce({ kind: 'deleted', ids });
	}

	#with<T>(id: string, work: (recording: MemoryRecording) => T): Promise<Result<T, StoreProblem>> {
		const recording = this.#recordings.get(id);
		return recording ? resolved(work(recording)) : Promise.resolve(fail(notHere()));
	}

	#told(kind: 'removed' | 'restored', recordings: readonly MemoryRecording[]): Promise<Result<string[], StoreProblem>> {
		const ids = recordings.map(({ id }) => id);
		if (ids.length > 0) this.#changes.announce({ kind, ids });
		return resolved(ids);
	}

	#tell(recording: MemoryRecording, kind: 'added' | 'updated'): void {
		this.#changes.announce({ kind, ids: [recording.id], extent: extentOf(recording.extent()) });
	}
}

function resolved<T>(value: T): Promise<Result<T, StoreProblem>> {
	return Promise.resolve(succeed(value));
}

/** Takes all of it in, audio first. */
async function copyInto(
	recording: MemoryRecording,
	entries: EntryReader,
	audio: AudioReader,
	{ onprogress, peaks, text }: ImportOptions
): Promise<void> {
	for (const track of ['caller', 'model'] as const) {
		for (let start = 0; start < audio.length(track); start += BYTES_PER_READ) {
			const length = Math.min(BYTES_PER_READ, audio.length(track) - start);
			recording.log.tracks[track].append(await audio.read(track, start, length));
			onprogress?.(recording.log.tracks.caller.length + recording.log.tracks.model.length);
		}
		const levels = peaks?.[track];
		if (levels) recording.peaks[track] = levels.levels(0, levels.bucketCount);
	}
	for (let index = 0; index < entries.length; index++) recording.log.restore(entries.entry(index));
	if (text !== undefined) recording.text = keptText(text);
}
