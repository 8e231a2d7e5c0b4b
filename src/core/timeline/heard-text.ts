import { SAMPLE_RATE } from '../audio/pcm16.ts';
import type { Item, Session, Utterance } from '../session/session-model.ts';

/** Words per second vary; this is read speech in English, used only while a session has no answer heard to its end. */
const DEFAULT_CHARACTERS_PER_MS = 0.015;

/** What the caller heard of a transcript. Estimated: the protocol gives no times for words. */
export interface HeardText {
	readonly heard: string;
	readonly unheard: string;
}

/**
 * Divides an interrupted utterance's transcript at the word where playing stopped, by the pace of the session's own
 * answers (characters per millisecond of audio). Returns `null` when it was not interrupted, or has no transcript.
 */
export function deriveHeardText(session: Session, item: Item): HeardText | null {
	const cut = session.interruptions.findLast((i) => i.itemId === item.id);
	const utterance = session.utterances.findLast((u) => u.itemId === item.id);
	if (!cut || !utterance || item.textKind !== 'transcript' || item.text === '') return null;
	const playedMs = (cut.playedSamples * 1000) / SAMPLE_RATE;
	const characters = Math.min(item.text.length, playedMs * charactersPerMs(session, utterance, item));
	const end = wordBoundary(item.text, characters);
	return { heard: item.text.slice(0, end), unheard: item.text.slice(end) };
}

function charactersPerMs(session: Session, utterance: Utterance, item: Item): number {
	const response = session.responses.get(utterance.responseId ?? '');
	if (response?.status === 'completed' && utterance.receivedBytes > 0) {
		return item.text.length / (utterance.receivedBytes / utterance.bytesPerMs);
	}
	let characters = 0;
	let ms = 0;
	for (const other of session.utterances) {
		if (session.responses.get(other.responseId ?? '')?.status !== 'completed') continue;
		characters += session.items.get(other.itemId)?.text.length ?? 0;
		ms += other.receivedBytes / other.bytesPerMs;
	}
	return ms > 0 && characters > 0 ? characters / ms : DEFAULT_CHARACTERS_PER_MS;
}

/** The end of the last whole word that ends at or before `characters`; of the last character where no spaces are written. */
function wordBoundary(text: string, characters: number): number {
	const index = Math.floor(characters);
	if (index >= text.length) return text.length;
	if (text.includes(' ')) return Math.max(0, text.lastIndexOf(' ', index));
	return text.slice(0, index).isWellFormed() ? index : index - 1;
}
