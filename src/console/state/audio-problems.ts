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

/** A browser that wants a click first lets the sound run within this time of one. Milliseconds. */
const RUNNING_WITHIN_MS = 1500;

/** Tells the user what went wrong with a device, and what to do. */
export function showAudioProblem(problem: AudioProblem): void {
	notices.show({ kind: 'error', title: TITLES[problem.kind], text: problem.message });
}

/** A device whose context the browser may hold back until the user clicks. */
interface Resumable {
	readonly context: AudioContext;
	resume(): Promise<void>;
}

/** Lets a device run, and offers the click that a browser wants when it does not. Returns what ends the watch. */
export function watchSuspension(device: Resumable): () => void {
	const resume = () => void device.resume().catch(() => undefined); // refused: the message below stands
	const check = () => {
		if (device.context.state === 'running' || device.context.state === 'closed') return;
		notices.show({
			kind: 'warning',
			title: 'The browser holds the sound back',
			text: 'It wants a click first. Nothing that was sent is lost, and nothing counts as played.',
			action: { label: 'Let it run', run: resume }
		});
	};
	resume();
	const timer = setTimeout(check, RUNNING_WITHIN_MS);
	device.context.addEventListener('statechange', check);
	return () => {
		clearTimeout(timer);
		device.context.removeEventListener('statechange', check);
	};
}
