/** How long things take. Source: a recorded GA session whose recorder's 100 ms steps act as a clock, and a live probe. */

export interface Pace {
	/** Before a client event is answered: a network's round trip. */
	answerMs: number;
	/** From response.created to the first output item. */
	firstItemMs: number;
	/** From response.created to the first audio. */
	firstAudioMs: number;
	/** Between the first words of a transcript, which run ahead of the audio. */
	transcriptMs: number;
	/** From response.done to rate_limits.updated. */
	rateLimitsMs: number;
	/** Between two deltas of a text answer. Ours: no recording shows it. */
	textDeltaMs: number;
	/** Between two deltas of a function's arguments. Ours, as with text. */
	argumentsMs: number;
	/** Before the first words of a transcription and between the next. Ours: recordings show them spread over the answer. */
	transcriptionMs: number;
	/** Between two audio deltas of 250 ms: five times real time. */
	audioDeltaMs: number;
}

export const DEFAULT_LATENCY_MS = 50;

/**
 * The pace for a latency: the default of 50 ms is lifelike, other values scale every wait in proportion, 0 removes them.
 * The speed at which an answer is made stays: without it there would be nothing to interrupt.
 */
export function paceForLatency(latencyMs = DEFAULT_LATENCY_MS): Pace {
	const scale = latencyMs / DEFAULT_LATENCY_MS;
	return {
		answerMs: latencyMs,
		firstItemMs: 200 * scale,
		firstAudioMs: 350 * scale,
		transcriptMs: 25 * scale,
		rateLimitsMs: 40 * scale,
		textDeltaMs: 20,
		argumentsMs: 10 * scale,
		transcriptionMs: 60 * scale,
		audioDeltaMs: 50
	};
}
