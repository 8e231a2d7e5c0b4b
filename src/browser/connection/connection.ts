/** What ended a connection before, or beside, its close code. */
export type ConnectionProblemKind = 'bad-address' | 'timeout' | 'refused';

/** Something that went wrong and that the close code alone does not tell; `message` is fit for the page. */
export interface ConnectionProblem {
	readonly kind: ConnectionProblemKind;
	readonly message: string;
}

/** How a connection ended, as the other side or the browser put it. */
export interface ConnectionClose {
	readonly code: number;
	readonly reason: string;
	/** Whether both sides said goodbye. */
	readonly wasClean: boolean;
}

/**
 * What a connection tells, always in the order in which it happened. None of them is called before the function that
 * opened the connection has returned, nor after `dispose`.
 */
export interface ConnectionCallbacks {
	/** The connection is up: from here on `send` delivers. */
	onopen(): void;
	/** A text message, byte for byte. Stamp it first: nothing stands between this call and the browser's event. */
	onmessage(text: string): void;
	/** A binary message. */
	onbinary(bytes: Uint8Array): void;
	/** The end; called exactly once for every connection that is not disposed before. */
	onclose(close: ConnectionClose): void;
	/** Why it ended, where more is known than the close code; always before `onclose`. */
	onproblem(problem: ConnectionProblem): void;
}

/** A way to a server that speaks in messages. Does not reconnect: that is the owner's decision. */
export interface Connection {
	/** Bytes taken by `send` that have not left yet; grows while the network or the server stands still. */
	readonly bufferedAmount: number;
	/** Sends a text message. Returns whether it was taken: `false` when the connection is not (or no longer) open. */
	send(text: string): boolean;
	/** Sends a binary message, as `send` does. The Realtime API takes none: it is for seeing what a server makes of it. */
	sendBinary(bytes: Uint8Array<ArrayBuffer>): boolean;
	/**
	 * Says goodbye; `onclose` follows: with what the other side answers, with 1006 when it does not answer in time, and
	 * with `code` and `reason` themselves, without a problem, when the connection was not up yet. The browser allows the codes 1000 and 3000 to 4999 (others throw), and cuts
	 * nothing: a reason of more than 123 UTF-8 bytes is shortened here.
	 */
	close(code?: number, reason?: string): void;
	/** Ends the connection without another callback. May be called twice. */
	dispose(): void;
}

const encoder = new TextEncoder();

/** The reason cut to the 123 UTF-8 bytes that a close frame has room for, at a whole character. */
export function fitReason(reason: string): string {
	if (encoder.encode(reason).length <= 123) return reason;
	let fitting = '';
	let byteCount = 0;
	for (const character of reason) {
		byteCount += encoder.encode(character).length;
		if (byteCount > 123) break;
		fitting += character;
	}
	return fitting;
}
