import type { Session } from '../session/session-model.ts';
import { beginningOf, isOutOfBand } from './conversation.ts';
import { indexByItem, type ItemIndex } from './item-index.ts';
import { playedFromMs } from './played-from.ts';

/** Caller speech (or text) and what answered it. */
export interface Turn {
	/** From 1. */
	readonly number: number;
	readonly atMs: number;
	readonly itemIds: readonly string[];
	readonly interrupted: boolean;
	/** From the end of the caller's turn to the first sample of the answer played; `null` while it is not known. */
	readonly answerDelayMs: number | null;
}

/** The session's turns in their order. A model that speaks first makes a turn of its own. */
export function deriveTurns(session: Session): Turn[] {
	const index = indexByItem(session);
	const groups: string[][] = [];
	for (const id of session.itemOrder) {
		const item = session.items.get(id);
		if (!item || item.deleted || item.role === 'system' || isOutOfBand(session, item)) continue;
		const opens = item.type === 'message' && item.role === 'user';
		if (opens || groups.length === 0) groups.push([id]);
		else groups.at(-1)!.push(id);
	}
	return groups.map((itemIds, position) => {
		const first = session.items.get(itemIds[0]!)!;
		return {
			number: position + 1,
			atMs: beginningOf(session, first, index),
			itemIds,
			interrupted: itemIds.some((id) => index.interrupted.has(id)),
			answerDelayMs: answerDelay(session, itemIds, index)
		};
	});
}

function answerDelay(session: Session, itemIds: readonly string[], index: ItemIndex): number | null {
	const user = session.items.get(itemIds[0]!);
	if (user?.role !== 'user') return null;
	for (const id of itemIds) {
		const utterance = index.utterances.get(id);
		const startedAt = utterance && playedFromMs(utterance);
		if (startedAt !== undefined) return startedAt - (index.speech.get(user.id)?.stoppedAt ?? user.at);
	}
	return null;
}
