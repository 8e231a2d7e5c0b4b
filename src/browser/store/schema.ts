import type { DBSchema, IDBPDatabase } from 'idb';
import type { RecordingHeader, RecordingSummary, TrackName } from '#core/recording/recorded-event.ts';

export const DATABASE_NAME = 'earshot';

/** Entries in a full chunk. One record per entry is 15 to 30 times slower. */
export const ENTRIES_PER_CHUNK = 500;

/** Bytes in a full chunk of audio while it is recorded: one second of PCM16 at 24 kHz. */
export const BYTES_PER_AUDIO_CHUNK = 48_000;

/** Bytes in a full chunk of audio that comes as a whole: half as long to write as in chunks of a second. */
export const BYTES_PER_IMPORTED_CHUNK = 480_000;

/** Characters of a conversation that are kept for the search. */
export const MOST_TEXT = 200_000;

/** A row of the library. Version 1 wrote none of the fields that may be absent. */
export interface RecordingRow extends RecordingSummary {
	readonly id: string;
	/** Bytes in its chunks of events. */
	readonly eventBytes?: number;
	/** Bytes in all of its chunks of audio but each track's last; `BYTES_PER_AUDIO_CHUNK` when it is absent. */
	readonly audioChunkBytes?: number;
	/** Wall time (ms) at which its keeper took it out of the list; it is deleted for good later. */
	readonly removedAt?: number;
}

/** Up to 500 entries: UTF-8, one line of JSON per entry, each ended by a line feed. */
export interface EventChunk {
	readonly bytes: Uint8Array<ArrayBuffer>;
	readonly count: number;
}

/** What its keeper changed of a recording's header. A record of its own, so that the maker of a live one cannot undo it. */
export type EditRecord = Readonly<Partial<Pick<RecordingHeader, 'title' | 'tags' | 'note'>>>;

/** Recording and index (from 0) of the chunk's first entry. */
export type EventKey = [recordingId: string, first: number];
/** Recording, track and offset of the chunk's first byte in the track. */
export type AudioKey = [recordingId: string, track: TrackName, firstByte: number];
export type PeaksKey = [recordingId: string, track: TrackName];

export interface EarshotSchema extends DBSchema {
	recordings: { key: string; value: RecordingRow };
	events: { key: EventKey; value: EventChunk };
	audio: { key: AudioKey; value: ArrayBuffer };
	/** The levels of a track, see `track-levels.ts`. */
	peaks: { key: PeaksKey; value: Uint16Array<ArrayBuffer> };
	/** The words of a conversation, by recording. */
	texts: { key: string; value: string };
	edits: { key: string; value: EditRecord };
}

export type StoreName = 'recordings' | 'events' | 'audio' | 'peaks' | 'texts' | 'edits';
export type EarshotDatabase = IDBPDatabase<EarshotSchema>;

/** Brings a database one version up; runs inside the upgrade's transaction. */
export type Migration = (database: IDBDatabase, transaction: IDBTransaction) => void;

/** Migration n makes version n + 1 of version n. Only ever add to the end: released ones are history. */
export const MIGRATIONS: readonly Migration[] = [
	(database) => {
		database.createObjectStore('recordings', { keyPath: 'id' });
		database.createObjectStore('events');
		database.createObjectStore('audio');
	},
	(database) => {
		database.createObjectStore('peaks');
		database.createObjectStore('texts');
		database.createObjectStore('edits');
	}
];

/** All keys that begin with the recording's id: a list sorts after every number and text. */
export function keysOf(recordingId: string): IDBKeyRange {
	return IDBKeyRange.bound([recordingId], [recordingId, []]);
}
