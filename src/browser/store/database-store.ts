import { fail, succeed, type Result } from '#core/base/result.ts';
import type { EntryBlockData } from '#core/recording/entry-block.ts';
import type { RecordingHeader, TrackName } from '#core/recording/recorded-event.ts';
import type { EntryReader } from '#core/recording/recording-log.ts';
import type { AudioReader } from '#core/recording/export/audio-reader.ts';
import type { DatabaseConnection } from './database-connection.ts';
import { followRecording } from './follow-recording.ts';
import { importRecording, type ImportOptions } from './import-recording.ts';
import { extentOf, type LibraryChange, type LibraryChanges } from './library-changes.ts';
import {
	editRecording,
	markRemoved,
	newestFirst,
	purgeRecordings,
	readRows,
	settleInterrupted,
	summaryOf
} from './library-rows.ts';
import { idsWithoutText, putPeaks, putText, readPeaks } from './recording-extras.ts';
import { readAudio } from './read-audio.ts';
import { readEntries } from './read-entries.ts';
import type {
	EntryCursor,
	FollowListener,
	RecordingEdit,
	RecordingStore,
	SearchHit,
	StoredSummary
} from './recording-store.ts';
import { DatabaseWriter, type RecordingWriter, type SummaryUpdate, type WriterOptions } from './recording-writer.ts';
import { searchRecordings } from './search-recordings.ts';
import type { EarshotDatabase, RecordingRow } from './schema.ts';
import { estimateRoom, PersistenceQuestion, persistRecordings } from './storage-room.ts';
import type { StorePresence } from './store-presence.ts';
import { notHere, problemOf, StoreFailure, type StoreProblem } from './store-problem.ts';

/** What was removed can be put back for so long. */
const REMOVED_FOR_MS = 24 * 3600 * 1000;

/** The recordings in IndexedDB. */
export class DatabaseStore implements RecordingStore {
	readonly isKept = true;
	readonly #connection: DatabaseConnection;
	readonly #changes: LibraryChanges;
	readonly #presence: StorePresence;
	readonly #persistence = new PersistenceQuestion();
	readonly #writers = new Set<DatabaseWriter>();
	#isDisposed = false;

	constructor(connection: DatabaseConnection, changes: LibraryChanges, presence: StorePresence) {
		this.#connection = connection;
		this.#changes = changes;
		this.#presence = presence;
		changes.listen((change) => this.#heard(change));
	}

	openWriter(header: RecordingHeader, options: WriterOptions = {}): RecordingWriter {
		const host = {
			connection: this.#connection,
			onstored: (row: RecordingRow, isNew: boolean) => this.#tellStored(row, isNew),
			ondisposed: (disposed: DatabaseWriter) => this.#writers.delete(disposed)
		};
		const writer = new DatabaseWriter(host, header, options);
		this.#writers.add(writer);
		return writer;
	}

	list(): Promise<Result<StoredSummary[], StoreProblem>> {
		return this.#use(async (database) => {
			const rows = await readRows(database);
			void this.#purgeRemoved(rows.map(({ row }) => row));
			const listed = rows.filter(({ row }) => row.removedAt === undefined).map(({ summary }) => summary);
			return succeed(listed.sort(newestFirst));
		});
	}

	summary(id: string): Promise<Result<StoredSummary, StoreProblem>> {
		return this.#use(async (database) => {
			const [row, edit] = await Promise.all([database.get('recordings', id), database.get('edits', id)]);
			// What was removed can come back, but nobody looks at it until then.
			const [settled] = await settleInterrupted(database, row && row.removedAt === undefined ? [row] : []);
			return settled ? succeed(summaryOf(settled, edit)) : fail(notHere());
		});
	}

	async readEntries(
		id: string,
		from: EntryCursor,
		take: (blocks: EntryBlockData[]) => void | Promise<void>,
		signal?: AbortSignal
	) {
		let hasTaken = false;
		const takeOnce = (blocks: EntryBlockData[]) => {
			hasTaken = true;
			return take(blocks);
		};
		// What was handed over must not be handed over again.
		return this.#use(
			(database) => readEntries(database, id, from, takeOnce, signal),
			() => !hasTaken
		);
	}

	follow(id: string, from: EntryCursor, listener: FollowListener, signal: AbortSignal): void {
		followRecording(this, id, from, listener, signal);
	}

	async readAudio(id: string, track: TrackName, offset: number, length: number) {
		return valueOf(await this.#use((database) => readAudio(database, id, track, offset, length)));
	}

	async peaks(id: string, track: TrackName) {
		return valueOf(await this.#use((database) => readPeaks(database, id, track)));
	}

	putPeaks(id: string, track: TrackName, levels: Float32Array) {
		return this.#use((database) => putPeaks(database, id, track, levels));
	}

	putText(id: string, text: string) {
		return this.#use((database) => putText(database, id, text));
	}

	idsWithoutText() {
		return this.#use(idsWithoutText);
	}

	async importRecording(
		header: RecordingHeader,
		entries: EntryReader,
		audio: AudioReader,
		summary: SummaryUpdate = {},
		options: ImportOptions = {}
	): Promise<Result<StoredSummary, StoreProblem>> {
		const host = {
			connection: this.#connection,
			onstored: (row: RecordingRow, isNew: boolean) => this.#tellStored(row, isNew),
			onremoved: (id: string) => this.#changes.announce({ kind: 'deleted', ids: [id] })
		};
		const imported = await importRecording(host, header, entries, audio, summary, options);
		return imported.ok ? succeed(summaryOf(imported.value, undefined)) : imported;
	}

	async edit(id: string, edit: RecordingEdit): Promise<Result<void, StoreProblem>> {
		const edited = await this.#use((database) => editRecording(database, id, edit));
		if (edited.ok) this.#changes.announce({ kind: 'edited', ids: [id], edit });
		return edited;
	}

	async remove(ids: readonly string[]): Promise<Result<string[], StoreProblem>> {
		const removed = await this.#use(async (database) => succeed(await markRemoved(database, ids, Date.now())));
		if (removed.ok && removed.value.length > 0) this.#changes.announce({ kind: 'removed', ids: removed.value });
		return removed;
	}

	async undoRemove(ids: readonly string[]): Promise<Result<void, StoreProblem>> {
		const restored = await this.#use(async (database) => succeed(await markRemoved(database, ids, undefined)));
		if (!restored.ok) return restored;
		if (restored.value.length > 0) this.#changes.announce({ kind: 'restored', ids: restored.value });
		return restored.value.length === ids.length ? succeed(undefined) : fail(notHere());
	}

	async purge(ids: readonly string[]): Promise<Result<void, StoreProblem>> {
		const purged: string[] = [];
		const result = await this.#use(async (database) => {
			await purgeRecordings(database, ids, (id) => purged.push(id));
			return succeed(undefined);
		});
		if (purged.length > 0) this.#changes.announce({ kind: 'deleted', ids: purged });
		return result;
	}

	search(words: string): Promise<Result<SearchHit[], StoreProblem>> {
		return this.#use((database) => searchRecordings(database, words));
	}

	estimate() {
		return estimateRoom();
	}

	persist(): Promise<boolean> {
		return persistRecordings();
	}

	onchange(listener: (change: LibraryChange) => void): () => void {
		return this.#changes.listen(listener);
	}

	dispose(): void {
		this.#isDisposed = true;
		for (const writer of [...this.#writers]) writer.dispose();
		this.#presence.dispose();
		this.#changes.dispose();
		this.#connection.dispose();
	}

	/** Runs `work` on the database. A connection that was taken away under it is opened again, once, if `mayRepeat`. */
	async #use<T>(
		work: (database: EarshotDatabase) => Promise<Result<T, StoreProblem>>,
		mayRepeat: () => boolean = () => true
	): Promise<Result<T, StoreProblem>> {
		for (let attempt = 1; ; attempt++) {
			const database = await this.#connection.ensure();
			if (!database.ok) return database;
			try {
				return await work(database.value);
			} catch (error) {
				const problem = problemOf(error);
				if (problem.kind === 'closed') this.#connection.drop();
				if (problem.kind !== 'closed' || attempt === 2 || this.#isDisposed || !mayRepeat()) return fail(problem);
			}
		}
	}

	async #purgeRemoved(rows: readonly RecordingRow[]): Promise<void> {
		const removed = rows.filter(({ removedAt }) => removedAt !== undefined);
		if (removed.length === 0) return;
		const before = Math.max(Date.now() - REMOVED_FOR_MS, await this.#presence.openSince());
		const ids = removed.filter(({ removedAt = Infinity }) => removedAt < before).map(({ id }) => id);
		// What fails now is done with the next list.
		if (ids.length > 0 && !this.#isDisposed) await this.purge(ids);
	}

	#tellStored(row: RecordingRow, isNew: boolean): void {
		this.#changes.announce({ kind: isNew ? 'added' : 'updated', ids: [row.id], extent: extentOf(row) });
	}

	#heard(change: LibraryChange): void {
		if (change.kind === 'deleted') for (const writer of this.#writers) writer.retry();
		if (change.kind === 'added' || change.kind === 'updated') this.#persistence.consider(change.extent);
	}
}

/** The value of what succeeded. Throws a `StoreFailure` for what did not. */
function valueOf<T>(result: Result<T, StoreProblem>): T {
	if (!result.ok) throw new StoreFailure(result.error);
	return result.value;
}
