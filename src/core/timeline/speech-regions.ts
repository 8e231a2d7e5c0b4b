import { countBefore } from '../base/binary-search.ts';
import { callerAudioMs } from '../session/apply-audio.ts';
import type { Session } from '../session/session-model.ts';

/** Where turn detection heard the caller, in session time. */
export interface SpeechRegion {
	readonly itemId: string;
	readonly startMs: number;
	readonly endMs: number;
	/** Still going on. */
	readonly isOpen: boolean;
}

/** The session time at which a moment of caller audio lies; the server counts audio written, not time passed. */
export function sessionMsOfCallerAudio(session: Session, audioMs: number): number {
	const segments = session.callerSegments;
	// Each segment counts what came before it, so that they are in order.
	const segment =
		segments[countBefore(segments.length, (index) => segments[index]!.audioMs <= audioMs) - 1] ?? segments[0];
	if (!segment) return audioMs;
	const withinMs = Math.min(audioMs - segment.audioMs, segment.length / segment.bytesPerMs);
	return segment.startMs + Math.max(0, withinMs);
}

/** The speech regions as the server reported them, laid over the caller track by samples. */
export function deriveSpeechRegions(session: Session): SpeechRegion[] {
	return session.speech.map((span) => ({
		itemId: span.itemId,
		startMs: sessionMsOfCallerAudio(session, span.audioStartMs),
		endMs: sessionMsOfCallerAudio(session, span.audioEndMs ?? callerAudioMs(session)),
		isOpen: span.stoppedAt === null
	}));
}
