import { formatSeconds } from '../base/time.ts';
import type { Response, Session } from '../session/session-model.ts';
import { deriveModelPlacements } from './placements.ts';
import { deriveSpeechRegions } from './speech-regions.ts';
import { deriveTurns } from './turns.ts';

/** A stretch of time in one lane. `endMs` of something still going on is the session's time. */
export interface Span {
	readonly startMs: number;
	readonly endMs: number;
	readonly label: string;
	/** Colours it: who, and whether it was heard. */
	readonly tone: 'caller' | 'model' | 'heard' | 'unheard' | 'quiet' | 'error';
}

export interface Lane {
	readonly name: string;
	readonly spans: readonly Span[];
}

/** The session's spans by lane, in the order in which they are shown. */
export function deriveLanes(session: Session): Lane[] {
	return [
		{ name: 'Speech', spans: speechSpans(session) },
		{ name: 'Response', spans: responseSpans(session) },
		{ name: 'Played', spans: playedSpans(session) },
		{ name: 'Latency', spans: latencySpans(session) }
	];
}

function speechSpans(session: Session): Span[] {
	return deriveSpeechRegions(session).map(({ startMs, endMs }) => ({
		startMs,
		endMs,
		label: formatSeconds(endMs - startMs),
		tone: 'caller'
	}));
}

function responseSpans(session: Session): Span[] {
	return [...session.responses.values()].map((response) => {
		const endMs = response.doneAt ?? session.at;
		const isFailed = response.status === 'failed' || response.status === 'incomplete';
		return {
			startMs: response.createdAt,
			endMs,
			label: responseLabel(session, response, endMs),
			tone: isFailed ? 'error' : 'model'
		};
	});
}

function responseLabel(session: Session, response: Response, endMs: number): string {
	const received = session.utterances
		.filter((u) => u.responseId === response.id)
		.reduce((ms, u) => ms + u.receivedBytes / u.bytesPerMs, 0);
	const took = formatSeconds(endMs - response.createdAt);
	if (response.status === 'cancelled') return `cancelled after ${took}`;
	if (response.status === 'failed') return `failed: ${response.reason ?? 'no reason given'}`;
	return received > 0 ? `generated ${formatSeconds(received)} in ${took}` : took;
}

function playedSpans(session: Session): Span[] {
	return deriveModelPlacements(session)
		.filter((placement) => placement.state !== 'pending')
		.map(({ startMs, endMs, state, estimated }) => ({
			startMs,
			endMs,
			label: `${state === 'heard' ? 'heard' : 'never heard'} ${estimated ? 'about ' : ''}${formatSeconds(endMs - startMs)}`,
			tone: state === 'heard' ? 'heard' : 'unheard'
		}));
}

/** From the event that ended the caller's turn to the first sample of the answer. */
function latencySpans(session: Session): Span[] {
	return deriveTurns(session).flatMap((turn) => {
		const answer = session.utterances.find((u) => turn.itemIds.includes(u.itemId))?.playback.runs[0];
		if (turn.answerDelayMs === null || !answer) return [];
		return [
			{
				startMs: answer.at - turn.answerDelayMs,
				endMs: answer.at,
				label: `${Math.round(turn.answerDelayMs).toLocaleString('en')} ms`,
				tone: 'quiet' as const
			}
		];
	});
}
