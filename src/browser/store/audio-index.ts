import type { TrackName } from '#core/recording/recorded-event.ts';

/** A stretch of a track, in bytes. */
interface Stretch {
	readonly start: number;
	readonly end: number;
}

/**
 * Which bytes of a track are stored, known from the places of its chunks and the length of the last: the audio itself is not
 * read for it. Missing audio is silence, so that what follows keeps its place.
 */
export class AudioIndex {
	/** What is missing, in words for the page. */
	readonly damage: string[] = [];
	readonly #track: TrackName;
	readonly #chunkBytes: number;
	/** Bytes that the recording's row counts. */
	readonly #expectedBytes: number;
	readonly #holes: Stretch[] = [];
	#end = 0;

	constructor(track: TrackName, chunkBytes: number, expectedBytes: number) {
		this.#track = track;
		this.#chunkBytes = chunkBytes;
		this.#expectedBytes = expectedBytes;
	}

	/** Takes in the chunk that begins at this byte. They come in the order of their places. */
	addChunk(firstByte: number, byteLength = this.#chunkBytes): void {
		if (!Number.isSafeInteger(firstByte) || firstByte < this.#end || firstByte >= this.#expectedBytes) {
			this.damage.push(`A piece of the ${this.#track}'s audio (at byte ${firstByte}) could not be read.`);
			return;
		}
		if (firstByte > this.#end) {
			this.#holes.push({ start: this.#end, end: firstByte });
			const [start, end] = [secondsOf(this.#end), secondsOf(firstByte)];
			this.damage.push(`The ${this.#track}'s audio from ${start} to ${end} of its track is missing.`);
		}
		this.#end = firstByte + byteLength;
	}

	/** All chunks have come. */
	finish(): void {
		if (this.#end >= this.#expectedBytes) return;
		const [end, expected] = [secondsOf(this.#end), secondsOf(this.#expectedBytes)];
		this.damage.push(`The ${this.#track}'s audio ends at ${end} instead of ${expected}.`);
	}

	/** Whether all of these bytes are stored. */
	isStored(offset: number, length: number): boolean {
		const end = offset + length;
		return end <= this.#end && !this.#holes.some((hole) => offset < hole.end && end > hole.start);
	}
}

/** Bytes of a track as time, PCM16 at 24 kHz. */
function secondsOf(byteCount: number): string {
	return `${(byteCount / 48_000).toFixed(3)} s`;
}
