import { describe, expect, it } from 'vitest';
import { wavHeader } from '#core/audio/wav.ts';
import { decodeAudioFile } from './decode-audio-file.ts';
import { bytesOf, noise, toInt16 } from './testing/tap.ts';

/** A WAV file of PCM16. */
function wavOf(samples: Int16Array<ArrayBuffer>, sampleRate: number, channels = 1): Blob {
	return new Blob([wavHeader(samples.byteLength, sampleRate, channels) as Uint8Array<ArrayBuffer>, bytesOf(samples)]);
}

/** A WAV file of G.711 at 8 kHz; format 6 is A-law, 7 is mu-law. */
function g711Wav(format: 6 | 7, codes: Uint8Array<ArrayBuffer>): Blob {
	const header = wavHeader(codes.length, 8_000, 1) as Uint8Array<ArrayBuffer>;
	const view = new DataView(header.buffer);
	view.setUint16(20, format, true);
	view.setUint32(28, 8_000, true);
	view.setUint16(32, 1, true);
	view.setUint16(34, 8, true);
	return new Blob([header, codes]);
}

function tone(frequencyHz: number, rateHz: number, seconds: number): Int16Array<ArrayBuffer> {
	return Int16Array.from({ length: rateHz * seconds }, (_, index) =>
		Math.round(16_384 * Math.sin((2 * Math.PI * frequencyHz * index) / rateHz))
	);
}

function rms(samples: Float32Array): number {
	const middle = samples.subarray(samples.length >> 2, (samples.length * 3) >> 2);
	return Math.sqrt(middle.reduce((sum, sample) => sum + sample * sample, 0) / middle.length);
}

async function decode(file: Blob): Promise<Float32Array> {
	const decoded = await decodeAudioFile(file);
	if (!decoded.ok) throw new Error(decoded.error.message);
	return decoded.value;
}

describe('decodeAudioFile', () => {
	it('gives 24 kHz PCM16 back exactly', async () => {
		const samples = noise(5_003);
		const decoded = await decode(wavOf(samples, 24_000));
		expect(toInt16(decoded)).toEqual(samples);
	});

	it('gives them back with other chunks around them, and of a file that was cut', async () => {
		const samples = noise(1_000);
		const whole = new Uint8Array(await wavOf(samples, 24_000).arrayBuffer());
		const note = new Uint8Array([0x4c, 0x49, 0x53, 0x54, 3, 0, 0, 0, 1, 2, 3, 0]); // LIST of 3 bytes, padded
		const noted = new Blob([whole.slice(0, 36), note, whole.slice(36), note]);
		expect(toInt16(await decode(noted))).toEqual(samples);
		expect(toInt16(await decode(new Blob([whole.slice(0, 44 + 901)])))).toEqual(samples.slice(0, 450));
	});

	it('averages channels', async () => {
		const samples = Int16Array.from({ length: 2_000 }, (_, index) => (index % 2 === 0 ? 8_192 : 16_384));
		const decoded = await decode(wavOf(samples, 24_000, 2));
		expect(decoded).toHaveLength(1_000);
		expect(decoded[500]).toBeCloseTo(12_288 / 32_768, 4);
	});

	it('brings other rates to 24 kHz without aliasing', async () => {
		const passed = await decode(wavOf(tone(1_000, 48_000, 0.5), 48_000));
		expect(passed.length / 12_000).toBeCloseTo(1, 2);
		expect(rms(passed)).toBeCloseTo(0.5 / Math.SQRT2, 2);
		const stopped = await decode(wavOf(tone(15_000, 48_000, 0.5), 48_000));
		expect(20 * Math.log10(rms(stopped) / (0.5 / Math.SQRT2))).toBeLessThan(-60);
	});

	it.each([
		['A-law', 6, 0xd5, 0xaa],
		['mu-law', 7, 0xff, 0x80]
	] as const)('reads %s', async (_name, format, quiet, loud) => {
		const silent = await decode(g711Wav(format, new Uint8Array(4_000).fill(quiet)));
		const full = await decode(g711Wav(format, new Uint8Array(4_000).fill(loud)));
		expect(full.length).toBeGreaterThan(11_000);
		expect(rms(silent)).toBeLessThan(0.001);
		expect(rms(full)).toBeCloseTo(0.98, 1);
	});

	it('refuses what is no audio', async () => {
		for (const file of [new Blob([]), new Blob(['hello']), new Blob([wavHeader(0, 24_000, 1).slice(0, 20)])]) {
			expect(await decodeAudioFile(file)).toMatchObject({ ok: false, error: { kind: 'not-decodable' } });
		}
	});
});
