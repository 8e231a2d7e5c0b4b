import { numberAt, stringAt, type JsonObject } from '../base/json.ts';
import { samplesOfMs } from '../audio/pcm16.ts';
import type { LogEntry } from '../recording/recorded-event.ts';
import { findUtterance } from './apply-audio.ts';
import type { Interruption, Session } from './session-model.ts';

/** `conversation.item.truncate`: what the client says was played. */
export function applyTruncateClaim(session: Session, body: JsonObject, entry: LogEntry): void {
	const claim = truncateFields(body);
	if (!claim) return;
	const known = findInterruption(session, claim.itemId, claim.contentIndex);
	if (known) {
		known.claimedMs = claim.audioEndMs;
		return;
	}
	const utterance = findUtterance(session, claim.itemId, claim.contentIndex);
	// With playback on record, an interruption is made by the stop itself; a claim alone adds none.
	if (!utterance || utterance.playback.state !== 'none') return;
	const speech = session.speech.at(-1);
	session.interruptions.push({
		itemId: claim.itemId,
		contentIndex: claim.contentIndex,
		at: entry.at,
		playedSamples: Math.max(0, samplesOfMs(claim.audioEndMs)),
		estimated: true,
		cause: speech && speech.stoppedAt === null ? 'speech' : 'client',
		noticedAt: speech && speech.stoppedAt === null ? speech.startedAt : null,
		outputLatencyMs: 0,
		claimedMs: claim.audioEndMs,
		keptMs: null
	});
}

/** `conversation.item.truncated`: what the server keeps. Also sent by WebRTC servers that truncate by themselves. */
export function applyTruncated(session: Session, body: JsonObject): void {
	const kept = truncateFields(body);
	if (!kept) return;
	const item = session.items.get(kept.itemId);
	if (item) item.keptMs = kept.audioEndMs;
	const interruption = findInterruption(session, kept.itemId, kept.contentIndex);
	if (interruption) interruption.keptMs = kept.audioEndMs;
}

function findInterruption(session: Session, itemId: string, contentIndex: number): Interruption | undefined {
	return session.interruptions.findLast((i) => i.itemId === itemId && i.contentIndex === contentIndex);
}

/** Source: `audio_end_ms` is inclusive and in ms (openai 7.55.0 types). */
function truncateFields(body: JsonObject): { itemId: string; contentIndex: number; audioEndMs: number } | null {
	const itemId = stringAt(body, 'item_id');
	const audioEndMs = numberAt(body, 'audio_end_ms');
	if (itemId === undefined || audioEndMs === undefined) return null;
	return { itemId, contentIndex: numberAt(body, 'content_index') ?? 0, audioEndMs };
}
