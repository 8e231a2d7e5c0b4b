import { stringAt } from '../base/json.ts';
import type { VariableValue } from '../protocol/event-variables.ts';
import type { Item, Session } from './session-model.ts';

/** Samples of played audio in one ms: Earshot plays at 24 kHz. */
const SAMPLES_PER_MS = 24;

/** A value of the running session that can be written into an event as `{{name}}`. */
export interface SessionVariable {
	readonly name: string;
	/** What it stands for. */
	readonly about: string;
	/** Why it has no value, when it has none. */
	readonly without: string;
	/** `null` when it has no value now. `nowMs` is wall time. */
	readonly read: (session: Session, nowMs: number) => string | number | null;
}

/** In the order in which a menu shows them. */
export const SESSION_VARIABLES: readonly SessionVariable[] = [
	{
		name: 'last.item_id',
		about: 'the last item of the conversation',
		without: 'the conversation has no item yet',
		read: (session) => lastItem(session, () => true)?.id ?? null
	},
	{
		name: 'last.user_item_id',
		about: 'the last item of the user',
		without: 'the user has said nothing yet',
		read: (session) => lastItem(session, ({ role }) => role === 'user')?.id ?? null
	},
	{
		name: 'last.assistant_item_id',
		about: 'the last message of the model',
		without: 'the model has said nothing yet',
		read: (session) => lastItem(session, ({ role }) => role === 'assistant')?.id ?? null
	},
	{
		name: 'last.call_id',
		about: 'the last function call',
		without: 'no function was called yet',
		read: (session) =>
			lastItem(session, ({ type, callId }) => type === 'function_call' && callId !== null)?.callId ?? null
	},
	{
		name: 'last.approval_request_id',
		about: 'the last MCP call that waits for approval',
		without: 'no MCP call asked for approval yet',
		read: (session) => lastItem(session, ({ type }) => type === 'mcp_approval_request')?.id ?? null
	},
	{
		name: 'last.response_id',
		about: 'the last response',
		without: 'there was no response yet',
		read: (session) => lastOf(session.responses.keys())
	},
	{
		name: 'active.response_id',
		about: 'the response in progress',
		without: 'no response is in progress',
		read: (session) => session.activeResponseId
	},
	{
		name: 'last.played_ms',
		about: 'how much of the last spoken answer was played, as last measured, in ms',
		without: 'no answer was played yet',
		read: (session) => {
			const utterance = session.utterances.at(-1);
			if (!utterance || utterance.playback.state === 'none') return null;
			return Math.floor(utterance.playback.playedSamples / SAMPLES_PER_MS);
		}
	},
	{
		name: 'session.id',
		about: 'the session',
		without: 'the server has not named the session',
		read: (session) => stringAt(session.config, 'id') ?? null
	},
	{
		name: 'session.model',
		about: 'the model of the session',
		without: 'the server has not named the model',
		read: (session) => stringAt(session.config, 'model') ?? null
	},
	{
		name: 'now',
		about: 'the time of sending, as 2026-01-31T09:30:00.000Z',
		without: '',
		read: (_session, nowMs) => new Date(nowMs).toISOString()
	},
	{
		name: 'now.ms',
		about: 'the time of sending, in ms since 1970',
		without: '',
		read: (_session, nowMs) => nowMs
	}
];

const BY_NAME: ReadonlyMap<string, SessionVariable> = new Map(
	SESSION_VARIABLES.map((variable) => [variable.name, variable])
);

export function findSessionVariable(name: string): SessionVariable | undefined {
	return BY_NAME.get(name);
}

/** The value of a variable: `null` when it has none now, `undefined` when there is no such variable. */
export function readSessionVariable(session: Session, name: string, nowMs: number): VariableValue {
	return BY_NAME.get(name)?.read(session, nowMs);
}

/** The last item, in the conversation's order, that was not deleted and that fits. */
function lastItem(session: Session, fits: (item: Item) => boolean): Item | undefined {
	for (let i = session.itemOrder.length - 1; i >= 0; i--) {
		const item = session.items.get(session.itemOrder[i] ?? '');
		if (item && !item.deleted && fits(item)) return item;
	}
	return undefined;
}

function lastOf(keys: Iterable<string>): string | null {
	let last: string | null = null;
	for (const key of keys) last = key;
	return last;
}
