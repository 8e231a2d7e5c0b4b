/** Between the audio of the console, 24 kHz PCM16, and that of the wire. */
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from './g711.ts';
import { floatToPcm16, floatToSamples, pcm16ToFloat, SAMPLE_RATE, samplesToFloat } from './pcm16.ts';
import { Resampler } from './resample.ts';

/** What a session can send and receive. Source: openai 7.55 types (RealtimeAudioFormats). */
export type WireFormat = 'pcm16' | 'mu-law' | 'a-law';

const G711_RATE_HZ = 8000;

/** Turns what arrives into 24 kHz PCM16, piece by piece and without seams. PCM16 is handed on as it is. */
export class WireDecoder {
	readonly format: WireFormat;
	readonly #resampler: Resampler | null;

	constructor(format: WireFormat) {
		this.format = format;
		this.#resampler = format === 'pcm16' ? null : new Resampler(G711_RATE_HZ, SAMPLE_RATE);
	}

	/** With G.711 the last 2 ms stay in the filter until more comes. */
	decode(bytes: Uint8Array): Uint8Array {
		if (!this.#resampler) return bytes;
		const samples = this.format === 'mu-law' ? decodeMuLaw(bytes) : decodeALaw(bytes);
		return floatToPcm16(this.#resampler.process(samplesToFloat(samples)));
	}
}

/** Turns 24 kHz PCM16 into what is sent, piece by piece and without seams. */
export class WireEncoder {
	readonly format: WireFormat;
	readonly #resampler: Resampler | null;

	constructor(format: WireFormat) {
		this.format = format;
		this.#resampler = format === 'pcm16' ? null : new Resampler(SAMPLE_RATE, G711_RATE_HZ);
	}

	encode(pcm16: Uint8Array): Uint8Array {
		if (!this.#resampler) return pcm16;
		const samples = floatToSamples(this.#resampler.process(pcm16ToFloat(pcm16)));
		return this.format === 'mu-law' ? encodeMuLaw(samples) : encodeALaw(samples);
	}
}
