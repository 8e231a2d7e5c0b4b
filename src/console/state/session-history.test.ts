import { expect, test } from 'vitest';
import { deriveHistoryRows, withApplied, type AppliedSession } from './session-history.svelte.ts';

function applied(fields: Partial<AppliedSession> = {}): AppliedSession {
	return {
		atMs: 1,
		endpoint: 'Simulator',
		model: 'gpt-realtime',
		session: '{"type":"realtime"}',
		tools: '[]\n',
		...fields
	};
}

test('each row tells how it differs from the configuration before it', () => {
	const first = applied();
	const second = applied({ atMs: 2, session: '{"type":"realtime","audio":{"output":{"voice":"cedar"}}}' });
	const third = applied({ atMs: 3, session: second.session, tools: '[{"type":"function","name":"x"}]' });
	const rows = deriveHistoryRows([first, second, third].reduce<readonly AppliedSession[]>(withApplied, []));
	expect(rows.map(({ atMs }) => atMs)).toEqual([3, 2, 1]);
	expect(rows.map(({ changes }) => changes?.map(({ keys }) => keys.join('.')))).toEqual([
		['tools'],
		['audio'],
		undefined
	]);
});

test('the newest applied again only moves to its new time; elsewhere it is another row', () => {
	const first = withApplied([], applied());
	const spelled = applied({ atMs: 9, session: '{ "type": "realtime" }' });
	expect(withApplied(first, spelled)).toEqual([spelled]);
	expect(withApplied(first, applied({ atMs: 9, model: 'gpt-realtime-2.1' }))).toHaveLength(2);
});

test('it is bounded in rows and in characters', () => {
	const many = Array.from({ length: 80 }, (_, atMs) => applied({ atMs, session: `{"instructions":"${atMs}"}` }));
	const kept = many.reduce<readonly AppliedSession[]>(withApplied, []);
	expect(kept).toHaveLength(50);
	expect(kept[0]?.atMs).toBe(79);
	const long = (atMs: number) =>
		applied({ atMs, session: JSON.stringify({ instructions: `${atMs}`.padEnd(400_000) }) });
	expect(
		[1, 2, 3, 4]
			.map(long)
			.reduce<readonly AppliedSession[]>(withApplied, [])
			.map(({ atMs }) => atMs)
	).toEqual([4, 3]);
});

test('what lets somebody in at a tool’s server is not kept, and other texts stay as they are written', () => {
	const mcp = { type: 'mcp', server_label: 'a', authorization: 'tok-1', headers: { 'X-Key': 'tok-2' } };
	const [kept] = withApplied([], applied({ tools: JSON.stringify([mcp]), session: JSON.stringify({ tools: [mcp] }) }));
	expect(JSON.stringify(kept)).not.toMatch(/tok-/);
	expect(kept!.tools).toContain('server_label');
	const spelled = '{\n\t"type":   "realtime"\n}';
	expect(withApplied([], applied({ session: spelled }))[0]?.session).toBe(spelled);
});
