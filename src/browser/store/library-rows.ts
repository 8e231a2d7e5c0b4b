import { fail, succeed, type Result } from '#core/base/result.ts';
import { writeTransaction } from './database-connection.ts';
import { lockedRecordings } from './recording-lock.ts';
import type { RecordingEdit, StoredSummary } from './recording-store.ts';
import { keysOf, type EarshotDatabase, type EditRecord, type RecordingRow } from './schema.ts';
import { notHere, type StoreProblem } from './store-problem.ts';

/** What the library shows of a row, with what its keeper changed. */
export function summaryOf(row: RecordingRow, edit: EditRecord | undefined): StoredSummary {
	const { id: _id, audioChunkBytes: _chunk, removedAt: _removed, ...summary } = row;
	return edit ? { ...summary, header: { ...summary.header, ...edit } } : summary;
}

export function newestFirst(a: StoredSummary, b: StoredSummary): number {
	return a.header.startedAt < b.header.startedAt ? 1 : -1;
}

/** All rows and their edits, removed ones too, with `interrupted` where the maker is gone. */
export async function readRows(database: EarshotDatabase): Promise<{ row: RecordingRow; summary: StoredSummary }[]> {
	const transaction = database.transaction(['recordings', 'edits']);
	const edits = transaction.objectStore('edits');
	const [rows, editKeys, editValues] = await Promise.all([
		transaction.objectStore('recordings').getAll(),
		edits.getAllKeys(),
		edits.getAll()
	]);
	const editOf = new Map(editKeys.map((id, index) => [id, editValues[index]]));
	const settled = await settleInterrupted(database, rows);
	return settled.map((row) => ({ row, summary: summaryOf(row, editOf.get(row.id)) }));
}

/** The rows, with `interrupted` instead of `live` where nobody makes the recording any more; kept so in the database. */
export async function settleInterrupted(
	database: EarshotDatabase,
	rows: readonly RecordingRow[]
): Promise<RecordingRow[]> {
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

/** Keeps a change beside the row, which belongs to the maker of the recording. */
export async function editRecording(
	database: EarshotDatabase,
	id: string,
	edit: RecordingEdit
): Promise<Result<void, StoreProblem>> {
	const transaction = database.transaction(['recordings', 'edits'], 'readwrite');
	const edits = transaction.objectStore('edits');
	const [key, earlier] = await Promise.all([transaction.objectStore('recordings').getKey(id), edits.get(id)]);
	if (key !== undefined) await edits.put({ ...earlier, ...edit }, id);
	await transaction.done;
	return key === undefined ? fail(notHere()) : succeed(undefined);
}

/** Marks recordings as removed, or takes the mark away (`removedAt: undefined`). Returns those that were there and not live. */
export async function markRemoved(
	database: EarshotDatabase,
	ids: readonly string[],
	removedAt: number | undefined
): Promise<string[]> {
	const locked = await lockedRecordings();
	const transaction = database.transaction('recordings', 'readwrite');
	const marked = await Promise.all(
		ids.map(async (id) => {
			const row = locked.has(id) ? undefined : await transaction.store.get(id);
			if (!row) return [];
			const { removedAt: _before, ...rest } = row;
			await transaction.store.put(removedAt === undefined ? rest : { ...rest, removedAt });
			return [id];
		})
	);
	await transaction.done;
	return marked.flat();
}

/** Deletes recordings for good, and tells of each that was there. One that is being made is left alone. */
export async function purgeRecordings(
	database: EarshotDatabase,
	ids: readonly string[],
	onpurged: (id: string) => void
): Promise<void> {
	const locked = await lockedRecordings();
	for (const id of ids) {
		if (locked.has(id) || (await database.getKey('recordings', id)) === undefined) continue;
		await removeRecords(database, id);
		onpurged(id);
	}
}

/** Removes a recording from all stores, in one transaction. */
export function removeRecords(database: EarshotDatabase, id: string): Promise<void> {
	const stores = ['recordings', 'events', 'audio', 'peaks', 'texts', 'edits'] as const;
	return writeTransaction(database, 'relaxed', stores, ({ recordings, events, audio, peaks, texts, edits }) => {
		recordings.delete(id);
		for (const store of [events, audio, peaks]) store.delete(keysOf(id));
		for (const store of [texts, edits]) store.delete(id);
	});
}
