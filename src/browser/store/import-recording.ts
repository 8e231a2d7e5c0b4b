import { assert } from '#core/base/assert.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import type { PeakTrack } from '#core/audio/peaks.ts';
import { TRACK_NAMES, type RecordingHeader, type TrackName } from '#core/recording/recorded-event.ts';
import type { AudioReader } from '#core/recording/export/audio-reader.ts';
import type { EntryReader } from '#core/recording/recording-log.ts';
import { writeTransaction, type DatabaseConnection } from './database-connection.ts';
import { removeRecords } from './library-rows.ts';
import { LineWriter } from './line-writer.ts';
import { lockRecording } from './recording-lock.ts';
import type { SummaryUpdate } from './recording-writer.ts';
import {
	BYTES_PER_IMPORTED_CHUNK,
	ENTRIES_PER_CHUNK,
	type AudioKey,
	type EarshotDatabase,
	type EventKey,
	type RecordingRow
} from './schema.ts';
import { failedProblem, problemOf, type StoreProblem } from './store-problem.ts';
import { keptText } from './search-recordings.ts';
import { packLevels } from './track-levels.ts';

export interface ImportOptions {
	/** Bytes stored by now, of events and audio. */
	readonly onprogress?: (doneBytes: number) => void;
	/** The levels of the tracks, when they are known. */
	readonly peaks?: Partial<Record<TrackName, PeakTrack>>;
	/** The words of the conversation, for the search. */
	readonly text?: string;
}

/** A transaction takes so much, and so many are under way while the next one is put together. */
const BYTES_PER_TRANSACTION = 9_600_000;
const TRANSACTIONS_IN_FLIGHT = 3;

/** What an import needs of its store. */
export interface ImportHost {
	readonly connection: DatabaseConnection;
	/** Called when the recording is there, and each time when it has more entries. */
	onstored(row: RecordingRow, isNew: boolean): void;
	/** Called when it is gone again. */
	onremoved(id: string): void;
}

/**
 * Stores a whole recording. It is listed as live and grows until it is complete. The audio of entries is stored before them,
 * so that a tab which dies in the middle leaves an interrupted recording that is whole up to some moment. When the store or
 * a source fails, what was written is removed again.
 */
export async function importRecording(
	host: ImportHost,
	header: RecordingHeader,
	entries: EntryReader,
	audio: AudioReader,
	summary: SummaryUpdate,
	options: ImportOptions
): Promise<Result<RecordingRow, StoreProblem>> {
	const { connection } = host;
	const database = await connection.ensure();
	if (!database.ok) return database;
	const lock = await lockRecording(header.id);
	if (!lock) return fail(failedProblem('This recording is being made in another tab. Close it there first.'));
	let isOurs = false;
	try {
		if ((await database.value.getKey('recordings', header.id)) !== undefined) {
			return fail(failedProblem('A recording with this id is already there. Delete it, or import it as a copy.'));
		}
		isOurs = true;
		const work = new ImportWork(host, database.value, { header, entries, audio, summary, options });
		return succeed(await work.run());
	} catch (error) {
		if (isOurs) await remove(host, database.value, header.id).catch(() => undefined);
		const problem = problemOf(error);
		if (problem.kind === 'closed') connection.drop();
		return fail(problem);
	} finally {
		lock.release();
	}
}

async function remove(host: ImportHost, database: EarshotDatabase, id: string): Promise<void> {
	await removeRecords(database, id);
	host.onremoved(id);
}

/** What is imported, and how. */
interface ImportOrder {
	readonly header: RecordingHeader;
	readonly entries: EntryReader;
	readonly audio: AudioReader;
	readonly summary: SummaryUpdate;
	readonly options: ImportOptions;
}

class ImportWork {
	readonly #host: ImportHost;
	readonly #database: EarshotDatabase;
	readonly #order: ImportOrder;
	readonly #stored: Record<TrackName, number> = { caller: 0, model: 0 };
	readonly #inFlight: Promise<void>[] = [];
	#batch: { readonly store: 'events' | 'audio'; readonly key: EventKey | AudioKey; readonly value: unknown }[] = [];
	#batchBytes = 0;
	readonly #chunks = new ChunkReader();
	#entryCount = 0;
	#eventBytes = 0;
	#lastAt = 0;

	constructor(host: ImportHost, database: EarshotDatabase, order: ImportOrder) {
		this.#host = host;
		this.#database = database;
		this.#order = order;
	}

	/** The row as it was stored. */
	async run(): Promise<RecordingRow> {
		const row = this.#row('live');
		await writeTransaction(this.#database, 'relaxed', ['recordings'], ({ recordings }) => recordings.put(row));
		this.#host.onstored(row, true);
		try {
			await this.#writePieces();
			await this.#commit();
			await Promise.all(this.#inFlight);
			return await this.#finish();
		} finally {
			// One failure is told; the transactions behind it fail too, and must be over before anything is removed.
			await Promise.allSettled(this.#inFlight);
		}
	}

	async #writePieces(): Promise<void> {
		const { header, entries, audio } = this.#order;
		const writer = new LineWriter(entries);
		for (let first = 0; first < entries.length; first += ENTRIES_PER_CHUNK) {
			const end = Math.min(first + ENTRIES_PER_CHUNK, entries.length);
			const reach = { caller: 0, model: 0 };
			for (let index = first; index < end; index++) {
				const ref = writer.audioOf(index);
				if (ref) reach[ref.track] = Math.max(reach[ref.track], ref.offset + ref.length);
			}
			for (const track of TRACK_NAMES) await this.#writeAudio(track, reach[track]);
			const bytes = writer.lines(first, end);
			this.#entryCount = end;
			this.#eventBytes += bytes.length;
			this.#lastAt = entries.entry(end - 1).at;
			await this.#put('events', [header.id, first], { bytes, count: end - first }, bytes.length);
		}
		for (const track of TRACK_NAMES) await this.#writeAudio(track, audio.length(track));
	}

	/** Stores a track up to at least `reach`, in full chunks where the track has them. */
	async #writeAudio(track: TrackName, reach: number): Promise<void> {
		const { header, audio } = this.#order;
		const length = audio.length(track);
		while (this.#stored[track] < Math.min(reach, length)) {
			const start = this.#stored[track];
			const chunk = await this.#chunks.read(audio, track, start, Math.min(BYTES_PER_IMPORTED_CHUNK, length - start));
			this.#stored[track] += chunk.byteLength;
			await this.#put('audio', [header.id, track, start], chunk, chunk.byteLength);
		}
	}

	/** Adds a record to the next transaction, and begins that when it is large enough. */
	async #put(store: 'events' | 'audio', key: EventKey | AudioKey, value: unknown, byteLength: number): Promise<void> {
		this.#batch.push({ store, key, value });
		this.#batchBytes += byteLength;
		if (this.#batchBytes >= BYTES_PER_TRANSACTION) await this.#commit();
	}

	/**
	 * Hands what was put, and the row that fits it, to the database. The next transaction is put together while it is
	 * written: waits only when enough of them are under way.
	 */
	async #commit(): Promise<void> {
		const batch = this.#batch;
		this.#batch = [];
		this.#batchBytes = 0;
		const row = this.#row('live');
		const written = writeTransaction(this.#database, 'relaxed', ['recordings', 'events', 'audio'], (stores) => {
			for (const { store, key, value } of batch) stores[store].put(value, key);
			stores.recordings.put(row);
		}).then(() => this.#tell(row));
		// Each put has made its copy.
		this.#chunks.reuse();
		// Whoever waits for it hears of a failure; until then nobody does.
		written.catch(() => undefined);
		this.#inFlight.push(written);
		if (this.#inFlight.length >= TRANSACTIONS_IN_FLIGHT) await this.#inFlight.shift();
	}

	#tell(row: RecordingRow): void {
		this.#host.onstored(row, false);
		this.#order.options.onprogress?.((row.eventBytes ?? 0) + row.callerBytes + row.modelBytes);
	}

	/** The row of what is stored by now. */
	#row(status: RecordingRow['status']): RecordingRow {
		const { header, summary } = this.#order;
		const { title = header.title, model = header.model, turns = 0, interruptions = 0, errors = 0 } = summary;
		return {
			id: header.id,
			header: { ...header, title, model },
			status,
			lengthMs: this.#lastAt,
			eventCount: this.#entryCount,
			eventBytes: this.#eventBytes,
			callerBytes: this.#stored.caller,
			modelBytes: this.#stored.model,
			audioChunkBytes: BYTES_PER_IMPORTED_CHUNK,
			turns,
			interruptions,
			errors
		};
	}

	async #finish(): Promise<RecordingRow> {
		const { summary, options } = this.#order;
		const lengthMs = Math.max(this.#lastAt, summary.lengthMs ?? 0);
		const row = { ...this.#row(summary.wasCutOff ? 'interrupted' : 'closed'), lengthMs };
		await writeTransaction(this.#database, 'strict', ['recordings', 'peaks', 'texts'], (stores) => {
			stores.recordings.put(row);
			for (const track of TRACK_NAMES) {
				const peaks = options.peaks?.[track];
				if (peaks) stores.peaks.put(packLevels(peaks.levels(0, peaks.bucketCount)), [row.id, track]);
			}
			if (options.text !== undefined) stores.texts.put(keptText(options.text), row.id);
		});
		this.#tell(row);
		return row;
	}
}

/** Reads tracks into buffers that are used again: to make new ones for all of an hour takes longer than to fill them. */
class ChunkReader {
	readonly #free: Uint8Array<ArrayBuffer>[] = [];
	readonly #used: Uint8Array<ArrayBuffer>[] = [];

	/** Bytes of a track in a buffer of their own, which holds until `reuse`. */
	async read(source: AudioReader, track: TrackName, start: number, length: number): Promise<ArrayBuffer> {
		const isFull = length === BYTES_PER_IMPORTED_CHUNK;
		const target = (isFull ? this.#free.pop() : undefined) ?? new Uint8Array(length);
		if (isFull) this.#used.push(target);
		if (source.readInto) await source.readInto(track, start, target);
		else {
			const bytes = await source.read(track, start, length);
			assert(bytes.length === length, `the source of an import gave ${bytes.length} bytes instead of ${length}`);
			target.set(bytes);
		}
		return target.buffer;
	}

	/** Nobody needs what was read so far any more. */
	reuse(): void {
		this.#free.push(...this.#used.splice(0));
	}
}
