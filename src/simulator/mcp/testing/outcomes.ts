/** How tests use a connector: outcomes as promises, and servers that end with the test. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, vi } from 'vitest';
import { openMcpConnector } from '#simulator/mcp/mcp-connector.ts';
import type { McpConnectorOptions, OpenMcpConnector } from '#simulator/mcp/mcp-connector.ts';
import { startMcpServer } from '#simulator/mcp/testing/mcp-server.ts';
import type { McpServerOptions, McpTestServer } from '#simulator/mcp/testing/mcp-server.ts';
import type { McpCallError, McpConnector, McpServerConfig, McpTool } from '#simulator/session/ports.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
	vi.useRealTimers();
	for (const close of closers.splice(0).reverse()) await close();
});

export async function startServer(options: McpServerOptions = {}): Promise<McpTestServer> {
	const server = await startMcpServer(options);
	closers.push(server.dispose);
	return server;
}

export function openConnector(options: McpConnectorOptions = {}): OpenMcpConnector {
	const connector = openMcpConnector(options);
	closers.push(connector.dispose);
	return connector;
}

export function configFor(server: { url: string }, rest: Partial<McpServerConfig> = {}): McpServerConfig {
	return { server_label: 'test', server_url: server.url, ...rest };
}

export function list(connector: McpConnector, config: McpServerConfig): Promise<McpTool[] | McpCallError> {
	return new Promise((resolve) => connector.listTools(config, { onTools: resolve, onError: resolve }));
}

export function call(
	connector: McpConnector,
	config: McpServerConfig,
	name: string,
	args = '{}'
): Promise<string | McpCallError> {
	return new Promise((resolve) => connector.callTool(config, name, args, { onOutput: resolve, onError: resolve }));
}

/** A server that takes connections and says nothing. */
export async function startSilentServer(): Promise<{ url: string; port: number; stop: () => Promise<void> }> {
	const sockets = new Set<{ destroy: () => void }>();
	const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const stop = async () => {
		for (const socket of sockets) socket.destroy();
		await new Promise((resolve) => server.close(resolve));
	};
	closers.push(stop);
	const { port } = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${port}/mcp`, port, stop };
}
