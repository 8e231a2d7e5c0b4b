import type { Utterance } from '../session/session-model.ts';
import { hasWaitedInVain } from '../session/waited-in-vain.ts';

/** When an utterance's first sample was played; `undefined` when none was, also when it was stopped before it began. */
export function playedFromMs({ playback }: Utterance): number | undefined {
	return hasWaitedInVain(playback) ? undefined : playback.runs[0]?.at;
}
