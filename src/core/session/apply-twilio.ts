import { SAMPLE_RATE } from '../audio/pcm16.ts';
import { objectAt, stringAt, type JsonObject } from '../base/json.ts';
import { mediaStreamFormat } from '../protocol/media-stream.ts';
import { audioBytesPerMs } from '../protocol/session-config.ts';
import type { AudioRef, LogEntry } from '../recording/recorded-event.ts';
import { addPiece, addUtterance, layCallerAudio, SEGMENT_GAP_MS } from './apply-audio.ts';
import type { EventHandler } from './handler.ts';
import type { Session, Utterance } from './session-model.ts';

/**
 * The messages by which Twilio, and others who speak as it does, stream a call's audio to an application and back.
 *
 * What the service plays to the caller is not told. It is estimated: audio is played when it arrives, or behind what waits
 * already; `clear` drops what waits.
 */
export const TWILIO_HANDLERS: Record<string, EventHandler> = {
	'twilio.start': applyStart,
	'twilio.media': applyMedia,
	'twilio.clear': (session, _body, entry) => {
		const cut = stopPlaying(session, entry.at);
		if (!cut) return;
		session.interruptions.push({
			itemId: cut.itemId,
			contentIndex: cut.contentIndex,
			at: entry.at,
			playedSamples: cut.playback.playedSamples,
			estimated: true,
			cause: 'client',
			noticedAt: null,
			outputLatencyMs: 0,
			claimedMs: null,
			keptMs: null
		});
	},
	'twilio.stop': (session, _body, entry) => {
		stopPlaying(session, entry.at);
	},
	'twilio.error': (session, body, entry) => {
		const told = objectAt(body, 'payload') ?? objectAt(body, 'error');
		const message = stringAt(told, 'detail') ?? stringAt(told, 'message') ?? stringAt(told, 'title');
		addProblem(session, entry, message ?? 'The telephone service sent an error without a message.', 'telephone_error');
	}
};

/** The call and its audio format become the session, where there is no Realtime session in the same recording. */
function applyStart(session: Session, body: JsonObject, entry: LogEntry): void {
	const { encoding, format } = mediaStreamFormat(body);
	if (!format) {
		const message = `This call’s audio is coded as ${encoding}, which Earshot cannot play. It is kept.`;
		addProblem(session, entry, message, 'audio_format');
	}
	session.config ??= configOf(format ?? { type: encoding }, objectAt(body, 'start'));
}

function configOf(format: JsonObject, start: JsonObject | undefined): JsonObject {
	return { type: 'telephone', audio: { input: { format }, output: { format } }, ...(start && { start }) };
}

function applyMedia(session: Session, body: JsonObject, { at, audio }: LogEntry): void {
	if (!audio) return;
	session.config ??= configOf({ type: 'audio/pcmu' }, undefined);
	advance(session, at);
	const bytesPerMs = bytesPerMsOf(session.config, audio);
	if (bytesPerMs === null) return;
	const isLive = stringAt(objectAt(body, 'media'), 'track') !== undefined;
	// What the service sends was heard while it was captured; what it is sent will be played from now on.
	const startMs = isLive ? at - audio.length / bytesPerMs : at;
	if (audio.track === 'caller') layCallerAudio(session, audio, at - audio.length / bytesPerMs, bytesPerMs);
	else queueAudio(session, audio, Math.max(0, startMs), bytesPerMs);
}

/** `null` for audio that cannot be played. */
function bytesPerMsOf(config: JsonObject, audio: AudioRef): number | null {
	const direction = audio.track === 'caller' ? 'input' : 'output';
	const type = stringAt(objectAt(objectAt(objectAt(config, 'audio'), direction), 'format'), 'type');
	return type === undefined || /^audio\/pcm[ua]?$/.test(type) ? audioBytesPerMs(config, direction) : null;
}

/** Puts audio behind what waits to be played. When nothing did for a while, something new is being said. */
function queueAudio(session: Session, audio: AudioRef, startMs: number, bytesPerMs: number): void {
	const playing = playingUtterance(session);
	if (playing && startMs - endMsOf(playing) < SEGMENT_GAP_MS) {
		addPiece(playing, audio, startMs);
		return;
	}
	if (playing) playing.playback.state = 'ended';
	const utterance = addUtterance(session, `twilio-${session.utterances.length + 1}`, bytesPerMs, startMs);
	const runs = [{ at: startMs, firstSample: 0 }];
	utterance.playback = { state: 'playing', runs, playedSamples: 0, measuredAt: startMs, estimated: true };
	addPiece(utterance, audio, startMs);
}

function playingUtterance(session: Session): Utterance | undefined {
	const last = session.utterances.at(-1);
	return last?.playback.estimated && last.playback.state === 'playing' ? last : undefined;
}

/** When an utterance's last sample will have been played. */
function endMsOf({ playback, receivedBytes, bytesPerMs }: Utterance): number {
	return playback.runs[0]!.at + receivedBytes / bytesPerMs;
}

/** Lets what is being played go on until `at`. */
function advance(session: Session, at: number): Utterance | undefined {
	const playing = playingUtterance(session);
	if (!playing) return undefined;
	const { playback, receivedBytes, bytesPerMs } = playing;
	const received = Math.floor((receivedBytes / bytesPerMs) * (SAMPLE_RATE / 1000));
	const played = Math.floor(((at - playback.runs[0]!.at) * SAMPLE_RATE) / 1000);
	playback.playedSamples = Math.max(0, Math.min(played, received));
	playback.measuredAt = Math.min(at, endMsOf(playing));
	return playing;
}

/** Ends what is being played; returns it when not all of it was. */
function stopPlaying(session: Session, at: number): Utterance | undefined {
	const playing = advance(session, at);
	if (!playing) return undefined;
	const isCut = at < endMsOf(playing);
	playing.playback.state = isCut ? 'stopped' : 'ended';
	return isCut ? playing : undefined;
}

function addProblem(session: Session, { seq, at }: LogEntry, message: string, code: string): void {
	session.problems.push({ seq, at, message, code });
}
