import type { Session } from '../session/session-model.ts';
import { deriveCallerPlacements, deriveModelPlacements, type Placement } from './placements.ts';
import { deriveTurns, type Turn } from './turns.ts';

/** The counts that the library shows of a recording. `turns` may be passed where they are derived already. */
export function deriveCounts(
	session: Session,
	turns: readonly Turn[] = deriveTurns(session)
): { turns: number; interruptions: number; errors: number } {
	return {
		turns: turns.length,
		interruptions: session.interruptions.length,
		errors: session.problems.length
	};
}

/**
 * The length of a session's sound in ms: to its last event, or to the last sample that was heard, where no playback was
 * recorded and audio came faster than it can be played. Placements may be passed where they are derived already.
 */
export function deriveLength(
	session: Session,
	placements: readonly Placement[] = [...deriveCallerPlacements(session), ...deriveModelPlacements(session)]
): number {
	return placements.reduce((end, { state, endMs }) => (state === 'heard' ? Math.max(end, endMs) : end), session.at);
}
