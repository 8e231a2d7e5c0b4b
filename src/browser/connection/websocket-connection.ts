import { fitReason, type Connection, type ConnectionCallbacks, type ConnectionProblem } from './connection.ts';

export interface WebSocketConnectionOptions {
	/** How long the handshake may take, ms. A server that never answers would leave the page connecting without end. */
	readonly connectTimeoutMs?: number;
}

/**
 * Opens a WebSocket.
 *
 * Never throws for an address that is wrong: `onproblem` and `onclose` tell, after this function has returned. A
 * handshake that is refused (401, 429, no server, wrong subprotocol) looks the same to every page: 1006 and no reason.
 *
 * @param url `ws:`, `wss:` (or `http:`, `https:`) address
 * @param protocols subprotocols, in order of preference; none when empty
 */
export function openWebSocketConnection(
	url: string,
	protocols: readonly string[],
	callbacks: ConnectionCallbacks,
	options: WebSocketConnectionOptions = {}
): Connection {
	let socket: WebSocket;
	try {
		socket = new WebSocket(url, [...protocols]);
	} catch (error) {
		return refusedConnection(callbacks, {
			kind: 'bad-address',
			message: `The address ${JSON.stringify(url)} cannot be connected to: ${wordsOf(error)} Correct the address.`
		});
	}
	return new WebSocketConnection(socket, callbacks, options.connectTimeoutMs ?? 10_000);
}

class WebSocketConnection implements Connection {
	readonly #socket: WebSocket;
	readonly #callbacks: ConnectionCallbacks;
	readonly #listeners = new AbortController();
	readonly #timer: ReturnType<typeof setTimeout>;
	#wasOpen = false;
	#timedOut = false;

	constructor(socket: WebSocket, callbacks: ConnectionCallbacks, connectTimeoutMs: number) {
		this.#socket = socket;
		this.#callbacks = callbacks;
		// Blobs are read asynchronously, so binary and text messages could change places.
		socket.binaryType = 'arraybuffer';
		const { signal } = this.#listeners;
		socket.addEventListener('open', () => this.#opened(), { signal });
		socket.addEventListener('message', (event: MessageEvent<string | ArrayBuffer>) => this.#received(event.data), {
			signal
		});
		socket.addEventListener('close', (event) => this.#closed(event), { signal });
		this.#timer = setTimeout(() => this.#giveUp(connectTimeoutMs), connectTimeoutMs);
	}

	get bufferedAmount(): number {
		return this.#socket.bufferedAmount;
	}

	send(text: string): boolean {
		if (this.#socket.readyState !== WebSocket.OPEN) return false;
		this.#socket.send(text);
		return true;
	}

	close(code = 1000, reason = ''): void {
		this.#socket.close(code, fitReason(reason));
	}

	dispose(): void {
		this.#listeners.abort();
		clearTimeout(this.#timer);
		this.#socket.close();
	}

	#opened(): void {
		clearTimeout(this.#timer);
		this.#wasOpen = true;
		this.#callbacks.onopen();
	}

	#received(data: string | ArrayBuffer): void {
		if (typeof data === 'string') this.#callbacks.onmessage(data);
		else this.#callbacks.onbinary(new Uint8Array(data));
	}

	#closed({ code, reason, wasClean }: CloseEvent): void {
		clearTimeout(this.#timer);
		if (!this.#wasOpen && !this.#timedOut) {
			this.#callbacks.onproblem({
				kind: 'refused',
				message:
					'The server did not accept the connection, or there is none at this address. ' +
					'Check the address, the key and the network.'
			});
		}
		// A problem's callback may have disposed of the connection.
		if (!this.#listeners.signal.aborted) this.#callbacks.onclose({ code, reason, wasClean });
	}

	#giveUp(connectTimeoutMs: number): void {
		this.#timedOut = true;
		this.#callbacks.onproblem({
			kind: 'timeout',
			message: `The server did not answer within ${connectTimeoutMs / 1000} s. Check the address and the network, then connect again.`
		});
		// Closing before the handshake is over makes the browser report 1006.
		this.#socket.close();
	}
}

/** A connection that never was: tells why, then ends. */
function refusedConnection(callbacks: ConnectionCallbacks, problem: ConnectionProblem): Connection {
	let disposed = false;
	queueMicrotask(() => {
		if (!disposed) callbacks.onproblem(problem);
		if (!disposed) callbacks.onclose({ code: 1006, reason: '', wasClean: false });
	});
	return {
		bufferedAmount: 0,
		send: () => false,
		close: () => undefined,
		dispose: () => {
			disposed = true;
		}
	};
}

function wordsOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
