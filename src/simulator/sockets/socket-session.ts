/** Binds one WebSocket to one session: the edge where real time and real sockets come in. */
import type { WebSocket } from 'ws';
import type { FaultInjector } from '#simulator/faults/fault-injector.ts';
import type { SimulatedSession } from '#simulator/session/simulated-session.ts';

/** Source: live probe (20.26 s). */
const PING_EVERY_MS = 20_000;

/** Runs `action` after a real delay; returns how to call it off. */
export function scheduleReal(delayMs: number, action: () => void): () => void {
	const timer = setTimeout(action, delayMs);
	return () => clearTimeout(timer);
}

/** Opens a session on an open socket, behind its faults; it is disposed when the socket closes. */
export function bindSocket(socket: WebSocket, session: SimulatedSession, injector: FaultInjector): void {
	let isAnswered = true;
	const pings = setInterval(() => {
		if (injector.isStalled) return;
		// A peer that went away without a word would keep its session for an hour.
		if (!isAnswered) return socket.terminate();
		isAnswered = false;
		socket.ping();
	}, PING_EVERY_MS);
	socket.on('pong', () => (isAnswered = true));
	socket.on('message', (data, isBinary) => {
		if (isBinary) injector.receiveBinary();
		else injector.receiveText(String(data));
	});
	socket.on('close', () => {
		clearInterval(pings);
		injector.dispose();
		session.dispose();
	});
	injector.begin(session);
	session.open();
}
