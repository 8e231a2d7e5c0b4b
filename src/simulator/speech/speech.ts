/** Speech for the model's answers, made in a worker thread with Flite so that the event loop never waits for it. */
import { WorkerLink } from '#simulator/workers/worker-link.ts';
import type { SpeechListener, SpeechSource } from '#simulator/session/ports.ts';
import type { SpeechWorkerReply, SpeechWorkerRequest } from '#simulator/speech/speech-worker.ts';

export interface SpeechEngine extends SpeechSource {
	/** Starts the thread without waiting, so that the first answer does not pay for it. */
	warmUp: () => void;
	/** Ends the thread; nobody hears anything afterwards. */
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
		speak: ({ voice, speed }, listener) => {
			const id = ++lastId;
			listeners.set(id, listener);
			link.post({ kind: 'begin', id, voice, speed });
			const post = (request: SpeechWorkerRequest): void => {
				// After a failure there may be another thread, which knows nothing of this utterance.
				if (listeners.has(id)) link.post(request);
			};
			return {
				say: (clause) => post({ kind: 'say', id, text: clause }),
				end: () => post({ kind: 'end', id }),
				cancel: () => {
					post({ kind: 'cancel', id });
					listeners.delete(id);
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
