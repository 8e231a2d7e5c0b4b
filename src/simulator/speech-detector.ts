/** How likely each 32 ms of caller audio is speech: Silero v6 in one worker thread, shared by all sessions. */
import { WorkerLink } from '#simulator/worker-link.ts';
import type { SileroReply, SileroRequest } from '#simulator/silero-worker.ts';

/** 32 ms at 24 kHz. */
export const FRAME_SAMPLES_24K = 768;

export interface DetectionListener {
	/**
	 * Answers one `push`, in order: the probabilities (0 to 1) of the frames that it completed, perhaps none. A frame is
	 * complete about 1 ms after its end, because the resampler looks that far ahead.
	 */
	onProbabilities: (probabilities: Float32Array) => void;
	/** The stream is over; open another one. */
	onError: (error: Error) => void;
}

export interface DetectionStream {
	/** The next caller samples, 16-bit mono at 24 kHz. They are copied. */
	push: (samples: Int16Array) => void;
	/** Frees the stream; the listener hears nothing more. */
	dispose: () => void;
}

/** What a session needs from a detector. */
export interface SpeechDetector {
	openStream: (listener: DetectionListener) => DetectionStream;
}

export interface SpeechDetectorEngine extends SpeechDetector {
	/** Starts loading the model (0.6 to 0.8 s) without waiting for it. */
	warmUp: () => void;
	dispose: () => Promise<void>;
}

/** Opens the detector; its thread starts on first use. After a failure the next stream starts a new thread. */
export function openSpeechDetector(file = new URL('./silero-worker.ts', import.meta.url)): SpeechDetectorEngine {
	const listeners = new Map<number, DetectionListener>();
	let lastId = 0;
	const link = new WorkerLink<SileroRequest, SileroReply>({
		file,
		onMessage: (message) => {
			if (message.kind === 'ready') return;
			const listener = listeners.get(message.id);
			if (message.kind === 'probabilities') listener?.onProbabilities(message.probabilities);
			else {
				listeners.delete(message.id);
				listener?.onError(new Error(message.message));
			}
		},
		onFailure: (error) => {
			const lost = [...listeners.values()];
			listeners.clear();
			for (const listener of lost) listener.onError(error);
		}
	});
	return {
		openStream: (listener) => {
			const id = ++lastId;
			listeners.set(id, listener);
			link.post({ kind: 'open', id });
			return {
				push: (samples) => {
					if (!listeners.has(id)) return;
					const copy = samples.slice() as Int16Array<ArrayBuffer>;
					link.post({ kind: 'audio', id, samples: copy }, [copy.buffer]);
				},
				dispose: () => {
					if (listeners.delete(id)) link.post({ kind: 'close', id });
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
