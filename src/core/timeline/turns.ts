import type { Session } from '../session/session-model.ts';
import { beginningOf } from './conversation.ts';

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
	const groups: string[][] = [];
	for (const id of session.itemOrder) {
		const item = session.items.get(id);
		if (!item || item.deleted || item.role === 'system') continue;
		const opens = item.type === 'message' && item.role === 'user';
		if (opens || groups.length === 0) groups.push([id]);
		else groups.at(-1)!.push(id);
	}
	return groups.map((itemIds, index) => {
		const first = session.items.get(itemIds[0]!)!;
		return {
			number: index + 1,
			atMs: beginningOf(session, first),
			itemIds,
			interrupted: session.interruptions.some((i) => itemIds.includes(i.itemId)),
			answerDelayMs: answerDelay(session, itemIds)
		};
	});
}

function answerDelay(session: Session, itemIds: readonly string[]): number | null {
	const user = session.items.get(itemIds[0]!);
	const answer = session.utterances.find((u) => itemIds.includes(u.itemId) && u.playback.runs.length > 0);
	const startedAt = answer?.playback.runs[0]?.at;
	if (!user || startedAt === undefined || user.role !== 'user') return null;
	const speech = session.speech.find((s) => s.itemId === user.id);
	return startedAt - (speech?.stoppedAt ?? user.at);
}
