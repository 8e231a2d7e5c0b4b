import { SAMPLES_PER_PEAK, type PeakTrack } from '../audio/peaks.ts';
import { PCM16_BYTES_PER_MS } from '../audio/pcm16.ts';
import type { ByteTrack } from '../recording/byte-track.ts';
import type { Placement } from './placements.ts';

/** A track's audio as the waveform needs it: bytes for close views, peaks of 10 ms for wide ones. */
export interface TrackAudio {
	readonly bytes: ByteTrack;
	readonly peaks: PeakTrack;
}

/** The level of a step in which nothing was recorded: not the same as recorded silence, which is 0. */
export const NOT_RECORDED = -1;

/**
 * The loudest absolute sample (0 to 1) in each of `binCount` equal steps of session time from `startMs`;
 * `NOT_RECORDED` where there is none. Only 24 kHz PCM16 is drawn; other formats stay empty.
 */
export function deriveWindowPeaks(
	placements: readonly Placement[],
	audio: TrackAudio,
	startMs: number,
	msPerBin: number,
	binCount: number
): Float32Array {
	const bins = new Float32Array(binCount).fill(NOT_RECORDED);
	const endMs = startMs + msPerBin * binCount;
	for (const placement of placements) {
		if (placement.endMs <= startMs || placement.startMs >= endMs) continue;
		if (placement.bytesPerMs !== PCM16_BYTES_PER_MS) continue;
		fillBins(bins, placement, audio, startMs, msPerBin);
	}
	return bins;
}

function fillBins(
	bins: Float32Array,
	placement: Placement,
	audio: TrackAudio,
	startMs: number,
	msPerBin: number
): void {
	const firstSample = placement.offset >> 1;
	const endSample = (placement.offset + placement.length) >> 1;
	const firstBin = Math.max(0, Math.floor((placement.startMs - startMs) / msPerBin));
	const lastBin = Math.min(bins.length - 1, Math.ceil((placement.endMs - startMs) / msPerBin) - 1);
	const samplesPerMs = PCM16_BYTES_PER_MS / 2;
	const isWide = msPerBin * samplesPerMs >= SAMPLES_PER_PEAK;
	// Peaks that lie within the placement; those at its ends hold samples of others too, or are not full yet.
	const wholeStart = Math.ceil(firstSample / SAMPLES_PER_PEAK) * SAMPLES_PER_PEAK;
	const wholeEnd = Math.max(wholeStart, Math.floor(endSample / SAMPLES_PER_PEAK) * SAMPLES_PER_PEAK);
	for (let bin = firstBin; bin <= lastBin; bin++) {
		const fromMs = startMs + bin * msPerBin - placement.startMs;
		const from = Math.max(firstSample, firstSample + Math.floor(fromMs * samplesPerMs));
		const to = Math.min(endSample, Math.max(from + 1, firstSample + Math.ceil((fromMs + msPerBin) * samplesPerMs)));
		if (to <= from) continue;
		const level = isWide
			? Math.max(
					loudestSample(audio.bytes, from, Math.min(to, wholeStart)),
					audio.peaks.loudest(Math.max(from, wholeStart), Math.min(to, wholeEnd)),
					loudestSample(audio.bytes, Math.max(from, wholeEnd), to)
				)
			: loudestSample(audio.bytes, from, to);
		if (level > bins[bin]!) bins[bin] = level;
	}
}

function loudestSample(track: ByteTrack, firstSample: number, endSample: number): number {
	const end = Math.min(endSample, track.length >> 1);
	if (end <= firstSample) return 0;
	const bytes = track.read(firstSample * 2, (end - firstSample) * 2);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	let loudest = 0;
	for (let i = 0; i < bytes.byteLength; i += 2) {
		const level = Math.abs(view.getInt16(i, true));
		if (level > loudest) loudest = level;
	}
	return loudest / 32768;
}
