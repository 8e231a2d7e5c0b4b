import { formatSeconds } from '#core/base/time.ts';
import { objectAt, stringAt } from '#core/base/json.ts';
import type { Result } from '#core/base/result.ts';
import type { ScriptStep } from '#core/protocol/event-script.ts';
import { readEntry } from '#core/session/apply-event.ts';
import { beginWork } from './busy.ts';
import type { LiveSession } from './live-session.svelte.ts';

export interface StepProgress {
	readonly step: ScriptStep;
	readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'stopped';
	/** What became of it, in words; empty while there is nothing to say. */
	readonly note: string;
}

type Outcome = 'met' | 'timeout' | 'ended' | 'stopped';

/**
 * A script that is being sent, step by step. It ends with its last step, with the first that fails, when it is stopped,
 * and with the connection.
 */
export class ScriptRun {
	steps = $state.raw<readonly StepProgress[]>([]);
	state = $state<'running' | 'done' | 'failed' | 'stopped'>('running');
	/** Resolves when it has ended, however. */
	readonly ended: Promise<void>;
	readonly #live: LiveSession;
	readonly #recording: LiveSession['recording'];
	/** Sends a step's text. Fails, in words, when it cannot be sent. */
	readonly #send: (text: string) => Result<void>;
	readonly #stopping = new AbortController();
	/** The first entry of the log in which an awaited event may be: those after the last one sent, or awaited. */
	#unread: number;

	constructor(steps: readonly ScriptStep[], live: LiveSession, send: (text: string) => Result<void>) {
		this.steps = steps.map((step) => ({ step, state: 'waiting', note: '' }));
		this.#live = live;
		this.#recording = live.recording;
		this.#send = send;
		this.#unread = live.recording.log.length;
		const endWork = beginWork();
		this.ended = this.#run().finally(endWork);
	}

	stop(): void {
		this.#stopping.abort();
	}

	async #run(): Promise<void> {
		for (let index = 0; index < this.steps.length; index++) {
			this.#mark(index, 'running', '');
			const step = this.steps[index]!.step;
			if (step.kind === 'send') {
				const sent = this.#isOver ? OVER : this.#send(step.text);
				this.#unread = this.#recording.log.length;
				if (!sent.ok) return this.#end(index, 'failed', sent.error);
				this.#mark(index, 'done', 'sent');
				continue;
			}
			const outcome = step.kind === 'wait' ? await this.#until(step.ms) : await this.#await(index, step);
			if (outcome === 'stopped') return this.#end(index, 'stopped', 'stopped');
			if (outcome === 'ended') return this.#end(index, 'failed', OVER.error);
			if (step.kind === 'wait') this.#mark(index, 'done', '');
			else if (outcome === 'timeout') return this.#end(index, 'failed', this.steps[index]!.note);
		}
		this.state = 'done';
	}

	/** Waits for an event of the server; the step's note says when it came, or that it did not. */
	async #await(index: number, step: Extract<ScriptStep, { kind: 'await' }>): Promise<Outcome> {
		const { log } = this.#recording;
		const sinceMs = performance.now();
		let refusal = '';
		const outcome = await this.#until(step.timeoutMs, () => {
			while (this.#unread < log.length) {
				const entry = log.entry(this.#unread++);
				const event = entry.from === 'server' ? readEntry(entry) : null;
				if (event?.type === step.type || event?.gaType === step.type) return true;
				if (event?.type === 'error') refusal = stringAt(objectAt(event.body, 'error'), 'message') ?? '';
			}
			return false;
		});
		const said = refusal ? ` The server said: ${refusal}` : '';
		if (outcome === 'met') {
			this.#mark(
				index,
				'done',
				`came as event ${this.#unread - 1}, after ${formatSeconds(performance.now() - sinceMs)}`
			);
		} else if (outcome === 'timeout') {
			this.#mark(index, 'running', `It did not come within ${formatSeconds(step.timeoutMs)}.${said}`);
		}
		return outcome;
	}

	/** Resolves when `isMet` says so, after `ms`, at the end of the connection, or when it is stopped. */
	#until(ms: number, isMet: () => boolean = () => false): Promise<Outcome> {
		return new Promise((resolve) => {
			const settle = (outcome: Outcome): void => {
				clearTimeout(timer);
				unwatch();
				this.#stopping.signal.removeEventListener('abort', stop);
				resolve(outcome);
			};
			const stop = (): void => settle('stopped');
			const check = (): void => {
				if (isMet()) settle('met');
				else if (this.#isOver) settle('ended');
			};
			const timer = setTimeout(() => settle('timeout'), ms);
			const unwatch = this.#live.watch(check);
			this.#stopping.signal.addEventListener('abort', stop);
			if (this.#stopping.signal.aborted) stop();
			else check();
		});
	}

	get #isOver(): boolean {
		return !this.#live.isConnected || this.#live.recording !== this.#recording;
	}

	#end(index: number, state: 'failed' | 'stopped', note: string): void {
		this.#mark(index, state, note);
		this.state = state;
	}

	#mark(index: number, state: StepProgress['state'], note: string): void {
		this.steps = this.steps.map((step, at) => (at === index ? { ...step, state, note } : step));
	}
}

const OVER = { ok: false, error: 'The connection ended.' } as const;
