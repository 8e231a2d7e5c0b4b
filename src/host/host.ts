// The host: one port that serves the site and the simulator, over HTTP and TLS, to this machine.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { Failure } from './bootstrap/failure.js';
import { defaultHomeDirectory, openCertificate } from './certificate.ts';
import { createGuard, isApiPath, setSecurityHeaders } from './guard.ts';
import type { Guard } from './guard.ts';
import { openOnePort } from './one-port.ts';
import { refuseUpgrade, sendText } from './responses.ts';
import { openSimulator } from './simulator.ts';
import type { Simulator, SimulatorOptions } from './simulator.ts';
import { createStaticSite } from './static-site.ts';
import type { SiteHandler } from './static-site.ts';

export const DEFAULT_PORT = 4600;
export const DEFAULT_HOSTNAME = '127.0.0.1';

export interface HostOptions {
	/** Default 4600; 0 takes any free port. */
	port?: number;
	/** The address to bind to. Default 127.0.0.1; anything else lets other machines in. */
	hostname?: string;
	/** Folder of the built site. Without it there is no site, only the simulator. */
	siteDirectory?: string;
	/** Folder for the certificate. Default: EARSHOT_HOME, or `.earshot` in the person's home folder. */
	homeDirectory?: string;
	/** Origins of browser apps that may use the simulator, as `parseAllowedOrigin` gives them. */
	allowedOrigins?: readonly string[];
	/** Passed to the simulator as it is. */
	simulator?: SimulatorOptions;
}

export interface Host {
	port: number;
	/** `http://127.0.0.1:4600`, without a slash at the end. */
	url: string;
	/** The same port, over TLS. */
	tlsUrl: string;
	/** The file for NODE_EXTRA_CA_CERTS. */
	certificatePath: string;
	/** Ends every connection and session, and frees the port. */
	dispose(): Promise<void>;
}

/**
 * Starts the host.
 * @throws Error with a message for the person at the terminal: port taken, no built site, no place for the certificate
 */
export async function startHost(options: HostOptions = {}): Promise<Host> {
	const { port: wantedPort = DEFAULT_PORT, hostname = DEFAULT_HOSTNAME, siteDirectory, allowedOrigins = [] } = options;
	const site = siteDirectory === undefined ? withoutSite : createStaticSite(siteDirectory);
	const { key, cert, path: certificatePath } = await openCertificate(options.homeDirectory ?? defaultHomeDirectory());
	// Last of what can fail: it starts workers, which keep the process alive until it is disposed of.
	const simulator = await openSimulator(options.simulator);
	const onePort = await openOnePort({ port: wantedPort, hostname, key, cert }, (port) =>
		createHandlers(createGuard({ port, hostname, allowedOrigins }), simulator, site)
	).catch(async (error: NodeJS.ErrnoException) => {
		await simulator.dispose();
		throw explainListenError(error, wantedPort, hostname);
	});
	const authority = `${urlName(hostname)}:${onePort.port}`;
	return {
		port: onePort.port,
		url: `http://${authority}`,
		tlsUrl: `https://${authority}`,
		certificatePath,
		async dispose() {
			try {
				await simulator.dispose();
			} finally {
				await onePort.dispose();
			}
		}
	};
}

/** Guard first, then the simulator, then the site. The Vite plugin puts the same things in the same order. */
function createHandlers(guard: Guard, simulator: Simulator, site: SiteHandler) {
	return {
		request(request: IncomingMessage, response: ServerResponse) {
			setSecurityHeaders(response);
			response.on('error', () => response.destroy());
			try {
				const refusal = guard.check(request);
				if (refusal) sendText(response, refusal.status, refusal.reason);
				else if (!simulator.handleRequest(request, response)) answerRest(request, response, site);
			} catch (error) {
				reportError(error);
				sendText(response, 500, 'The host failed to answer. Its terminal says why.');
			}
		},
		upgrade(request: IncomingMessage, socket: Duplex, head: Buffer) {
			socket.on('error', () => socket.destroy());
			try {
				const refusal = guard.check(request, 'upgrade');
				if (refusal) refuseUpgrade(socket, refusal.status, refusal.reason);
				else if (!simulator.handleUpgrade(request, socket, head)) {
					refuseUpgrade(socket, 404, 'There is no WebSocket at this address. The simulator is at /v1/realtime.');
				}
			} catch (error) {
				reportError(error);
				refuseUpgrade(socket, 500, 'The host failed to answer. Its terminal says why.');
			}
		}
	};
}

function answerRest(request: IncomingMessage, response: ServerResponse, site: SiteHandler): void {
	if (isApiPath(request.url ?? '')) sendText(response, 404, 'There is nothing at this address of the API.');
	else site(request, response);
}

function withoutSite(_request: IncomingMessage, response: ServerResponse): void {
	sendText(response, 404, 'Only the simulator runs here, at /v1. `npm start` serves the console as well.');
}

function reportError(error: unknown): void {
	console.error(error instanceof Error ? (error.stack ?? error.message) : error);
}

/** The name to put into a URL for an address that was bound to: a wildcard is no address to connect to. */
function urlName(hostname: string): string {
	if (hostname === '0.0.0.0' || hostname === '::') return DEFAULT_HOSTNAME;
	return hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
}

/** Says what a failed listen means and what to do about it. */
export function explainListenError(error: NodeJS.ErrnoException, port: number, hostname: string): Error {
	const explain = (message: string) => new Failure(message, { cause: error });
	if (error.code === 'EADDRINUSE') {
		return explain(
			`Port ${port} of ${hostname} is taken, by another Earshot or by another program.\n` +
				`End that one, or take another port: npm start -- --port ${port + 1}   (or set EARSHOT_PORT=${port + 1})`
		);
	}
	if (error.code === 'EACCES') {
		return explain(`Port ${port} may not be used by this account. Take one above 1023: npm start -- --port 4600`);
	}
	if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
		return explain(`This machine has no address '${hostname}'. Leave out --host, or name an address that it has.`);
	}
	return error;
}
