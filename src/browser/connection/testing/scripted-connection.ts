import { assert } from '#core/base/assert.ts';
import {
	fitReason,
	type Connection,
	type ConnectionCallbacks,
	type ConnectionClose,
	type ConnectionProblem
} from '../connection.ts';

/** What a script does next. `expect` waits until the client has sent a text that passes. */
export type ScriptStep =
	| { readonly do: 'open' }
	| { readonly do: 'message'; readonly text: string }
	| { readonly do: 'binary'; readonly bytes: Uint8Array }
	| { readonly do: 'problem'; readonly problem: ConnectionProblem }
	| { readonly do: 'close'; readonly close: ConnectionClose }
	| { readonly do: 'expect'; readonly passes: (sent: string) => boolean };

/** A connection without a network: its steps come from a script, or one by one from a test. */
export interface ScriptedConnection extends Connection {
	/** All that was sent, in order. */
	readonly sent: readonly string[];
	/** All binary messages that were sent, in order. */
	readonly sentBinary: readonly Uint8Array[];
	/** How the client closed, if it did. */
	readonly closedWith: { readonly code: number; readonly reason: string } | undefined;
	readonly isDisposed: boolean;
	/** What `bufferedAmount` says from now on, bytes. */
	setBufferedAmount(bytes: number): void;
	/** Adds steps; those that need not wait run at once, synchronously. */
	play(...steps: readonly ScriptStep[]): void;
	/** Steps that wait for an `expect`. */
	readonly waitingSteps: number;
}

/**
 * Opens a connection that follows a script. Same contract as the real one: callbacks in order, none after `dispose`,
 * `onclose` once, `send` refused unless open. Given steps begin in a microtask, after this function has returned.
 */
export function openScriptedConnection(
	callbacks: ConnectionCallbacks,
	script: readonly ScriptStep[] = []
): ScriptedConnection {
	const connection = new Script(callbacks);
	queueMicrotask(() => connection.play(...script));
	return connection;
}

class Script implements ScriptedConnection {
	readonly sent: string[] = [];
	readonly sentBinary: Uint8Array[] = [];
	closedWith: { code: number; reason: string } | undefined;
	isDisposed = false;
	bufferedAmount = 0;
	readonly #callbacks: ConnectionCallbacks;
	readonly #steps: ScriptStep[] = [];
	#state: 'connecting' | 'open' | 'closed' = 'connecting';
	#unread = 0;
	#isRunning = false;

	constructor(callbacks: ConnectionCallbacks) {
		this.#callbacks = callbacks;
	}

	get waitingSteps(): number {
		return this.#steps.length;
	}

	setBufferedAmount(bytes: number): void {
		this.bufferedAmount = bytes;
	}

	send(text: string): boolean {
		if (this.#state !== 'open' || this.isDisposed) return false;
		this.sent.push(text);
		this.#run();
		return true;
	}

	sendBinary(bytes: Uint8Array<ArrayBuffer>): boolean {
		if (this.#state !== 'open' || this.isDisposed) return false;
		this.sentBinary.push(bytes);
		return true;
	}

	close(code = 1000, reason = ''): void {
		assert(code === 1000 || (code >= 3000 && code <= 4999), `close code ${code}`);
		if (this.#state === 'closed' || this.closedWith) return;
		this.closedWith = { code, reason: fitReason(reason) };
		const close = { ...this.closedWith, wasClean: true };
		queueMicrotask(() => this.#end(close));
	}

	dispose(): void {
		this.isDisposed = true;
		this.#steps.length = 0;
	}

	play(...steps: readonly ScriptStep[]): void {
		if (this.isDisposed) return;
		this.#steps.push(...steps);
		this.#run();
	}

	/** Runs steps until one has to wait. A step's callback may send, play or dispose: the loop goes on with what is left. */
	#run(): void {
		if (this.#isRunning) return;
		this.#isRunning = true;
		try {
			while (!this.isDisposed && this.#state !== 'closed') {
				const step = this.#steps[0];
				if (!step || (step.do === 'expect' && !this.#wasSent(step.passes))) return;
				this.#steps.shift();
				this.#perform(step);
			}
		} finally {
			this.#isRunning = false;
		}
	}

	#wasSent(passes: (sent: string) => boolean): boolean {
		while (this.#unread < this.sent.length) {
			if (passes(this.sent[this.#unread++]!)) return true;
		}
		return false;
	}

	#perform(step: ScriptStep): void {
		if (step.do === 'open') {
			this.#state = 'open';
			this.#callbacks.onopen();
		} else if (step.do === 'message') {
			assert(this.#state === 'open', 'a script sends before it opens');
			this.#callbacks.onmessage(step.text);
		} else if (step.do === 'binary') {
			assert(this.#state === 'open', 'a script sends before it opens');
			this.#callbacks.onbinary(step.bytes);
		} else if (step.do === 'problem') this.#callbacks.onproblem(step.problem);
		else if (step.do === 'close') this.#end(step.close);
	}

	#end(close: ConnectionClose): void {
		if (this.#state === 'closed' || this.isDisposed) return;
		this.#state = 'closed';
		this.#callbacks.onclose(close);
	}
}
