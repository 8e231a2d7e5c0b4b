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
 * Divides a transcript at the word where playing stopped, by the pace of the session's own answers (characters per
 * millisecond of audio). Returns `null` for one that was heard, is still being played, or has no audio to be heard.
 *
 * @param pace gives the session's pace, where somebody knows it already
 */
export function deriveHeardText(
	session: Session,
	item: Item,
	utterance: Utterance | undefined,
	pace: () => number = () => deriveSessionPace(session)
): HeardText | null {
	if (item.role !== 'assistant' || item.textKind !== 'transcript' || item.text === '') return null;
	const playedSamples = finallyPlayed(session, item, utterance);
	if (playedSamples === null) return null;
	const playedMs = (playedSamples * 1000) / SAMPLE_RATE;
	const charactersPerMs = utterance ? (ownPace(session, utterance, item) ?? pace()) : 0;
	const end = wordBoundary(item.text, Math.min(item.text.length, playedMs * charactersPerMs));
	return { heard: item.text.slice(0, end), unheard: item.text.slice(end) };
}

/** How much was played of what will never be played further; `null` when it was played to its end, or may still be. */
function finallyPlayed(session: Session, item: Item, utterance: Utterance | undefined): number | null {
	if (utterance && utterance.playback.state === 'stopped') return utterance.playback.playedSamples;
	if (!utterance || utterance.playback.state === 'none') {
		const cut = session.interruptions.findLast((i) => i.itemId === item.id);
		if (cut) return cut.playedSamples;
		return wasNeverPlayed(session, item) ? 0 : null;
	}
	return null;
}

/**
 * Words of which no sound was played: their response was cancelled before any, or the session ended first. Told only of
 * sessions whose playing is on record; of an imported log nobody knows.
 */
function wasNeverPlayed(session: Session, item: Item): boolean {
	if (!session.connection.begunHere) return false;
	const status = session.responses.get(item.responseId ?? '')?.status;
	return status === 'cancelled' || session.connection.state === 'closed';
}

/** The pace of an answer of which both words and audio are whole. */
function ownPace(session: Session, utterance: Utterance, item: Item): number | null {
	const response = session.responses.get(utterance.responseId ?? '');
	if (response?.status !== 'completed' || utterance.receivedBytes === 0) return null;
	return item.text.length / (utterance.receivedBytes / utterance.bytesPerMs);
}

/** Characters per ms of audio, over all answers that were completed. */
export function deriveSessionPace(session: Session): number {
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
