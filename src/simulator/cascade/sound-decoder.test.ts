import { describe, expect, it } from 'vitest';
import { SoundDecoder, UnusableSound } from '#simulator/cascade/sound-decoder.ts';
import { tone, wavOf } from '#simulator/cascade/testing/openai-stub.ts';
import { wavHeader } from '#core/audio/wav.ts';

function decode(bytes: Uint8Array, chunkBytes = bytes.length, contentType: string | null = 'audio/wav'): number[] {
	const decoder = new SoundDecoder(contentType);
	const samples: number[] = [];
	for (let at = 0; at < bytes.length; at += chunkBytes)
		samples.push(...decoder.push(bytes.subarray(at, at + chunkBytes)));
	return [...samples, ...decoder.end()];
}

const bytesOf = (samples: Int16Array | Float32Array): Uint8Array => new Uint8Array(samples.buffer);

function join(...parts: (Uint8Array | string)[]): Uint8Array {
	return new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as Uint8Array))));
}

/** The level of one frequency in samples at 24 kHz, as a share of the amplitude 8000. */
function levelAt(samples: number[], hz: number): number {
	let re = 0;
	let im = 0;
	samples.forEach((sample, i) => {
		re += sample * Math.cos((2 * Math.PI * hz * i) / 24_000);
		im += sample * Math.sin((2 * Math.PI * hz * i) / 24_000);
	});
	return (2 * Math.hypot(re, im)) / samples.length / 8000;
}

const samples = Int16Array.from([0, 1, -1, 32767, -32768, 1234, -4321]);

describe('the sound decoder', () => {
	it.each([1, 2, 3, 7, 45, 1000])('takes WAV at 24 kHz as it is, %i bytes at a time', (chunkBytes) => {
		expect(decode(wavOf(samples, 24_000), chunkBytes)).toEqual([...samples]);
	});

	it.each([1, 3, 5, 1000])('takes what has no header as PCM16 at 24 kHz, %i bytes at a time', (chunkBytes) => {
		expect(decode(bytesOf(samples), chunkBytes, 'audio/pcm')).toEqual([...samples]);
		expect(decode(bytesOf(samples), chunkBytes, null)).toEqual([...samples]);
	});

	it.each([0, 0xffffffff, 0x7fffffff, 0xffffffff - 36])(
		'goes on to the end where the header claims %i bytes',
		(dataBytes) => {
			expect(decode(wavOf(samples, 24_000, 1, dataBytes))).toEqual([...samples]);
		}
	);

	it('stops where the samples stop', () => {
		expect(decode(join(wavOf(samples, 24_000), 'LIST\x04\0\0\0abcd'), 5)).toEqual([...samples]);
	});

	it('passes over other chunks before the samples, and reads the extensible format', () => {
		const wav = wavOf(samples, 24_000);
		const list = 'LIST\x03\0\0\0abc\0';
		expect(decode(join(wav.subarray(0, 12), list, wav.subarray(12)), 3)).toEqual([...samples]);
		const format = join(wav.subarray(12, 36), new Uint8Array(24));
		format[4] = 40;
		format[8] = 0xfe;
		format[9] = 0xff;
		format[32] = 1;
		expect(decode(join(wav.subarray(0, 12), format, wav.subarray(36)), 3)).toEqual([...samples]);
	});

	it('mixes channels', () => {
		expect(decode(wavOf(Int16Array.from([100, 300, -50, -150]), 24_000, 2), 3)).toEqual([200, -100]);
	});

	it('takes 32-bit floats', () => {
		const floats = Float32Array.from([0, 0.5, -0.5, 2]);
		const header = wavHeader(floats.length * 4, 24_000, 1);
		header[20] = 3;
		header[34] = 32;
		expect(decode(join(header, bytesOf(floats)), 3)).toEqual([0, 16384, -16384, 32767]);
	});

	it.each([8000, 16_000, 22_050, 44_100, 48_000])('brings %i Hz to 24 kHz', (rateHz) => {
		const wav = wavOf(tone(rateHz, rateHz), rateHz);
		const heard = decode(wav, 4096);
		expect(Math.abs(heard.length - 24_000)).toBeLessThanOrEqual(1);
		expect(levelAt(heard.slice(2000, 22_000), 440)).toBeCloseTo(1, 1);
		expect(decode(wav, 999)).toEqual(heard);
	});

	it('has nothing to say for a file without samples, if more never comes', () => {
		expect(decode(wavOf(new Int16Array(), 24_000))).toEqual([]);
	});

	const format = (change: (header: Uint8Array) => void): Uint8Array => {
		const header = wavOf(samples, 24_000);
		change(header);
		return header;
	};
	it.each<[string, Uint8Array, string | null, RegExp]>([
		['MP3 by its type', bytesOf(samples), 'audio/mpeg', /sent audio\/mpeg, but was asked for WAV/],
		['MP3 by its start', join('ID3\x04', new Uint8Array(20)), null, /sent compressed sound/],
		['Ogg by its start', join('OggS', new Uint8Array(20)), 'application/octet-stream', /sent compressed sound/],
		['JSON', join('{"text":"hello"}'), 'application/json', /sent application\/json/],
		['a page', join('<html></html>'), 'text/html; charset=utf-8', /sent text\/html/],
		['nothing', new Uint8Array(), 'audio/wav', /sent no sound/],
		['next to nothing', join('RIF'), 'audio/wav', /too short/],
		['24 bits', format((header) => (header[34] = 24)), 'audio/wav', /24 bits \(format 1\)/],
		['mu-law', format((header) => (header[20] = 7)), 'audio/wav', /format 7/],
		['no channels', format((header) => (header[22] = 0)), 'audio/wav', /0 channels/],
		['no rate', format((header) => header.fill(0, 24, 28)), 'audio/wav', /at 0 Hz/],
		[
			'samples before the format',
			format((header) => header.set(Buffer.from('data'), 12)),
			'audio/wav',
			/without a format/
		],
		['a short format', format((header) => (header[16] = 2)), 'audio/wav', /broken format/],
		['no samples ever', join('RIFFxxxxWAVEjunk\xff\xff\xff\x7f', new Uint8Array(70_000)), 'audio/wav', /never begin/]
	])('refuses %s', (_title, bytes, contentType, says) => {
		expect(() => decode(bytes, 16_384, contentType)).toThrow(UnusableSound);
		expect(() => decode(bytes, 16_384, contentType)).toThrow(says);
	});
});
