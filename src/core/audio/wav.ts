/**
 * The 44-byte header of a PCM16 WAV file (RIFF, little-endian).
 *
 * @param dataBytes length of the sample data that follows, at most 4 GiB - 37
 * @param sampleRate samples per second and channel
 * @param channels 1 or 2
 */
export function wavHeader(dataBytes: number, sampleRate: number, channels: number): Uint8Array {
	const bytes = new Uint8Array(44);
	const view = new DataView(bytes.buffer);
	writeAscii(bytes, 0, 'RIFF');
	view.setUint32(4, 36 + dataBytes, true);
	writeAscii(bytes, 8, 'WAVEfmt ');
	view.setUint32(16, 16, true);
	view.setUint16(20, 1, true);
	view.setUint16(22, channels, true);
	view.setUint32(24, sampleRate, true);
	view.setUint32(28, sampleRate * channels * 2, true);
	view.setUint16(32, channels * 2, true);
	view.setUint16(34, 16, true);
	writeAscii(bytes, 36, 'data');
	view.setUint32(40, dataBytes, true);
	return bytes;
}

function writeAscii(bytes: Uint8Array, offset: number, text: string): void {
	for (let i = 0; i < text.length; i++) bytes[offset + i] = text.charCodeAt(i);
}
