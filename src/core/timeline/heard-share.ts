import { SAMPLE_RATE } from '../audio/pcm16.ts';
import type { Session } from '../session/session-model.ts';

/**
 * How much of the model's audio was heard, 0 to 1, over all utterances whose playing is over; `null` while there is none.
 * Of an utterance that was cut off, what never was heard counts in full.
 */
export function deriveHeardShare(session: Session): number | null {
	let playedMs = 0;
	let receivedMs = 0;
	for (const { playback, receivedBytes, bytesPerMs } of session.utterances) {
		if (playback.state !== 'ended' && playback.state !== 'stopped') continue;
		playedMs += (playback.playedSamples * 1000) / SAMPLE_RATE;
		receivedMs += receivedBytes / bytesPerMs;
	}
	return receivedMs > 0 ? Math.min(1, playedMs / receivedMs) : null;
}
