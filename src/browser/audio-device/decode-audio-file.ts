import { SAMPLE_RATE } from '#core/audio/pcm16.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { audioProblem, failedAudio, type AudioProblem } from './audio-problem.ts';
import { readPcm16Wav } from './pcm16-wav.ts';

/**
 * Reads an audio file of any kind that the browser knows (WAV with PCM, float, A-law or mu-law, MP3, Ogg, WebM, FLAC,
 * M4A) as 24 kHz mono samples, -1 to 1. Channels are averaged. A WAV of 24 kHz mono PCM16 comes back sample for sample.
 */
export async function decodeAudioFile(file: Blob): Promise<Result<Float32Array, AudioProblem>> {
	if (typeof OfflineAudioContext === 'undefined') return fail(audioProblem('no-audio-context'));
	let bytes: ArrayBuffer;
	try {
		bytes = await file.arrayBuffer();
	} catch (error) {
		return fail(failedAudio(error));
	}
	const exact = readPcm16Wav(bytes);
	if (exact) return succeed(exact);
	try {
		// Decoding resamples to the context's rate with a good filter (playing a buffer of another rate would not).
		const decoded = await new OfflineAudioContext(1, 1, SAMPLE_RATE).decodeAudioData(bytes);
		return succeed(downmix(decoded));
	} catch {
		return fail(audioProblem('not-decodable'));
	}
}

function downmix(audio: AudioBuffer): Float32Array {
	const mono = new Float32Array(audio.length);
	for (let channel = 0; channel < audio.numberOfChannels; channel++) {
		const samples = audio.getChannelData(channel);
		for (let index = 0; index < mono.length; index++) mono[index]! += samples[index]! / audio.numberOfChannels;
	}
	return mono;
}
