import { fail, succeed, type Result } from '#core/base/result.ts';
import type { TrackName } from '#core/recording/recorded-event.ts';
import { readRows } from './library-rows.ts';
import { keptText } from './search-recordings.ts';
import type { EarshotDatabase } from './schema.ts';
import { notHere, type StoreProblem } from './store-problem.ts';
import { packLevels, unpackLevels } from './track-levels.ts';

// What can be made of a recording again at any time, and is kept so that nobody has to wait for it. A record goes beside a
// row, which must be there: nothing may be left behind a recording that was deleted.

export async function readPeaks(
	database: EarshotDatabase,
	id: string,
	track: TrackName
): Promise<Result<Float32Array<ArrayBuffer> | undefined, StoreProblem>> {
	return succeed(unpackLevels(await database.get('peaks', [id, track])));
}

export async function putPeaks(
	database: EarshotDatabase,
	id: string,
	track: TrackName,
	levels: Float32Array
): Promise<Result<void, StoreProblem>> {
	const transaction = database.transaction(['recordings', 'peaks'], 'readwrite');
	const key = await transaction.objectStore('recordings').getKey(id);
	if (key !== undefined) await transaction.objectStore('peaks').put(packLevels(levels), [id, track]);
	await transaction.done;
	return key === undefined ? fail(notHere()) : succeed(undefined);
}

export async function putText(
	database: EarshotDatabase,
	id: string,
	text: string
): Promise<Result<void, StoreProblem>> {
	const transaction = database.transaction(['recordings', 'texts'], 'readwrite');
	const key = await transaction.objectStore('recordings').getKey(id);
	if (key !== undefined) await transaction.objectStore('texts').put(keptText(text), id);
	await transaction.done;
	return key === undefined ? fail(notHere()) : succeed(undefined);
}

/** Recordings that are not live and whose words nobody has kept yet. */
export async function idsWithoutText(database: EarshotDatabase): Promise<Result<string[], StoreProblem>> {
	const [rows, known] = await Promise.all([readRows(database), database.getAllKeys('texts')]);
	const texts = new Set(known);
	return succeed(rows.filter(({ row }) => row.status !== 'live' && !texts.has(row.id)).map(({ row }) => row.id));
}
