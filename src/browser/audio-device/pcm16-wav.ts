import { pcm16ToFloat, SAMPLE_RATE } from '#core/audio/pcm16.ts';

const FORMAT_PCM = 1;

/**
 * The samples of a WAV file that already is what we need (24 kHz, mono, PCM16), exactly; `undefined` for every other
 * file. The browser's decoder scales positive samples by 32767 instead of 32768, so that one in four comes back changed.
 */
export function readPcm16Wav(bytes: ArrayBuffer): Float32Array | undefined {
	const view = new DataView(bytes);
	if (bytes.byteLength < 12 || tagAt(view, 0) !== 'RIFF' || tagAt(view, 8) !== 'WAVE') return undefined;
	let isOurs = false;
	for (let offset = 12; offset + 8 <= bytes.byteLength;) {
		const tag = tagAt(view, offset);
		const start = offset + 8;
		const length = Math.min(view.getUint32(offset + 4, true), bytes.byteLength - start);
		if (tag === 'fmt ') isOurs = length >= 16 && isOurFormat(view, start);
		if (tag === 'data') return isOurs ? pcm16ToFloat(new Uint8Array(bytes, start, length)) : undefined;
		// Chunks begin at even places.
		offset = start + length + (length % 2);
	}
	return undefined;
}

function isOurFormat(view: DataView, start: number): boolean {
	const [format, channels] = [view.getUint16(start, true), view.getUint16(start + 2, true)];
	const [sampleRate, bits] = [view.getUint32(start + 4, true), view.getUint16(start + 14, true)];
	return format === FORMAT_PCM && channels === 1 && sampleRate === SAMPLE_RATE && bits === 16;
}

function tagAt(view: DataView, offset: number): string {
	return String.fromCharCode(...Array.from({ length: 4 }, (_, index) => view.getUint8(offset + index)));
}
