/** A WebSocket as faults need it, and the guard against a client that does not read. */
import type { WebSocket } from 'ws';
import type { SocketEdge } from '#simulator/faults/fault-injector.ts';

/** Waiting for a client that does not read: more than what one large item of a client is said back in. */
const LARGEST_BACKLOG_BYTES = 40 * 1024 * 1024;
/** "Try again later". Source: the IANA registry of close codes. */
const CLOSE_OVERLOADED = 1013;

export interface BackpressureGuard {
	/** Sends a message, unless the connection is closed or the client is too far behind: then it is closed. */
	sendText: (text: string) => void;
}

/**
 * Closes a connection with 1013 when more than `limitBytes` wait for a client that does not read. The message that is being
 * written does not count, so that one large message alone never closes it. What waits is bounded: by the limit, that message
 * and the one that passed the limit.
 */
export function guardBackpressure(
	socket: WebSocket,
	limitBytes = LARGEST_BACKLOG_BYTES,
	onOverflow: (waitingBytes: number) => void = () => {}
): BackpressureGuard {
	/** Sizes of what was given to the socket and not yet taken by the system. */
	const waiting: number[] = [];
	let waitingBytes = 0;
	return {
		sendText: (text) => {
			if (socket.readyState !== socket.OPEN) return;
			if (waitingBytes - (waiting[0] ?? 0) > limitBytes) {
				onOverflow(waitingBytes);
				socket.close(CLOSE_OVERLOADED, `The client does not read: ${waitingBytes} bytes wait for it.`);
				return;
			}
			const bytes = Buffer.from(text);
			waiting.push(bytes.length);
			waitingBytes += bytes.length;
			// Called in order, also with an error when the socket ends.
			socket.send(bytes, { binary: false }, () => (waitingBytes -= waiting.shift() ?? 0));
		}
	};
}

export interface SocketEdgeOptions {
	limitBytes?: number;
	/** Told when the client was too far behind and the connection is being closed. */
	onOverflow?: (waitingBytes: number) => void;
}

/** Opens the edge of a WebSocket, with its guard. */
export function openSocketEdge(socket: WebSocket, { limitBytes, onOverflow }: SocketEdgeOptions = {}): SocketEdge {
	const guard = guardBackpressure(socket, limitBytes, onOverflow);
	return {
		sendText: guard.sendText,
		close: (code, reason) => socket.close(code, reason),
		tear: () => socket.terminate(),
		pauseReading: () => socket.pause(),
		resumeReading: () => socket.resume()
	};
}
