// The browser's side of the store benchmark: what `globalThis.storeBench` does is measured from store.ts.
import { encodeUtf8 } from '#core/base/utf8.ts';
import type { AudioReader } from '#core/recording/export/audio-reader.ts';
import { EntryBlock, ENTRIES_PER_BLOCK, type EntryBlockData } from '#core/recording/entry-block.ts';
import { MemoryLog } from '#core/recording/recording-log.ts';
import { RecordingScanner } from '#core/recording/recording-scanner.ts';
import type { LogEntry, RecordingHeader, TrackName } from '#core/recording/recorded-event.ts';
import { lineOf } from '#browser/store/entry-line.ts';
import type { BlockReader } from '#browser/store/line-writer.ts';
import { FIRST_ENTRY, openRecordingStore, type RecordingStore } from '#browser/store/recording-store.ts';
import { BYTES_PER_AUDIO_CHUNK, BYTES_PER_IMPORTED_CHUNK, ENTRIES_PER_CHUNK } from '#browser/store/schema.ts';
import { hourLog, hourLogHeader } from './hour-log.ts';
import { LiveSource, recordEvents } from './live-source.ts';

/** Bytes that a bare transaction takes: as many as the store's. */
const BYTES_PER_TRANSACTION = 4_800_000;
const TRANSACTIONS_IN_FLIGHT = 2;
/** Of the writers that work at a session's pace. */
const PACE_MS = 10;

export interface Measured {
	readonly ms: number;
	readonly bytes: number;
}

export interface ReadMeasured extends Measured {
	readonly firstMs: number;
	readonly entries: number;
}

export interface PacedMeasured {
	readonly events: number;
	/** The most entries that waited in one writer, and the longest that one of them waited for its flush, ms. */
	readonly mostPending: number;
	readonly longestMs: number;
	/** Entries that waited when the recording was over, and how long it then took to store them. */
	readonly left: number;
	readonly closeMs: number;
}

/** A record that is put as it is. */
interface BareRecord {
	readonly store: 'events' | 'audio';
	readonly key: IDBValidKey;
	readonly value: unknown;
	readonly bytes: number;
}

const databaseName = () => `bench-${crypto.randomUUID()}`;
const header = (): RecordingHeader => ({ ...hourLogHeader({ minutes: 1, seed: 1 }), id: crypto.randomUUID() });

async function openStore(name: string): Promise<RecordingStore> {
	const store = await openRecordingStore({ name });
	if (!store.ok) throw new Error(store.error.message);
	return store.value;
}

function makeLog(minutes: number): MemoryLog {
	const log = new MemoryLog();
	const ignore = () => undefined;
	const scanner = new RecordingScanner({
		onheader: ignore,
		onskip: ignore,
		onnote: ignore,
		onentry: ({ at, from, text, audio }) => {
			const offset = audio ? log.tracks[audio.track].append(audio.bytes) : 0;
			const ref = audio && { track: audio.track, index: audio.index, offset, length: audio.length };
			log.restore({ at, from, text, ...(ref && { audio: ref }) });
		}
	});
	for (const piece of hourLog({ minutes, seed: 1 })) scanner.push(piece);
	scanner.end();
	return log;
}

/** All records of a recording, made beforehand, so that only putting them is measured. */
function bareRecords(log: MemoryLog, chunkBytes: number): BareRecord[] {
	const records: BareRecord[] = [];
	for (const track of ['caller', 'model'] as const satisfies readonly TrackName[]) {
		const { length } = log.tracks[track];
		for (let at = 0; at < length; at += chunkBytes) {
			const value = log.tracks[track].read(at, Math.min(chunkBytes, length - at)).slice().buffer;
			records.push({ store: 'audio', key: ['id', track, at], value, bytes: value.byteLength });
		}
	}
	for (let first = 0; first < log.length; first += ENTRIES_PER_CHUNK) {
		const count = Math.min(ENTRIES_PER_CHUNK, log.length - first);
		const bytes = encodeUtf8(Array.from({ length: count }, (_, i) => lineOf(log.entry(first + i))).join(''));
		records.push({ store: 'events', key: ['id', first], value: { bytes, count }, bytes: bytes.length });
	}
	return records;
}

function openBare(name: string): Promise<IDBDatabase> {
	return new Promise((resolve, reject) => {
		const request = indexedDB.open(name, 1);
		request.onupgradeneeded = () => ['events', 'audio'].forEach((store) => request.result.createObjectStore(store));
		request.onsuccess = () => resolve(request.result);
		request.onerror = () => reject(request.error as DOMException);
	});
}

async function putBare(database: IDBDatabase, records: readonly BareRecord[]): Promise<Measured> {
	const startedAt = performance.now();
	const inFlight: Promise<void>[] = [];
	let total = 0;
	for (let next = 0; next < records.length;) {
		const transaction = database.transaction(['events', 'audio'], 'readwrite', { durability: 'relaxed' });
		for (let bytes = 0; next < records.length && bytes < BYTES_PER_TRANSACTION; next++) {
			const record = records[next]!;
			transaction.objectStore(record.store).put(record.value, record.key);
			bytes += record.bytes;
			total += record.bytes;
		}
		transaction.commit();
		const done = new Promise<void>((resolve, reject) => {
			transaction.oncomplete = () => resolve();
			transaction.onabort = () => reject(transaction.error as DOMException);
		});
		inFlight.push(done);
		if (inFlight.length >= TRANSACTIONS_IN_FLIGHT) await inFlight.shift();
	}
	await Promise.all(inFlight);
	return { ms: performance.now() - startedAt, bytes: total };
}

async function drop(name: string): Promise<void> {
	await new Promise<void>((resolve, reject) => {
		const request = indexedDB.deleteDatabase(name);
		request.onsuccess = () => resolve();
		request.onerror = () => reject(request.error as DOMException);
	});
}

/** The audio of a log, as an import asks for it. */
function audioInChunks({ tracks }: MemoryLog): AudioReader {
	const chunksOf = (track: TrackName) =>
		Array.from({ length: Math.ceil(tracks[track].length / BYTES_PER_IMPORTED_CHUNK) }, (_, index) => {
			const start = index * BYTES_PER_IMPORTED_CHUNK;
			return tracks[track].read(start, Math.min(BYTES_PER_IMPORTED_CHUNK, tracks[track].length - start)).slice();
		});
	const chunks = { caller: chunksOf('caller'), model: chunksOf('model') };
	return {
		length: (track) => tracks[track].length,
		read: (track, start) => Promise.resolve(chunks[track][start / BYTES_PER_IMPORTED_CHUNK]!)
	};
}

/** A log's entries as the blocks that an import reads a file into. */
class Blocks implements BlockReader {
	readonly length: number;
	readonly #log: MemoryLog;
	readonly #blocks: EntryBlockData[] = [];

	constructor(log: MemoryLog) {
		this.#log = log;
		this.length = log.length;
		for (let index = 0; index < log.length;) {
			const block = new EntryBlock();
			while (index < log.length && !block.isFull) block.append(log.entry(index++));
			this.#blocks.push(block.data());
		}
	}

	entry(index: number): LogEntry {
		return this.#log.entry(index);
	}

	blockAt(index: number): { first: number; data: EntryBlockData } {
		const at = Math.floor(index / ENTRIES_PER_BLOCK);
		return { first: at * ENTRIES_PER_BLOCK, data: this.#blocks[at]! };
	}
}

class StoreBench {
	#log = new MemoryLog();
	#blocks = new Blocks(new MemoryLog());
	#read: { store: RecordingStore; id: string } | undefined;
	#bareRead: IDBDatabase | undefined;

	/** Makes the recording that is written and read: its events, and its bytes. */
	prepare(minutes: number): { entries: number; audioBytes: number } {
		this.#log = makeLog(minutes);
		this.#blocks = new Blocks(this.#log);
		const { caller, model } = this.#log.tracks;
		return { entries: this.#log.length, audioBytes: caller.length + model.length };
	}

	async putAsImport(): Promise<Measured> {
		const name = databaseName();
		const database = await openBare(name);
		const measured = await putBare(database, bareRecords(this.#log, BYTES_PER_IMPORTED_CHUNK));
		this.#bareRead?.close();
		this.#bareRead = database;
		return measured;
	}

	async importRecording(): Promise<Measured> {
		const store = await openStore(databaseName());
		const id = header().id;
		// In buffers that were made beforehand, as those that are put bare.
		const audio = audioInChunks(this.#log);
		const startedAt = performance.now();
		const stored = await store.importRecording({ ...header(), id }, this.#blocks, audio);
		const ms = performance.now() - startedAt;
		if (!stored.ok) throw new Error(stored.error.message);
		this.#read?.store.dispose();
		this.#read = { store, id };
		const { eventBytes = 0, callerBytes, modelBytes } = stored.value;
		return { ms, bytes: eventBytes + callerBytes + modelBytes };
	}

	/** Bytes that the browser counts before the recording is imported, then, and when it was deleted for good. */
	async usageAround(): Promise<{ before: number; full: number; purged: number }> {
		const usage = async () => (await navigator.storage.estimate()).usage ?? 0;
		const before = await usage();
		await this.importRecording();
		const full = await usage();
		const { store, id } = this.#read!;
		await store.purge([id]);
		return { before, full, purged: await usage() };
	}

	/** Reads the entries of what was imported last. */
	async readEntries(): Promise<ReadMeasured> {
		const { store, id } = this.#read!;
		const startedAt = performance.now();
		let firstMs = 0;
		let entries = 0;
		const read = await store.readEntries(id, FIRST_ENTRY, (blocks) => {
			firstMs ||= performance.now() - startedAt;
			for (const { count } of blocks) entries += count;
		});
		if (!read.ok) throw new Error(read.error.message);
		return { ms: performance.now() - startedAt, firstMs, entries, bytes: read.value.summary.eventBytes ?? 0 };
	}

	/** Fetches the chunks of events that were put bare last, and does nothing with them. */
	async fetchChunks(): Promise<Measured> {
		const startedAt = performance.now();
		const range = IDBKeyRange.bound(['id'], ['id', []]);
		const request = this.#bareRead!.transaction('events').objectStore('events').getAll(range);
		await new Promise((resolve) => (request.onsuccess = resolve));
		const chunks = request.result as { bytes: Uint8Array }[];
		return { ms: performance.now() - startedAt, bytes: chunks.reduce((sum, { bytes }) => sum + bytes.length, 0) };
	}

	/** So many writers at once, each at a session's pace: 100 events a second, most with audio. */
	async recordPaced(writers: number, seconds: number): Promise<PacedMeasured> {
		const name = databaseName();
		const store = await openStore(name);
		const { appended } = recordEvents(Math.ceil((seconds * 1000) / PACE_MS));
		const sources = Array.from({ length: writers }, () => new LiveSource(store.openWriter(header()), appended));
		const startedAt = performance.now();
		let [mostPending, longestMs] = [0, 0];
		for (let tick = 1; tick <= appended.length;) {
			const due = Math.min(appended.length, (performance.now() - startedAt) / PACE_MS);
			for (; tick <= due; tick++) for (const source of sources) source.append();
			for (const source of sources) {
				mostPending = Math.max(mostPending, source.writer.pendingEntries);
				longestMs = Math.max(longestMs, source.waitedMs());
			}
			await new Promise((resolve) => setTimeout(resolve, PACE_MS));
		}
		const left = sources.reduce((sum, { writer }) => sum + writer.pendingEntries, 0);
		const endedAt = performance.now();
		await Promise.all(sources.map(({ writer }) => writer.close()));
		const closeMs = performance.now() - endedAt;
		const events = sources.reduce((sum, { count }) => sum + count, 0);
		store.dispose();
		await drop(name);
		return { events, mostPending, longestMs, left, closeMs };
	}

	/** So many writers at once, each with so many events as fast as they can be made. */
	async recordBurst(writers: number, events: number): Promise<Measured> {
		const name = databaseName();
		const store = await openStore(name);
		const { appended } = recordEvents(events);
		const sources = Array.from({ length: writers }, () => new LiveSource(store.openWriter(header()), appended));
		await Promise.all(sources.map(({ writer }) => writer.flush()));
		const startedAt = performance.now();
		for (let index = 0; index < events; index++) {
			for (const source of sources) source.append();
			if (index % 500 === 499) await new Promise((resolve) => setTimeout(resolve));
		}
		await Promise.all(sources.map(({ writer }) => writer.close()));
		const ms = performance.now() - startedAt;
		const listed = await store.list();
		if (!listed.ok) throw new Error(listed.error.message);
		const bytes = listed.value.reduce((sum, row) => sum + (row.eventBytes ?? 0) + row.callerBytes + row.modelBytes, 0);
		store.dispose();
		await drop(name);
		return { ms, bytes };
	}

	/** Puts what such a burst stores. */
	async putAsBurst(writers: number, events: number): Promise<Measured> {
		const one = bareRecords(recordEvents(events).log, BYTES_PER_AUDIO_CHUNK);
		const records = Array.from({ length: writers }, (_, writer) =>
			one.map((record) => ({ ...record, key: [`${writer}`, ...(record.key as IDBValidKey[]).slice(1)] }))
		);
		const name = databaseName();
		const database = await openBare(name);
		const measured = await putBare(database, records.flat());
		database.close();
		await drop(name);
		return measured;
	}
}

export type { StoreBench };
(globalThis as { storeBench?: StoreBench }).storeBench = new StoreBench();
