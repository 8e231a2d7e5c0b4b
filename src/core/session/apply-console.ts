import { numberAt, stringAt, type JsonObject } from '../base/json.ts';
import type { LogEntry } from '../recording/recorded-event.ts';
import { findUtterance } from './apply-audio.ts';
import type { EventHandler } from './handler.ts';
import type { Session, Utterance } from './session-model.ts';
import { hasWaitedInVain } from './waited-in-vain.ts';

/** Earshot's own events: the connection, the devices, and what the speaker really played. */
export const CONSOLE_HANDLERS: Record<string, EventHandler> = {
	'earshot.connection.opening': (session) => {
		session.connection.state = 'connecting';
		session.connection.begunHere = true;
	},
	'earshot.connection.opened': (session, _body, entry) => {
		session.connection.state = 'connected';
		session.connection.openedAt = entry.at;
	},
	'earshot.connection.closed': (session, body, entry) => {
		session.connection.state = 'closed';
		session.connection.closedAt = entry.at;
		session.connection.code = numberAt(body, 'code') ?? null;
		session.connection.reason = stringAt(body, 'reason') ?? '';
		session.activeResponseId = null;
		session.requestedResponses = 0;
		session.requestedResponseIds = [];
		session.microphoneOpen = false;
		stopWhatPlays(session);
	},
	'earshot.microphone.opened': (session) => {
		session.microphoneOpen = true;
	},
	'earshot.microphone.closed': (session) => {
		session.microphoneOpen = false;
	},
	'earshot.playback.started': (session, body, entry) => applyRun(session, body, entry),
	'earshot.playback.resumed': (session, body, entry) => applyRun(session, body, entry),
	'earshot.playback.position': (session, body, entry) => measure(session, body, entry, 'playing'),
	'earshot.playback.stalled': (session, body, entry) => measure(session, body, entry, 'stalled'),
	'earshot.playback.ended': (session, body, entry) => measure(session, body, entry, 'ended'),
	'earshot.playback.stopped': applyStopped,
	'earshot.problem': (session, body, entry) => {
		const message = stringAt(body, 'message') ?? 'A problem without a message.';
		session.problems.push({ seq: entry.seq, at: entry.at, message, code: stringAt(body, 'kind') ?? null });
	}
};

/** The utterance that a playback event is about. */
function playedUtterance(session: Session, body: JsonObject): Utterance | undefined {
	return findUtterance(session, stringAt(body, 'item_id') ?? '', numberAt(body, 'content_index') ?? 0);
}

function measure(
	session: Session,
	body: JsonObject,
	entry: LogEntry,
	state: Utterance['playback']['state']
): Utterance | undefined {
	const utterance = playedUtterance(session, body);
	const playedSamples = numberAt(body, 'played_samples');
	if (!utterance || playedSamples === undefined) return undefined;
	utterance.playback.state = state;
	utterance.playback.playedSamples = Math.max(0, playedSamples);
	utterance.playback.measuredAt = renderedAt(body, entry);
	return utterance;
}

function applyRun(session: Session, body: JsonObject, entry: LogEntry): void {
	const utterance = measure(session, body, entry, 'playing');
	utterance?.playback.runs.push({ at: renderedAt(body, entry), firstSample: utterance.playback.playedSamples });
}

/** When the sample left the ring buffer: a little before the speaker could tell of it. Session time, ms. */
function renderedAt(body: JsonObject, entry: LogEntry): number {
	return numberAt(body, 'rendered_at_ms') ?? entry.at;
}

/** No stop was recorded before the connection closed: what was measured last is what was played, as far as is known. */
function stopWhatPlays(session: Session): void {
	for (const { playback } of session.utterances) {
		if (playback.state === 'playing' || playback.state === 'stalled') playback.state = 'stopped';
	}
}

function applyStopped(session: Session, body: JsonObject, entry: LogEntry): void {
	const before = playedUtterance(session, body)?.playback;
	const hadNotBegun = before && (before.runs.length === 0 || hasWaitedInVain(before));
	const utterance = measure(session, body, entry, 'stopped');
	if (!utterance) return;
	const { playedSamples, measuredAt } = utterance.playback;
	if (hadNotBegun && playedSamples === 0) {
		// It waited behind the one that was cut off: all of it is unheard, and nobody was interrupted once more.
		utterance.playback.runs = [{ at: measuredAt, firstSample: 0 }];
		return;
	}
	if (stringAt(body, 'reason') === 'connection_closed') return;
	const cause = stringAt(body, 'reason') === 'caller_speech' ? 'speech' : 'client';
	session.interruptions.push({
		itemId: utterance.itemId,
		contentIndex: utterance.contentIndex,
		at: utterance.playback.measuredAt,
		playedSamples: utterance.playback.playedSamples,
		estimated: false,
		cause,
		noticedAt: numberAt(body, 'noticed_at_ms') ?? null,
		outputLatencyMs: numberAt(body, 'output_latency_ms') ?? 0,
		claimedMs: null,
		keptMs: null
	});
}
