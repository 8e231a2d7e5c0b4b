import { SAMPLE_RATE } from '#core/audio/pcm16.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { audioProblem, failedAudio, type AudioProblem } from './audio-problem.ts';

/**
 * Opens an audio context at 24 kHz with a worklet module loaded. All our audio has that rate, and Chromium resamples
 * buffers of another one badly (linearly, with aliasing). The caller closes it.
 */
export async function openAudioContext(workletUrl: string): Promise<Result<AudioContext, AudioProblem>> {
	if (typeof AudioContext === 'undefined') return fail(audioProblem('no-audio-context'));
	let context: AudioContext;
	try {
		context = new AudioContext({ sampleRate: SAMPLE_RATE, latencyHint: 'interactive' });
	} catch {
		return fail(audioProblem('no-audio-context'));
	}
	// A page that was not served securely has contexts, but no worklets.
	const worklets = context.audioWorklet as AudioWorklet | undefined;
	try {
		if (!worklets) throw new DOMException('no worklets', 'NotSupportedError');
		await worklets.addModule(workletUrl);
		return succeed(context);
	} catch (error) {
		await context.close();
		return fail(worklets ? failedAudio(error) : audioProblem('no-audio-context'));
	}
}
