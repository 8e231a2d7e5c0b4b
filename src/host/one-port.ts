// HTTP and TLS on one port. A TLS connection begins with a handshake record, whose first byte is 0x16; no HTTP method
// begins with that byte. So the first byte decides which server gets the connection.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerOptions, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { createServer as createNetServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const TLS_HANDSHAKE = 0x16;

/** What answers requests and upgrades, of both kinds of connection alike. */
export interface OnePortHandlers {
	request(request: IncomingMessage, response: ServerResponse): void;
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface OnePortOptions {
	/** 0 takes any free port. */
	port: number;
	hostname: string;
	key: string;
	cert: string;
	/** How long a connection may take to send its first byte, a TLS handshake, or the head of a request. */
	patienceMs?: number;
}

export interface OnePort {
	port: number;
	/** Ends every connection and frees the port. */
	dispose(): Promise<void>;
}

/**
 * Listens, and hands each connection to an HTTP or an HTTPS server. `createHandlers` is called once, with the real
 * port, before the first connection is looked at.
 * @throws the error of `net` (EADDRINUSE, EACCES ...) when the port cannot be had
 */
export async function openOnePort(
	options: OnePortOptions,
	createHandlers: (port: number) => OnePortHandlers
): Promise<OnePort> {
	const { patienceMs = 10_000 } = options;
	const serverOptions: ServerOptions = {
		requireHostHeader: false, // the guard answers that, with 403 like the rest
		headersTimeout: patienceMs,
		connectionsCheckingInterval: Math.min(patienceMs, 30_000),
		// Anything but a WebSocket (h2c of curl and Java clients) may go on in HTTP/1.1, as its sender expects.
		...{ shouldUpgradeCallback: (request: IncomingMessage) => /\bwebsocket\b/i.test(request.headers.upgrade ?? '') }
	};
	const plain = createHttpServer(serverOptions);
	const secure = createHttpsServer({
		...serverOptions,
		key: options.key,
		cert: options.cert,
		handshakeTimeout: patienceMs,
		ALPNProtocols: ['http/1.1']
	});
	const sockets = new Set<Socket>();
	const front = createNetServer((socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => socket.destroy()); // a peer that goes away is no error of ours
		handOver(socket, patienceMs, (first) => (first === TLS_HANDSHAKE ? secure : plain));
	});
	front.listen({ port: options.port, host: options.hostname });
	await once(front, 'listening'); // rejects on 'error'
	const { port } = front.address() as AddressInfo;

	const handlers = createHandlers(port);
	for (const server of [plain, secure]) {
		server.on('request', handlers.request);
		server.on('upgrade', handlers.upgrade);
		server.on('clientError', (_error: Error, socket: Duplex) => refuseBroken(socket));
		server.on('tlsClientError', (_error: Error, socket: Duplex) => socket.destroy());
		server.emit('listening'); // they never listen themselves, and start their timeouts on this event
	}
	return {
		port,
		async dispose() {
			const closed = new Promise<void>((resolve) => front.close(() => resolve()));
			plain.close();
			secure.close();
			for (const socket of sockets) socket.destroy();
			await closed;
		}
	};
}

/** Waits for the first byte, chooses by it, and gives the connection away with nothing missing. */
function handOver(
	socket: Socket,
	patienceMs: number,
	choose: (first: number) => { emit(name: string, s: Socket): void }
) {
	const timer = setTimeout(() => socket.destroy(), patienceMs);
	socket.once('close', () => clearTimeout(timer));
	socket.once('data', (chunk) => {
		clearTimeout(timer);
		socket.pause();
		socket.unshift(chunk);
		choose(chunk[0] ?? 0).emit('connection', socket);
		// The server has taken the socket over and listens by now; TLS reads below the stream and needs no resume.
		process.nextTick(() => socket.resume());
	});
}

function refuseBroken(socket: Duplex): void {
	if (!socket.writable) return;
	socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n', () => socket.destroy());
}
