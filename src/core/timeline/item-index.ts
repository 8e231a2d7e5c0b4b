import type { Session, SpeechSpan, Utterance } from '../session/session-model.ts';

/** What belongs to an item, by its id: a long session is derived many times a second, and must not be searched each time. */
export interface ItemIndex {
	readonly speech: ReadonlyMap<string, SpeechSpan>;
	/** The item's first utterance. */
	readonly utterances: ReadonlyMap<string, Utterance>;
	readonly interrupted: ReadonlySet<string>;
}

export function indexByItem(session: Session): ItemIndex {
	const speech = new Map<string, SpeechSpan>();
	for (const span of session.speech) if (!speech.has(span.itemId)) speech.set(span.itemId, span);
	const utterances = new Map<string, Utterance>();
	for (const utterance of session.utterances) {
		if (!utterances.has(utterance.itemId)) utterances.set(utterance.itemId, utterance);
	}
	return { speech, utterances, interrupted: new Set(session.interruptions.map(({ itemId }) => itemId)) };
}
