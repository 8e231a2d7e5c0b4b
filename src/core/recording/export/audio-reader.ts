import { assert } from '../../base/assert.ts';
import type { TrackBytes } from '../byte-track.ts';
import type { TrackName } from '../recorded-event.ts';
import type { Tracks } from '../recording-log.ts';

export type { EntryReader } from '../recording-log.ts';

/** The audio of a recording, for whoever writes it out: the bytes may lie in memory, in a database or in a file. */
export interface AudioReader {
	/** Bytes in a track. */
	length(track: TrackName): number;
	/**
	 * The bytes from `start`, which nobody changes afterwards. Rejects when they cannot be read any more. Throws when the
	 * range is not in the track.
	 */
	read(track: TrackName, start: number, length: number): Promise<Uint8Array>;
	/** Fills `target` with the bytes from `start`, where that spares a copy. Rejects and throws as `read` does. */
	readInto?(track: TrackName, start: number, target: Uint8Array): Promise<void>;
}

/** What is fetched at once: an export asks for thousands of small pieces, one behind the other. */
const BLOCK_BYTES = 1 << 20;

/** Reads a recording's tracks. What is not at hand is fetched in blocks of 1 MiB, and the last block of each track kept. */
export function audioOfTracks(tracks: Tracks): AudioReader {
	const readers = { caller: new TrackReader(tracks.caller), model: new TrackReader(tracks.model) };
	return {
		length: (track) => tracks[track].length,
		read: (track, start, length) => readers[track].read(start, length),
		readInto: (track, start, target) => readers[track].readInto(start, target)
	};
}

class TrackReader {
	readonly #track: TrackBytes;
	#block: Uint8Array = new Uint8Array(0);
	#blockStart = 0;

	constructor(track: TrackBytes) {
		this.#track = track;
	}

	async read(start: number, length: number): Promise<Uint8Array> {
		const end = start + length;
		assert(start >= 0 && length >= 0 && end <= this.#track.length, `bytes ${start} to ${end} of a track`);
		const atHand = this.#track.peek(start, length);
		if (atHand) return atHand;
		if (start < this.#blockStart || end > this.#blockStart + this.#block.length) {
			const blockLength = Math.min(Math.max(length, BLOCK_BYTES), this.#track.length - start);
			this.#block = await this.#track.load(start, blockLength);
			this.#blockStart = start;
		}
		return this.#block.subarray(start - this.#blockStart, end - this.#blockStart);
	}

	/** Large pieces go where they are wanted; nothing of them is kept here. */
	async readInto(start: number, target: Uint8Array): Promise<void> {
		const track = this.#track;
		assert(
			start >= 0 && start + target.length <= track.length,
			`bytes ${start} to ${start + target.length} of a track`
		);
		if (track.loadInto) return track.loadInto(start, target);
		target.set(await track.load(start, target.length));
	}
}
