import { fail, succeed, type Result } from '#core/base/result.ts';
import type { TrackName } from '#core/recording/recorded-event.ts';
import { BYTES_PER_AUDIO_CHUNK, type EarshotDatabase } from './schema.ts';
import { notHere, type StoreProblem } from './store-problem.ts';

/**
 * Bytes of a track, fewer than asked for when the track ends before. What is missing of it in the database is silence.
 * @param offset first byte, whole and not negative, as `length`
 */
export async function readAudio(
	database: EarshotDatabase,
	id: string,
	track: TrackName,
	offset: number,
	length: number
): Promise<Result<Uint8Array<ArrayBuffer>, StoreProblem>> {
	const transaction = database.transaction(['recordings', 'audio']);
	const row = await transaction.objectStore('recordings').get(id);
	if (!row) return fail(notHere());
	const chunkBytes = row.audioChunkBytes ?? BYTES_PER_AUDIO_CHUNK;
	const trackBytes = track === 'caller' ? row.callerBytes : row.modelBytes;
	const end = Math.min(offset + length, trackBytes);
	if (end <= offset) return succeed(new Uint8Array(0));
	const bytes = new Uint8Array(end - offset);
	const firstChunk = offset - (offset % chunkBytes);
	const range = IDBKeyRange.bound([id, track, firstChunk], [id, track, end], false, true);
	const audio = transaction.objectStore('audio');
	const [keys, values] = await Promise.all([audio.getAllKeys(range), audio.getAll(range)]);
	values.forEach((value, index) => {
		if (!(value instanceof ArrayBuffer)) return;
		const at = keys[index]![2] - offset;
		const piece = new Uint8Array(value).subarray(Math.max(0, -at), Math.max(0, bytes.length - at));
		bytes.set(piece, Math.max(0, at));
	});
	return succeed(bytes);
}
