/** Samples have 16 bits, so a level is one of 32,769: kept in half the room, nothing is lost. */
const FULL_SCALE = 32_768;

/** Levels of a track (0 to 1, one each 10 ms, see `core/audio/peaks.ts`) as they are kept. */
export function packLevels(levels: Float32Array): Uint16Array<ArrayBuffer> {
	return Uint16Array.from(levels, (level) => Math.round(level * FULL_SCALE));
}

/** `undefined` for a record that is none. */
export function unpackLevels(record: unknown): Float32Array<ArrayBuffer> | undefined {
	return record instanceof Uint16Array ? Float32Array.from(record, (level) => level / FULL_SCALE) : undefined;
}
