/** A real MCP server on a free port of this machine, made with the official package, for tests. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import {
	createMcpHandler,
	ProtocolError,
	Server,
	WebStandardStreamableHTTPServerTransport
} from '@modelcontextprotocol/server';
import type { CallToolResult, JSONRPCMessage, Tool, Transport } from '@modelcontextprotocol/server';

/** A tool and what it does. It may throw a ProtocolError. */
export interface McpTestTool {
	tool: Tool;
	call: (args: Record<string, unknown>, signal: AbortSignal) => CallToolResult | Promise<CallToolResult>;
}

export interface McpServerOptions {
	/** Besides the usual ones: add, echo, fail, slow, crash. One of the same name replaces it. */
	tools?: readonly McpTestTool[];
	/** The value that the Authorization header has to have; else requests get 401. */
	requireAuthorization?: string;
	/** Tools in a page of the list. Default: all. */
	pageSize?: number;
	/**
	 * `sessions` (default): streamable HTTP with sessions, as most servers have it. `modern`: the protocol of 2026-07-28
	 * only. `sse`: the older HTTP with SSE only.
	 */
	transport?: 'sessions' | 'modern' | 'sse';
	/** Answers a request instead of MCP, when it returns true. */
	intercept?: (request: IncomingMessage, response: ServerResponse, body: string) => boolean;
}

/** A request that the server got. */
export interface McpServerRequest {
	httpMethod: string;
	headers: Record<string, string>;
	/** The JSON-RPC method, such as `tools/call`; undefined for a request without a message. */
	rpcMethod?: string;
	params?: Record<string, unknown>;
}

export interface McpTestServer {
	url: string;
	/** All requests so far. */
	requests: McpServerRequest[];
	/** Resolves when a call of `slow` is running. */
	slowStarted: () => Promise<void>;
	/** Ends the calls of `slow` that are running. */
	finishSlow: (text?: string) => void;
	/** Resolves when a call of `slow` has been cancelled by its client. */
	slowCancelled: () => Promise<void>;
	/** Forgets all sessions, as a restart does. */
	forgetSessions: () => Promise<void>;
	dispose: () => Promise<void>;
}

/** Starts a server with the tools add, echo, fail (says that it failed), slow (see `finishSlow`) and crash (a protocol error). */
export async function startMcpServer(options: McpServerOptions = {}): Promise<McpTestServer> {
	const requests: McpServerRequest[] = [];
	const slow = new SlowCalls();
	const tools = [...(options.tools ?? []), ...usualTools(slow)].filter(
		({ tool }, index, all) => all.findIndex((other) => other.tool.name === tool.name) === index
	);
	const kinds = { sessions: serveSessions, modern: serveModern, sse: serveSse };
	const mcp = kinds[options.transport ?? 'sessions'](() => createTestServer(tools, options.pageSize ?? tools.length));
	const server = createServer((request, response) => {
		void (async () => {
			const body = await readText(request);
			requests.push(describeRequest(request, body));
			if (options.intercept?.(request, response, body)) return;
			const { authorization } = request.headers;
			if (options.requireAuthorization !== undefined && authorization !== options.requireAuthorization) {
				response.writeHead(401, { 'Content-Type': 'application/json' });
				return response.end(JSON.stringify({ error: `no access with '${authorization ?? ''}'` }));
			}
			await mcp.serve(request, response, body);
		})().catch((error: unknown) => response.destroy(error as Error));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${options.transport === 'sse' ? 'sse' : 'mcp'}`,
		requests,
		slowStarted: () => slow.started.promise,
		finishSlow: (text = 'done') => slow.finish(text),
		slowCancelled: () => slow.cancelled.promise,
		forgetSessions: () => mcp.forget(),
		dispose: async () => {
			slow.finish('stopped');
			await mcp.forget();
			server.closeAllConnections();
			await new Promise((resolve) => server.close(resolve));
		}
	};
}

// --- Tools ----------------------------------------------------------------------------------------------------------

class SlowCalls {
	started = Promise.withResolvers<void>();
	readonly cancelled = Promise.withResolvers<void>();
	#running: ((result: CallToolResult) => void)[] = [];

	call(signal: AbortSignal): Promise<CallToolResult> {
		signal.addEventListener('abort', () => this.cancelled.resolve());
		const result = new Promise<CallToolResult>((resolve) => this.#running.push(resolve));
		this.started.resolve();
		return result;
	}

	finish(text: string): void {
		for (const resolve of this.#running.splice(0)) resolve(say(text));
		this.started = Promise.withResolvers<void>();
	}
}

function say(text: string): CallToolResult {
	return { content: [{ type: 'text', text }] };
}

function usualTools(slow: SlowCalls): McpTestTool[] {
	const object = (properties: Record<string, { type: string }>) => ({ type: 'object' as const, properties });
	return [
		{
			tool: {
				name: 'add',
				inputSchema: { ...object({ a: { type: 'number' }, b: { type: 'number' } }), required: ['a', 'b'] },
				annotations: { readOnlyHint: true }
			},
			call: ({ a, b }) => say(String(Number(a) + Number(b)))
		},
		{
			tool: { name: 'echo', description: 'Says it back.', inputSchema: object({ text: { type: 'string' } }) },
			call: ({ text }) => say(String(text))
		},
		{
			tool: { name: 'fail', description: 'Always fails.', inputSchema: object({}) },
			call: () => ({ ...say('The tool could not do it.'), isError: true })
		},
		{
			tool: { name: 'slow', description: 'Takes its time.', inputSchema: object({}) },
			call: (_args, signal) => slow.call(signal)
		},
		{
			tool: { name: 'crash', description: 'Breaks the protocol.', inputSchema: object({}) },
			call: () => {
				throw new ProtocolError(-32_603, 'The server crashed on purpose.');
			}
		}
	];
}

function createTestServer(tools: readonly McpTestTool[], pageSize: number): Server {
	const server = new Server({ name: 'test', version: '1.0.0' }, { capabilities: { tools: {} } });
	server.setRequestHandler('tools/list', ({ params }) => {
		const start = Number(params?.cursor ?? 0);
		const end = start + pageSize;
		const page = tools.slice(start, end).map(({ tool }) => tool);
		return { tools: page, ...(end < tools.length ? { nextCursor: String(end) } : {}) };
	});
	server.setRequestHandler('tools/call', ({ params }, { mcpReq }) => {
		const found = tools.find(({ tool }) => tool.name === params.name);
		if (!found) throw new ProtocolError(-32_602, `Tool ${params.name} not found`);
		return found.call(params.arguments ?? {}, mcpReq.signal);
	});
	return server;
}

// --- Transports -----------------------------------------------------------------------------------------------------

interface Serving {
	serve: (request: IncomingMessage, response: ServerResponse, body: string) => Promise<void>;
	/** Ends what is kept between requests. */
	forget: () => Promise<void>;
}

function serveSessions(create: () => Server): Serving {
	const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>();
	return {
		serve: async (request, response, body) => {
			const id = request.headers['mcp-session-id'];
			let transport = typeof id === 'string' ? sessions.get(id) : undefined;
			if (!transport && id !== undefined) return void response.writeHead(404).end('Session not found');
			if (!transport) {
				const opened = new WebStandardStreamableHTTPServerTransport({
					sessionIdGenerator: randomUUID,
					onsessioninitialized: (sessionId) => void sessions.set(sessionId, opened),
					onsessionclosed: (sessionId) => void sessions.delete(sessionId)
				});
				await create().connect(opened);
				transport = opened;
			}
			await sendResponse(response, await transport.handleRequest(toWebRequest(request, response, body)));
		},
		forget: async () => {
			const open = [...sessions.values()];
			sessions.clear();
			await Promise.all(open.map((transport) => transport.close()));
		}
	};
}

function serveModern(create: () => Server): Serving {
	const handler = createMcpHandler(create, { legacy: 'reject' });
	return {
		serve: async (request, response, body) =>
			sendResponse(response, await handler.fetch(toWebRequest(request, response, body))),
		forget: () => handler.close()
	};
}

/** The package has no server for the older transport any more, so this is one. */
class SseTransport implements Transport {
	onmessage?: (message: JSONRPCMessage) => void;
	onclose?: () => void;
	readonly #response: ServerResponse;
	readonly #endpoint: string;

	constructor(response: ServerResponse, endpoint: string) {
		this.#response = response;
		this.#endpoint = endpoint;
	}

	start(): Promise<void> {
		this.#response.writeHead(200, { 'Content-Type': 'text/event-stream' });
		this.#response.write(`event: endpoint\ndata: ${this.#endpoint}\n\n`);
		this.#response.on('close', () => this.onclose?.());
		return Promise.resolve();
	}

	send(message: JSONRPCMessage): Promise<void> {
		this.#response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
		return Promise.resolve();
	}

	close(): Promise<void> {
		this.#response.end();
		return Promise.resolve();
	}
}

function serveSse(create: () => Server): Serving {
	const sessions = new Map<string, SseTransport>();
	return {
		serve: async (request, response, body) => {
			const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
			if (request.method === 'GET' && pathname === '/sse') {
				const id = randomUUID();
				const transport = new SseTransport(response, `/messages?id=${id}`);
				sessions.set(id, transport);
				return create().connect(transport);
			}
			const transport = pathname === '/messages' ? sessions.get(searchParams.get('id') ?? '') : undefined;
			if (!transport) return void response.writeHead(request.method === 'POST' ? 405 : 404).end();
			response.writeHead(202).end();
			transport.onmessage?.(JSON.parse(body) as JSONRPCMessage);
		},
		forget: async () => {
			await Promise.all([...sessions.values()].map((transport) => transport.close()));
			sessions.clear();
		}
	};
}

// --- HTTP -----------------------------------------------------------------------------------------------------------

async function readText(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks).toString('utf8');
}

function describeRequest(request: IncomingMessage, body: string): McpServerRequest {
	const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
	const described = { httpMethod: request.method ?? '', headers };
	if (body === '') return described;
	const { method, params = {} } = JSON.parse(body) as { method?: string; params?: Record<string, unknown> };
	return method === undefined ? described : { ...described, rpcMethod: method, params };
}

function toWebRequest(request: IncomingMessage, response: ServerResponse, body: string): Request {
	const gone = new AbortController();
	response.on('close', () => gone.abort());
	const headers = new Headers(describeRequest(request, '').headers);
	return new Request(`http://${request.headers.host ?? 'localhost'}${request.url ?? '/'}`, {
		method: request.method ?? 'GET',
		headers,
		signal: gone.signal,
		...(body === '' ? {} : { body })
	});
}

async function sendResponse(response: ServerResponse, { status, headers, body }: Response): Promise<void> {
	response.writeHead(status, Object.fromEntries(headers));
	if (!body) return void response.end();
	response.flushHeaders();
	const stream = Readable.fromWeb(body as NodeReadableStream);
	response.on('close', () => stream.destroy());
	for await (const chunk of stream) response.write(chunk);
	response.end();
}
