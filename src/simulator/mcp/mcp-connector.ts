/**
 * Reaches the MCP servers of sessions: lists their tools and calls them, with the official client. Connections are shared
 * by all sessions that use the same server with the same credentials, and closed when nobody has used them for a while.
 */
import { ConnectionPool } from '#simulator/mcp/connection-pool.ts';
import type { McpConnection } from '#simulator/mcp/mcp-connection.ts';
import { badArguments, describeFailure, redact, timeoutError } from '#simulator/mcp/mcp-failure.ts';
import { parseTarget } from '#simulator/mcp/mcp-target.ts';
import type { McpTarget } from '#simulator/mcp/mcp-target.ts';
import type { Cancellable, McpCallError, McpConnector, McpServerConfig } from '#simulator/session/ports.ts';
import { isJsonObject } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

export interface McpConnectorOptions {
	/** Which servers may be reached. Default: all. */
	isAllowed?: (url: URL) => boolean;
	/** For connecting. Default 15 000. */
	connectTimeoutMs?: number;
	/** For listing, connecting included. Default 15 000. */
	listTimeoutMs?: number;
	/** For a call, connecting included. Default 60 000. */
	callTimeoutMs?: number;
	/** How long a connection is kept that nobody uses. Default 60 000. */
	idleMs?: number;
}

export interface OpenMcpConnector extends McpConnector {
	/** Closes all connections; what is under way ends with an error, and nothing can be started any more. */
	dispose: () => Promise<void>;
}

type Outcome<T> = { value: T } | { error: McpCallError };

/** Opens nothing yet: connections are made when they are needed. */
export function openMcpConnector(options: McpConnectorOptions = {}): OpenMcpConnector {
	const { isAllowed = () => true, connectTimeoutMs = 15_000, listTimeoutMs = 15_000, callTimeoutMs = 60_000 } = options;
	const pool = new ConnectionPool(connectTimeoutMs, options.idleMs ?? 60_000);

	function start<T>(
		server: McpServerConfig,
		limitMs: number,
		work: (connection: McpConnection, signal: AbortSignal) => Promise<T>,
		listener: { onValue: (value: T, target: McpTarget) => void; onError: (error: McpCallError) => void }
	): Cancellable {
		const parsed = parseTarget(server, isAllowed);
		if ('error' in parsed) return deliverLater(() => listener.onError(parsed.error));
		const { target } = parsed;
		return runWithin(
			limitMs,
			async (signal): Promise<Outcome<T>> => {
				try {
					return { value: await pool.use(target, work, signal) };
				} catch (error) {
					return { error: describeFailure(error, target, connectTimeoutMs) };
				}
			},
			() => ({ error: timeoutError(target, limitMs) }),
			(outcome) => ('error' in outcome ? listener.onError(outcome.error) : listener.onValue(outcome.value, target))
		);
	}

	return {
		listTools: (server, { onTools, onError }) =>
			start(server, listTimeoutMs, (connection, signal) => connection.listTools(signal), { onValue: onTools, onError }),
		callTool: (server, name, args, { onOutput, onError }) => {
			const parsedArgs = parseArguments(args);
			if (!parsedArgs) return deliverLater(() => onError(badArguments()));
			return start(server, callTimeoutMs, (connection, signal) => connection.callTool(name, parsedArgs, signal), {
				onValue: ({ text, isError }, target) => {
					if (!isError) return onOutput(text);
					const message = redact(text, target) || `The tool '${name}' failed and did not say why.`;
					onError({ type: 'tool_execution_error', message });
				},
				onError
			});
		},
		dispose: () => pool.dispose()
	};
}

/** The arguments that a model wrote. Models write nothing at all for a tool that takes none. */
function parseArguments(text: string): JsonObject | undefined {
	if (text.trim() === '') return {};
	try {
		const value: unknown = JSON.parse(text);
		return isJsonObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}

/** Delivers what is known at once, but not from inside the call that asked for it. */
function deliverLater(deliver: () => void): Cancellable {
	let isCancelled = false;
	queueMicrotask(() => {
		if (!isCancelled) deliver();
	});
	return { cancel: () => void (isCancelled = true) };
}

/** Delivers the outcome of some work, or that it took too long; once, and nothing after `cancel`. */
function runWithin<T>(
	limitMs: number,
	work: (signal: AbortSignal) => Promise<T>,
	onTimeout: () => T,
	deliver: (outcome: T) => void
): Cancellable {
	const controller = new AbortController();
	let isOver = false;
	const end = (outcome?: T): void => {
		if (isOver) return;
		isOver = true;
		clearTimeout(timer);
		controller.abort();
		if (outcome !== undefined) deliver(outcome);
	};
	const timer = setTimeout(() => end(onTimeout()), limitMs);
	// `work` never rejects: what fails is an outcome. What it gives after the end is of no use to anybody.
	void work(controller.signal).then(end);
	return { cancel: () => end() };
}
