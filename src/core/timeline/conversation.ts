import type { Item, Session } from '../session/session-model.ts';
import { indexByItem, type ItemIndex } from './item-index.ts';
import { deriveHeardText, deriveSessionPace, type HeardText } from './heard-text.ts';
import { playedFromMs } from './played-from.ts';
import { sessionMsOfCallerAudio } from './speech-regions.ts';

/** One entry of the conversation pane. */
export interface ConversationEntry {
	readonly itemId: string;
	readonly role: 'user' | 'assistant' | 'system' | 'tool';
	/** Heading: who, or the function's name. */
	readonly who: string;
	readonly atMs: number;
	readonly text: string;
	/** More is coming. */
	readonly isOpen: boolean;
	readonly textKind: Item['textKind'];
	/** Set when the playing was cut off. */
	readonly heardText: HeardText | null;
	readonly wasInterrupted: boolean;
	/** Made by a response with `conversation: "none"`: the conversation does not hold it. */
	readonly isOutOfBand: boolean;
	readonly hasAudio: boolean;
	readonly status: string | null;
}

/** The conversation in its order, deleted items left out. */
export function deriveConversation(session: Session): ConversationEntry[] {
	const index = indexByItem(session);
	const entries: ConversationEntry[] = [];
	let known: number | null = null;
	const pace = () => (known ??= deriveSessionPace(session));
	for (const id of session.itemOrder) {
		const item = session.items.get(id);
		if (!item || item.deleted) continue;
		entries.push({
			itemId: id,
			role: roleOf(item),
			who: nameOf(item),
			atMs: beginningOf(session, item, index),
			text: item.text,
			isOpen: item.status === 'in_progress' && !item.textDone,
			textKind: item.textKind,
			heardText: deriveHeardText(session, item, index.utterances.get(id), pace),
			wasInterrupted: index.interrupted.has(id),
			isOutOfBand: isOutOfBand(session, item),
			hasAudio: item.hasAudio,
			status: item.status
		});
	}
	return entries;
}

/** When an item began to be said: the caller's first sound, the first sample played, or when it was first heard of. */
export function beginningOf(session: Session, item: Item, index: ItemIndex): number {
	const speech = index.speech.get(item.id);
	if (speech) return sessionMsOfCallerAudio(session, speech.audioStartMs);
	const utterance = index.utterances.get(item.id);
	return (utterance && playedFromMs(utterance)) ?? item.at;
}

export function isOutOfBand(session: Session, item: Item): boolean {
	return session.responses.get(item.responseId ?? '')?.isDefault === false;
}

function roleOf(item: Item): ConversationEntry['role'] {
	return item.type === 'message' ? (item.role ?? 'assistant') : 'tool';
}

function nameOf(item: Item): string {
	if (item.type === 'message')
		return { user: 'Caller', assistant: 'Model', system: 'System' }[item.role ?? 'assistant'];
	return item.name ?? item.type;
}
