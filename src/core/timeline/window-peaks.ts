import { SAMPLES_PER_PEAK, type PeakTrack } from '../audio/peaks.ts';
import { PCM16_BYTES_PER_MS } from '../audio/pcm16.ts';
import type { TrackBytes } from '../recording/byte-track.ts';
import type { Placement } from './placements.ts';

/** A track's audio as the waveform needs it: bytes for close views, peaks of 10 ms for wide ones. */
export interface TrackAudio {
	readonly bytes: TrackBytes;
	readonly peaks: PeakTrack;
}

/** The level of a step in which nothing was recorded: not the same as recorded silence, which is 0. */
export const NOT_RECORDED = -1;

const SAMPLES_PER_MS = PCM16_BYTES_PER_MS / 2;

/**
 * The loudest absolute sample (0 to 1) in each of `binCount` equal steps of session time from `startMs`;
 * `NOT_RECORDED` where there is none. Only 24 kHz PCM16 is drawn; other formats stay empty.
 *
 * Where bytes are not at hand, levels are those of 10 ms. In a window whose steps are finer than that, `onmissing` is told
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
	const isWide = msPerBin * SAMPLES_PER_MS >= SAMPLES_PER_PEAK;
	for (const placement of placements) {
		if (placement.endMs <= startMs || placement.startMs >= endMs) continue;
		if (placement.bytesPerMs !== PCM16_BYTES_PER_MS) continue;
		const reader = isWide ? new WideReader(placement, audio) : new CloseReader(audio);
		fillBins(bins, placement, startMs, msPerBin, reader);
		if (reader.missing) onmissing(reader.missing.first * 2, (reader.missing.end - reader.missing.first) * 2);
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
	const [firstSample, endSample] = samplesOf(placement);
	const firstBin = Math.max(0, Math.floor((placement.startMs - startMs) / msPerBin));
	const lastBin = Math.min(bins.length - 1, Math.ceil((placement.endMs - startMs) / msPerBin) - 1);
	for (let bin = firstBin; bin <= lastBin; bin++) {
		const fromMs = startMs + bin * msPerBin - placement.startMs;
		const from = Math.max(firstSample, firstSample + Math.floor(fromMs * SAMPLES_PER_MS));
		const to = Math.min(endSample, Math.max(from + 1, firstSample + Math.ceil((fromMs + msPerBin) * SAMPLES_PER_MS)));
		if (to <= from) continue;
		const level = reader.loudest(from, to);
		if (level > bins[bin]!) bins[bin] = level;
	}
}

/** The samples of the track that a placement shows, the end left out. */
function samplesOf({ offset, length }: Placement): [number, number] {
	return [offset >> 1, (offset + length) >> 1];
}

/** Reads peaks, and samples at the ends of a placement when they are at hand. */
class WideReader {
	readonly missing = null;
	readonly #audio: TrackAudio;
	/** Peaks that lie within the placement; those at its ends hold samples of others too, or are not full yet. */
	readonly #wholeStart: number;
	readonly #wholeEnd: number;

	constructor(placement: Placement, audio: TrackAudio) {
		const [first, end] = samplesOf(placement);
		this.#audio = audio;
		this.#wholeStart = Math.ceil(first / SAMPLES_PER_PEAK) * SAMPLES_PER_PEAK;
		this.#wholeEnd = Math.max(this.#wholeStart, Math.floor(end / SAMPLES_PER_PEAK) * SAMPLES_PER_PEAK);
	}

	loudest(from: number, to: number): number {
		return Math.max(
			this.#atEnd(from, Math.min(to, this.#wholeStart)),
			this.#audio.peaks.loudest(Math.max(from, this.#wholeStart), Math.min(to, this.#wholeEnd)),
			this.#atEnd(Math.max(from, this.#wholeEnd), to)
		);
	}

	#atEnd(from: number, to: number): number {
		if (to <= from) return 0;
		return loudestSample(this.#audio.bytes, from, to) ?? this.#audio.peaks.loudest(from, to);
	}
}

/** Reads samples, and peaks where samples are not at hand. */
class CloseReader {
	/** The samples that are not at hand lie in here. */
	missing: { readonly first: number; end: number } | null = null;
	readonly #audio: TrackAudio;

	constructor(audio: TrackAudio) {
		this.#audio = audio;
	}

	loudest(from: number, to: number): number {
		const level = loudestSample(this.#audio.bytes, from, to);
		if (level !== undefined) return level;
		if (this.missing) this.missing.end = to;
		else this.missing = { first: from, end: to };
		return this.#audio.peaks.loudest(from, to);
	}
}

/** `undefined` when the bytes are not at hand; 0 beyond the end of the track. */
function loudestSample(track: TrackBytes, firstSample: number, endSample: number): number | undefined {
	const end = Math.min(endSample, track.length >> 1);
	if (end <= firstSample) return 0;
	const bytes = track.peek(firstSample * 2, (end - firstSample) * 2);
	if (!bytes) return undefined;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let loudest = 0;
	for (let i = 0; i < bytes.byteLength; i += 2) {
		const level = Math.abs(view.getInt16(i, true));
		if (level > loudest) loudest = level;
	}
	return loudest / 32768;
}
