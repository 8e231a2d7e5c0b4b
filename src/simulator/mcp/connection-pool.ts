/** Connections to MCP servers, kept for a while: one for each server, credentials and headers. */
import { openMcpConnection } from '#simulator/mcp/mcp-connection.ts';
import type { McpConnection } from '#simulator/mcp/mcp-connection.ts';
import { isAnswer, isSessionGone } from '#simulator/mcp/mcp-failure.ts';
import type { McpTarget } from '#simulator/mcp/mcp-target.ts';

interface Entry {
	connection: Promise<McpConnection>;
	users: number;
	/** Whether a request has succeeded on it. */
	isProven: boolean;
	/** Not to be used by others any more: closed when its last user is done. */
	isGivenUp: boolean;
	isClosed: boolean;
	idleTimer?: NodeJS.Timeout;
}

type Work<T> = (connection: McpConnection, signal: AbortSignal) => Promise<T>;

/** Idle connections are closed early when there are more than this, the oldest first. */
const MAX_IDLE = 16;

export class ConnectionPool {
	/** Those that became idle last are last. */
	readonly #entries = new Map<string, Entry>();
	readonly #closing = new Set<Promise<void>>();
	readonly #stop = new AbortController();
	readonly #connectTimeoutMs: number;
	readonly #idleMs: number;

	/** @param idleMs how long a connection is kept that nobody uses */
	constructor(connectTimeoutMs: number, idleMs: number) {
		this.#connectTimeoutMs = connectTimeoutMs;
		this.#idleMs = idleMs;
	}

	/**
	 * Does something with a connection, the one there is or a new one; again with a new one when the server has forgotten
	 * the old one. Rejects with what connecting or the work throws.
	 */
	async use<T>(target: McpTarget, work: Work<T>, signal: AbortSignal): Promise<T> {
		try {
			return await this.#useOnce(target, work, signal);
		} catch (error) {
			if (!(error instanceof ForgottenError)) throw error;
		}
		return this.#useOnce(target, work, signal).catch((error: unknown) => {
			throw error instanceof ForgottenError ? error.cause : error;
		});
	}

	/** Closes all connections, gives those up that are being opened; nothing can be used any more. */
	async dispose(): Promise<void> {
		this.#stop.abort(new Error('The simulator is stopping.'));
		for (const [key, entry] of this.#entries) this.#end(key, entry);
		await Promise.all(this.#closing);
	}

	/** @throws ForgottenError when the server does not know a connection any more that has worked before */
	async #useOnce<T>(target: McpTarget, work: Work<T>, signal: AbortSignal): Promise<T> {
		const entry = this.#obtain(target);
		const wasProven = entry.isProven;
		try {
			const value = await work(await entry.connection, signal);
			entry.isProven = true;
			return value;
		} catch (error) {
			// One that was cancelled says nothing about the connection, and others may be using it.
			if (signal.aborted || isAnswer(error)) throw error;
			this.#giveUp(target.key, entry);
			throw wasProven && isSessionGone(error) ? new ForgottenError('', { cause: error }) : error;
		} finally {
			this.#release(target.key, entry);
		}
	}

	#obtain(target: McpTarget): Entry {
		this.#stop.signal.throwIfAborted();
		const entry = this.#entries.get(target.key) ?? {
			connection: openMcpConnection(target, this.#connectTimeoutMs, this.#stop.signal),
			users: 0,
			isProven: false,
			isGivenUp: false,
			isClosed: false
		};
		this.#entries.set(target.key, entry);
		clearTimeout(entry.idleTimer);
		entry.users++;
		return entry;
	}

	#release(key: string, entry: Entry): void {
		if (--entry.users > 0) return;
		if (entry.isGivenUp) return this.#close(entry);
		// Its place in the map is its age.
		this.#entries.delete(key);
		this.#entries.set(key, entry);
		entry.idleTimer = setTimeout(() => this.#end(key, entry), this.#idleMs).unref();
		const idle = [...this.#entries].filter(([, { users }]) => users === 0);
		for (const [oldKey, old] of idle.slice(0, Math.max(0, idle.length - MAX_IDLE))) this.#end(oldKey, old);
	}

	#end(key: string, entry: Entry): void {
		this.#giveUp(key, entry);
		this.#close(entry);
	}

	#giveUp(key: string, entry: Entry): void {
		entry.isGivenUp = true;
		clearTimeout(entry.idleTimer);
		if (this.#entries.get(key) === entry) this.#entries.delete(key);
	}

	#close(entry: Entry): void {
		if (entry.isClosed) return;
		entry.isClosed = true;
		// One that could not be opened needs no closing; who wanted it has been told.
		const closing = entry.connection.then((connection) => connection.close()).catch(() => {});
		this.#closing.add(closing);
		void closing.then(() => this.#closing.delete(closing));
	}
}

class ForgottenError extends Error {}
