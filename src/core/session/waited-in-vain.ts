import type { Playback } from './session-model.ts';

/** Whether playing was stopped before its first sample: the one run lies at the stop, and nothing of it was played. */
export function hasWaitedInVain({ state, runs, playedSamples, measuredAt }: Playback): boolean {
	return state === 'stopped' && playedSamples === 0 && runs.length === 1 && runs[0]!.at === measuredAt;
}
