// Gives `vite dev` what the host gives the built site: the guard, the headers and the simulator.
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import type { Plugin, ViteDevServer } from 'vite';
import { DEV_FLAGS_VARIABLE, isLoopback, parseCommandLine } from './command-line.ts';
import { DEFAULT_HOSTNAME, DEFAULT_PORT } from './host.ts';
import {
	createGuard,
	isApiPath,
	POLICY_OF_SANDBOX_PAGE,
	SANDBOX_PAGE,
	securityHeaders,
	setSecurityHeaders
} from './guard.ts';
import type { Guard } from './guard.ts';
import { refuseUpgrade, sendText } from './responses.ts';
import { loadSimulatorOptions, openSimulator } from './simulator.ts';
import type { Simulator } from './simulator.ts';

/** The plugin. It does nothing in builds and in tests. */
export function earshotHost(): Plugin {
	return {
		name: 'earshot-host',
		apply: (_config, { command }) => command === 'serve' && !process.env.VITEST,
		// What a plugin returns wins over the command line, so what was asked for there is repeated.
		config: ({ server }) => ({
			server: {
				host: server?.host ?? DEFAULT_HOSTNAME,
				port: server?.port ?? DEFAULT_PORT,
				strictPort: true,
				cors: false, // no other site has business here
				headers: { ...securityHeaders }
			}
		}),
		async configureServer(server) {
			const flags = JSON.parse(process.env[DEV_FLAGS_VARIABLE] ?? '[]') as string[];
			const { simulator: settings, hostname, allowedOrigins } = parseCommandLine(flags, process.env);
			const facts = { isLoopback: isLoopback(hostname) };
			const simulator = await openSimulator(await loadSimulatorOptions(settings, process.env, facts));
			mount(server, simulator, allowedOrigins);
			server.httpServer?.on('close', () => void simulator.dispose());
		}
	};
}

function mount(server: ViteDevServer, simulator: Simulator, allowedOrigins: readonly string[]): void {
	const { config, httpServer, middlewares } = server;
	if (!httpServer) throw new Error('Earshot cannot be mounted in the middleware mode of Vite: there is no server.');
	let guard: Guard | undefined;
	const check = (request: IncomingMessage, kind: 'request' | 'upgrade') => {
		guard ??= createGuard({ ...boundAddress(server), allowedOrigins });
		return guard.check(request, kind);
	};

	middlewares.use((request, response, next) => {
		setSecurityHeaders(response);
		const refusal = check(request, 'request');
		if (refusal) sendText(response, refusal.status, refusal.reason);
		else if (request.url === SANDBOX_PAGE) sendSandboxPage(config.publicDir, response);
		else if (!simulator.handleRequest(request, response)) {
			if (isApiPath(request.url ?? '')) sendText(response, 404, 'There is nothing at this address of the API.');
			else next();
		}
	});
	httpServer.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
		if (isForVite(request, config.base)) return;
		socket.on('error', () => socket.destroy());
		const refusal = check(request, 'upgrade');
		if (refusal) refuseUpgrade(socket, refusal.status, refusal.reason);
		else if (!simulator.handleUpgrade(request, socket, head)) {
			refuseUpgrade(socket, 404, 'There is no WebSocket at this address. The simulator is at /v1/realtime.');
		}
	});
}

/** Vite would put the headers of all other files over the one that lets our page frame this one. */
function sendSandboxPage(publicDir: string, response: ServerResponse): void {
	response.setHeader('Content-Security-Policy', POLICY_OF_SANDBOX_PAGE);
	response.setHeader('Content-Type', 'text/html;charset=utf-8');
	response.end(readFileSync(path.join(publicDir, SANDBOX_PAGE)));
}

/**
 * Vite's own channel to the page, which Vite checks by a token. Exactly what Vite answers, and no more: to other sockets
 * it says nothing, so they would go unguarded and wait for ever.
 */
function isForVite({ headers, url = '' }: IncomingMessage, base: string): boolean {
	const protocol = headers['sec-websocket-protocol'];
	return (protocol === 'vite-hmr' || protocol === 'vite-ping') && url.replace(/[?#].*/s, '') === base;
}

function boundAddress({ httpServer, config }: ViteDevServer): { port: number; hostname: string } {
	const { port } = httpServer?.address() as AddressInfo;
	const { host } = config.server;
	return { port, hostname: host === true ? '0.0.0.0' : host || DEFAULT_HOSTNAME };
}
