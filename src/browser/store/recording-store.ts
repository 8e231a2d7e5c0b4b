import type { Result } from '#core/base/result.ts';
import type { EntryBlockData } from '#core/recording/entry-block.ts';
import type { RecordingHeader, RecordingSummary, TrackName } from '#core/recording/recorded-event.ts';
import type { EntryReader } from '#core/recording/recording-log.ts';
import type { AudioReader } from '#core/recording/export/audio-reader.ts';
import { DatabaseConnection } from './database-connection.ts';
import { DatabaseStore } from './database-store.ts';
import type { ImportOptions } from './import-recording.ts';
import { LibraryChanges, type LibraryChange } from './library-changes.ts';
import type { RecordingWriter, SummaryUpdate, WriterOptions } from './recording-writer.ts';
import { DATABASE_NAME, type EditRecord } from './schema.ts';
import type { StorageEstimate } from './storage-room.ts';
import type { StoreProblem } from './store-problem.ts';
import { openPresence } from './store-presence.ts';

export { openMemoryStore } from './memory-store.ts';
export type { StorageEstimate };

export interface StoreOptions {
	/** Name of the database, and of the channel on which tabs tell each other of changes. */
	readonly name?: string;
	/** Instead of the browser's IndexedDB; `undefined` stands for a browser that has none. */
	readonly factory?: IDBFactory | undefined;
}

/** What the library shows of a recording that is stored. */
export interface StoredSummary extends RecordingSummary {
	/** Bytes of its events; its audio comes on top. Absent for recordings of Earshot 0.1. */
	readonly eventBytes?: number;
}

/** What the keeper of a recording may change of it. */
export type RecordingEdit = EditRecord;

/** Where a recording's words were found. */
export interface SearchHit {
	readonly id: string;
	/** Some words around the first find in the conversation; absent when none of the words is in it. */
	readonly excerpt?: string;
}

/** A place between two entries of a recording: how far somebody has read. */
export interface EntryCursor {
	/** Stored entries before it, lost ones included. */
	readonly index: number;
	/** Time (ms) of the last entry before it. */
	readonly at: number;
}

/** Before the first entry. */
export const FIRST_ENTRY: EntryCursor = { index: 0, at: 0 };

export interface EntriesRead {
	readonly summary: StoredSummary;
	/** Where the next reading goes on. */
	readonly cursor: EntryCursor;
	/** What is missing or broken, in words for the page; empty for a whole recording. All the rest was handed over. */
	readonly damage: readonly string[];
}

/** Is told what a recording holds and gains, one thing after the other: the next comes when a promise is settled. */
export interface FollowListener {
	onblocks(blocks: EntryBlockData[]): void | Promise<void>;
	/** All that there was at first has come; later also what is found missing then. `damage` is new each time. */
	onloaded?(damage: readonly string[]): void | Promise<void>;
	/** The summary, first and whenever it changed: it grew, was closed, was found interrupted, was edited. */
	onsummary?(summary: StoredSummary): void | Promise<void>;
	/** No more will come: it was deleted, or cannot be read. */
	onlost?(problem: StoreProblem): void;
}

/** The recordings that are kept. Safe to use in several tabs and workers at once. */
export interface RecordingStore {
	/** Whether they outlive the page. */
	readonly isKept: boolean;
	/** Begins to store a recording; its row is there with the first flush. The caller disposes of the writer. */
	openWriter(header: RecordingHeader, options?: WriterOptions): RecordingWriter;
	/**
	 * All recordings but those that were removed, newest first. A live one whose maker is gone is listed, and from now on
	 * kept, as interrupted. Then deletes for good what was removed a day ago, or before any page that is open now was opened.
	 */
	list(): Promise<Result<StoredSummary[], StoreProblem>>;
	summary(id: string): Promise<Result<StoredSummary, StoreProblem>>;
	/**
	 * Hands over the entries from the cursor on, in order, in blocks: at first few, so that they come soon. Waits for `take`.
	 * Damage is not a failure: all that can be read is handed over. When the signal ends it, the cursor is where it was.
	 */
	readEntries(
		id: string,
		from: EntryCursor,
		take: (blocks: EntryBlockData[]) => void | Promise<void>,
		signal?: AbortSignal
	): Promise<Result<EntriesRead, StoreProblem>>;
	/** Hands over all entries from the cursor on, now and as they come, until the signal. */
	follow(id: string, from: EntryCursor, listener: FollowListener, signal: AbortSignal): void;
	/** Bytes of a track, fewer when it ends before; silence where they are lost. Rejects with a `StoreFailure`. */
	readAudio(id: string, track: TrackName, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
	/** The levels (0 to 1, one each 10 ms) that were kept of a track, or `undefined`. Rejects with a `StoreFailure`. */
	peaks(id: string, track: TrackName): Promise<Float32Array<ArrayBuffer> | undefined>;
	putPeaks(id: string, track: TrackName, levels: Float32Array): Promise<Result<void, StoreProblem>>;
	/** Keeps the words of a conversation (the first 200,000 characters) for the search. */
	putText(id: string, text: string): Promise<Result<void, StoreProblem>>;
	/** Recordings that are not live and whose words nobody has kept yet. */
	idsWithoutText(): Promise<Result<string[], StoreProblem>>;
	/** Stores a whole recording under the header's id, which must be free. See `ImportOptions` for stopping it. */
	importRecording(
		header: RecordingHeader,
		entries: EntryReader,
		audio: AudioReader,
		summary?: SummaryUpdate,
		options?: ImportOptions
	): Promise<Result<StoredSummary, StoreProblem>>;
	/** Changes a recording's title, tags or note. Works while it is being made, too. */
	edit(id: string, edit: RecordingEdit): Promise<Result<void, StoreProblem>>;
	/** Takes recordings out of the list; returns which. One that is being made (in any tab) is left alone. */
	remove(ids: readonly string[]): Promise<Result<string[], StoreProblem>>;
	/** Puts removed recordings back. Fails when one is gone for good; the others are back then. */
	undoRemove(ids: readonly string[]): Promise<Result<void, StoreProblem>>;
	/** Deletes recordings for good. One that is being made (in any tab) is left alone. */
	purge(ids: readonly string[]): Promise<Result<void, StoreProblem>>;
	/** Recordings with all of these words in title, tags, note, model, endpoint or conversation, newest first. */
	search(words: string): Promise<Result<SearchHit[], StoreProblem>>;
	/** `undefined` where the browser does not tell. */
	estimate(): Promise<StorageEstimate | undefined>;
	/** Asks the browser to keep the recordings until the user deletes them. Returns whether it will; `false` in a worker. */
	persist(): Promise<boolean>;
	/** Calls back for every change of the library, made here or in another tab. Returns the function that ends it. */
	onchange(listener: (change: LibraryChange) => void): () => void;
	/** Closes the store, after disposing of the writers that are left. */
	dispose(): void;
}

/** Opens the recordings of this browser. Fails with `unavailable`, `blocked` or `newer-version`; never throws for these. */
export async function openRecordingStore(options: StoreOptions = {}): Promise<Result<RecordingStore, StoreProblem>> {
	const name = options.name ?? DATABASE_NAME;
	const factory = 'factory' in options ? options.factory : browserFactory();
	const connection = new DatabaseConnection({ name, factory });
	const database = await connection.ensure();
	if (!database.ok) {
		connection.dispose();
		return database;
	}
	return { ok: true, value: new DatabaseStore(connection, new LibraryChanges(name), openPresence(name)) };
}

function browserFactory(): IDBFactory | undefined {
	try {
		return globalThis.indexedDB;
	} catch {
		// Some browsers throw where site data is forbidden.
		return undefined;
	}
}
