/** Against real MCP servers on this machine, made with the official package. */
import { describe, expect, test } from 'vitest';
import { call, configFor, list, openConnector, startServer } from './testing/outcomes.ts';
import type { McpTestServer } from './testing/mcp-server.ts';
import type { McpCallError, McpTool } from '#simulator/session/ports.ts';

function namesOf(tools: McpTool[] | McpCallError): string[] | McpCallError {
	return Array.isArray(tools) ? tools.map(({ name }) => name) : tools;
}

describe.each(['sessions', 'modern', 'sse'] as const)('a server with the transport "%s"', (transport) => {
	test('lists its tools as the API shows them', async () => {
		const tools = await list(openConnector(), configFor(await startServer({ transport })));
		expect(namesOf(tools)).toEqual(['add', 'echo', 'fail', 'slow', 'crash']);
		expect(tools).toMatchObject([
			{
				name: 'add',
				description: '',
				input_schema: { type: 'object', properties: { a: { type: 'number' } }, required: ['a', 'b'] },
				annotations: { readOnlyHint: true }
			},
			{ name: 'echo', description: 'Says it back.', annotations: null },
			{},
			{},
			{}
		]);
	});

	test('runs tools, and tells apart how they fail', async () => {
		const connector = openConnector();
		const config = configFor(await startServer({ transport }));
		expect(await call(connector, config, 'add', '{"a":2,"b":40}')).toBe('42');
		expect(await call(connector, config, 'echo', '{"text":"caf\\u00e9"}')).toBe('café');
		expect(await call(connector, config, 'fail')).toEqual({
			type: 'tool_execution_error',
			message: 'The tool could not do it.'
		});
		expect(await call(connector, config, 'crash')).toEqual({
			type: 'protocol_error',
			code: -32_603,
			message: 'The server crashed on purpose.'
		});
		expect(await call(connector, config, 'nope')).toEqual({
			type: 'protocol_error',
			code: -32_602,
			message: 'Tool nope not found'
		});
		expect(await call(connector, config, 'echo', '{"text":"still there"}')).toBe('still there');
	});

	test('gets the credentials and headers with every request', async () => {
		const server = await startServer({ transport, requireAuthorization: 'Bearer token-of-the-server' });
		const connector = openConnector();
		const config = configFor(server, { authorization: 'token-of-the-server', headers: { 'X-Tenant': 'blue' } });
		expect(Array.isArray(await list(connector, config))).toBe(true);
		expect(await call(connector, config, 'add', '{"a":1,"b":1}')).toBe('2');
		for (const { headers } of server.requests)
			expect(headers).toMatchObject({ authorization: 'Bearer token-of-the-server', 'x-tenant': 'blue' });
	});

	test('that refuses the credentials gives its status, and the message gives nothing away', async () => {
		const server = await startServer({ transport, requireAuthorization: 'Bearer right' });
		const config = configFor(server, { authorization: 'wrong-and-secret' });
		for (const outcome of [await list(openConnector(), config), await call(openConnector(), config, 'add')]) {
			expect(outcome).toEqual({
				type: 'http_error',
				code: 401,
				message: `The MCP server at ${new URL(server.url).origin} answered with HTTP status 401: no access with '***'.`
			});
		}
	});

	test('hears of a call that is cancelled; nothing is called after that', async () => {
		const server = await startServer({ transport });
		const connector = openConnector();
		const heard: unknown[] = [];
		const listener = { onOutput: (text: string) => heard.push(text), onError: (error: unknown) => heard.push(error) };
		const running = connector.callTool(configFor(server), 'slow', '{}', listener);
		await server.slowStarted();
		running.cancel();
		running.cancel();
		await server.slowCancelled();
		server.finishSlow();
		expect(await call(connector, configFor(server), 'add', '{"a":1,"b":2}')).toBe('3');
		expect(heard).toEqual([]);
	});
});

test('an authorization that has a scheme is sent as it is, and wins over a header', async () => {
	const server = await startServer();
	const headers = { authorization: 'Bearer other' };
	await list(openConnector(), configFor(server, { authorization: 'Basic abc=', headers }));
	await list(openConnector(), configFor(server, { headers }));
	const sent = new Set(server.requests.map((request) => request.headers['authorization']));
	expect([...sent]).toEqual(['Basic abc=', 'Bearer other']);
});

describe('connections', () => {
	const connections = ({ requests }: McpTestServer) =>
		requests.filter(({ rpcMethod }) => rpcMethod === 'initialize').length;

	test('one is shared by listing and calling, also by those that start at once', async () => {
		const server = await startServer();
		const connector = openConnector();
		const config = configFor(server);
		await Promise.all([list(connector, config), list(connector, config), call(connector, config, 'echo')]);
		await call(connector, config, 'echo');
		expect(connections(server)).toBe(1);
	});

	test('other credentials, headers or addresses have another', async () => {
		const server = await startServer();
		const connector = openConnector();
		await list(connector, configFor(server));
		await list(connector, configFor(server, { authorization: 'a' }));
		await list(connector, configFor(server, { authorization: 'b' }));
		await list(connector, configFor(server, { headers: { 'X-Tenant': 'blue' } }));
		await list(connector, configFor(server, { headers: { 'x-tenant': 'blue' } }));
		await list(connector, configFor({ url: `${server.url}?tenant=blue` }));
		await list(connector, configFor(server, { server_label: 'same server, other name' }));
		expect(connections(server)).toBe(5);
	});

	test('an idle one is closed, the next use opens another', async () => {
		const left = Promise.withResolvers<void>();
		const server = await startServer({
			intercept: ({ method }) => {
				if (method === 'DELETE') left.resolve();
				return false;
			}
		});
		const connector = openConnector({ idleMs: 1 });
		expect(await call(connector, configFor(server), 'add', '{"a":1,"b":2}')).toBe('3');
		await left.promise;
		expect(await call(connector, configFor(server), 'add', '{"a":1,"b":3}')).toBe('4');
		expect(connections(server)).toBe(2);
	});

	test('a server that has forgotten us is asked again, as after its restart', async () => {
		const server = await startServer();
		const connector = openConnector();
		expect(Array.isArray(await list(connector, configFor(server)))).toBe(true);
		await server.forgetSessions();
		expect(await call(connector, configFor(server), 'add', '{"a":1,"b":2}')).toBe('3');
		expect(connections(server)).toBe(2);
	});

	test('dispose takes leave of the server; what is under way ends with an error, nothing starts any more', async () => {
		const server = await startServer();
		const connector = openConnector();
		const running = call(connector, configFor(server), 'slow');
		await server.slowStarted();
		await connector.dispose();
		expect(await running).toMatchObject({ type: expect.stringMatching(/^(http|protocol)_error$/) as string });
		expect(await list(connector, configFor(server))).toMatchObject({
			type: 'http_error',
			message: expect.stringContaining('The simulator is stopping.') as string
		});
		expect(server.requests.at(-1)?.httpMethod).toBe('DELETE');
	});
});

describe('what a server gives', () => {
	test('all pages of the list', async () => {
		const server = await startServer({ pageSize: 2 });
		expect(namesOf(await list(openConnector(), configFor(server)))).toEqual(['add', 'echo', 'fail', 'slow', 'crash']);
		expect(server.requests.filter(({ rpcMethod }) => rpcMethod === 'tools/list')).toHaveLength(3);
	});

	test.each([
		[
			'texts, as lines',
			[
				{ type: 'text', text: 'one' },
				{ type: 'text', text: 'two' }
			],
			undefined,
			'one\ntwo'
		],
		['nothing', [], undefined, ''],
		[
			'an image, as JSON',
			[{ type: 'image', data: 'AAAA', mimeType: 'image/png' }],
			undefined,
			'{"type":"image","data":"AAAA","mimeType":"image/png"}'
		],
		[
			'a text and a resource',
			[
				{ type: 'text', text: 'see' },
				{ type: 'resource', resource: { uri: 'file:///a', text: 'A' } }
			],
			undefined,
			'see\n{"type":"resource","resource":{"uri":"file:///a","text":"A"}}'
		],
		['structured content alone', [], { sum: 3 }, '{"sum":3}'],
		['structured content that is said as text, too', [{ type: 'text', text: 'It is 3.' }], { sum: 3 }, 'It is 3.']
	] as const)('%s', async (_name, content, structuredContent, output) => {
		const result = { content: [...content], ...(structuredContent ? { structuredContent } : {}) };
		const tool = { name: 'give', inputSchema: { type: 'object' as const } };
		const server = await startServer({ tools: [{ tool, call: () => result }] });
		expect(await call(openConnector(), configFor(server), 'give')).toBe(output);
	});

	test('a failure without a word still has a message', async () => {
		const tool = { name: 'give', inputSchema: { type: 'object' as const } };
		const server = await startServer({ tools: [{ tool, call: () => ({ content: [], isError: true }) }] });
		expect(await call(openConnector(), configFor(server), 'give')).toEqual({
			type: 'tool_execution_error',
			message: "The tool 'give' failed and did not say why."
		});
	});

	test('a secret that a failing tool repeats is struck out', async () => {
		const tool = { name: 'give', inputSchema: { type: 'object' as const } };
		const leak = {
			content: [{ type: 'text' as const, text: 'Bearer secret-token, secret-token, query-secret' }],
			isError: true
		};
		const server = await startServer({ tools: [{ tool, call: () => leak }] });
		const config = configFor({ url: `${server.url}?key=query-secret` }, { authorization: 'secret-token' });
		expect(await call(openConnector(), config, 'give')).toEqual({
			type: 'tool_execution_error',
			message: '***, ***, ***'
		});
	});
});

describe('arguments', () => {
	test('none at all are an empty object', async () => {
		const server = await startServer();
		expect(await call(openConnector(), configFor(server), 'echo', ' ')).toBe('undefined');
		expect(server.requests.at(-1)?.params).toMatchObject({ name: 'echo', arguments: {} });
	});

	test.each(['{', '[]', '"text"', 'null', '1'])('%s are refused before the server is asked', async (args) => {
		const server = await startServer();
		expect(await call(openConnector(), configFor(server), 'echo', args)).toEqual({
			type: 'protocol_error',
			code: -32_602,
			message: 'The arguments of the call are not a JSON object.'
		});
		expect(server.requests).toEqual([]);
	});
});

test('listeners are never called from inside the call that starts the work, nor after cancel', async () => {
	const connector = openConnector();
	const heard: string[] = [];
	const hear = (word: string) => ({
		onTools: () => heard.push(word),
		onOutput: () => heard.push(word),
		onError: () => heard.push(word)
	});
	const bad = { server_label: 'x', server_url: 'nonsense' };
	connector.listTools(bad, hear('list'));
	connector.callTool(bad, 'x', '{}', hear('call'));
	connector.callTool(bad, 'x', 'no JSON', hear('arguments'));
	connector.listTools(bad, hear('cancelled')).cancel();
	connector.callTool(bad, 'x', 'no JSON', hear('cancelled')).cancel();
	expect(heard).toEqual([]);
	await Promise.resolve();
	expect(heard).toEqual(['list', 'call', 'arguments']);
});
