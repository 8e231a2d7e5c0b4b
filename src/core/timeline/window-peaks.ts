import { decodeALaw, decodeMuLaw } from '../audio/g711.ts';
import { BYTES_PER_PEAK, type PeakTrack } from '../audio/peaks.ts';
import { PCM16_BYTES_PER_MS } from '../audio/pcm16.ts';
import type { WireFormat } from '../audio/wire-format.ts';
import type { TrackBytes } from '../recording/byte-track.ts';
import type { Placement } from './placements.ts';

/** A track's audio as the waveform needs it: bytes for close views, peaks of 10 ms for wide ones. */
export interface TrackAudio {
	readonly bytes: TrackBytes;
	readonly peaks: PeakTrack;
	/** How telephone audio of the track is coded: placements tell only that it is. PCM16 without it. */
	readonly format?: WireFormat;
}

/** The level of a step in which nothing was recorded: not the same as recorded silence, which is 0. */
export const NOT_RECORDED = -1;

/** Bytes of a sample: all that is not 24 kHz PCM16 is G.711. */
function sampleBytesOf({ bytesPerMs }: Placement): 1 | 2 {
	return bytesPerMs === PCM16_BYTES_PER_MS ? 2 : 1;
}

/**
 * The loudest absolute sample (0 to 1) in each of `binCount` equal steps of session time from `startMs`;
 * `NOT_RECORDED` where there is none.
 *
 * Where bytes are not at hand, levels are those of peaks: 10 ms of PCM16, 60 ms of G.711. In a window whose steps are finer than that, `onmissing` is told
 * which bytes of the track would make them exact: a wide window needs none.
 */
export function deriveWindowPeaks(
	placements: readonly Placement[],
	audio: TrackAudio,
	startMs: number,
	msPerBin: number,
	binCount: number,
	onmissing: (offset: number, length: number) => void = () => undefined
): Float32Array {
	const bins = new Float32Array(binCount).fill(NOT_RECORDED);
	const endMs = startMs + msPerBin * binCount;
	for (const placement of placements) {
		if (placement.endMs <= startMs || placement.startMs >= endMs) continue;
		const isWide = msPerBin * placement.bytesPerMs >= BYTES_PER_PEAK;
		const reader = isWide ? new WideReader(placement, audio) : new CloseReader(placement, audio);
		fillBins(bins, placement, startMs, msPerBin, reader);
		if (reader.missing) onmissing(reader.missing.first, reader.missing.end - reader.missing.first);
	}
	return bins;
}

function fillBins(
	bins: Float32Array,
	placement: Placement,
	startMs: number,
	msPerBin: number,
	reader: { loudest(from: number, to: number): number }
): void {
	const size = sampleBytesOf(placement);
	const samplesPerMs = placement.bytesPerMs / size;
	const [firstByte, endByte] = bytesOf(placement);
	const firstBin = Math.max(0, Math.floor((placement.startMs - startMs) / msPerBin));
	const lastBin = Math.min(bins.length - 1, Math.ceil((placement.endMs - startMs) / msPerBin) - 1);
	for (let bin = firstBin; bin <= lastBin; bin++) {
		const fromMs = startMs + bin * msPerBin - placement.startMs;
		const from = Math.max(firstByte, firstByte + size * Math.floor(fromMs * samplesPerMs));
		const to = Math.min(
			endByte,
			Math.max(from + size, firstByte + size * Math.ceil((fromMs + msPerBin) * samplesPerMs))
		);
		if (to <= from) continue;
		const level = reader.loudest(from, to);
		if (level > bins[bin]!) bins[bin] = level;
	}
}

/** The bytes of whole samples that a placement shows, the end left out. */
function bytesOf(placement: Placement): [number, number] {
	const size = sampleBytesOf(placement);
	const { offset, length } = placement;
	return [size * Math.floor(offset / size), size * Math.floor((offset + length) / size)];
}

/** Reads peaks, and samples at the ends of a placement when they are at hand. */
class WideReader {
	readonly missing = null;
	readonly #audio: TrackAudio;
	readonly #format: WireFormat;
	/** Peaks that lie within the placement; those at its ends hold samples of others too, or are not full yet. */
	readonly #wholeStart: number;
	readonly #wholeEnd: number;

	constructor(placement: Placement, audio: TrackAudio) {
		const [first, end] = bytesOf(placement);
		this.#audio = audio;
		this.#format = formatOf(placement, audio);
		this.#wholeStart = Math.ceil(first / BYTES_PER_PEAK) * BYTES_PER_PEAK;
		this.#wholeEnd = Math.max(this.#wholeStart, Math.floor(end / BYTES_PER_PEAK) * BYTES_PER_PEAK);
	}

	loudest(from: number, to: number): number {
		return Math.max(
			this.#atEnd(from, Math.min(to, this.#wholeStart)),
			this.#audio.peaks.loudest(Math.max(from, this.#wholeStart) / 2, Math.min(to, this.#wholeEnd) / 2),
			this.#atEnd(Math.max(from, this.#wholeEnd), to)
		);
	}

	#atEnd(from: number, to: number): number {
		if (to <= from) return 0;
		return loudestSample(this.#audio.bytes, this.#format, from, to) ?? this.#audio.peaks.loudest(from / 2, to / 2);
	}
}

/** Reads samples, and peaks where samples are not at hand. */
class CloseReader {
	/** The bytes that are not at hand lie in here. */
	missing: { readonly first: number; end: number } | null = null;
	readonly #audio: TrackAudio;
	readonly #format: WireFormat;

	constructor(placement: Placement, audio: TrackAudio) {
		this.#audio = audio;
		this.#format = formatOf(placement, audio);
	}

	loudest(from: number, to: number): number {
		const level = loudestSample(this.#audio.bytes, this.#format, from, to);
		if (level !== undefined) return level;
		if (this.missing) this.missing.end = to;
		else this.missing = { first: from, end: to };
		return this.#audio.peaks.loudest(from / 2, to / 2);
	}
}

/** Two laws have one byte a sample, and the session tells which. */
function formatOf(placement: Placement, { format = 'pcm16' }: TrackAudio): WireFormat {
	if (sampleBytesOf(placement) === 2) return 'pcm16';
	return format === 'pcm16' ? 'mu-law' : format;
}

/** `undefined` when the bytes are not at hand; 0 beyond the end of the track. */
function loudestSample(track: TrackBytes, format: WireFormat, firstByte: number, endByte: number): number | undefined {
	const size = format === 'pcm16' ? 2 : 1;
	const end = size * Math.floor(Math.min(endByte, track.length) / size);
	if (end <= firstByte) return 0;
	const bytes = track.peek(firstByte, end - firstByte);
	if (!bytes) return undefined;
	if (format !== 'pcm16') return loudestOf(format === 'mu-law' ? decodeMuLaw(bytes) : decodeALaw(bytes));
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let loudest = 0;
	for (let i = 0; i < bytes.byteLength; i += 2) {
		const level = Math.abs(view.getInt16(i, true));
		if (level > loudest) loudest = level;
	}
	return loudest / 32768;
}

function loudestOf(samples: Int16Array): number {
	let loudest = 0;
	for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
	return loudest / 32768;
}
