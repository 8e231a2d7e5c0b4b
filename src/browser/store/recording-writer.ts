import { assert } from '#core/base/assert.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import type { LogEntry, RecordingHeader, RecordingStatus } from '#core/recording/recorded-event.ts';
import type { AppendedEntry, MemoryLog } from '#core/recording/recording-log.ts';
import { writeTransaction, type DatabaseConnection } from './database-connection.ts';
import { EMPTY_STATE, planFlush } from './flush-plan.ts';
import { lockRecording, type RecordingLock } from './recording-lock.ts';
import type { EarshotDatabase, RecordingRow } from './schema.ts';
import { failedProblem, problemOf, storeProblem, type StoreProblem, type StoreProblemKind } from './store-problem.ts';

/**
 * The store is asked to take entries this long after the first of them. It has 70 ms left to do so: a tab that is killed
 * has lost at most a quarter of a second.
 */
export const FLUSH_AFTER_MS = 180;
/** The disk is waited for this often (and at the end): the rest survives a killed browser, not a power cut. */
const STRICT_EVERY_MS = 5_000;
const MAX_RETRY_DELAY_MS = 30_000;
/** One transaction takes no more than this, so that what piled up while the store was full goes in pieces. */
const MAX_BATCH_ENTRIES = 2_000;
const MAX_BATCH_AUDIO_BYTES = 4_000_000;

/** What the library shows and only the session knows. Absent fields stay as they are. */
export interface SummaryUpdate {
	readonly title?: string;
	readonly model?: string;
	readonly turns?: number;
	readonly interruptions?: number;
	readonly errors?: number;
	/** Taken when it is beyond the last entry. */
	readonly lengthMs?: number;
	/** Of a recording that is stored as a whole: it ends before its session did. */
	readonly wasCutOff?: boolean;
}

export interface WriterOptions {
	/**
	 * The log whose entries are appended. With it, the writer stores the whole recording again when somebody clears the
	 * site's data in the middle of it; without it, only what comes after.
	 */
	readonly log?: MemoryLog;
	/** Called once for each kind of problem, and again for a kind that comes back after a recovery. */
	readonly onproblem?: (problem: StoreProblem) => void;
	/** Called when all is stored again after a problem. */
	readonly onrecovery?: () => void;
	/** Called each time when all that was appended is stored. */
	readonly onidle?: () => void;
}

/** Stores a recording while it is made. Keeps what cannot be stored in memory, and tries again until it is disposed. */
export interface RecordingWriter {
	readonly id: string;
	/** Entries that are not in the database yet. */
	readonly pendingEntries: number;
	/** Takes an entry and the audio it brought. Cheap and synchronous; never fails for a reason of the store. */
	append(entry: LogEntry, audio?: Uint8Array): void;
	/** Changes what the library shows, with the next flush. */
	setSummary(update: SummaryUpdate): void;
	/** Stores what was appended so far. Resolves when it is stored, or with the problem when a try failed. */
	flush(): Promise<Result<void, StoreProblem>>;
	/** Seals the recording: all is stored and on the disk, the status is `closed`. Still tries again when it failed. */
	close(): Promise<Result<void, StoreProblem>>;
	/** Stops without sealing: what is not stored is dropped, and a live recording counts as interrupted. */
	dispose(): void;
}

/** What a writer needs of its store. */
export interface WriterHost {
	readonly connection: DatabaseConnection;
	/** Called after each flush with the row as it is stored now. */
	onstored(row: RecordingRow, isNew: boolean): void;
	ondisposed(writer: DatabaseWriter): void;
}

export class DatabaseWriter implements RecordingWriter {
	readonly id: string;
	readonly #host: WriterHost;
	readonly #options: WriterOptions;
	readonly #listeners = new AbortController();
	readonly #reported = new Set<StoreProblemKind>();
	#header: RecordingHeader;
	#lock: RecordingLock | undefined;
	#summary: SummaryUpdate = {};
	#status: RecordingStatus = 'live';
	#pending: AppendedEntry[] = [];
	#state = EMPTY_STATE;
	/** The row must be written, even when no entry is pending. */
	#isRowDirty = true;
	/** The database's generation in which this recording was last stored; 0 when it never was. */
	#generation = 0;
	#running: Promise<Result<void, StoreProblem>> | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#oldestPendingMs: number | undefined;
	#lastStrictMs = performance.now();
	#retryDelayMs = 0;
	#isDisposed = false;

	constructor(host: WriterHost, header: RecordingHeader, options: WriterOptions) {
		this.id = header.id;
		this.#host = host;
		this.#header = header;
		this.#options = options;
		const { signal } = this.#listeners;
		globalThis.addEventListener('pagehide', () => this.#flushAll(), { signal });
		if (typeof document !== 'undefined') {
			const onhide = () => document.visibilityState === 'hidden' && this.#flushAll();
			document.addEventListener('visibilitychange', onhide, { signal });
		}
		void this.flush();
	}

	get pendingEntries(): number {
		return this.#pending.length;
	}

	append(entry: LogEntry, audio?: Uint8Array): void {
		assert(this.#status === 'live' && !this.#isDisposed, 'an entry comes after the end of its recording');
		this.#pending.push(audio ? { entry, audio } : { entry });
		this.#oldestPendingMs ??= performance.now();
		this.#schedule();
	}

	setSummary(update: SummaryUpdate): void {
		this.#summary = { ...this.#summary, ...update };
		const { title = this.#header.title, model = this.#header.model } = update;
		this.#header = { ...this.#header, title, model };
		this.#isRowDirty = true;
		this.#oldestPendingMs ??= performance.now();
		this.#schedule();
	}

	flush(): Promise<Result<void, StoreProblem>> {
		// Without a flush under way this reaches the database before it returns, which is what a closing page needs.
		const run = this.#running ? this.#running.then(() => this.#store()) : this.#store();
		this.#running = run;
		void run.finally(() => {
			if (this.#running === run) this.#running = undefined;
			this.#schedule();
		});
		return run;
	}

	close(): Promise<Result<void, StoreProblem>> {
		this.#status = 'closed';
		this.#isRowDirty = true;
		return this.flush();
	}

	/** Tries again now: there may be room. */
	retry(): void {
		if (this.#retryDelayMs > 0) this.#flushAll();
	}

	dispose(): void {
		if (this.#isDisposed) return;
		this.#isDisposed = true;
		this.#listeners.abort();
		clearTimeout(this.#timer);
		this.#lock?.release();
		this.#host.ondisposed(this);
	}

	#flushAll(): void {
		if (!this.#isDisposed) void this.flush();
	}

	/** Sees to it that a flush comes in time: `FLUSH_AFTER_MS` after the oldest pending change, or when the next try is due. */
	#schedule(): void {
		if (this.#isDisposed || this.#running || this.#oldestPendingMs === undefined) return;
		const isRetry = this.#retryDelayMs > 0;
		const waitMs = isRetry ? this.#retryDelayMs : this.#oldestPendingMs + FLUSH_AFTER_MS - performance.now();
		// Timers of a hidden page come late; messages do not, so an append may find that it is time.
		if (waitMs <= 0) return this.#flushAll();
		this.#timer ??= setTimeout(() => {
			this.#timer = undefined;
			this.#flushAll();
		}, waitMs);
	}

	async #store(): Promise<Result<void, StoreProblem>> {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		try {
			const targetCount = this.#state.entryCount + this.#pending.length;
			while (!this.#isDisposed && (this.#state.entryCount < targetCount || this.#isRowDirty)) {
				const ready = this.#readyDatabase();
				const database = ready instanceof Promise ? await ready : succeed(ready);
				if (!database.ok) return this.#failed(database.error);
				await this.#storeBatch(database.value);
			}
		} catch (error) {
			return this.#failed(problemOf(error));
		}
		return this.#succeeded();
	}

	/** The database, at once when it is open and ours to write to. */
	#readyDatabase(): EarshotDatabase | Promise<Result<EarshotDatabase, StoreProblem>> {
		const { connection } = this.#host;
		const isKnown = this.#generation === 0 || this.#generation === connection.generation;
		if (connection.current && this.#lock && isKnown) return connection.current;
		return this.#prepareDatabase();
	}

	async #prepareDatabase(): Promise<Result<EarshotDatabase, StoreProblem>> {
		if (!this.#lock && !(await this.#takeLock())) {
			return fail(failedProblem('This recording is already being made in another tab.'));
		}
		const { connection } = this.#host;
		const database = await connection.ensure();
		if (!database.ok) return database;
		if (this.#generation !== 0 && this.#generation !== connection.generation) {
			this.#report(storeProblem('closed'));
			if (!(await database.value.getKey('recordings', this.id))) this.#startAgain();
		}
		return database;
	}

	async #takeLock(): Promise<boolean> {
		const lock = await lockRecording(this.id);
		if (this.#isDisposed) lock?.release();
		else this.#lock = lock;
		return lock !== undefined;
	}

	/** The database was emptied: what the log still knows has to be stored once more. */
	#startAgain(): void {
		const { log } = this.#options;
		if (!log) return;
		const storedCount = this.#state.entryCount;
		const stored: AppendedEntry[] = [];
		for (let index = 0; index < storedCount; index++) {
			const entry = log.entry(index);
			const { audio } = entry;
			stored.push(audio ? { entry, audio: log.tracks[audio.track].read(audio.offset, audio.length) } : { entry });
		}
		this.#pending = [...stored, ...this.#pending];
		this.#state = EMPTY_STATE;
	}

	/** One transaction: the open chunks again, the new ones, and the row that fits them. */
	async #storeBatch(database: EarshotDatabase): Promise<void> {
		const batch = this.#takeBatch();
		const plan = planFlush(this.id, this.#state, batch);
		const isLast = batch.length === this.#pending.length;
		const row = this.#rowOf(plan.next, isLast ? this.#status : 'live');
		const nowMs = performance.now();
		const isStrict = row.status === 'closed' || nowMs - this.#lastStrictMs >= STRICT_EVERY_MS;
		const durability = isStrict ? 'strict' : 'relaxed';
		const written = writeTransaction(database, durability, ['recordings', 'events', 'audio'], (stores) => {
			stores.recordings.put(row);
			for (const { key, value } of plan.events) stores.events.put(value, key);
			for (const { key, value } of plan.audio) stores.audio.put(value, key);
		});
		// What comes while the transaction runs sets these again.
		this.#isRowDirty = false;
		this.#oldestPendingMs = undefined;
		await written.catch((error: unknown) => {
			this.#isRowDirty = true;
			throw error;
		});
		const isNew = this.#generation === 0;
		this.#pending.splice(0, batch.length);
		this.#state = plan.next;
		this.#generation = this.#host.connection.generation;
		if (isStrict) this.#lastStrictMs = nowMs;
		this.#host.onstored(row, isNew);
	}

	#takeBatch(): AppendedEntry[] {
		let audioBytes = 0;
		let count = 0;
		while (count < this.#pending.length && count < MAX_BATCH_ENTRIES && audioBytes < MAX_BATCH_AUDIO_BYTES) {
			audioBytes += this.#pending[count++]!.audio?.length ?? 0;
		}
		return this.#pending.slice(0, count);
	}

	#rowOf(state: typeof EMPTY_STATE, status: RecordingStatus): RecordingRow {
		const { turns = 0, interruptions = 0, errors = 0, lengthMs = 0 } = this.#summary;
		return {
			id: this.id,
			header: this.#header,
			status,
			lengthMs: Math.max(state.lengthMs, lengthMs),
			eventCount: state.entryCount,
			eventBytes: state.eventBytes,
			callerBytes: state.trackBytes.caller,
			modelBytes: state.trackBytes.model,
			turns,
			interruptions,
			errors
		};
	}

	#failed(problem: StoreProblem): Result<void, StoreProblem> {
		// Disposed while it waited: nobody wants to know any more.
		if (this.#isDisposed) return fail(problem);
		if (problem.kind === 'closed') this.#host.connection.drop();
		this.#report(problem);
		this.#oldestPendingMs ??= performance.now();
		const isFirst = this.#retryDelayMs === 0;
		this.#retryDelayMs = isFirst ? (problem.kind === 'closed' ? 1 : 1_000) : Math.max(1_000, this.#retryDelayMs * 2);
		this.#retryDelayMs = Math.min(this.#retryDelayMs, MAX_RETRY_DELAY_MS);
		return fail(problem);
	}

	#succeeded(): Result<void, StoreProblem> {
		if (this.#isDisposed) {
			const isWhole = this.#pending.length === 0 && !this.#isRowDirty;
			return isWhole ? succeed(undefined) : fail(failedProblem('The recording was let go before all was stored.'));
		}
		this.#retryDelayMs = 0;
		if (this.#reported.size > 0) {
			this.#reported.clear();
			this.#options.onrecovery?.();
		}
		// The lock goes after the row says `closed`, so that nobody takes the recording for an interrupted one.
		if (this.#pending.length > 0 || this.#isRowDirty) return succeed(undefined);
		if (this.#status === 'closed') this.dispose();
		this.#options.onidle?.();
		return succeed(undefined);
	}

	#report(problem: StoreProblem): void {
		if (this.#reported.has(problem.kind)) return;
		this.#reported.add(problem.kind);
		this.#options.onproblem?.(problem);
	}
}
