/** One request to a stage and its answer: cancelled at once, never silent for longer than allowed, ended exactly once. */
import { asStageFailure, silentFor, StageFailure } from '#simulator/cascade/stage-failure.ts';
import type { Endpoint } from '#simulator/cascade/cascade-config.ts';
import type { Cancellable } from '#simulator/session/ports.ts';

/** Thrown to leave the work when nobody listens any more. */
const CALLED_OFF = Symbol('called off');

export class Exchange {
	readonly #endpoint: Endpoint;
	readonly #controller = new AbortController();
	readonly #stopped: Promise<never>;
	#isOpen = true;

	constructor(endpoint: Endpoint) {
		this.#endpoint = endpoint;
		this.#stopped = new Promise((_, reject) => {
			this.#controller.signal.addEventListener('abort', () => reject(this.#controller.signal.reason));
		});
		// Only a step that waits has to know.
		this.#stopped.catch(() => undefined);
	}

	/** For the request: aborting it closes the connection. */
	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	/**
	 * Waits for the server's next sign of life. Throws a StageFailure when the step fails or takes longer than `limitMs`, and
	 * leaves the work when it was called off.
	 */
	async receive<Value>(step: () => PromiseLike<Value>, limitMs = this.#endpoint.timeoutMs): Promise<Value> {
		if (!this.#isOpen) throw CALLED_OFF;
		const timer = setTimeout(() => this.#controller.abort(silentFor(this.#endpoint, limitMs)), limitMs);
		let outcome: { value: Value } | { error: unknown };
		try {
			// The race, because an aborted stream may end as if it were complete, or not at all.
			outcome = { value: await Promise.race([step(), this.#stopped]) };
		} catch (error) {
			outcome = { error };
		}
		clearTimeout(timer);
		if (this.signal.aborted) throw this.signal.reason;
		if ('error' in outcome) throw asStageFailure(this.#endpoint, outcome.error);
		return outcome.value;
	}

	/** Calls the listener, unless nobody listens any more. */
	tell(call: () => void): void {
		if (this.#isOpen) call();
	}

	/** The call that ends it: nothing is told afterwards. */
	end(call: () => void): void {
		if (!this.#isOpen) return;
		this.#isOpen = false;
		call();
	}

	cancel(): void {
		this.#isOpen = false;
		this.#controller.abort(CALLED_OFF);
	}

	/** Runs the work; see `runExchange`. */
	async run(work: (exchange: Exchange) => Promise<void>, onFailure: (failure: StageFailure) => void): Promise<void> {
		try {
			// Never inside the call that started it.
			await null;
			if (this.#isOpen) await work(this);
		} catch (error) {
			if (error === CALLED_OFF) return;
			if (!(error instanceof StageFailure)) throw error;
			this.end(() => onFailure(error));
		} finally {
			// What is still under way is of no use to anybody.
			this.#controller.abort(CALLED_OFF);
		}
	}
}

/**
 * Starts work that talks to a stage. The work tells its listener through `exchange.tell` and, once, `exchange.end`; the
 * server's failures reach `onFailure` instead. Errors that are no failure of the server are our own mistakes: they are
 * thrown (as an unhandled rejection).
 */
export function runExchange(
	endpoint: Endpoint,
	work: (exchange: Exchange) => Promise<void>,
	onFailure: (failure: StageFailure) => void
): Cancellable {
	const exchange = new Exchange(endpoint);
	void exchange.run(work, onFailure);
	return { cancel: () => exchange.cancel() };
}
