import { fail, succeed, type Result } from '#core/base/result.ts';
import type { RecordingHeader, RecordingSummary } from '#core/recording/recorded-event.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import { DatabaseConnection } from './database-connection.ts';
import { importRecording, removeRecords } from './import-recording.ts';
import { LibraryChanges, type LibraryChange } from './library-changes.ts';
import { RecordingRestorer, type StoredRecording } from './load-recording.ts';
import { lockedRecordings } from './recording-lock.ts';
import { DatabaseWriter, type RecordingWriter, type SummaryUpdate, type WriterOptions } from './recording-writer.ts';
import { DATABASE_NAME, keysOf, type EarshotDatabase, type RecordingRow } from './schema.ts';
import { failedProblem, problemOf, type StoreProblem } from './store-problem.ts';

export interface StoreOptions {
	/** Name of the database, and of the channel on which tabs tell each other of changes. */
	readonly name?: string;
	/** Instead of the browser's IndexedDB; `undefined` stands for a browser that has none. */
	readonly factory?: IDBFactory | undefined;
}

/** What the browser says of the room for recordings. Not to be trusted: a full disk shows only when writing fails. */
export interface StorageEstimate {
	readonly usedBytes: number;
	readonly quotaBytes: number;
	/** Whether the browser promised not to clear the recordings by itself when it needs room. */
	readonly isPersisted: boolean;
}

/** The recordings that this browser keeps. Safe to use in several tabs at once. */
export interface RecordingStore {
	/** Begins to store a recording; its row is there with the first flush. The caller disposes of the writer. */
	openWriter(header: RecordingHeader, options?: WriterOptions): RecordingWriter;
	/** All recordings, newest first. A live one whose maker is gone is listed, and from now on kept, as interrupted. */
	list(): Promise<Result<RecordingSummary[], StoreProblem>>;
	/** One recording as a whole. Damage is not a failure: all that can be read is there. */
	load(id: string): Promise<Result<StoredRecording, StoreProblem>>;
	/** Stores a whole recording under the header's id, which must be free. */
	importLog(header: RecordingHeader, log: RecordingLog, summary?: SummaryUpdate): Promise<Result<void, StoreProblem>>;
	/** Gives a recording another title. Works while it is being made, too. */
	rename(id: string, title: string): Promise<Result<void, StoreProblem>>;
	/** Deletes recordings and returns how many there were. One that is being made (in any tab) is left alone. */
	delete(ids: readonly string[]): Promise<Result<number, StoreProblem>>;
	/** `undefined` where the browser does not tell. */
	estimate(): Promise<StorageEstimate | undefined>;
	/** Asks the browser to keep the recordings until the user deletes them. Returns whether it will. */
	persist(): Promise<boolean>;
	/** Calls back for every change of the library, made here or in another tab. Returns the function that ends it. */
	onchange(listener: (change: LibraryChange) => void): () => void;
	/** Closes the database, after disposing of the writers that are left. */
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
	return succeed(new DatabaseStore(connection, new LibraryChanges(name)));
}

function browserFactory(): IDBFactory | undefined {
	try {
		return globalThis.indexedDB;
	} catch {
		// Some browsers throw where site data is forbidden.
		return undefined;
	}
}

class DatabaseStore implements RecordingStore {
	readonly #connection: DatabaseConnection;
	readonly #changes: LibraryChanges;
	readonly #writers = new Set<DatabaseWriter>();

	constructor(connection: DatabaseConnection, changes: LibraryChanges) {
		this.#connection = connection;
		this.#changes = changes;
		changes.listen((change) => this.#tellWriters(change));
	}

	openWriter(header: RecordingHeader, options: WriterOptions = {}): RecordingWriter {
		const host = {
			connection: this.#connection,
			onstored: (id: string, isNew: boolean) =>
				this.#changes.announce({ kind: isNew ? 'added' : 'updated', ids: [id] }),
			ondisposed: (disposed: DatabaseWriter) => this.#writers.delete(disposed)
		};
		const writer = new DatabaseWriter(host, header, options);
		this.#writers.add(writer);
		return writer;
	}

	list(): Promise<Result<RecordingSummary[], StoreProblem>> {
		return this.#use(async (database) => {
			const rows = await database.getAll('recordings');
			const settled = await settleInterrupted(database, rows);
			const newestFirst = settled.sort((a, b) => (a.header.startedAt < b.header.startedAt ? 1 : -1));
			return succeed(newestFirst.map(summaryOf));
		});
	}

	load(id: string): Promise<Result<StoredRecording, StoreProblem>> {
		return this.#use(async (database) => {
			// One transaction sees one moment, also while the recording is being made.
			const transaction = database.transaction(['recordings', 'events', 'audio']);
			const row = await transaction.objectStore('recordings').get(id);
			if (!row) return fail(failedProblem('This recording is not in this browser (any more).'));
			const restorer = new RecordingRestorer(summaryOf(row));
			const audio = transaction.objectStore('audio');
			await readInPieces(audio, id, AUDIO_CHUNKS_PER_READ, (key, value) => restorer.addAudio(key, value));
			const events = transaction.objectStore('events');
			await readInPieces(events, id, EVENT_CHUNKS_PER_READ, (key, value) => restorer.addEvents(key, value));
			const [settled = row] = await settleInterrupted(database, [row]);
			const restored = restorer.finish();
			return succeed({ ...restored, summary: { ...restored.summary, status: settled.status } });
		});
	}

	async importLog(
		header: RecordingHeader,
		log: RecordingLog,
		summary: SummaryUpdate = {}
	): Promise<Result<void, StoreProblem>> {
		const imported = await importRecording(this.#connection, header, log, summary);
		if (imported.ok) this.#changes.announce({ kind: 'added', ids: [header.id] });
		return imported;
	}

	async rename(id: string, title: string): Promise<Result<void, StoreProblem>> {
		const renamed = await this.#use(async (database) => {
			const transaction = database.transaction('recordings', 'readwrite');
			const row = await transaction.store.get(id);
			if (row) await transaction.store.put({ ...row, header: { ...row.header, title } });
			await transaction.done;
			return row ? succeed(undefined) : fail(failedProblem('This recording is not in this browser (any more).'));
		});
		if (renamed.ok) this.#changes.announce({ kind: 'renamed', ids: [id], title });
		return renamed;
	}

	async delete(ids: readonly string[]): Promise<Result<number, StoreProblem>> {
		const deleted: string[] = [];
		const result = await this.#use(async (database) => {
			const locked = await lockedRecordings();
			for (const id of ids) {
				if (locked.has(id) || !(await database.getKey('recordings', id))) continue;
				await removeRecords(database, id);
				deleted.push(id);
			}
			return succeed(deleted.length);
		});
		if (deleted.length > 0) this.#changes.announce({ kind: 'deleted', ids: deleted });
		return result;
	}

	async estimate(): Promise<StorageEstimate | undefined> {
		const storage = storageManager();
		if (!storage) return undefined;
		const { usage = 0, quota = 0 } = await storage.estimate();
		return { usedBytes: usage, quotaBytes: quota, isPersisted: await storage.persisted() };
	}

	async persist(): Promise<boolean> {
		return (await storageManager()?.persist()) ?? false;
	}

	onchange(listener: (change: LibraryChange) => void): () => void {
		return this.#changes.listen(listener);
	}

	dispose(): void {
		for (const writer of [...this.#writers]) writer.dispose();
		this.#changes.dispose();
		this.#connection.dispose();
	}

	/** Runs `work` on the database. A connection that was taken away under it is opened again, once. */
	async #use<T>(
		work: (database: EarshotDatabase) => Promise<Result<T, StoreProblem>>
	): Promise<Result<T, StoreProblem>> {
		for (let attempt = 1; ; attempt++) {
			const database = await this.#connection.ensure();
			if (!database.ok) return database;
			try {
				return await work(database.value);
			} catch (error) {
				const problem = problemOf(error);
				if (problem.kind === 'closed') this.#connection.drop();
				if (problem.kind !== 'closed' || attempt === 2) return fail(problem);
			}
		}
	}

	#tellWriters(change: LibraryChange): void {
		for (const writer of this.#writers) {
			if (change.kind === 'deleted') writer.retry();
			if (change.kind === 'renamed' && change.title !== undefined && change.ids.includes(writer.id)) {
				writer.adoptTitle(change.title);
			}
		}
	}
}

/** Chunks in one answer of the database: an hour's audio at once would be more than the browser hands over. */
const AUDIO_CHUNKS_PER_READ = 200;
const EVENT_CHUNKS_PER_READ = 64;

/** The part of an object store that reading in pieces needs. */
interface ReadableStore<Key, Value> {
	getAllKeys(range: IDBKeyRange, count: number): Promise<Key[]>;
	getAll(range: IDBKeyRange, count: number): Promise<Value[]>;
}

/** Reads the records of a recording in the order of their keys. */
async function readInPieces<Key extends IDBValidKey, Value>(
	store: ReadableStore<Key, Value>,
	recordingId: string,
	countPerRead: number,
	take: (key: Key, value: Value) => void
): Promise<void> {
	let range = keysOf(recordingId);
	for (;;) {
		const [keys, values] = await Promise.all([
			store.getAllKeys(range, countPerRead),
			store.getAll(range, countPerRead)
		]);
		keys.forEach((key, index) => take(key, values[index]!));
		const last = keys.at(-1);
		if (keys.length < countPerRead || last === undefined) return;
		range = IDBKeyRange.bound(last, [recordingId, []], true);
	}
}

/** The page's storage manager; there is none where the page was not served securely. */
function storageManager(): StorageManager | undefined {
	return (globalThis.navigator as { storage?: StorageManager }).storage;
}

function summaryOf({ id: _id, ...summary }: RecordingRow): RecordingSummary {
	return summary;
}

/** The rows, with `interrupted` instead of `live` where nobody makes the recording any more; kept so in the database. */
async function settleInterrupted(database: EarshotDatabase, rows: readonly RecordingRow[]): Promise<RecordingRow[]> {
	if (!rows.some(({ status }) => status === 'live')) return [...rows];
	const locked = await lockedRecordings();
	const isLeft = (row: RecordingRow) => row.status === 'live' && !locked.has(row.id);
	return Promise.all(rows.map((row) => (isLeft(row) ? markInterrupted(database, row) : row)));
}

async function markInterrupted(database: EarshotDatabase, row: RecordingRow): Promise<RecordingRow> {
	const transaction = database.transaction('recordings', 'readwrite');
	// Its maker may have closed it since: a row says `closed` before the lock is let go.
	const current = await transaction.store.get(row.id);
	const settled: RecordingRow = {
		...(current ?? row),
		status: current?.status === 'closed' ? 'closed' : 'interrupted'
	};
	if (current?.status === 'live') await transaction.store.put(settled);
	await transaction.done;
	return settled;
}
