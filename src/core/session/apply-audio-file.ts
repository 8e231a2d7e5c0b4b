import { PCM16_BYTES_PER_MS, SAMPLE_RATE } from '../audio/pcm16.ts';
import { addPiece, addUtterance, findUtterance, layCallerAudio, SEGMENT_GAP_MS } from './apply-audio.ts';
import type { EventHandler } from './handler.ts';

/** The one utterance that a model's voice without messages makes. */
const ITEM_ID = 'earshot-audio';

/**
 * Audio that was recorded without messages, of a file or of a call: it lies where its events say that it begins, and all of
 * it was heard.
 */
export const AUDIO_FILE_HANDLERS: Record<string, EventHandler> = {
	'earshot.audio': (session, _body, { at, audio }) => {
		if (!audio) return;
		if (audio.track === 'caller') {
			layCallerAudio(session, audio, at, PCM16_BYTES_PER_MS);
			return;
		}
		const utterance = findUtterance(session, ITEM_ID, 0) ?? addUtterance(session, ITEM_ID, PCM16_BYTES_PER_MS, at);
		const { playback, bytesPerMs } = utterance;
		const last = playback.runs.at(-1);
		const lastEndMs = last ? last.at + ((playback.playedSamples - last.firstSample) * 1000) / SAMPLE_RATE : -Infinity;
		if (at - lastEndMs >= SEGMENT_GAP_MS) playback.runs.push({ at, firstSample: playback.playedSamples });
		addPiece(utterance, audio, at);
		playback.state = 'ended';
		playback.playedSamples = Math.floor((utterance.receivedBytes / bytesPerMs) * (SAMPLE_RATE / 1000));
		playback.measuredAt = at + audio.length / bytesPerMs;
	}
};
