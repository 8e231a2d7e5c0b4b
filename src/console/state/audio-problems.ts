import type { AudioProblem } from '#browser/audio-device/audio-problem.ts';
import { notices } from './notices.svelte.ts';

const TITLES: Record<AudioProblem['kind'], string> = {
	'microphone-denied': 'The microphone was refused',
	'microphone-absent': 'No microphone was found',
	'microphone-busy': 'The microphone could not be opened',
	'no-audio-context': 'This browser gives no audio',
	'not-decodable': 'This file could not be read as audio',
	failed: 'Audio failed'
};

/** Tells the user what went wrong with a device, and what to do. */
export function showAudioProblem(problem: AudioProblem): void {
	notices.show({ kind: 'error', title: TITLES[problem.kind], text: problem.message });
}
