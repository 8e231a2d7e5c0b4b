/** Reading client events: what would break the session is refused, and the id is told only when it is one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEEPEST_NESTING, isDeeperThan } from '#simulator/session/client-event.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { FakeMcp } from '#simulator/testing/virtual-edges.ts';
import { sessionUpdate, VirtualSession } from '#simulator/testing/virtual-session.ts';

function nest(levels: number): unknown {
	let value: unknown = 1;
	for (let i = 0; i < levels; i++) value = i % 2 ? [value] : { a: value };
	return value;
}

describe('isDeeperThan', () => {
	it('counts objects and lists', () => {
		fc.assert(
			fc.property(fc.nat(300), fc.nat(300), (levels, limit) => {
				expect(isDeeperThan([3, nest(levels), 'x'], limit)).toBe(levels + 1 > limit);
			})
		);
	});
	it('needs no stack', () => {
		expect(isDeeperThan(JSON.parse('['.repeat(500_000) + ']'.repeat(500_000)), 100)).toBe(true);
	});
});

describe('events that are nested too deeply', () => {
	it.each<[string, JsonObject]>([
		['settings', sessionUpdate({ tracing: { metadata: nest(1000) } })],
		['tools', sessionUpdate({ tools: [{ type: 'function', name: 'f', parameters: { a: nest(1000) } }] })],
		[
			'items',
			{
				type: 'conversation.item.create',
				item: { type: 'mcp_list_tools', server_label: 'a', tools: [nest(DEEPEST_NESTING)] }
			}
		]
	])('%s are refused, and the session goes on', (_name, event) => {
		const world = new VirtualSession();
		expect(world.exchange([{ ...event, event_id: 'mine' }])).toMatchObject([
			{ type: 'error', error: { code: 'invalid_value', event_id: 'mine' } }
		]);
		expect(world.exchange([sessionUpdate({})])[0]?.type).toBe('session.updated');
	});

	it('as are the tools of an MCP server', () => {
		const tool = { name: 'x', description: '', input_schema: { a: nest(1000) }, annotations: null };
		const world = new VirtualSession({ mcp: (clock) => new FakeMcp(clock, { tools: [tool] }) });
		const server = { type: 'mcp', server_label: 'a', server_url: 'http://127.0.0.1:1/' };
		world.exchange([sessionUpdate({ tools: [server] })], 500);
		expect(world.last('mcp_list_tools.failed')).toBeDefined();
		expect(world.last('error')).toMatchObject({ error: { message: expect.stringContaining('nested too deeply') } });
	});
});

it('an id that is too long is not said back', () => {
	const world = new VirtualSession();
	expect(world.exchange([{ type: 'response.cancel', event_id: 'x'.repeat(600) }])[0]).toMatchObject({
		error: { code: 'string_above_max_length', event_id: null }
	});
});
