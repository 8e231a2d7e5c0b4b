import { fail, succeed, type Result } from '#core/base/result.ts';
import type { RecordingHeader, TrackName } from '#core/recording/recorded-event.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import { writeTransaction, type DatabaseConnection } from './database-connection.ts';
import { lineOf } from './flush-plan.ts';
import { lockRecording } from './recording-lock.ts';
import type { SummaryUpdate } from './recording-writer.ts';
import { BYTES_PER_AUDIO_CHUNK, ENTRIES_PER_CHUNK, keysOf, type EarshotDatabase, type RecordingRow } from './schema.ts';
import { failedProblem, problemOf, type StoreProblem } from './store-problem.ts';

/** Chunks in one transaction: about 4 MB of audio, or 16,000 entries. */
const AUDIO_CHUNKS_PER_TRANSACTION = 80;
const EVENT_CHUNKS_PER_TRANSACTION = 32;

/**
 * Stores a whole recording. It is listed as live until it is complete, so that a tab which dies in the middle leaves an
 * interrupted recording; when the store fails, what was written is removed again.
 */
export async function importRecording(
	connection: DatabaseConnection,
	header: RecordingHeader,
	log: RecordingLog,
	summary: SummaryUpdate
): Promise<Result<void, StoreProblem>> {
	const database = await connection.ensure();
	if (!database.ok) return database;
	const lock = await lockRecording(header.id);
	if (!lock) return fail(failedProblem('This recording is being made in another tab. Close it there first.'));
	let isOurs = false;
	try {
		if (await database.value.getKey('recordings', header.id)) {
			return fail(failedProblem('A recording with this id is already there. Delete it, or import it as a copy.'));
		}
		isOurs = true;
		await writeAll(database.value, rowOf(header, log, summary), log);
		return succeed(undefined);
	} catch (error) {
		if (isOurs) await removeRecords(database.value, header.id).catch(() => undefined);
		const problem = problemOf(error);
		if (problem.kind === 'closed') connection.drop();
		return fail(problem);
	} finally {
		lock.release();
	}
}

function rowOf(header: RecordingHeader, log: RecordingLog, summary: SummaryUpdate): RecordingRow {
	const { title = header.title, model = header.model, lengthMs = 0 } = summary;
	const { turns = 0, interruptions = 0, errors = 0 } = summary;
	return {
		id: header.id,
		header: { ...header, title, model },
		status: summary.wasCutOff ? 'interrupted' : 'closed',
		lengthMs: Math.max(log.lengthMs, lengthMs),
		eventCount: log.length,
		callerBytes: log.tracks.caller.length,
		modelBytes: log.tracks.model.length,
		turns,
		interruptions,
		errors
	};
}

async function writeAll(database: EarshotDatabase, row: RecordingRow, log: RecordingLog): Promise<void> {
	await writeTransaction(database, 'relaxed', ({ recordings }) => recordings.put({ ...row, status: 'live' }));
	// Audio first: whatever is in the database at any moment, the audio of all its entries is there.
	await writeTrack(database, row.id, 'caller', log);
	await writeTrack(database, row.id, 'model', log);
	await writeEntries(database, row.id, log);
	await writeTransaction(database, 'strict', ({ recordings }) => recordings.put(row));
}

async function writeTrack(database: EarshotDatabase, id: string, track: TrackName, log: RecordingLog): Promise<void> {
	const bytes = log.tracks[track];
	const step = AUDIO_CHUNKS_PER_TRANSACTION * BYTES_PER_AUDIO_CHUNK;
	for (let start = 0; start < bytes.length; start += step) {
		const end = Math.min(start + step, bytes.length);
		await writeTransaction(database, 'relaxed', ({ audio }) => {
			for (let offset = start; offset < end; offset += BYTES_PER_AUDIO_CHUNK) {
				const length = Math.min(BYTES_PER_AUDIO_CHUNK, end - offset);
				audio.put(bytes.read(offset, length).slice().buffer, [id, track, offset]);
			}
		});
	}
}

async function writeEntries(database: EarshotDatabase, id: string, log: RecordingLog): Promise<void> {
	const encoder = new TextEncoder();
	const step = EVENT_CHUNKS_PER_TRANSACTION * ENTRIES_PER_CHUNK;
	for (let start = 0; start < log.length; start += step) {
		const end = Math.min(start + step, log.length);
		await writeTransaction(database, 'relaxed', ({ events }) => {
			for (let first = start; first < end; first += ENTRIES_PER_CHUNK) {
				const count = Math.min(ENTRIES_PER_CHUNK, end - first);
				const lines = Array.from({ length: count }, (_, index) => lineOf(log.entry(first + index)));
				events.put({ bytes: encoder.encode(lines.join('')), count }, [id, first]);
			}
		});
	}
}

/** Removes a recording from all three stores, in one transaction. */
export function removeRecords(database: EarshotDatabase, id: string): Promise<void> {
	return writeTransaction(database, 'relaxed', ({ recordings, events, audio }) => {
		recordings.delete(id);
		events.delete(keysOf(id));
		audio.delete(keysOf(id));
	});
}
