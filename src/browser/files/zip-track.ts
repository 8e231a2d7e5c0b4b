import { Sha256 } from '#core/base/sha256.ts';
import type { TrackBytes } from '#core/recording/byte-track.ts';
import type { FileDigest } from '#core/recording/recording-zip.ts';

/** Bytes of the file that are read at once. */
const BLOCK_BYTES = 1 << 22;

/** A track that lies in a WAV file, as a part of it. */
export class WavTrack implements TrackBytes {
	readonly length: number;
	readonly file: Blob;
	/** Offset in the file of the track's first byte. */
	readonly start: number;

	constructor(file: Blob, start: number, length: number) {
		this.file = file;
		this.start = start;
		this.length = length;
	}

	/** Never at hand. */
	peek(): undefined {
		return undefined;
	}

	async load(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
		const start = this.start + offset;
		const end = Math.min(start + length, this.start + this.length);
		return new Uint8Array(await this.file.slice(start, Math.max(start, end)).arrayBuffer());
	}
}

/** Reads a track from its beginning to its end, once, and computes the digest of its file on the way. */
export class TrackWalk {
	readonly #track: WavTrack;
	readonly #hash = new Sha256();
	/** The bytes of the file from `#blockAt` on that are at hand. */
	#block = new Uint8Array(0);
	#blockAt = 0;
	/** End of what was given out: nothing before it is asked for again. */
	#end = 0;

	constructor(track: WavTrack) {
		this.#track = track;
	}

	/** Bytes of the file that were read by now. */
	get readBytes(): number {
		return this.#blockAt + this.#block.length;
	}

	/** Whether a range of the track is there, and not before the end of the range that was read last. */
	canRead(offset: number, length: number): boolean {
		return offset >= this.#end && offset + length <= this.#track.length;
	}

	/** The bytes of such a range, as a view that holds until the next call; `undefined` when they must be loaded first. */
	peek(offset: number, length: number): Uint8Array<ArrayBuffer> | undefined {
		const start = this.#track.start + offset - this.#blockAt;
		if (start + length > this.#block.length) return undefined;
		this.#end = offset + length;
		return this.#block.subarray(start, start + length);
	}

	/** Brings a range to hand. Rejects when the file cannot be read any more. */
	async load(offset: number, length: number): Promise<void> {
		const start = this.#track.start + offset;
		while (this.readBytes < start + length) await this.#advance(start);
	}

	/** The digest of the whole file. Reads what was not read yet. */
	async digest(): Promise<FileDigest> {
		const { size } = this.#track.file;
		while (this.readBytes < size) await this.#advance(size);
		return { sha256: this.#hash.digest(), bytes: size };
	}

	/** Reads the next block; what lies before `start` is let go. */
	async #advance(start: number): Promise<void> {
		const readTo = this.readBytes;
		const next = new Uint8Array(await this.#track.file.slice(readTo, readTo + BLOCK_BYTES).arrayBuffer());
		if (next.length === 0) throw new Error('The file is shorter than it was when it was opened. Open it again.');
		this.#hash.update(next);
		const kept = this.#block.subarray(Math.min(this.#block.length, Math.max(0, start - this.#blockAt)));
		const joined = new Uint8Array(kept.length + next.length);
		joined.set(kept);
		joined.set(next, kept.length);
		this.#block = joined;
		this.#blockAt = readTo - kept.length;
	}
}
