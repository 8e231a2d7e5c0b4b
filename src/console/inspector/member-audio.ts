import { decodeBase64 } from '#core/audio/base64.ts';
import { decodeALaw, decodeMuLaw } from '#core/audio/g711.ts';
import { floatToPcm16, pcm16ToFloat, samplesToFloat } from '#core/audio/pcm16.ts';
import { wavHeader } from '#core/audio/wav.ts';
import type { WireFormat } from '#core/audio/wire-format.ts';
import type { JsonObject } from '#core/base/json.ts';
import { succeed, type Result } from '#core/base/result.ts';
import { audioBytesPerMs, audioWireFormat } from '#core/protocol/session-config.ts';

/** How a payload is coded. */
export interface AudioCoding {
	readonly format: WireFormat;
	/** Samples a second. */
	readonly rate: number;
}

export interface MemberAudio {
	/** From -1 to 1. */
	readonly samples: Float32Array;
	readonly rate: number;
	readonly byteLength: number;
	readonly durationMs: number;
}

/** How a session codes its caller or model audio. */
export function codingOf(config: JsonObject | null, direction: 'input' | 'output'): AudioCoding {
	const format = audioWireFormat(config, direction);
	const bytesPerMs = audioBytesPerMs(config, direction);
	return { format, rate: format === 'pcm16' ? (bytesPerMs * 1000) / 2 : bytesPerMs * 1000 };
}

/** Reads a payload. The error says why it cannot be read. */
export function decodeMemberAudio(base64: string, { format, rate }: AudioCoding): Result<MemberAudio> {
	const bytes = decodeBase64(base64);
	if (!bytes.ok) return bytes;
	const samples = samplesOf(bytes.value, format);
	const durationMs = (samples.length * 1000) / rate;
	return succeed({ samples, rate, byteLength: bytes.value.length, durationMs });
}

function samplesOf(bytes: Uint8Array, format: WireFormat): Float32Array {
	if (format === 'pcm16') return pcm16ToFloat(bytes);
	return samplesToFloat(format === 'mu-law' ? decodeMuLaw(bytes) : decodeALaw(bytes));
}

/** The audio as a WAV file of PCM16, which every browser plays. */
export function wavOf({ samples, rate }: MemberAudio): Blob {
	const data = floatToPcm16(samples);
	return new Blob([wavHeader(data.length, rate, 1), data] as BlobPart[], { type: 'audio/wav' });
}

/**
 * The outline of a waveform as an SVG path: the lowest and the highest sample of each column, at least a line thick.
 *
 * @param heightPx of the picture; a sample of 1 is at 0 and one of -1 at `heightPx`
 */
export function formatWavePath(samples: Float32Array, columns: number, heightPx: number): string {
	const yOf = (sample: number) => ((1 - sample) * heightPx) / 2;
	const parts: string[] = [];
	const used = Math.min(columns, samples.length);
	for (let column = 0; column < used; column++) {
		const end = Math.ceil(((column + 1) * samples.length) / used);
		let low = 1;
		let high = -1;
		for (let index = Math.floor((column * samples.length) / used); index < end; index++) {
			const sample = samples[index]!;
			if (sample < low) low = sample;
			if (sample > high) high = sample;
		}
		const top = Math.min(yOf(high), yOf((high + low) / 2) - 0.5);
		const bottom = Math.max(yOf(low), top + 1);
		const [left, right] = [(column * columns) / used, ((column + 1) * columns) / used];
		parts.push(`M${round(left)} ${round(top)}H${round(right)}V${round(bottom)}H${round(left)}Z`);
	}
	return parts.join('');
}

function round(value: number): number {
	return Math.round(value * 100) / 100;
}
