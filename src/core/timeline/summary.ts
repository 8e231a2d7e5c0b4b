import type { Session } from '../session/session-model.ts';
import { deriveTurns } from './turns.ts';

/** The counts that the library shows of a recording. */
export function deriveCounts(session: Session): { turns: number; interruptions: number; errors: number } {
	return {
		turns: deriveTurns(session).length,
		interruptions: session.interruptions.length,
		errors: session.problems.length
	};
}
