import { numberAt } from '../../base/json.ts';
import type { Item, Response, Session } from '../../session/session-model.ts';
import { deriveHeardText } from '../heard-text.ts';
import { deriveInterruptionMarkers, type InterruptionMarker } from '../interruption-markers.ts';
import { indexByItem, type ItemIndex } from '../item-index.ts';
import { playedFromMs } from '../played-from.ts';
import { deriveSpeechRegions, type SpeechRegion } from '../speech-regions.ts';
import { deriveTurns, type Turn } from '../turns.ts';
import { BYTE_ORDER_MARK, formatRow, type Cell } from './csv.ts';

export interface TurnsCsvOptions {
	/** Begins the file with a byte order mark, which Excel needs to read it as UTF-8. */
	readonly byteOrderMark?: boolean;
}

/** What a row is made of. */
interface TurnParts {
	readonly turn: Turn;
	readonly caller: Item | undefined;
	readonly items: readonly Item[];
	readonly responses: readonly Response[];
	readonly speech: SpeechRegion | undefined;
	readonly marker: InterruptionMarker | undefined;
	readonly playedAt: number | undefined;
	readonly heard: string;
	readonly unheard: string;
}

/** Name and value of each column. Times are ms of session time; what is not known is empty. */
const COLUMNS: readonly (readonly [name: string, value: (parts: TurnParts) => Cell])[] = [
	['turn', ({ turn }) => turn.number],
	['start_ms', ({ turn }) => turn.atMs],
	['caller_text', ({ caller }) => ({ text: caller?.text ?? '' })],
	['speech_start_ms', ({ speech }) => speech?.startMs ?? null],
	['speech_stop_ms', ({ speech }) => (speech && !speech.isOpen ? speech.endMs : null)],
	// Of several responses, as with tool calls, the first one's beginning and the last one's end.
	['response_status', ({ responses }) => ({ text: listed(responses.map(({ status }) => status)) })],
	['response_reason', ({ responses }) => ({ text: listed(responses.map(({ reason }) => reason)) })],
	['response_created_ms', ({ responses }) => responses[0]?.createdAt ?? null],
	['first_audio_received_ms', ({ responses }) => firstKnown(responses.map(({ firstAudioAt }) => firstAudioAt))],
	['first_audio_played_ms', ({ playedAt }) => playedAt ?? null],
	['response_done_ms', ({ responses }) => responses.at(-1)?.doneAt ?? null],
	// From the event that ended the caller's turn to the first sample of the answer played.
	['answer_delay_ms', ({ turn }) => turn.answerDelayMs],
	['model_text_heard', ({ heard }) => ({ text: heard })],
	['model_text_unheard', ({ unheard }) => ({ text: unheard })],
	['interrupted', ({ turn }) => (turn.interrupted ? 'yes' : 'no')],
	['interrupted_after_ms', ({ marker }) => marker?.playedMs ?? null],
	['input_tokens', ({ responses }) => tokens(responses, 'input_tokens')],
	['output_tokens', ({ responses }) => tokens(responses, 'output_tokens')],
	['tool_calls', ({ items }) => ({ text: listed(items.filter(isCall).map(({ name }) => name)) })]
];

/**
 * The turns of a session that was folded to its end as CSV (RFC 4180), a row each, after a row of names. Text that the
 * model wrote instead of speaking counts as heard.
 *
 * Secrets are not looked for here: fold the session from redacted entries (`redactEntry`).
 */
export function* formatTurnsCsv(session: Session, options: TurnsCsvOptions = {}): Generator<string, void> {
	yield (options.byteOrderMark ? BYTE_ORDER_MARK : '') + formatRow(COLUMNS.map(([name]) => name));
	for (const parts of partsOfTurns(session)) yield formatRow(COLUMNS.map(([, value]) => value(parts)));
}

function* partsOfTurns(session: Session): Generator<TurnParts, void> {
	const turns = deriveTurns(session);
	const index = indexByItem(session);
	const speech = new Map(deriveSpeechRegions(session).map((region) => [region.itemId, region]));
	const markers = new Map(deriveInterruptionMarkers(session).map((marker) => [marker.itemId, marker]));
	const responses = responsesOfTurns(session, turns);
	for (const turn of turns) {
		const items = turn.itemIds.flatMap((id) => session.items.get(id) ?? []);
		const caller = items[0]?.role === 'user' ? items[0] : undefined;
		const { heard, unheard } = wordsOf(session, items, index);
		yield {
			turn,
			caller,
			items,
			responses: responses.get(turn) ?? [],
			speech: caller && speech.get(caller.id),
			marker: turn.itemIds.map((id) => markers.get(id)).find((marker) => marker !== undefined),
			playedAt: turn.itemIds
				.flatMap((id) => index.utterances.get(id) ?? [])
				.map(playedFromMs)
				.find((at) => at !== undefined),
			heard,
			unheard
		};
	}
}

/**
 * The responses of each turn: those that made its items; and those that made none, as a failed one, by the time at which
 * they were created.
 */
function responsesOfTurns(session: Session, turns: readonly Turn[]): ReadonlyMap<Turn, Response[]> {
	const turnOfItem = new Map(turns.flatMap((turn) => turn.itemIds.map((id) => [id, turn] as const)));
	const responses = new Map<Turn, Response[]>();
	for (const response of session.responses.values()) {
		if (!response.isDefault) continue;
		const made = response.itemIds.map((id) => turnOfItem.get(id)).find((turn) => turn !== undefined);
		const turn = made ?? turns.findLast(({ itemIds }) => session.items.get(itemIds[0]!)!.at <= response.createdAt);
		if (!turn) continue;
		const known = responses.get(turn);
		if (known) known.push(response);
		else responses.set(turn, [response]);
	}
	return responses;
}

/** What the model said in a turn, divided by what the caller heard of it. */
function wordsOf(session: Session, items: readonly Item[], index: ItemIndex): { heard: string; unheard: string } {
	const heard: string[] = [];
	const unheard: string[] = [];
	for (const item of items) {
		if (item.type !== 'message' || item.role === 'user') continue;
		const divided = deriveHeardText(session, item, index.utterances.get(item.id));
		heard.push(divided ? divided.heard : item.text);
		unheard.push(divided?.unheard ?? '');
	}
	return { heard: joined(heard), unheard: joined(unheard) };
}

function joined(texts: readonly string[]): string {
	return texts
		.map((text) => text.trim())
		.filter((text) => text !== '')
		.join('\n');
}

function isCall({ type }: Item): boolean {
	return type === 'function_call' || type === 'mcp_call';
}

function listed(texts: readonly (string | null)[]): string {
	return texts.filter((text) => text !== null && text !== '').join('; ');
}

function firstKnown(times: readonly (number | null)[]): number | null {
	return times.find((time) => time !== null) ?? null;
}

function tokens(responses: readonly Response[], field: 'input_tokens' | 'output_tokens'): number | null {
	const counts = responses.flatMap(({ usage }) => numberAt(usage, field) ?? []);
	return counts.length > 0 ? counts.reduce((sum, count) => sum + count, 0) : null;
}
