import { SAMPLE_RATE } from '#core/audio/pcm16.ts';
import { wavHeader } from '#core/audio/wav.ts';
import type { ByteTrack } from '#core/recording/byte-track.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import type { Placement } from '#core/timeline/placements.ts';

const BYTES_PER_MS = (SAMPLE_RATE * 2) / 1000;

/**
 * Both voices in their places as one WAV: what the caller said and what of the model's audio was heard. Silence where
 * nobody was heard.
 */
export function mixRecording(
	log: RecordingLog,
	caller: readonly Placement[],
	model: readonly Placement[],
	lengthMs: number
): Blob {
	const samples = new Int16Array(Math.ceil((lengthMs * SAMPLE_RATE) / 1000));
	for (const placement of caller) addTrack(samples, log.tracks.caller, placement);
	for (const placement of model) if (placement.state === 'heard') addTrack(samples, log.tracks.model, placement);
	return new Blob([wavHeader(samples.byteLength, SAMPLE_RATE, 1) as BlobPart, samples], { type: 'audio/wav' });
}

function addTrack(mix: Int16Array, track: ByteTrack, placement: Placement): void {
	if (placement.bytesPerMs !== BYTES_PER_MS) return;
	const bytes = track.read(placement.offset, Math.min(placement.length, track.length - placement.offset));
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const first = Math.round((placement.startMs * SAMPLE_RATE) / 1000);
	const count = Math.min(bytes.byteLength >> 1, mix.length - first);
	for (let i = 0; i < count; i++) {
		const sum = mix[first + i]! + view.getInt16(i * 2, true);
		mix[first + i] = Math.max(-32768, Math.min(32767, sum));
	}
}
