/** Mocks and calls in words. */
import { formatSeconds } from '#core/base/time.ts';
import type { MockKind, ToolMock } from '#core/tools/tool-mock.ts';
import type { CallState } from '#console/state/tool-calls.svelte.ts';

export const KIND_NAMES: Readonly<Record<MockKind, string>> = {
	none: 'No mock',
	fixed: 'Fixed result',
	script: 'JavaScript',
	hand: 'Reply by hand'
};

export const STATE_NAMES: Readonly<Record<CallState, string>> = {
	unmocked: 'no mock',
	ready: 'waits for a click',
	'by-hand': 'waits for you',
	running: 'mock runs',
	answered: 'answered',
	failed: 'answered with an error',
	elsewhere: 'answered by an event',
	left: 'left without an answer',
	ended: 'session ended first',
	refused: 'output refused'
};

/** `Fixed result, 200 ms, 1 in 3 fails`. */
export function describeMock({ kind, delayMs, failEvery }: ToolMock): string {
	if (kind === 'none' || kind === 'hand') return KIND_NAMES[kind];
	const parts: string[] = [KIND_NAMES[kind]];
	if (delayMs > 0) parts.push(formatWait(delayMs));
	if (failEvery !== null) parts.push(failEvery === 1 ? 'always fails' : `1 in ${failEvery} fails`);
	return parts.join(', ');
}

/** `812 ms`, `2.31 s`. */
export function formatWait(ms: number): string {
	return ms < 1000 ? `${Math.max(0, Math.round(ms))} ms` : formatSeconds(ms);
}
