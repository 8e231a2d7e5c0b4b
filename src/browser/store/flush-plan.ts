import { concatBytes } from '#core/base/concat-bytes.ts';
import { assert } from '#core/base/assert.ts';
import type { TrackName } from '#core/recording/recorded-event.ts';
import type { AppendedEntry } from '#core/recording/recording-log.ts';
import { lineOf } from './entry-line.ts';
import { BYTES_PER_AUDIO_CHUNK, ENTRIES_PER_CHUNK, type AudioKey, type EventChunk, type EventKey } from './schema.ts';

/** What a writer knows of its recording in the database: how much is there, and the contents of the open chunks. */
export interface StoredState {
	readonly entryCount: number;
	readonly lengthMs: number;
	/** Bytes of all lines. */
	readonly eventBytes: number;
	/** Bytes stored of each track. */
	readonly trackBytes: Readonly<Record<TrackName, number>>;
	/** The lines of the chunk that has room left; empty at the start of a chunk. */
	readonly openLines: Uint8Array<ArrayBuffer>;
	/** The bytes of each track's last second, when it is not full. */
	readonly openAudio: Readonly<Record<TrackName, Uint8Array<ArrayBuffer>>>;
}

/** The records that a transaction has to write (a key that exists is overwritten), and the state when it succeeded. */
export interface FlushPlan {
	readonly events: readonly { readonly key: EventKey; readonly value: EventChunk }[];
	readonly audio: readonly { readonly key: AudioKey; readonly value: ArrayBuffer }[];
	readonly next: StoredState;
}

const NOTHING = new Uint8Array(0);

export const EMPTY_STATE: StoredState = {
	entryCount: 0,
	lengthMs: 0,
	eventBytes: 0,
	trackBytes: { caller: 0, model: 0 },
	openLines: NOTHING,
	openAudio: { caller: NOTHING, model: NOTHING }
};

const encoder = new TextEncoder();

/**
 * Works out what to write so that the entries, and all audio that they brought, are stored. Pure: when the transaction
 * fails, nothing has changed and the same entries can be planned again.
 *
 * The entries must follow what is stored, and their audio must follow the bytes of its track.
 */
export function planFlush(recordingId: string, state: StoredState, batch: readonly AppendedEntry[]): FlushPlan {
	const events = planEvents(recordingId, state, batch);
	const caller = planTrack(recordingId, 'caller', state, batch);
	const model = planTrack(recordingId, 'model', state, batch);
	return {
		events: events.puts,
		audio: [...caller.puts, ...model.puts],
		next: {
			entryCount: state.entryCount + batch.length,
			lengthMs: batch.at(-1)?.entry.at ?? state.lengthMs,
			eventBytes: state.eventBytes + events.addedBytes,
			trackBytes: { caller: caller.byteCount, model: model.byteCount },
			openLines: events.openLines,
			openAudio: { caller: caller.open, model: model.open }
		}
	};
}

function planEvents(recordingId: string, state: StoredState, batch: readonly AppendedEntry[]) {
	const puts: { key: EventKey; value: EventChunk }[] = [];
	let openLines = state.openLines;
	let taken = 0;
	let addedBytes = 0;
	while (taken < batch.length) {
		const index = state.entryCount + taken;
		const openCount = index % ENTRIES_PER_CHUNK;
		const added = batch.slice(taken, taken + ENTRIES_PER_CHUNK - openCount);
		const lines = encoder.encode(added.map(({ entry }) => lineOf(entry)).join(''));
		const bytes = concatBytes([openLines, lines]);
		const count = openCount + added.length;
		puts.push({ key: [recordingId, index - openCount], value: { bytes, count } });
		openLines = count === ENTRIES_PER_CHUNK ? NOTHING : bytes;
		taken += added.length;
		addedBytes += lines.length;
	}
	return { puts, openLines, addedBytes };
}

function planTrack(recordingId: string, track: TrackName, state: StoredState, batch: readonly AppendedEntry[]) {
	const chunks = new AudioChunks(state.openAudio[track]);
	let byteCount = state.trackBytes[track];
	const firstByte = byteCount - state.openAudio[track].length;
	for (const { entry, audio } of batch) {
		if (entry.audio?.track !== track) continue;
		assert(audio?.length === entry.audio.length, `entry ${entry.seq} comes without its audio`);
		assert(entry.audio.offset === byteCount, `audio of entry ${entry.seq} does not follow its track`);
		chunks.append(audio);
		byteCount += audio.length;
	}
	if (byteCount === state.trackBytes[track]) return { puts: [], byteCount, open: state.openAudio[track] };
	const { full, open } = chunks.cut();
	const values = open.length > 0 ? [...full, open.buffer] : full;
	const puts = values.map((value, index): { key: AudioKey; value: ArrayBuffer } => ({
		key: [recordingId, track, firstByte + index * BYTES_PER_AUDIO_CHUNK],
		value
	}));
	return { puts, byteCount, open };
}

/** Cuts the bytes of a track into chunks, beginning with those of the open one. */
class AudioChunks {
	readonly #full: ArrayBuffer[] = [];
	#chunk = new Uint8Array(0);
	#filled: number;

	constructor(open: Uint8Array<ArrayBuffer>) {
		this.#chunk = open;
		this.#filled = open.length;
	}

	append(bytes: Uint8Array): void {
		for (let taken = 0; taken < bytes.length;) {
			if (this.#chunk.length < BYTES_PER_AUDIO_CHUNK) this.#makeRoom();
			const count = Math.min(bytes.length - taken, BYTES_PER_AUDIO_CHUNK - this.#filled);
			this.#chunk.set(bytes.subarray(taken, taken + count), this.#filled);
			taken += count;
			this.#filled += count;
			if (this.#filled < BYTES_PER_AUDIO_CHUNK) continue;
			this.#full.push(this.#chunk.buffer);
			this.#chunk = new Uint8Array(0);
			this.#filled = 0;
		}
	}

	/** The chunks that are full, and the bytes behind them. */
	cut(): { full: ArrayBuffer[]; open: Uint8Array<ArrayBuffer> } {
		return { full: this.#full, open: this.#chunk.slice(0, this.#filled) };
	}

	/** What was open stays as it is: it may have to be planned again. */
	#makeRoom(): void {
		const chunk = new Uint8Array(BYTES_PER_AUDIO_CHUNK);
		chunk.set(this.#chunk);
		this.#chunk = chunk;
	}
}
