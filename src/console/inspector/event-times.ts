import type { Turn } from '#core/timeline/turns.ts';

/** The turn that one of these items is part of; of an event without items the turn during which it came. */
export function findTurn(turns: readonly Turn[], itemIds: readonly string[], atMs: number): Turn | null {
	const own = turns.find((turn) => itemIds.some((id) => turn.itemIds.includes(id)));
	return own ?? turns.findLast((turn) => turn.atMs <= atMs) ?? null;
}

/** A difference of two times (ms), for people: `+1.204 s`, `−0.020 s`. */
export function formatOffset(ms: number): string {
	return `${ms < 0 ? '−' : '+'}${(Math.abs(ms) / 1000).toFixed(3)} s`;
}
