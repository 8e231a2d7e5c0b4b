import { concatBytes } from '../base/concat-bytes.ts';
import type { WireFormat } from '../audio/wire-format.ts';
import { fail, succeed, type Result } from '../base/result.ts';

// A track as a WAV file: its bytes as they crossed the wire, between a header and a padding byte. Sources: Multimedia
// Programming Interface and Data Specifications 1.0 (RIFF, WAVE); RFC 2361 (codes of the codings).

/** How a track's bytes are coded. One channel. */
export interface TrackCoding {
	readonly coding: WireFormat;
	/** Samples a second. */
	readonly rate: number;
}

const CODES: Readonly<Record<WireFormat, number>> = { pcm16: 1, 'a-law': 6, 'mu-law': 7 };

/** Sizes have 32 bits. What is around the data takes less than 100 bytes. */
export const MOST_WAV_DATA_BYTES = 2 ** 32 - 101;

/** What comes before the bytes of a track, and after them. */
export interface WavFrame {
	readonly header: Uint8Array<ArrayBuffer>;
	/** A chunk of odd length is padded by one byte, which its size does not count. */
	readonly padding: Uint8Array<ArrayBuffer>;
}

/** @param dataBytes length of the track, at most `MOST_WAV_DATA_BYTES` */
export function formatWavFrame(dataBytes: number, { coding, rate }: TrackCoding): WavFrame {
	const sampleBytes = coding === 'pcm16' ? 2 : 1;
	// Codings other than PCM say how many samples there are, and that nothing follows their format.
	const format = chunk('fmt ', coding === 'pcm16' ? 16 : 18);
	const view = new DataView(format.buffer, 8);
	view.setUint16(0, CODES[coding], true);
	view.setUint16(2, 1, true);
	view.setUint32(4, rate, true);
	view.setUint32(8, rate * sampleBytes, true);
	view.setUint16(12, sampleBytes, true);
	view.setUint16(14, sampleBytes * 8, true);
	const fact = coding === 'pcm16' ? new Uint8Array(0) : chunk('fact', 4);
	if (fact.length > 0) new DataView(fact.buffer).setUint32(8, dataBytes, true);
	const data = chunk('data', 0);
	new DataView(data.buffer).setUint32(4, dataBytes, true);
	const padding = new Uint8Array(dataBytes % 2);
	const riff = chunk('RIFF', 4);
	writeAscii(riff, 8, 'WAVE');
	const size = 4 + format.length + fact.length + data.length + dataBytes + padding.length;
	new DataView(riff.buffer).setUint32(4, size, true);
	return { header: concatBytes([riff, format, fact, data]), padding };
}

/** Bytes at the start of a WAV file in which its data must begin. */
export const WAV_HEAD_BYTES = 65_536;

/**
 * Where the data lies in a WAV file, by its first `WAV_HEAD_BYTES`. The length is what the file says, and at most what
 * `fileBytes` leave: a file that is being written says 0 or everything.
 */
export function findWavData(
	head: Uint8Array,
	fileBytes: number
): Result<{ readonly start: number; readonly length: number }> {
	const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
	if (readAscii(head, 0) !== 'RIFF' || readAscii(head, 8) !== 'WAVE')
		return fail('it does not begin as a WAV file does');
	for (let at = 12; at + 8 <= head.length;) {
		const size = view.getUint32(at + 4, true);
		const start = at + 8;
		if (readAscii(head, at) === 'data') return succeed({ start, length: Math.min(size, fileBytes - start) });
		at = start + size + (size % 2);
	}
	return fail('it has no data where a WAV file has it');
}

/** A chunk with room for its content. */
function chunk(name: string, length: number): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(8 + length);
	writeAscii(bytes, 0, name);
	new DataView(bytes.buffer).setUint32(4, length, true);
	return bytes;
}

function writeAscii(bytes: Uint8Array, offset: number, text: string): void {
	for (let i = 0; i < text.length; i++) bytes[offset + i] = text.charCodeAt(i);
}

function readAscii(bytes: Uint8Array, at: number): string {
	return String.fromCharCode(...bytes.subarray(at, at + 4));
}
