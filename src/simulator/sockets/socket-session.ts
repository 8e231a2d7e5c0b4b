/** Binds one WebSocket to one session: the edge where real time and real sockets come in. */
import type { WebSocket } from 'ws';
import type { FaultInjector } from '#simulator/faults/fault-injector.ts';
import type { SimulatedSession } from '#simulator/session/simulated-session.ts';
import type { Run } from '#simulator/sockets/guarded-edges.ts';

/** Source: live probe (20.26 s). */
const PING_EVERY_MS = 20_000;

/** Runs `action` after a real delay; returns how to call it off. */
export function scheduleReal(delayMs: number, action: () => void): () => void {
	const timer = setTimeout(action, delayMs);
	return () => clearTimeout(timer);
}

/** While so much waits to be applied the client's further messages are left in its own buffers. */
const LARGEST_BACKLOG_CHARS = 8 * 1024 * 1024;
const LOOK_AGAIN_MS = 20;

/** Leaves the socket unread while its session has more than enough to do; returns what to call after each message. */
function holdBack(socket: WebSocket, session: SimulatedSession, injector: FaultInjector): () => void {
	let isHeldBack = false;
	const lookAgain = (): void => {
		if (socket.readyState !== socket.OPEN) return;
		// A fault may want it unread for longer.
		if (session.backlogChars > LARGEST_BACKLOG_CHARS / 2 || injector.isStalled) {
			setTimeout(lookAgain, LOOK_AGAIN_MS);
			return;
		}
		isHeldBack = false;
		socket.resume();
	};
	return () => {
		if (isHeldBack || session.backlogChars <= LARGEST_BACKLOG_CHARS) return;
		isHeldBack = true;
		socket.pause();
		setTimeout(lookAgain, LOOK_AGAIN_MS);
	};
}

/** Opens a session on an open socket, behind its faults; it is disposed when the socket closes. `run` calls into it. */
export function bindSocket(socket: WebSocket, session: SimulatedSession, injector: FaultInjector, run: Run): void {
	const checkBacklog = holdBack(socket, session, injector);
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
		run(() => (isBinary ? injector.receiveBinary() : injector.receiveText(String(data))));
		checkBacklog();
	});
	socket.on('close', () => {
		clearInterval(pings);
		injector.dispose();
		session.dispose();
	});
	injector.begin(session);
	run(() => session.open());
}
