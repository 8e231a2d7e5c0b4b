/** Speech for the model's answers, made in a worker thread with Flite so that the event loop never waits for it. */
import { WorkerLink } from '#simulator/worker-link.ts';
import type { SpeechWorkerReply, SpeechWorkerRequest } from '#simulator/speech-worker.ts';

export interface SpeechRequest {
	text: string;
	/** One of the ten voice names. */
	voice: string;
	/** 0.25 to 1.5; 1 is the voice's own tempo. */
	speed: number;
}

export interface SpeechListener {
	/** The next stretch of 16-bit mono speech at 24 kHz. Text that cannot be spoken gives none. */
	onAudio: (samples: Int16Array) => void;
	onDone: () => void;
	onError: (error: Error) => void;
}

export interface Utterance {
	/** Stops it; the listener hears nothing more. */
	cancel: () => void;
}

/** What a session needs from a speech engine. Exactly one of `onDone` and `onError` ends an utterance that is not cancelled. */
export interface SpeechSource {
	speak: (request: SpeechRequest, listener: SpeechListener) => Utterance;
}

export interface SpeechEngine extends SpeechSource {
	/** Starts the thread without waiting, so that the first answer does not pay for it. */
	warmUp: () => void;
	dispose: () => Promise<void>;
}

/** Opens the Flite engine; its thread starts on first use. Errors reach the listener; the next request starts a new thread. */
export function openSpeechEngine(file = new URL('./speech-worker.ts', import.meta.url)): SpeechEngine {
	const listeners = new Map<number, SpeechListener>();
	let lastId = 0;
	const link = new WorkerLink<SpeechWorkerRequest, SpeechWorkerReply>({
		file,
		onMessage: (message) => {
			const listener = listeners.get(message.id);
			if (message.kind !== 'audio') listeners.delete(message.id);
			if (message.kind === 'audio') listener?.onAudio(message.samples);
			else if (message.kind === 'done') listener?.onDone();
			else listener?.onError(new Error(message.message));
		},
		onFailure: (error) => {
			const lost = [...listeners.values()];
			listeners.clear();
			for (const listener of lost) listener.onError(error);
		}
	});
	return {
		speak: (request, listener) => {
			const id = ++lastId;
			listeners.set(id, listener);
			link.post({ kind: 'speak', id, ...request });
			return {
				cancel: () => {
					if (listeners.delete(id)) link.post({ kind: 'cancel', id });
				}
			};
		},
		warmUp: () => void link.start(),
		dispose: async () => {
			listeners.clear();
			await link.dispose();
		}
	};
}
