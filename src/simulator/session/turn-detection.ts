/**
 * Server turn detection over speech probabilities: pure, one frame (32 ms) at a time.
 *
 * Source of the numbers: a recorded GA session of gpt-realtime with 0.5 / 300 / 200. Speech starts with the first frame
 * at or above the threshold and is reported from `prefix_padding_ms` before that frame; it ends when the silence count
 * reaches `silence_duration_ms` in whole frames, and the reported end includes that silence.
 */

export const FRAME_MS = 32;

export interface TurnDetectionSettings {
	/** 0 to 1: the probability at which speech starts. */
	threshold: number;
	prefixPaddingMs: number;
	silenceDurationMs: number;
}

export interface TurnState {
	/** Frames seen, so also the position of the next frame in session audio. */
	frameIndex: number;
	isSpeaking: boolean;
	/** Frames since speech ended, 0 while it goes on. */
	silentFrames: number;
}

/** Offsets are milliseconds of session audio: of everything appended since the session began. */
export type TurnChange = { kind: 'started'; audioStartMs: number } | { kind: 'stopped'; audioEndMs: number };

/** A state whose first frame is the given one: detection can begin in the middle of a session. */
export function initialTurnState(frameIndex = 0): TurnState {
	return { frameIndex, isSpeaking: false, silentFrames: 0 };
}

/**
 * Below this a frame begins the silence count. The recorded stops fit 0.20 to 0.30 at a threshold of 0.5; half of the
 * threshold is our reading for the other thresholds.
 */
export function silenceThreshold(threshold: number): number {
	return threshold / 2;
}

/** The longest that a pause may last. Source: openai 7.55 types (semantic_vad, eagerness). */
const LONGEST_PAUSE_MS = { low: 8000, medium: 4000, auto: 4000, high: 2000 };
/** The pause after what sounds finished. Ours: no source tells how soon the service answers then. */
const FINISHED_PAUSE_MS = { low: 800, medium: 500, auto: 500, high: 300 };

/**
 * The silence that ends a turn with `semantic_vad`. The service's model judges whether the caller has finished; here the
 * words decide, where a scenario gives them: without punctuation at their end, or with dots, the caller trails off. Words
 * that nobody knows count as finished.
 */
export function semanticSilenceMs(eagerness: keyof typeof LONGEST_PAUSE_MS, words: string | undefined): number {
	const trailsOff = words !== undefined && !/[^.]\.["')\]]*$|[!?。！？]["')\]]*$/u.test(words.trim());
	return (trailsOff ? LONGEST_PAUSE_MS : FINISHED_PAUSE_MS)[eagerness];
}

/** Takes the next frame's probability; changes `state` in place and returns what happened in this frame, if anything. */
export function applyFrame(
	state: TurnState,
	probability: number,
	settings: TurnDetectionSettings
): TurnChange | undefined {
	const frame = state.frameIndex++;
	const isSpeech = probability >= settings.threshold;
	if (!state.isSpeaking) {
		if (!isSpeech) return undefined;
		state.isSpeaking = true;
		state.silentFrames = 0;
		return { kind: 'started', audioStartMs: Math.max(0, frame * FRAME_MS - settings.prefixPaddingMs) };
	}
	const isQuiet = probability < silenceThreshold(settings.threshold);
	// Once begun the count goes on through frames that are neither quiet nor speech.
	state.silentFrames = isSpeech ? 0 : isQuiet || state.silentFrames > 0 ? state.silentFrames + 1 : 0;
	if (state.silentFrames === 0 || state.silentFrames * FRAME_MS < settings.silenceDurationMs) return undefined;
	state.isSpeaking = false;
	state.silentFrames = 0;
	return { kind: 'stopped', audioEndMs: (frame + 1) * FRAME_MS };
}

/** Forgets speech in progress, as after a commit or clear in the middle of it; the position in time stays. */
export function endSpeech(state: TurnState): void {
	state.isSpeaking = false;
	state.silentFrames = 0;
}
