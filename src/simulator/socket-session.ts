/** Binds one WebSocket to one session: the edge where real time and real sockets come in. */
import type { WebSocket } from 'ws';
import { createSimulatedSession } from '#simulator/simulated-session.ts';
import type { SessionDependencies } from '#simulator/session-context.ts';

/** Source: live probe (20.26 s). */
const PING_EVERY_MS = 20_000;

/** Runs `action` after a real delay; returns how to call it off. */
export function scheduleReal(delayMs: number, action: () => void): () => void {
	const timer = setTimeout(action, delayMs);
	return () => clearTimeout(timer);
}

/** Opens a session on an open socket; it is disposed when the socket closes. */
export function openSocketSession(
	socket: WebSocket,
	model: string,
	dependencies: Omit<SessionDependencies, 'send' | 'close' | 'schedule'>
): void {
	const session = createSimulatedSession(model, {
		...dependencies,
		schedule: scheduleReal,
		send: (event) => {
			if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(event));
		},
		close: (code, reason) => socket.close(code, reason)
	});
	let isAnswered = true;
	const pings = setInterval(() => {
		// A peer that went away without a word would keep its session for an hour.
		if (!isAnswered) return socket.terminate();
		isAnswered = false;
		socket.ping();
	}, PING_EVERY_MS);
	socket.on('pong', () => (isAnswered = true));
	socket.on('message', (data, isBinary) => {
		if (isBinary) session.receiveBinary();
		else session.receiveText(String(data));
	});
	socket.on('close', () => {
		clearInterval(pings);
		session.dispose();
	});
	session.open();
}
