import type { Item, Session } from '../session/session-model.ts';
import { deriveHeardText, type HeardText } from './heard-text.ts';
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
	readonly hasAudio: boolean;
	readonly status: string | null;
}

/** The conversation in its order, deleted items left out. */
export function deriveConversation(session: Session): ConversationEntry[] {
	const entries: ConversationEntry[] = [];
	for (const id of session.itemOrder) {
		const item = session.items.get(id);
		if (!item || item.deleted) continue;
		entries.push({
			itemId: id,
			role: roleOf(item),
			who: nameOf(item),
			atMs: beginningOf(session, item),
			text: item.text,
			isOpen: item.status === 'in_progress' && !item.textDone,
			textKind: item.textKind,
			heardText: deriveHeardText(session, item),
			wasInterrupted: session.interruptions.some((i) => i.itemId === id),
			hasAudio: item.hasAudio,
			status: item.status
		});
	}
	return entries;
}

/** When an item began to be said: the caller's first sound, the first sample played, or when it was first heard of. */
export function beginningOf(session: Session, item: Item): number {
	const speech = session.speech.find((s) => s.itemId === item.id);
	if (speech) return sessionMsOfCallerAudio(session, speech.audioStartMs);
	const played = session.utterances.find((u) => u.itemId === item.id)?.playback.runs[0];
	return played?.at ?? item.at;
}

function roleOf(item: Item): ConversationEntry['role'] {
	return item.type === 'message' ? (item.role ?? 'assistant') : 'tool';
}

function nameOf(item: Item): string {
	if (item.type === 'message')
		return { user: 'Caller', assistant: 'Model', system: 'System' }[item.role ?? 'assistant'];
	return item.name ?? item.type;
}
