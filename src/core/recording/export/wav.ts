import { SAMPLE_RATE } from '../../audio/pcm16.ts';
import { wavHeader } from '../../audio/wav.ts';
import { fail, succeed, type Result } from '../../base/result.ts';

/** A WAV file that is being written. */
export interface WavFile {
	/** Length of the whole file, which is known before it is made. */
	readonly bytes: number;
	/** The file, piece by piece. Rejects when audio cannot be read any more. */
	readonly pieces: AsyncGenerator<Uint8Array, void>;
}

/** Frames (one sample of each channel) that are made at once: 10 s. */
const FRAMES_PER_PIECE = 10 * SAMPLE_RATE;

const HEADER_BYTES = 44;

/** The sizes in a WAV file have 32 bits, and the first one counts all but the 8 bytes before it. */
const MAX_FILE_BYTES = 0xffff_ffff + 8;

/**
 * Writes samples as a PCM16 WAV file at 24 kHz, without ever holding more than 10 s of it.
 *
 * @param frames samples of each channel
 * @param read gives `count` frames from `first` on, channels interleaved; is asked in order, once for each frame
 */
export function formatWavFile(
	frames: number,
	channels: 1 | 2,
	read: (first: number, count: number) => Promise<Int16Array>
): Result<WavFile> {
	const bytes = HEADER_BYTES + frames * channels * 2;
	if (bytes > MAX_FILE_BYTES) return fail(tooLong(channels));
	return succeed({ bytes, pieces: piecesOf(frames, channels, read) });
}

async function* piecesOf(
	frames: number,
	channels: number,
	read: (first: number, count: number) => Promise<Int16Array>
): AsyncGenerator<Uint8Array, void> {
	yield wavHeader(frames * channels * 2, SAMPLE_RATE, channels);
	for (let first = 0; first < frames; first += FRAMES_PER_PIECE) {
		yield bytesOf(await read(first, Math.min(FRAMES_PER_PIECE, frames - first)));
	}
}

function bytesOf(samples: Int16Array): Uint8Array {
	const view = new DataView(new ArrayBuffer(samples.length * 2));
	for (let i = 0; i < samples.length; i++) view.setInt16(i * 2, samples[i]!, true);
	return new Uint8Array(view.buffer);
}

function tooLong(channels: number): string {
	const hours = Math.floor(MAX_FILE_BYTES / (SAMPLE_RATE * 2 * channels * 3600));
	const [what, instead] =
		channels === 2
			? ['in stereo', 'Export one voice alone, or the recording itself']
			: ['of mono', 'Export the recording itself'];
	return `This recording is too long for a WAV file, which holds 4 GiB: ${hours} hours ${what}. ${instead}.`;
}
