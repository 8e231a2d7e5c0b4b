import type { WireFormat } from '../../audio/wire-format.ts';

/** The byte of silence, the positive zero or what is nearest to it. Source: ITU-T G.711, tables 1a and 2a. */
const SILENT_BYTE: Readonly<Record<WireFormat, number>> = { pcm16: 0, 'mu-law': 0xff, 'a-law': 0xd5 };
const BYTES_PER_SAMPLE: Readonly<Record<WireFormat, number>> = { pcm16: 2, 'mu-law': 1, 'a-law': 1 };

/**
 * Writes digital silence over a range of a track, in place. A sample of which a part lies in the range falls silent as a
 * whole; what lies outside of the track is left out.
 *
 * @param bytes samples from the first byte on
 * @param start first byte
 * @param end the byte after the last
 */
export function silenceRange(bytes: Uint8Array, format: WireFormat, start: number, end: number): void {
	if (!(end > start)) return;
	const size = BYTES_PER_SAMPLE[format];
	bytes.fill(
		SILENT_BYTE[format],
		Math.floor(Math.max(0, start) / size) * size,
		Math.max(0, Math.ceil(end / size) * size)
	);
}

/** The byte that fills a silent track. */
export function silentByte(format: WireFormat): number {
	return SILENT_BYTE[format];
}
