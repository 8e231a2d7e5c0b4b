import {
	fitReason,
	type Connection,
	type ConnectionCallbacks,
	type ConnectionClose,
	type ConnectionProblem
} from './connection.ts';

export interface WebSocketConnectionOptions {
	/** How long the handshake may take, ms. A server that never answers would leave the page connecting without end. */
	readonly connectTimeoutMs?: number;
	/** How long the other side may take to answer our goodbye, ms, before the connection counts as lost. */
	readonly closeTimeoutMs?: number;
}

/** How it ended when nobody answered, as a browser puts it. */
const LOST: ConnectionClose = { code: 1006, reason: '', wasClean: false };

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
	return new WebSocketConnection(socket, callbacks, options);
}

class WebSocketConnection implements Connection {
	readonly #socket: WebSocket;
	readonly #callbacks: ConnectionCallbacks;
	readonly #listeners = new AbortController();
	readonly #closeTimeoutMs: number;
	/** Runs while an answer is awaited: to the handshake, later to our goodbye. */
	#timer: ReturnType<typeof setTimeout>;
	/** Our own goodbye, when it was said before the connection was up. */
	#withdrawal: ConnectionClose | undefined;
	#wasOpen = false;
	#timedOut = false;

	constructor(socket: WebSocket, callbacks: ConnectionCallbacks, options: WebSocketConnectionOptions) {
		const { connectTimeoutMs = 10_000, closeTimeoutMs = 2_000 } = options;
		this.#closeTimeoutMs = closeTimeoutMs;
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
		return this.#send(text);
	}

	sendBinary(bytes: Uint8Array<ArrayBuffer>): boolean {
		return this.#send(bytes);
	}

	close(code = 1000, reason = ''): void {
		const { readyState } = this.#socket;
		const fitting = fitReason(reason);
		this.#socket.close(code, fitting); // throws for a code that may not be sent, also later than here
		if (readyState !== WebSocket.CONNECTING && readyState !== WebSocket.OPEN) return;
		// The browser calls it 1006 when we give up a handshake, as if something had gone wrong.
		if (readyState === WebSocket.CONNECTING && !this.#timedOut)
			this.#withdrawal = { code, reason: fitting, wasClean: true };
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => this.#end(this.#withdrawal ?? LOST), this.#closeTimeoutMs);
	}

	dispose(): void {
		this.#listeners.abort();
		clearTimeout(this.#timer);
		this.#socket.close();
	}

	#send(data: string | Uint8Array<ArrayBuffer>): boolean {
		if (this.#socket.readyState !== WebSocket.OPEN) return false;
		this.#socket.send(data);
		return true;
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
		if (this.#withdrawal) return this.#end(this.#withdrawal);
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

	/** The end by our own decision: whatever the socket still says is not passed on. */
	#end(close: ConnectionClose): void {
		this.dispose();
		this.#callbacks.onclose(close);
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
		if (!disposed) callbacks.onclose(LOST);
	});
	return {
		bufferedAmount: 0,
		send: () => false,
		sendBinary: () => false,
		close: () => undefined,
		dispose: () => {
			disposed = true;
		}
	};
}

function wordsOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
