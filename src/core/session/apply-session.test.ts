import { expect, test } from 'vitest';
import { applyEntry } from './apply-event.ts';
import { createSession, type Session } from './session-model.ts';

type Message = ['client' | 'server', Record<string, unknown>];

function fold(...messages: Message[]): Session {
	const session = createSession();
	messages.forEach(([from, body], seq) => applyEntry(session, { seq, at: seq * 10, from, text: JSON.stringify(body) }));
	return session;
}

const update = (instructions: string, event_id?: string): Message => [
	'client',
	{ type: 'session.update', ...(event_id && { event_id }), session: { type: 'realtime', instructions } }
];
const updated = (instructions: string): Message => [
	'server',
	{ type: 'session.updated', session: { type: 'realtime', instructions } }
];
const error = (fields: Record<string, unknown>): Message => [
	'server',
	{ type: 'error', error: { message: 'No.', ...fields } }
];

test('an update waits for its answer, and the answers come in the order of the questions', () => {
	const session = fold(update('one'), update('two'), updated('one'));
	expect(session.answeredUpdate).toMatchObject({
		...{ seq: 0, at: 0, answeredAt: 20, eventId: null, refusal: null },
		...{ requested: { instructions: 'one' }, effective: { instructions: 'one' } }
	});
	expect(session.waitingUpdates.map(({ seq }) => seq)).toEqual([1]);
});

test('a refusal is told with what stays in force', () => {
	const session = fold(
		updated('old'),
		update('new', 'mine'),
		error({ event_id: 'mine', code: 'x', param: 'session.y' })
	);
	expect(session.answeredUpdate).toMatchObject({
		...{ eventId: 'mine', effective: { instructions: 'old' } },
		refusal: { code: 'x', message: 'No.', param: 'session.y' }
	});
	expect(session.waitingUpdates).toEqual([]);
});

test('an error that names no event answers an update only when it speaks of the session', () => {
	const other = fold(update('new'), error({ event_id: null, code: 'response_cancel_not_active' }));
	expect(other.answeredUpdate).toBeNull();
	for (const about of [{ param: 'session.audio.output.speed' }, { code: 'cannot_update_voice', param: null }]) {
		expect(fold(update('new'), error({ event_id: null, ...about })).answeredUpdate?.refusal?.message).toBe('No.');
	}
	const named = fold(update('new', 'mine'), update('newer'), error({ event_id: null, param: 'session.x' }));
	expect(named.answeredUpdate?.seq, 'an update without event_id goes before').toBe(1);
	const alone = fold(update('new', 'mine'), error({ event_id: null, param: 'session.x' }));
	expect(alone.answeredUpdate?.eventId, 'a server may not say the event_id back').toBe('mine');
	expect(fold(update('new', 'mine'), error({ event_id: 'other' })).answeredUpdate).toBeNull();
});

test('of updates that nobody answers only the last are kept', () => {
	const session = fold(...Array.from({ length: 100 }, (_, index) => update(String(index))));
	expect(session.waitingUpdates).toHaveLength(32);
	expect(session.waitingUpdates.at(-1)?.seq).toBe(99);
});
