/** The ways in which microphone, speaker and audio files fail us. All are expected. */
export type AudioProblemKind =
	'microphone-denied' | 'microphone-absent' | 'microphone-busy' | 'no-audio-context' | 'not-decodable' | 'failed';

/** A failure of an audio device or file; `message` is fit for the page: what happened and what to do. */
export interface AudioProblem {
	readonly kind: AudioProblemKind;
	readonly message: string;
}

const MESSAGES: Readonly<Record<Exclude<AudioProblemKind, 'failed'>, string>> = {
	'microphone-denied':
		'The browser does not let this page use the microphone. Allow it beside the address bar (and in the settings of the system), then try again. Typed messages and audio files work without.',
	'microphone-absent':
		'There is no microphone. Plug one in and try again. Typed messages and audio files work without.',
	'microphone-busy':
		'The microphone cannot be opened, perhaps because another program uses it. Close that program and try again.',
	'no-audio-context':
		'This browser cannot play or record audio on this page. Use a current browser, and open the page over https or on localhost.',
	'not-decodable': 'This file holds no audio that the browser can read. Use WAV, MP3, Ogg, WebM, FLAC or M4A.'
};

const INSECURE_MESSAGE =
	'Browsers give a microphone only to pages from https addresses or from localhost. Open Earshot there. Typed messages and audio files work without.';

export function audioProblem(kind: Exclude<AudioProblemKind, 'failed'>): AudioProblem {
	return { kind, message: MESSAGES[kind] };
}

/** No microphone, because the page was not served securely. */
export function insecurePageProblem(): AudioProblem {
	return { kind: 'microphone-denied', message: INSECURE_MESSAGE };
}

/** What a refused `getUserMedia` means for the user. */
export function microphoneProblemOf(error: unknown): AudioProblem {
	const name = error instanceof DOMException ? error.name : '';
	if (name === 'NotAllowedError' || name === 'SecurityError') return audioProblem('microphone-denied');
	if (name === 'NotFoundError' || name === 'OverconstrainedError') return audioProblem('microphone-absent');
	if (name === 'NotReadableError' || name === 'AbortError') return audioProblem('microphone-busy');
	return failedAudio(error);
}

/** Anything else that went wrong in the browser's audio. */
export function failedAudio(error: unknown): AudioProblem {
	const words = error instanceof Error ? error.message : String(error);
	return { kind: 'failed', message: `The browser's audio failed: ${words} Reload the page and try again.` };
}
