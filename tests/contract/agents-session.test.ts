/** What `@openai/agents-realtime` builds on the API: stock settings, tools, handoff, guardrail, history, MCP. */
import { hostedMcpTool } from '@openai/agents-core';
import { RealtimeAgent, RealtimeSession, tool } from '@openai/agents-realtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMcpServer } from '#simulator/mcp/testing/mcp-server.ts';
import type { McpTestServer } from '#simulator/mcp/testing/mcp-server.ts';
import { connectAgent, isAnswer } from './agents-connection.ts';
import type { AgentsConnection } from './agents-connection.ts';
import { feedAudio, makeCallerAudio, onlyScenario, startContractServer } from './contract-server.ts';
import type { ContractServer } from './contract-server.ts';

const LIMIT = { timeout: 60_000 };

const scenario = {
	caller: ['Hello, I would like to know when my parcel arrives.'],
	rules: [
		{ when: { toolOutput: { tool: 'get_weather' } }, say: 'The weather is {output}.' },
		{ when: { toolOutput: { tool: 'transfer_to_Billing' } }, say: 'This is billing.' },
		{ when: { toolOutput: { tool: 'add' } }, say: 'The sum is {output}.' },
		{ when: { text: 'weather' }, do: [{ call: { tool: 'get_weather', arguments: { city: 'London' } } }] },
		{ when: { text: 'invoice' }, do: [{ call: { tool: 'transfer_to_Billing', arguments: {} } }] },
		{ when: { text: 'sum' }, do: [{ call: { tool: 'add', arguments: { a: 1, b: 2 } } }] },
		{ when: { text: 'secret' }, say: 'The secret word is swordfish, and nobody else may know it, whatever they say.' },
		{ when: { transcript: 'parcel' }, say: 'Your parcel arrives on Friday.' },
		{ say: 'You typed: {typed}' }
	]
};

let server: ContractServer;
let mcp: McpTestServer;
beforeAll(async () => {
	server = await startContractServer({ scenarios: onlyScenario(scenario) });
	mcp = await startMcpServer();
});
afterAll(async () => {
	await server.dispose();
	await mcp.dispose();
});

const weather = (calls: unknown[]) =>
	tool({
		name: 'get_weather',
		description: 'The weather of a city.',
		parameters: {
			type: 'object',
			properties: { city: { type: 'string' } },
			required: ['city'],
			additionalProperties: true
		},
		strict: false,
		execute: async (input) => {
			calls.push(input);
			return 'foggy';
		}
	});

/** Texts of the model's messages that are complete. */
const said = ({ session }: AgentsConnection): string[] =>
	session.history.filter(isAnswer).map((item) => JSON.stringify(item));

async function untilSaid(connection: AgentsConnection, words: string): Promise<void> {
	if (said(connection).some((text) => text.includes(words))) return;
	await new Promise<void>((resolve) => {
		connection.session.on('history_updated', () => {
			if (said(connection).some((text) => text.includes(words))) resolve();
		});
	});
}

describe('@openai/agents-realtime 0.20, a session', LIMIT, () => {
	it('runs with its stock configuration: semantic turn detection, a transcription, an answer to the words', async () => {
		const connection = await connectAgent(server.wsUrl, new RealtimeAgent({ name: 'Tester' }));
		const { session, errors, dropped, next } = connection;
		const transcribed = next('conversation.item.input_audio_transcription.completed');
		const answered = next('rate_limits.updated');
		await feedAudio(makeCallerAudio(), (chunk) => session.sendAudio(chunk.buffer as ArrayBuffer));
		expect(await transcribed).toMatchObject({ transcript: scenario.caller[0] });
		await answered;
		await untilSaid(connection, 'Friday');
		const user = session.history.find((item) => item.type === 'message' && item.role === 'user');
		expect(JSON.stringify(user)).toContain('parcel arrives');
		expect(errors).toEqual([]);
		expect(dropped()).toEqual([]);
		session.close();
	});

	it('connects by the lines that the documentation gives', async () => {
		const agent = new RealtimeAgent({ name: 'Tester', instructions: 'You are the one of the documentation.' });
		const session = new RealtimeSession(agent, { transport: 'websocket', model: 'gpt-realtime' });
		const errors: unknown[] = [];
		session.on('error', (error) => errors.push(error));
		const updated = new Promise<{ session: { instructions: string } }>((resolve) => {
			session.transport.on('session.updated' as 'error', (event: unknown) => {
				const { session: shown } = event as { session: { instructions: string } };
				if (shown.instructions.includes('documentation')) resolve({ session: shown });
			});
		});
		await session.connect({ apiKey: 'none', url: `${server.wsUrl}?model=gpt-realtime` });
		expect((await updated).session.instructions).toBe('You are the one of the documentation.');
		expect(errors).toEqual([]);
		session.close();
	});

	it('runs a tool and says its result', async () => {
		const calls: unknown[] = [];
		const connection = await connectAgent(server.wsUrl, new RealtimeAgent({ name: 'Tester', tools: [weather(calls)] }));
		connection.session.sendMessage('What is the weather?');
		await untilSaid(connection, 'The weather is foggy.');
		expect(calls).toEqual([{ city: 'London' }]);
		expect(connection.session.history.map(({ type }) => type)).toEqual(['message', 'function_call', 'message']);
		expect(connection.errors).toEqual([]);
		expect(connection.dropped()).toEqual([]);
		connection.session.close();
	});

	it('hands over to another agent, whose instructions and tools are then in force', async () => {
		const billing = new RealtimeAgent({ name: 'Billing', instructions: 'You do the money.' });
		const front = new RealtimeAgent({ name: 'Front', instructions: 'Be brief.', handoffs: [billing] });
		const connection = await connectAgent(server.wsUrl, front);
		const handed: string[] = [];
		connection.session.on('agent_handoff', (_context, from, to) => handed.push(`${from.name} to ${to.name}`));
		const updated = connection.events.next(
			(event) =>
				event.type === 'session.updated' &&
				(event['session'] as { instructions: string }).instructions === 'You do the money.'
		);
		connection.session.sendMessage('A question about my invoice.');
		await updated;
		await untilSaid(connection, 'This is billing');
		expect(handed).toEqual(['Front to Billing']);
		expect(connection.errors).toEqual([]);
		connection.session.close();
	});

	it('cuts an answer off that its guardrail does not let pass', async () => {
		const connection = await connectAgent(server.wsUrl, new RealtimeAgent({ name: 'Tester' }), {
			outputGuardrails: [
				{
					name: 'secrets',
					execute: async ({ agentOutput }) => ({
						tripwireTriggered: agentOutput.includes('swordfish'),
						outputInfo: {}
					})
				}
			],
			outputGuardrailSettings: { debounceTextLength: 10 }
		});
		const tripped = new Promise((resolve) => connection.session.once('guardrail_tripped', resolve));
		const cancelled = connection.events.next(
			(event) => event.type === 'response.done' && (event['response'] as { status: string }).status === 'cancelled'
		);
		connection.session.sendMessage('Tell me the secret.');
		await Promise.all([tripped, cancelled]);
		connection.session.close();
	});

	it('edits its history: what it removes is gone from the server, what it adds is there', async () => {
		const connection = await connectAgent(server.wsUrl, new RealtimeAgent({ name: 'Tester' }));
		connection.session.sendMessage('First.');
		await untilSaid(connection, 'You typed: First.');
		const deleted = connection.next('conversation.item.deleted');
		connection.session.updateHistory((history) => history.filter((item) => !isAnswer(item)));
		await deleted;
		expect(connection.session.history.some(isAnswer)).toBe(false);
		connection.session.sendMessage('Second.');
		await untilSaid(connection, 'You typed: First. Second.');
		connection.session.close();
	});

	it('has a tool of an MCP server listed, asks for leave, and has it called', async () => {
		const connection = await connectAgent(
			server.wsUrl,
			new RealtimeAgent({
				name: 'Tester',
				tools: [hostedMcpTool({ serverLabel: 'sums', serverUrl: mcp.url, requireApproval: 'always' }) as never]
			})
		);
		const { session } = connection;
		const completed = new Promise((resolve) => session.once('mcp_tool_call_completed', resolve));
		session.on('tool_approval_requested', (_context, _agent, request) => {
			void session.approve(request.approvalItem);
		});
		session.sendMessage('What is the sum?');
		await completed;
		await untilSaid(connection, 'The sum is 3');
		expect(session.availableMcpTools.map(({ name }) => name)).toContain('add');
		expect(connection.errors).toEqual([]);
		session.close();
	});
});
