import { PCM16_BYTES_PER_MS, SAMPLE_RATE } from '#core/audio/pcm16.ts';
import { wavHeader } from '#core/audio/wav.ts';
import type { ByteTrack } from '#core/recording/byte-track.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import type { Placement } from '#core/timeline/placements.ts';

export interface MixedRecording {
	readonly wav: Blob;
	/** Runs of audio in a format that is not mixed. */
	readonly leftOut: number;
}

/**
 * Both voices in their places as one WAV: what the caller said and what of the model's audio was heard. Silence where
 * nobody was heard.
 */
export function mixRecording(
	log: RecordingLog,
	caller: readonly Placement[],
	model: readonly Placement[],
	lengthMs: number
): MixedRecording {
	const samples = new Int16Array(Math.ceil((lengthMs * SAMPLE_RATE) / 1000));
	const heard = model.filter((placement) => placement.state === 'heard');
	const playable = (placement: Placement) => placement.bytesPerMs === PCM16_BYTES_PER_MS;
	for (const placement of caller.filter(playable)) addTrack(samples, log.tracks.caller, placement);
	for (const placement of heard.filter(playable)) addTrack(samples, log.tracks.model, placement);
	const leftOut = [...caller, ...heard].filter((placement) => !playable(placement)).length;
	const header = wavHeader(samples.byteLength, SAMPLE_RATE, 1) as BlobPart;
	return { wav: new Blob([header, samples], { type: 'audio/wav' }), leftOut };
}

function addTrack(mix: Int16Array, track: ByteTrack, placement: Placement): void {
	const bytes = track.read(placement.offset, Math.min(placement.length, track.length - placement.offset));
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const first = Math.round((placement.startMs * SAMPLE_RATE) / 1000);
	const count = Math.min(bytes.byteLength >> 1, mix.length - first);
	for (let i = 0; i < count; i++) {
		const sum = mix[first + i]! + view.getInt16(i * 2, true);
		mix[first + i] = Math.max(-32768, Math.min(32767, sum));
	}
}
