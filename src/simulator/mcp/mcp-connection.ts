/** One connection to an MCP server, by the official client. */
import {
	Client,
	isJSONRPCRequest,
	SSEClientTransport,
	StreamableHTTPClientTransport
} from '@modelcontextprotocol/client';
import type { CallToolResult } from '@modelcontextprotocol/client';
import { mayBeSseServer } from '#simulator/mcp/mcp-failure.ts';
import type { McpTarget } from '#simulator/mcp/mcp-target.ts';
import type { McpTool } from '#simulator/session/ports.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

export interface McpConnection {
	/** All tools, from all pages. */
	listTools: (signal: AbortSignal) => Promise<McpTool[]>;
	/** What a tool gave, as one text; `isError` when the tool itself says that it failed. */
	callTool: (name: string, args: JsonObject, signal: AbortSignal) => Promise<McpOutput>;
	/** Takes leave of the server, for a second at most, and ends the connection. Never throws. */
	close: () => Promise<void>;
}

export interface McpOutput {
	text: string;
	isError: boolean;
}

/** How long a server has to acknowledge that we leave. */
const FAREWELL_MS = 1000;

/** Requests end by their signal, whoever set it knows when. The client's own limit of a minute must not come before. */
const timeout = 2 ** 31 - 1;

/**
 * Connects over streamable HTTP, or where the server does not have that over the older HTTP with SSE.
 * @param stop gives the attempt up
 * @throws what the client throws; a DOMException named TimeoutError when it takes longer than `limitMs`
 */
export async function openMcpConnection(target: McpTarget, limitMs: number, stop: AbortSignal): Promise<McpConnection> {
	const signal = AbortSignal.any([AbortSignal.timeout(limitMs), stop]);
	const requestInit = { headers: target.headers };
	try {
		return await connect(new HttpTransport(target.url, { requestInit }), signal);
	} catch (error) {
		if (!mayBeSseServer(error)) throw error;
		try {
			return await connect(new SSEClientTransport(target.url, { requestInit }), signal);
		} catch {
			throw error; // what the present transport was told says more
		}
	}
}

/** JSON-RPC leaves this range to implementations; MCP clients use the code for a connection that was closed. */
const CONNECTION_CLOSED = -32_000;

/** Lets a request fail when the server ends the stream of its answer without an answer: the client would wait on. */
class HttpTransport extends StreamableHTTPClientTransport {
	override send(...[message, options]: Parameters<StreamableHTTPClientTransport['send']>): Promise<void> {
		if (Array.isArray(message) || !isJSONRPCRequest(message)) return super.send(message, options);
		const { id } = message;
		// Where the answer came before the end of the stream nobody waits for this one, and it is ignored.
		const error = { code: CONNECTION_CLOSED, message: 'The server ended the connection before its answer.' };
		const onRequestStreamEnd = () => this.onmessage?.({ jsonrpc: '2.0', id, error });
		return super.send(message, { ...options, onRequestStreamEnd });
	}
}

async function connect(
	transport: StreamableHTTPClientTransport | SSEClientTransport,
	signal: AbortSignal
): Promise<McpConnection> {
	// Servers of the newest protocol are asked first; the client falls back to the handshake of the older ones.
	const client = new Client({ name: 'earshot-simulator', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
	try {
		await orAbort(client.connect(transport, { timeout, signal }), signal);
	} catch (error) {
		// Also where connecting failed: the older transport would try again for ever.
		await client.close().catch(ignore);
		await transport.close().catch(ignore);
		throw error;
	}
	return {
		listTools: async (requestSignal) => {
			const { tools } = await client.listTools({}, { timeout, signal: requestSignal });
			return tools.map(({ name, description = '', inputSchema, annotations = null }) => ({
				name,
				description,
				input_schema: inputSchema,
				annotations
			}));
		},
		callTool: (name, args, requestSignal) => callTool(client, { name, arguments: args }, requestSignal),
		close: () => close(client, transport)
	};
}

async function callTool(
	client: Client,
	call: { name: string; arguments: JsonObject },
	signal: AbortSignal
): Promise<McpOutput> {
	const result = await orAbort(client.callTool(call, { timeout, signal }), signal);
	return { text: readOutput(result), isError: result.isError === true };
}

/**
 * Texts as lines; what is no text as its JSON. Structured content is left out where there is other content: servers say
 * it there as well (source: MCP specification).
 */
export function readOutput({ content, structuredContent }: CallToolResult): string {
	if (content.length === 0 && structuredContent !== undefined) return JSON.stringify(structuredContent);
	return content.map((part) => (part.type === 'text' ? part.text : JSON.stringify(part))).join('\n');
}

/** A promise that also ends, with the signal's reason, when that aborts. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
	return new Promise<T>((resolve, reject) => {
		const abort = () => reject(signal.reason as Error);
		if (signal.aborted) abort();
		signal.addEventListener('abort', abort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
	});
}

async function close(client: Client, transport: StreamableHTTPClientTransport | SSEClientTransport): Promise<void> {
	const timer = setTimeout(() => void client.close().catch(ignore), FAREWELL_MS);
	if ('terminateSession' in transport) await transport.terminateSession().catch(ignore);
	clearTimeout(timer);
	await client.close().catch(ignore);
}

/** For what fails while a connection is being given up: there is nobody to tell, and nothing to do about it. */
function ignore(): void {}
