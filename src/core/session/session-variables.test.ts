import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../recording/recorded-event.ts';
import { applyEntry } from './apply-event.ts';
import { createSession, type Session } from './session-model.ts';
import { readSessionVariable, SESSION_VARIABLES } from './session-variables.ts';

const NOW_MS = Date.UTC(2026, 0, 31, 9, 30);

function fold(...events: readonly (readonly [LogEntry['from'], object])[]): Session {
	const session = createSession();
	events.forEach(([from, event], seq) => applyEntry(session, { seq, at: seq, from, text: JSON.stringify(event) }));
	return session;
}

function added(item: object): readonly ['server', object] {
	return ['server', { type: 'conversation.item.added', item }];
}

function valuesOf(session: Session): Record<string, unknown> {
	return Object.fromEntries(SESSION_VARIABLES.map(({ name }) => [name, readSessionVariable(session, name, NOW_MS)]));
}

describe('the variables of a session', () => {
	it('have no value before anything has happened, but for the time', () => {
		const { now, 'now.ms': nowMs, ...others } = valuesOf(createSession());
		expect([now, nowMs]).toEqual(['2026-01-31T09:30:00.000Z', NOW_MS]);
		expect(new Set(Object.values(others))).toEqual(new Set([null]));
	});

	it('are the last of each kind', () => {
		const session = fold(
			['server', { type: 'session.created', session: { id: 'sess_1', model: 'gpt-realtime' } }],
			added({ id: 'user_1', type: 'message', role: 'user' }),
			['server', { type: 'response.created', response: { id: 'resp_1' } }],
			['server', { type: 'response.done', response: { id: 'resp_1', status: 'completed' } }],
			added({ id: 'says_1', type: 'message', role: 'assistant' }),
			added({ id: 'call_item', type: 'function_call', call_id: 'call_1', name: 'look' }),
			added({ id: 'mcpr_1', type: 'mcp_approval_request' }),
			['server', { type: 'response.created', response: { id: 'resp_2' } }],
			added({ id: 'gone', type: 'message', role: 'user' }),
			['server', { type: 'conversation.item.deleted', item_id: 'gone' }]
		);
		expect(valuesOf(session)).toMatchObject({
			'last.item_id': 'mcpr_1',
			'last.user_item_id': 'user_1',
			'last.assistant_item_id': 'says_1',
			'last.call_id': 'call_1',
			'last.approval_request_id': 'mcpr_1',
			'last.response_id': 'resp_2',
			'active.response_id': 'resp_2',
			'last.played_ms': null,
			'session.id': 'sess_1',
			'session.model': 'gpt-realtime'
		});
	});

	it('tell how much was played', () => {
		const playback = { item_id: 'says_1', content_index: 0 };
		const session = fold(
			['server', { type: 'response.output_audio.delta', ...playback, response_id: 'resp_1', delta: '' }],
			['console', { type: 'earshot.playback.started', ...playback, rendered_at_ms: 1 }],
			['console', { type: 'earshot.playback.stopped', ...playback, played_samples: 24_047, rendered_at_ms: 2 }]
		);
		expect(readSessionVariable(session, 'last.played_ms', NOW_MS)).toBe(1001);
	});

	it('are no others', () => {
		expect(readSessionVariable(createSession(), 'toString', NOW_MS)).toBeUndefined();
	});
});
