import type { DBSchema, IDBPDatabase } from 'idb';
import type { RecordingSummary, TrackName } from '#core/recording/recorded-event.ts';

export const DATABASE_NAME = 'earshot';

/** Entries in a full chunk. One record per entry is 15 to 30 times slower. */
export const ENTRIES_PER_CHUNK = 500;

/** Bytes in a full chunk of audio: one second of PCM16 at 24 kHz. */
export const BYTES_PER_AUDIO_CHUNK = 48_000;

/** A row of the library. */
export interface RecordingRow extends RecordingSummary {
	readonly id: string;
}

/** Up to 500 entries: UTF-8, one line of JSON per entry, each ended by a line feed. */
export interface EventChunk {
	readonly bytes: Uint8Array<ArrayBuffer>;
	readonly count: number;
}

/** Recording and index (from 0) of the chunk's first entry. */
export type EventKey = [recordingId: string, first: number];
/** Recording, track and offset of the chunk's first byte in the track. */
export type AudioKey = [recordingId: string, track: TrackName, firstByte: number];

export interface EarshotSchema extends DBSchema {
	recordings: { key: string; value: RecordingRow };
	events: { key: EventKey; value: EventChunk };
	audio: { key: AudioKey; value: ArrayBuffer };
}

export type EarshotDatabase = IDBPDatabase<EarshotSchema>;

/** Brings a database one version up; runs inside the upgrade's transaction. */
export type Migration = (database: IDBDatabase, transaction: IDBTransaction) => void;

/** Migration n makes version n + 1 of version n. Only ever add to the end: released ones are history. */
export const MIGRATIONS: readonly Migration[] = [
	(database) => {
		database.createObjectStore('recordings', { keyPath: 'id' });
		database.createObjectStore('events');
		database.createObjectStore('audio');
	}
];

/** All keys that begin with the recording's id: a list sorts after every number and text. */
export function keysOf(recordingId: string): IDBKeyRange {
	return IDBKeyRange.bound([recordingId], [recordingId, []]);
}
