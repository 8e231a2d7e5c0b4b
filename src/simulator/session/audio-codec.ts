/** Between the API's audio formats and 16-bit samples: PCM16 at 24 kHz, and G.711 in both laws at 8 kHz. */
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '#core/audio/g711.ts';
import { floatToSamples, samplesToFloat } from '#core/audio/pcm16.ts';
import { Resampler } from '#core/audio/resample.ts';
import type { AudioFormat } from '#simulator/session/session-config.ts';

const OUTPUT_RATE_HZ = 24000;
const G711_RATE_HZ = 8000;

/** Decodes base64, or returns undefined when the text is not base64. */
export function decodeBase64(base64: string): Buffer | undefined {
	const bytes = Buffer.from(base64, 'base64');
	const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
	// Buffer skips what it does not know, so a difference in length is what shows a bad text.
	return bytes.length === Math.floor(((base64.length - padding) * 3) / 4) ? bytes : undefined;
}

/** Little-endian 16-bit mono samples, copied only where they must be; half a sample at the end is left out. */
export function readSamples(bytes: Uint8Array): Int16Array {
	const count = Math.floor(bytes.length / 2);
	if (bytes.byteOffset % 2 === 0) return new Int16Array(bytes.buffer, bytes.byteOffset, count);
	return new Int16Array(Uint8Array.prototype.slice.call(bytes, 0, 2 * count).buffer);
}

/** Bytes in a format to samples at the format's own rate. */
export function decodeSamples(bytes: Uint8Array, format: AudioFormat): Int16Array {
	if (format.type === 'audio/pcmu') return decodeMuLaw(bytes);
	return format.type === 'audio/pcma' ? decodeALaw(bytes) : readSamples(bytes);
}

/** Samples to bytes in a format; both at the format's rate. */
function encodeSamples(samples: Int16Array, format: AudioFormat): Uint8Array {
	if (format.type === 'audio/pcmu') return encodeMuLaw(samples);
	if (format.type === 'audio/pcma') return encodeALaw(samples);
	return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

export function toBase64(bytes: Uint8Array): string {
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Converts whole recordings between the API's two rates. */
export function convertRate(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
	if (fromHz === toHz) return samples;
	const resampler = new Resampler(fromHz, toHz);
	const body = resampler.process(samplesToFloat(samples));
	const tail = resampler.flush();
	const all = new Float32Array(body.length + tail.length);
	all.set(body);
	all.set(tail, body.length);
	return floatToSamples(all.subarray(0, Math.round((samples.length * toHz) / fromHz)));
}

export function joinChunks(chunks: readonly Int16Array[]): Int16Array {
	if (chunks.length === 1 && chunks[0]) return chunks[0];
	const joined = new Int16Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
	let at = 0;
	for (const chunk of chunks) {
		joined.set(chunk, at);
		at += chunk.length;
	}
	return joined;
}

/** A stored recording as base64 in a format. */
export function encodeStored(chunks: readonly Int16Array[], rateHz: number, format: AudioFormat): string {
	const toHz = format.type === 'audio/pcm' ? OUTPUT_RATE_HZ : G711_RATE_HZ;
	return toBase64(encodeSamples(convertRate(joinChunks(chunks), rateHz, toHz), format));
}

/** Encodes what the model says, piece by piece, without seams: as many bytes in all as there is sound. */
export class OutputEncoder {
	readonly #format: AudioFormat;
	readonly #resampler: Resampler | undefined;
	#takenSamples = 0;
	#madeSamples = 0;

	constructor(format: AudioFormat) {
		this.#format = format;
		if (format.type !== 'audio/pcm') this.#resampler = new Resampler(OUTPUT_RATE_HZ, G711_RATE_HZ);
	}

	/** `samples` at 24 kHz; `isLast` adds what the filter still holds. Base64. */
	encode(samples: Int16Array, isLast: boolean): string {
		if (!this.#resampler) return toBase64(encodeSamples(samples, this.#format));
		const floats = samplesToFloat(samples);
		this.#takenSamples += samples.length;
		let made = floatToSamples(this.#resampler.process(floats));
		if (isLast) {
			const all = joinChunks([made, floatToSamples(this.#resampler.flush())]);
			made = all.subarray(0, Math.round((this.#takenSamples * G711_RATE_HZ) / OUTPUT_RATE_HZ) - this.#madeSamples);
		}
		this.#madeSamples += made.length;
		return toBase64(encodeSamples(made, this.#format));
	}
}
