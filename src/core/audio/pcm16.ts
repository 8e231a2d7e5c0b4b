export { PCM16_BYTES_PER_MS } from '../base/audio-rate.ts';

/** The rate of `audio/pcm`, and of every audio path in the console. Samples per second. */
export const SAMPLE_RATE = 24_000;

/**
 * Reads little-endian PCM16 bytes as samples in -1 to 1 (32768 steps to the unit). A trailing odd byte is left out.
 */
export function pcm16ToFloat(bytes: Uint8Array): Float32Array {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const samples = new Float32Array(bytes.byteLength >> 1);
	for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(i * 2, true) / 32768;
	return samples;
}

/** Writes samples as little-endian PCM16 bytes, clipping what lies outside -1 to 1; NaN becomes silence. */
export function floatToPcm16(samples: Float32Array): Uint8Array {
	const bytes = new Uint8Array(samples.length * 2);
	const view = new DataView(bytes.buffer);
	for (let i = 0; i < samples.length; i++) {
		const scaled = Math.round((samples[i] || 0) * 32768);
		view.setInt16(i * 2, Math.max(-32768, Math.min(32767, scaled)), true);
	}
	return bytes;
}

/** Samples in this many milliseconds at 24 kHz, rounded to whole samples. */
export function samplesOfMs(ms: number): number {
	return Math.round((ms * SAMPLE_RATE) / 1000);
}

/** 16-bit samples as -1 to 1 (32768 steps to the unit). */
export function samplesToFloat(samples: Int16Array): Float32Array {
	return Float32Array.from(samples, (sample) => sample / 32768);
}

/** Samples from -1 to 1 as 16-bit ones, clipping what lies outside. */
export function floatToSamples(floats: Float32Array): Int16Array {
	const samples = new Int16Array(floats.length);
	for (let i = 0; i < floats.length; i++) {
		samples[i] = Math.max(-32768, Math.min(32767, Math.round(floats[i]! * 32768)));
	}
	return samples;
}
