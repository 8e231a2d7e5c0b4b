/** Tools of MCP servers in a session: listing, calling, asking first, failing. */
import { describe, expect, it } from 'vitest';
import type { AnswerRequest, McpTool } from '#simulator/session/ports.ts';
import { FakeMcp, ScriptedAnswers } from '#simulator/testing/virtual-edges.ts';
import type { FakeMcpOptions, ScriptStep } from '#simulator/testing/virtual-edges.ts';
import { sessionUpdate, summarize, VirtualSession } from '#simulator/testing/virtual-session.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

const tool = (name: string, readOnlyHint = false): McpTool => ({
	name,
	description: '',
	input_schema: { type: 'object' },
	annotations: { readOnlyHint }
});
const server = (more: JsonObject = {}): JsonObject => ({
	type: 'mcp',
	server_label: 'docs',
	server_url: 'http://127.0.0.1:1/mcp',
	...more
});
const add: ScriptStep = { call: { name: 'add', arguments: '{"a":1}' } };

interface World {
	world: VirtualSession;
	mcp: FakeMcp;
	answers: ScriptedAnswers;
}

function open(options: FakeMcpOptions, script: (request: AnswerRequest) => ScriptStep[] = () => [add]): World {
	let mcp: FakeMcp | undefined;
	let answers: ScriptedAnswers | undefined;
	const world = new VirtualSession({
		mcp: (clock) => (mcp = new FakeMcp(clock, { tools: [tool('add'), tool('look', true)], ...options })),
		answers: (clock) => (answers = new ScriptedAnswers(clock, script))
	});
	world.exchange([sessionUpdate({ output_modalities: ['text'] })]);
	return { world, mcp: mcp as FakeMcp, answers: answers as ScriptedAnswers };
}

describe('listing', () => {
	it('follows session.updated, once for each server', () => {
		const { world } = open({});
		const events = world.exchange([sessionUpdate({ tools: [server()] })], 500);
		expect(summarize(events)).toEqual([
			'session.updated',
			'conversation.item.added',
			'mcp_list_tools.in_progress',
			'mcp_list_tools.completed',
			'conversation.item.done'
		]);
		expect(events[1]).toMatchObject({ item: { type: 'mcp_list_tools', server_label: 'docs', tools: [] } });
		expect(events.at(-1)).toMatchObject({ item: { tools: [{ name: 'add', description: '' }, { name: 'look' }] } });
		expect(summarize(world.exchange([sessionUpdate({ tools: [server()] })], 500))).toEqual(['session.updated']);
		const other = sessionUpdate({ tools: [server({ authorization: 'other' })] });
		expect(world.exchange([other], 500)).toHaveLength(5);
	});

	it('does not say the secrets of a server back', () => {
		const { world } = open({});
		const secret = server({ authorization: 'tok-secret', headers: { 'X-Key': 'header-secret' } });
		world.exchange([sessionUpdate({ tools: [secret] })], 500);
		expect(JSON.stringify(world.events)).not.toMatch(/tok-secret|header-secret/);
		expect(world.last('session.updated')).toMatchObject({
			session: { tools: [{ type: 'mcp', headers: { 'X-Key': '<redacted>' } }] }
		});
	});

	it('that is replaced by another ends as failed; two of one name are refused', () => {
		const { world } = open({});
		const other = sessionUpdate({ tools: [server({ server_url: 'http://127.0.0.1:2/' })] });
		const events = world.exchange([sessionUpdate({ tools: [server()] }), other], 500);
		const added = events.find(({ type }) => type === 'conversation.item.added');
		const first = (added?.['item'] as { id: string }).id;
		const ended = events.filter(
			(event) => event['item_id'] === first || (event['item'] as JsonObject)?.['id'] === first
		);
		expect(ended.map(({ type }) => type)).toEqual([
			'conversation.item.added',
			'mcp_list_tools.in_progress',
			'mcp_list_tools.failed',
			'conversation.item.done'
		]);
		expect(world.last('mcp_list_tools.completed')).toBeDefined();
		expect(world.exchange([sessionUpdate({ tools: [server(), server()] })])[0]).toMatchObject({
			error: { param: 'session.tools[1].server_label' }
		});
	});

	it('that fails says so, with the reason in an error', () => {
		const { world } = open({ listError: { type: 'http_error', code: 503, message: 'nobody there' } });
		const events = world.exchange([sessionUpdate({ tools: [server()] })], 500);
		expect(summarize(events).slice(2)).toEqual([
			'mcp_list_tools.in_progress',
			'mcp_list_tools.failed',
			'conversation.item.done',
			'error'
		]);
		expect(events.at(-2)).toMatchObject({ item: { tools: [] } });
		expect(events.at(-1)).toMatchObject({
			error: { code: 'mcp_list_tools_failed', message: expect.stringContaining('nobody there') }
		});
	});

	it('of a connector fails: those live at the service', () => {
		const { world } = open({});
		const connector = { type: 'mcp', server_label: 'mail', connector_id: 'connector_gmail' };
		world.exchange([sessionUpdate({ tools: [connector] })], 500);
		expect(world.last('mcp_list_tools.failed')).toBeDefined();
	});

	it('is waited for by a response, and gives it what is allowed', () => {
		const { world, answers } = open({}, () => [{ text: 'Hello.' }]);
		const tools = [server({ allowed_tools: ['look'] })];
		const events = world.exchange([{ type: 'response.create', response: { tools } }], 2000);
		expect(summarize(events).slice(0, 5)).toEqual([
			'response.created',
			'conversation.item.added',
			'mcp_list_tools.in_progress',
			'mcp_list_tools.completed',
			'conversation.item.done'
		]);
		expect(answers.requests[0]?.tools).toMatchObject([{ name: 'look', serverLabel: 'docs' }]);
	});
});

describe('a call that needs no approval', () => {
	const ready = (options: FakeMcpOptions): World => {
		const all = open(options);
		all.world.exchange([sessionUpdate({ tools: [server({ require_approval: 'never' })] })], 500);
		return all;
	};

	it('runs in the response', () => {
		const { world, mcp } = ready({ call: () => '2' });
		const events = world.exchange([{ type: 'response.create' }], 3000);
		expect(summarize(events)).toEqual([
			'response.created',
			'response.output_item.added',
			'conversation.item.added',
			'response.mcp_call_arguments.delta',
			'response.mcp_call_arguments.done',
			'response.mcp_call.in_progress',
			'response.mcp_call.completed',
			'conversation.item.done',
			'response.output_item.done',
			'response.done',
			'rate_limits.updated'
		]);
		expect(mcp.calls).toEqual([{ name: 'add', args: '{"a":1}' }]);
		expect(world.last('response.done')).toMatchObject({
			response: { output: [{ type: 'mcp_call', name: 'add', arguments: '{"a":1}', output: '2', error: null }] }
		});
		expect(Object.keys(world.last('response.mcp_call.completed'))).toEqual([
			'type',
			'event_id',
			'item_id',
			'output_index'
		]);
	});

	it('fails with the error on its item, and the response is completed', () => {
		const error = { type: 'tool_execution_error' as const, message: 'no' };
		const { world } = ready({ call: () => error });
		const events = world.exchange([{ type: 'response.create' }], 3000);
		expect(summarize(events)).toContain('response.mcp_call.failed');
		expect(world.last('response.done')).toMatchObject({ response: { status: 'completed', output: [{ error }] } });
	});

	it('is called off with the response', () => {
		const { world, mcp } = ready({ call: () => undefined });
		world.exchange([{ type: 'response.create' }], 1000);
		const events = world.exchange([{ type: 'response.cancel' }], 1000);
		expect(mcp.cancelledCount).toBe(1);
		expect(summarize(events)).toEqual([
			'response.mcp_call.failed',
			'conversation.item.done',
			'response.output_item.done',
			'response.done',
			'rate_limits.updated'
		]);
	});
});

describe('a call that needs approval', () => {
	const request = ({ world }: World): string => {
		world.exchange([sessionUpdate({ tools: [server()] })], 500);
		world.exchange([{ type: 'response.create' }], 2000);
		const { output } = world.last('response.done')['response'] as { output: { id: string; type: string }[] };
		expect(output).toMatchObject([
			{ type: 'mcp_approval_request', server_label: 'docs', name: 'add', arguments: '{"a":1}' }
		]);
		return output[0]?.id ?? '';
	};
	const decide = (id: string, approve: boolean): JsonObject => ({
		type: 'conversation.item.create',
		previous_item_id: id,
		item: { type: 'mcp_approval_response', approval_request_id: id, approve }
	});

	it('is asked about, and runs once it is allowed', () => {
		const all = open({ call: () => '2' });
		const id = request(all);
		const events = all.world.exchange([decide(id, true)], 3000);
		expect(summarize(events).slice(0, 4)).toEqual([
			'conversation.item.added',
			'conversation.item.done',
			'response.created',
			'response.output_item.added'
		]);
		expect(all.world.last('response.done')).toMatchObject({
			response: { output: [{ type: 'mcp_call', output: '2', approval_request_id: id }] }
		});
	});

	it('runs once, whatever is sent twice', () => {
		const all = open({ call: () => '2' });
		const id = request(all);
		all.world.exchange([decide(id, true)], 3000);
		expect(all.world.exchange([decide(id, true)], 3000)).toMatchObject([
			{ error: { code: 'mcp_approval_request_already_decided' } }
		]);
		expect(all.mcp.calls).toHaveLength(1);
	});

	it('may be followed at once by the wish for an answer, which comes after the call', () => {
		const all = open({ call: () => '2' });
		const id = request(all);
		const events = all.world.exchange([decide(id, true), { type: 'response.create' }], 5000);
		expect(events.filter(({ type }) => type === 'error')).toEqual([]);
		expect(events.filter(({ type }) => type === 'response.created')).toHaveLength(2);
		expect(events.filter(({ type }) => type === 'response.done')).toHaveLength(2);
	});

	it('waits for a caller who is speaking, and for the answer to that', () => {
		const all = open({ call: () => '2' }, ({ items }) =>
			items.some((item) => item.kind === 'mcp_approval_request') ? [{ text: 'An answer to what was said.' }] : [add]
		);
		const id = request(all);
		all.world.speak(640);
		all.world.send(decide(id, true));
		all.world.speak(320);
		expect(all.mcp.calls).toEqual([]);
		all.world.speak(800, 0);
		all.world.advance(15_000);
		const done = all.world.events.filter(({ type }) => type === 'response.done').slice(-2);
		expect(done).toMatchObject([
			{ response: { output: [{ type: 'message' }] } },
			{ response: { output: [{ type: 'mcp_call' }] } }
		]);
		expect(all.world.events.filter(({ type }) => type === 'error')).toEqual([]);
	});

	it('does not run when it is refused, nor without a request', () => {
		const all = open({ call: () => '2' });
		const id = request(all);
		expect(summarize(all.world.exchange([decide(id, false)], 3000))).toEqual([
			'conversation.item.added',
			'conversation.item.done'
		]);
		expect(all.mcp.calls).toEqual([]);
		expect(all.world.exchange([decide('mcpr_x', true)])[0]).toMatchObject({
			error: { code: 'invalid_approval_request_id' }
		});
	});

	it('is not asked about for tools that the client trusts', () => {
		const all = open({ call: () => '7' }, () => [{ call: { name: 'look', arguments: '{}' } }]);
		const rule = { require_approval: { never: { read_only: true } } };
		all.world.exchange([sessionUpdate({ tools: [server(rule)] })], 500);
		all.world.exchange([{ type: 'response.create' }], 3000);
		expect(all.mcp.calls).toHaveLength(1);
	});
});
