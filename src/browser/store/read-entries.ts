import { fail, succeed, type Result } from '#core/base/result.ts';
import type { EntryBlockData } from '#core/recording/entry-block.ts';
import type { TrackName } from '#core/recording/recorded-event.ts';
import { AudioIndex } from './audio-index.ts';
import { EntryRestorer } from './entry-restorer.ts';
import { settleInterrupted, summaryOf } from './library-rows.ts';
import type { EntriesRead, EntryCursor } from './recording-store.ts';
import {
	BYTES_PER_AUDIO_CHUNK,
	ENTRIES_PER_CHUNK,
	keysOf,
	type AudioKey,
	type EarshotDatabase,
	type EventChunk,
	type EventKey,
	type RecordingRow
} from './schema.ts';
import { notHere, type StoreProblem } from './store-problem.ts';

/** Chunks of events in one answer of the database, about 7 MB. The first is read alone: somebody waits for it. */
const CHUNKS_PER_READ = 64;

type TakeBlocks = (blocks: EntryBlockData[]) => void | Promise<void>;
type Chunks = readonly (readonly [key: EventKey, chunk: EventChunk])[];

/**
 * Reads the entries of a recording from the cursor to the last one that it counts when the reading begins, and hands them
 * over in blocks. The next piece is on its way while a piece is parsed, and none is handed over before `take` is done with
 * the one before.
 */
export async function readEntries(
	database: EarshotDatabase,
	id: string,
	from: EntryCursor,
	take: TakeBlocks,
	signal?: AbortSignal
): Promise<Result<EntriesRead, StoreProblem>> {
	const start = await openReading(database, id, from.index);
	if (!start) return fail(notHere());
	const { row, audio } = start;
	const restorer = new EntryRestorer(from, row.eventCount, audio);
	let chunks = start.chunks;
	let isLast = chunks.length === 0;
	while (!isLast && !signal?.aborted) {
		const last = chunks.at(-1)![0];
		const following = last[1] + ENTRIES_PER_CHUNK < row.eventCount ? readChunks(database, id, last) : [];
		// Should `take` throw: the piece that is on its way is nobody's then, and may fail unheard.
		if (following instanceof Promise) following.catch(() => undefined);
		for (const [[, first], chunk] of chunks) restorer.addChunk(first, chunk);
		const blocks = restorer.takeBlocks();
		if (blocks.length > 0) await take(blocks);
		chunks = await following;
		isLast = chunks.length === 0;
	}
	if (!signal?.aborted) restorer.finish();
	// What was deleted while it was read is not damaged, it is gone.
	if (restorer.damage.length > 0 && !(await database.getKey('recordings', id))) return fail(notHere());
	const [settled = row] = await settleInterrupted(database, [row]);
	const edit = await database.get('edits', id);
	const damage = [...(from.index === 0 ? [...audio.caller.damage, ...audio.model.damage] : []), ...restorer.damage];
	return succeed({ summary: summaryOf(settled, edit), cursor: restorer.cursor, damage });
}

/** All that must be seen at one moment: the row, which audio there is, and the first chunk that has something new. */
async function openReading(database: EarshotDatabase, id: string, fromIndex: number) {
	const transaction = database.transaction(['recordings', 'events', 'audio']);
	const row = await transaction.objectStore('recordings').get(id);
	if (!row) return undefined;
	// Nothing new: then nobody asks for the audio either.
	const isDone = fromIndex > 0 && row.eventCount <= fromIndex;
	const audio = isDone ? emptyIndexes() : indexesOf(row);
	const range = chunksFrom(id, fromIndex);
	const events = transaction.objectStore('events');
	const [chunks] = await Promise.all([
		isDone ? [] : readRange(events, range, fromIndex === 0 ? 1 : CHUNKS_PER_READ),
		...(isDone ? [] : [readAudioKeys(transaction.objectStore('audio'), id, audio)])
	]);
	return { row, audio, chunks };
}

type Indexes = Record<TrackName, AudioIndex>;

function indexesOf({ audioChunkBytes = BYTES_PER_AUDIO_CHUNK, callerBytes, modelBytes }: RecordingRow): Indexes {
	return {
		caller: new AudioIndex('caller', audioChunkBytes, callerBytes),
		model: new AudioIndex('model', audioChunkBytes, modelBytes)
	};
}

function emptyIndexes(): Indexes {
	return { caller: new AudioIndex('caller', 1, 0), model: new AudioIndex('model', 1, 0) };
}

interface ReadableStore<Key, Value> {
	getAllKeys(range: IDBKeyRange, count?: number): Promise<Key[]>;
	getAll(range: IDBKeyRange, count?: number): Promise<Value[]>;
}

interface AudioStore extends ReadableStore<AudioKey, ArrayBuffer> {
	get(key: AudioKey): Promise<ArrayBuffer | undefined>;
}

async function readAudioKeys(store: AudioStore, id: string, indexes: Indexes): Promise<void> {
	const keys = await store.getAllKeys(keysOf(id));
	for (const track of ['caller', 'model'] as const) {
		const own = keys.filter((key) => key[1] === track);
		const last = own.pop();
		for (const [, , firstByte] of own) indexes[track].addChunk(firstByte);
		const value = last && (await store.get(last));
		if (last) indexes[track].addChunk(last[2], value instanceof ArrayBuffer ? value.byteLength : 0);
		indexes[track].finish();
	}
}

/** Keys of the chunks that may hold the entry at an index or one behind it. */
function chunksFrom(id: string, index: number): IDBKeyRange {
	return IDBKeyRange.bound([id, Math.max(0, index - ENTRIES_PER_CHUNK + 1)], [id, []]);
}

function readChunks(database: EarshotDatabase, id: string, after: EventKey): Promise<Chunks> {
	const store = database.transaction('events').store;
	return readRange(store, IDBKeyRange.bound(after, [id, []], true), CHUNKS_PER_READ);
}

async function readRange(
	store: ReadableStore<EventKey, EventChunk>,
	range: IDBKeyRange,
	count: number
): Promise<Chunks> {
	const [keys, values] = await Promise.all([store.getAllKeys(range, count), store.getAll(range, count)]);
	return keys.map((key, index) => [key, values[index]!] as const);
}
