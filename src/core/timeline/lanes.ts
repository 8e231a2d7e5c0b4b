import { formatSeconds } from '../base/time.ts';
import type { Response, Session } from '../session/session-model.ts';
import { indexByItem } from './item-index.ts';
import { deriveModelPlacements, type Placement } from './placements.ts';
import { playedFromMs } from './played-from.ts';
import { deriveSpeechRegions, type SpeechRegion } from './speech-regions.ts';
import { deriveTurns, type Turn } from './turns.ts';

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

/** What the lanes are made of; whoever has derived a part already passes it. */
export interface LaneParts {
	readonly modelPlacements?: readonly Placement[];
	readonly speechRegions?: readonly SpeechRegion[];
	readonly turns?: readonly Turn[];
}

/** The session's spans by lane, in the order in which they are shown. */
export function deriveLanes(session: Session, parts: LaneParts = {}): Lane[] {
	const { modelPlacements, speechRegions, turns } = parts;
	return [
		{ name: 'Speech', spans: speechSpans(speechRegions ?? deriveSpeechRegions(session)) },
		{ name: 'Response', spans: responseSpans(session) },
		{ name: 'Played', spans: playedSpans(modelPlacements ?? deriveModelPlacements(session)) },
		{ name: 'Latency', spans: latencySpans(session, turns ?? deriveTurns(session)) }
	];
}

function speechSpans(regions: readonly SpeechRegion[]): Span[] {
	return regions.map(({ startMs, endMs }) => ({
		startMs,
		endMs,
		label: formatSeconds(endMs - startMs),
		tone: 'caller'
	}));
}

function responseSpans(session: Session): Span[] {
	const receivedMs = receivedByResponse(session);
	return [...session.responses.values()].map((response) => {
		const endMs = response.doneAt ?? session.at;
		const isFailed = response.status === 'failed' || response.status === 'incomplete';
		return {
			startMs: response.createdAt,
			endMs,
			label: responseLabel(response, endMs, receivedMs.get(response.id) ?? 0),
			tone: isFailed ? 'error' : 'model'
		};
	});
}

/** Audio received of each response, ms. */
function receivedByResponse(session: Session): Map<string, number> {
	const received = new Map<string, number>();
	for (const { responseId, receivedBytes, bytesPerMs } of session.utterances) {
		if (responseId !== null) received.set(responseId, (received.get(responseId) ?? 0) + receivedBytes / bytesPerMs);
	}
	return received;
}

function responseLabel(response: Response, endMs: number, received: number): string {
	const took = formatSeconds(endMs - response.createdAt);
	if (response.status === 'cancelled') return `cancelled after ${took}`;
	if (response.status === 'failed') return `failed: ${response.reason ?? 'no reason given'}`;
	return received > 0 ? `generated ${formatSeconds(received)} in ${took}` : took;
}

function playedSpans(placements: readonly Placement[]): Span[] {
	return placements
		.filter((placement) => placement.state !== 'pending')
		.map(({ startMs, endMs, state, estimated, unplacedMs = 0 }) => {
			const amount = `${estimated ? 'about ' : ''}${formatSeconds(endMs - startMs + unplacedMs)}`;
			return {
				startMs,
				endMs,
				label: `${state === 'heard' ? 'heard' : 'never heard'} ${amount}`,
				tone: state === 'heard' ? 'heard' : 'unheard'
			};
		});
}

/** From the event that ended the caller's turn to the first sample of the answer. */
function latencySpans(session: Session, turns: readonly Turn[]): Span[] {
	const { utterances } = indexByItem(session);
	return turns.flatMap((turn) => {
		if (turn.answerDelayMs === null) return [];
		const answers = turn.itemIds.flatMap((id) => utterances.get(id) ?? []);
		const endMs = answers.map(playedFromMs).find((at) => at !== undefined);
		if (endMs === undefined) return [];
		const label = `${Math.round(turn.answerDelayMs).toLocaleString('en')} ms`;
		return [{ startMs: endMs - turn.answerDelayMs, endMs, label, tone: 'quiet' as const }];
	});
}
