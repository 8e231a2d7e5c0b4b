import { numberAt, stringAt, type JsonObject } from '../base/json.ts';
import { audioBytesPerMs } from '../protocol/session-config.ts';
import type { AudioRef, LogEntry } from '../recording/recorded-event.ts';
import type { EventHandler } from './handler.ts';
import type { Response, Session, Utterance } from './session-model.ts';

/** A pause in the sending longer than this starts a new segment; shorter ones are the jitter of timers. Milliseconds. */
export const SEGMENT_GAP_MS = 250;

/** Speech as turn detection reports it, and the model's audio. */
export const AUDIO_HANDLERS: Record<string, EventHandler> = {
	'input_audio_buffer.speech_started': (session, body, entry) => {
		session.speech.push({
			itemId: stringAt(body, 'item_id') ?? '',
			audioStartMs: numberAt(body, 'audio_start_ms') ?? callerAudioMs(session),
			audioEndMs: null,
			startedAt: entry.at,
			stoppedAt: null
		});
	},
	'input_audio_buffer.speech_stopped': (session, body, entry) => {
		const span = session.speech.findLast((s) => s.itemId === stringAt(body, 'item_id')) ?? session.speech.at(-1);
		if (!span || span.stoppedAt !== null) return;
		span.audioEndMs = numberAt(body, 'audio_end_ms') ?? callerAudioMs(session);
		span.stoppedAt = entry.at;
	},
	'input_audio_buffer.committed': closeOpenSpeech,
	'response.output_audio.delta': (session, body, entry) => {
		const utterance = utteranceOf(session, body, entry);
		const audio = entry.audio;
		if (!utterance || !audio) return;
		addPiece(utterance, audio, entry.at);
		const response = addToResponse(session, utterance.responseId, utterance.itemId);
		if (response) response.firstAudioAt ??= entry.at;
	}
};

/** A commit by the client while speech is open ends it: no `speech_stopped` will come (seen in a probe of the service). */
function closeOpenSpeech(session: Session, body: JsonObject, entry: LogEntry): void {
	const span = session.speech.findLast((s) => s.itemId === stringAt(body, 'item_id') && s.stoppedAt === null);
	if (!span) return;
	span.audioEndMs = callerAudioMs(session);
	span.stoppedAt = entry.at;
}

/** Caller audio written so far, in ms: what the server's offsets count by. */
export function callerAudioMs(session: Session): number {
	const last = session.callerSegments.at(-1);
	return last ? last.audioMs + last.length / last.bytesPerMs : 0;
}

/**
 * Lays caller audio in session time. It was captured just before it was sent, so a segment's first chunk ends at its
 * sending; what follows lies where its samples put it, whatever the timers did.
 */
export function applyCallerAudio(session: Session, entry: LogEntry, audio: AudioRef): void {
	const bytesPerMs = inputBytesPerMs(session.config);
	layCallerAudio(session, audio, entry.at - audio.length / bytesPerMs, bytesPerMs);
}

/** Lays caller audio at `startMs`, or right behind what there is when no more than the jitter of timers lies between. */
export function layCallerAudio(session: Session, audio: AudioRef, startMs: number, bytesPerMs: number): void {
	const last = session.callerSegments.at(-1);
	const lastEndMs = last ? last.startMs + last.length / last.bytesPerMs : 0;
	const isNext = last && last.offset + last.length === audio.offset && last.bytesPerMs === bytesPerMs;
	if (isNext && startMs - lastEndMs < SEGMENT_GAP_MS) {
		last.length += audio.length;
		return;
	}
	session.callerSegments.push({
		startMs: Math.max(startMs, lastEndMs, 0),
		offset: audio.offset,
		length: audio.length,
		audioMs: callerAudioMs(session),
		bytesPerMs
	});
}

/** Fifty times a second the same is asked of the same configuration. */
let latest: { readonly config: JsonObject | null; readonly bytesPerMs: number } | null = null;

function inputBytesPerMs(config: JsonObject | null): number {
	if (latest?.config !== config) latest = { config, bytesPerMs: audioBytesPerMs(config, 'input') };
	return latest.bytesPerMs;
}

/** The utterance that an event of a model's audio part belongs to, made when it is new. */
export function utteranceOf(session: Session, body: JsonObject, entry: LogEntry): Utterance | undefined {
	const itemId = stringAt(body, 'item_id');
	if (itemId === undefined) return undefined;
	const contentIndex = numberAt(body, 'content_index') ?? 0;
	const known = findUtterance(session, itemId, contentIndex);
	if (known) return known;
	const utterance = addUtterance(session, itemId, audioBytesPerMs(session.config, 'output'), entry.at, contentIndex);
	utterance.responseId = stringAt(body, 'response_id') ?? null;
	return utterance;
}

/** Adds an utterance that has no audio yet. There must be none of this item and content index. */
export function addUtterance(
	session: Session,
	itemId: string,
	bytesPerMs: number,
	at: number,
	contentIndex = 0
): Utterance {
	const utterance: Utterance = {
		itemId,
		contentIndex,
		responseId: null,
		pieces: [],
		receivedBytes: 0,
		bytesPerMs,
		complete: false,
		playback: { state: 'none', runs: [], playedSamples: 0, measuredAt: at, estimated: false }
	};
	session.utterances.push(utterance);
	const parts = session.utterancesByItem.get(itemId);
	if (parts) parts.set(contentIndex, utterance);
	else session.utterancesByItem.set(itemId, new Map([[contentIndex, utterance]]));
	return utterance;
}

/** Notes that a response made an item; returns the response when it is known. */
export function addToResponse(session: Session, responseId: string | null, itemId: string): Response | undefined {
	const response = session.responses.get(responseId ?? '');
	// The last one first: deltas of one item come in a row.
	if (response && response.itemIds.at(-1) !== itemId && !response.itemIds.includes(itemId)) {
		response.itemIds.push(itemId);
	}
	return response;
}

export function findUtterance(session: Session, itemId: string, contentIndex: number): Utterance | undefined {
	return session.utterancesByItem.get(itemId)?.get(contentIndex);
}

/** Puts audio that arrived behind what the utterance has. */
export function addPiece(utterance: Utterance, audio: AudioRef, at: number): void {
	const last = utterance.pieces.at(-1);
	if (last && last.offset + last.length === audio.offset) last.length += audio.length;
	else utterance.pieces.push({ at, offset: audio.offset, length: audio.length });
	utterance.receivedBytes += audio.length;
}
