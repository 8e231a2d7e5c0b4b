/** Servers that may not be used, and real ones that answer badly or not at all. */
import { describe, expect, test, vi } from 'vitest';
import { call, configFor, list, openConnector, startServer, startSilentServer } from './testing/outcomes.ts';
import type { McpCallError } from '#simulator/session/ports.ts';

describe('servers that are refused', () => {
	test.each([
		['not a url', /is not a URL/],
		['/mcp', /is not a URL/],
		['ftp://127.0.0.1/mcp', /http:\/\/ or https:\/\//],
		['file:///etc/passwd', /http:\/\/ or https:\/\//],
		['javascript:alert(1)', /http:\/\/ or https:\/\//],
		['http://me:secret-word@127.0.0.1/mcp', /user name or a password/],
		['http://secret-word@127.0.0.1/mcp', /user name or a password/]
	])('%s', async (server_url, message) => {
		const error = (await list(openConnector(), { server_label: 'x', server_url })) as McpCallError;
		expect(error).toMatchObject({ type: 'http_error', code: 400, message: expect.stringMatching(message) as string });
		expect(error.message).not.toMatch(/secret-word|passwd|alert/);
	});

	test.each([
		[{ authorization: 'secret\nword' }, /The 'authorization' of/],
		[{ headers: { 'X-Key': 'secret\u{2713}' } }, /The header "X-Key" of/],
		[{ headers: { 'not a name': 'secret' } }, /The header "not a name" of/]
	])('headers that HTTP cannot carry: %j', async (config, message) => {
		const server = await startServer();
		const error = (await list(openConnector(), configFor(server, config))) as McpCallError;
		expect(error).toMatchObject({ type: 'http_error', code: 400, message: expect.stringMatching(message) as string });
		expect(error.message).not.toContain('secret');
	});

	test('those that this simulator may not reach, before anything is sent', async () => {
		const [allowed, other] = [await startServer(), await startServer()];
		const connector = openConnector({ isAllowed: ({ origin }) => origin === new URL(allowed.url).origin });
		expect(Array.isArray(await list(connector, configFor(allowed)))).toBe(true);
		expect(await list(connector, configFor(other))).toEqual({
			type: 'http_error',
			code: 403,
			message: `This simulator was told not to reach MCP servers at ${new URL(other.url).origin}.`
		});
		expect(other.requests).toEqual([]);
	});
});

describe('servers that do not answer well', () => {
	test('nobody there', async () => {
		const { url, port, stop } = await startSilentServer();
		await stop();
		expect(await list(openConnector(), configFor({ url: `${url}?key=query-secret` }))).toEqual({
			type: 'http_error',
			code: 503,
			message: `The MCP server at http://127.0.0.1:${port} cannot be reached: ECONNREFUSED.`
		});
	});

	test('a server that went away is not there at the next call', async () => {
		const server = await startServer();
		const connector = openConnector();
		await list(connector, configFor(server));
		await server.dispose();
		expect(await call(connector, configFor(server), 'add')).toMatchObject({ type: 'http_error', code: 503 });
	});

	test('one that takes connections and says nothing', async () => {
		const silent = await startSilentServer();
		for (const options of [{ listTimeoutMs: 50 }, { connectTimeoutMs: 50 }]) {
			expect(await list(openConnector(options), configFor(silent))).toEqual({
				type: 'http_error',
				code: 504,
				message: `The MCP server at http://127.0.0.1:${silent.port} did not answer within 0.05 s.`
			});
		}
	});

	test('a tool that takes longer than a minute is cancelled', async () => {
		const server = await startServer();
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
		const outcome = call(openConnector(), configFor(server), 'slow');
		await server.slowStarted();
		vi.advanceTimersByTime(60_000);
		expect(await outcome).toEqual({
			type: 'http_error',
			code: 504,
			message: `The MCP server at ${new URL(server.url).origin} did not answer within 60 s.`
		});
		await server.slowCancelled();
	});

	test('one that drops the answer of a call', async () => {
		const server = await startServer({
			intercept: (_request, response, body) => {
				if (!body.includes('"tools/call"')) return false;
				response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end(': nothing to say\n\n');
				return true;
			}
		});
		expect(await call(openConnector(), configFor(server), 'add')).toEqual({
			type: 'protocol_error',
			code: -32_000,
			message: 'The server ended the connection before its answer.'
		});
	});

	test.each([
		[404, '<html>Not here</html>', 'text/html', 404, /HTTP status 404\.$/],
		[500, '{"error":{"message":"Out of   order."}}', 'application/json', 500, /HTTP status 500: Out of order\.$/],
		[503, 'Come back later', 'text/plain', 503, /HTTP status 503: Come back later\.$/],
		[403, `{"message":"${'no '.repeat(200)}"}`, 'application/json', 403, /HTTP status 403: (no ){66}no\.\.\.\.$/],
		[200, '<html>Hello</html>', 'text/html', 502, /gave no answer that can be used: .*content type: text\/html/],
		[200, '{"hello":1}', 'application/json', 502, /can be used: what it sent is not a message of MCP\.$/],
		[302, '', 'text/plain', 302, /HTTP status 302: a redirect/]
	])('one that answers %i with %s', async (status, body, type, code, message) => {
		const server = await startServer({
			intercept: (_request, response) => {
				response.writeHead(status, { 'Content-Type': type, Location: 'http://127.0.0.1:9/elsewhere' }).end(body);
				return true;
			}
		});
		const error = await list(openConnector(), configFor(server));
		expect(error).toMatchObject({ type: 'http_error', code });
		expect((error as McpCallError).message).toMatch(message);
	});
});
