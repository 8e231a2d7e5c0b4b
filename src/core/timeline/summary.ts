import type { Session } from '../session/session-model.ts';
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
