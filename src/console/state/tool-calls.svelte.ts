import { listAt, objectAt, stringAt, type JsonObject } from '#core/base/json.ts';
import type { Result } from '#core/base/result.ts';
import type { WireEvent } from '#core/protocol/parse-event.ts';
import type { Session } from '#core/session/session-model.ts';
import { CallLedger } from '#core/tools/call-ledger.ts';
import { checkArguments, type ArgumentCheck } from '#core/tools/check-arguments.ts';
import { findFunction } from '#core/tools/tool-function.ts';
import { errorOutput, failsCall, type ToolMock } from '#core/tools/tool-mock.ts';
import { runToolScript } from '#browser/tool-sandbox/tool-sandbox.ts';
import { BusySwitch } from './busy.ts';
import { notices } from './notices.svelte.ts';
import { toolMocks, type ToolMocks } from './tool-mocks.svelte.ts';

/** How many calls the page lists, besides open ones; older ones stay in the recording. */
const MOST_LISTED = 200;

/**
 * - `unmocked`: nothing here answers it.
 * - `ready`: its mock answers on a click.
 * - `by-hand`: a person writes the answer.
 * - `running`: its mock is at work.
 * - `answered`, `failed`: its output was sent; the second says that the tool failed.
 * - `elsewhere`: its output was sent by other means, say the composer.
 * - `left`: left alone on purpose. `ended`: the session ended before. `refused`: the server did not take the output.
 */
export type CallState =
	'unmocked' | 'ready' | 'by-hand' | 'running' | 'answered' | 'failed' | 'elsewhere' | 'left' | 'ended' | 'refused';

/** A function call that the model finished writing. */
export interface ToolCall {
	readonly callId: string;
	readonly responseId: string;
	readonly name: string;
	/** As the model wrote them. */
	readonly arguments: string;
	/** Against the function's schema. */
	readonly check: ArgumentCheck;
	/** Which call of this function it is in the session, from 1. */
	readonly count: number;
	/** When its arguments were complete. Session time, ms. */
	readonly atMs: number;
	readonly state: CallState;
	/** What a person is writing as its output; it outlives the pane that shows it. */
	readonly reply: string;
	/** The output that was sent, or why it is not answered. */
	readonly output: string;
	/** When its output was sent, or it was settled in another way. Session time, ms; `null` until then. */
	readonly settledMs: number | null;
}

/** What the calls need of the session that they come from. */
export interface ToolCallParts {
	session(): Session;
	/** The session's clock, ms. */
	nowMs(): number;
	/** Sends a client event, in its turn. Returns whether it could be sent. */
	send(event: Readonly<Record<string, unknown>>): boolean;
	/** Asks for a response: now, or when the one in progress is done. */
	requestResponse(): void;
}

/** Whether the caller still waits for a call's output. */
export function isOpen({ state }: ToolCall): boolean {
	return state === 'unmocked' || state === 'ready' || state === 'by-hand' || state === 'running';
}

/** Whether a call waits for somebody to do something. */
export function needsPerson({ state }: ToolCall): boolean {
	return state === 'ready' || state === 'by-hand';
}

/**
 * The function calls of the live session, and their answers by mock or by hand. Each output is sent when it is there; the
 * response is asked for once, after all outputs of the calls of one response.
 */
export class ToolCalls {
	/** The newest first. */
	list = $state.raw<readonly ToolCall[]>([]);
	readonly #parts: ToolCallParts;
	readonly #mocks: ToolMocks;
	readonly #working = new BusySwitch();
	#ledger = new CallLedger();
	#stop = new AbortController();

	constructor(parts: ToolCallParts, mocks: ToolMocks = toolMocks) {
		this.#parts = parts;
		this.#mocks = mocks;
	}

	/** A new session begins: it has no calls yet. */
	begin(): void {
		this.end();
		this.list = [];
		this.#ledger = new CallLedger();
		this.#stop = new AbortController();
	}

	/** The session is over: what is running is stopped, and nobody waits any more. */
	end(): void {
		this.#stop.abort();
		const settledMs = this.#parts.nowMs();
		this.#setList(this.list.map((call) => (isOpen(call) ? { ...call, state: 'ended', settledMs } : call)));
	}

	/** Takes note of a server event that was folded already. */
	heed({ gaType, body }: WireEvent, atMs: number): void {
		switch (gaType) {
			case 'response.output_item.done':
				return this.#heedItem(objectAt(body, 'item'), stringAt(body, 'response_id') ?? '', atMs);
			case 'response.done':
				return this.#heedResponse(objectAt(body, 'response'), atMs);
			case 'conversation.item.added':
			case 'conversation.item.done':
				return this.#heedOutput(objectAt(body, 'item'));
			case 'error':
				return this.#heedError(objectAt(body, 'error'));
		}
	}

	/** Answers a call by its mock: for those that wait for a click. */
	answer(callId: string): void {
		const call = this.#find(callId);
		if (call?.state === 'ready') void this.#run(call, this.#mocks.of(call.name));
	}

	/** Takes a call over: a person writes its output. */
	takeOver(callId: string): void {
		const call = this.#find(callId);
		if (call?.state === 'unmocked' || call?.state === 'ready') this.#change(callId, { state: 'by-hand' });
	}

	/** A person is writing the output of a call. */
	writeReply(callId: string, reply: string): void {
		this.#change(callId, { reply });
	}

	/** Sends what a person wrote as the output of a call. */
	sendReply(callId: string): void {
		const call = this.#find(callId);
		if (call?.state === 'by-hand') this.#sendOutput(call, call.reply, false);
	}

	/** Answers a call that waits for a person's reply as its mock says that it fails. */
	fail(callId: string): void {
		const call = this.#find(callId);
		if (call?.state === 'by-hand') this.#sendOutput(call, errorOutput(this.#mocks.of(call.name).errorText), true);
	}

	/** Leaves a call without an output. */
	leave(callId: string): void {
		const call = this.#find(callId);
		if (call && isOpen(call) && call.state !== 'running') this.#settle(call, 'left', '', false);
	}

	#find(callId: string): ToolCall | undefined {
		return this.list.find((call) => call.callId === callId);
	}

	#heedItem(item: JsonObject | undefined, responseId: string, atMs: number): void {
		const callId = stringAt(item, 'call_id');
		const name = stringAt(item, 'name');
		if (stringAt(item, 'type') !== 'function_call' || !callId || !name) return;
		// A response that was cut off leaves a call whose arguments are not whole.
		if (stringAt(item, 'status') === 'incomplete') return;
		// A call outside the conversation has no place there for an output.
		const session = this.#parts.session();
		if (session.responses.get(responseId)?.isDefault === false) return;
		const count = this.#ledger.add(responseId, callId, name);
		if (count === null) return;
		const mock = this.#mocks.of(name);
		const state = this.#firstState(mock);
		const text = stringAt(item, 'arguments') ?? '';
		const check = checkArguments(findFunction(session.config, name)?.parameters ?? null, text);
		const of = { callId, responseId, name, arguments: text, check, count, atMs };
		const call: ToolCall = { ...of, state, reply: mock.result, output: '', settledMs: null };
		this.#setList([call, ...this.list.filter((known, index) => index < MOST_LISTED || isOpen(known))]);
		if (state === 'running') void this.#run(call, mock);
		if (state === 'by-hand') showWaiting(name);
	}

	#firstState({ kind }: ToolMock): CallState {
		if (kind === 'none') return 'unmocked';
		if (kind === 'hand') return 'by-hand';
		return this.#mocks.isAutomatic ? 'running' : 'ready';
	}

	#heedResponse(response: JsonObject | undefined, atMs: number): void {
		const responseId = stringAt(response, 'id') ?? '';
		for (const item of listAt(response, 'output')) {
			if (stringAt(item, 'status') === 'completed') this.#heedItem(objectAt({ item }, 'item'), responseId, atMs);
		}
		if (this.#ledger.endResponse(responseId)) this.#parts.requestResponse();
	}

	/** Somebody answered a call: we, or a person with the composer. */
	#heedOutput(item: JsonObject | undefined): void {
		if (stringAt(item, 'type') !== 'function_call_output') return;
		const call = this.#find(stringAt(item, 'call_id') ?? '');
		if (call && isOpen(call)) this.#settle(call, 'elsewhere', stringAt(item, 'output') ?? '', false);
	}

	#heedError(error: JsonObject | undefined): void {
		const callId = this.#ledger.callOf(stringAt(error, 'event_id') ?? '');
		const call = callId === undefined ? undefined : this.#find(callId);
		if (call) this.#change(call.callId, { state: 'refused', output: stringAt(error, 'message') ?? '' });
	}

	async #run(call: ToolCall, mock: ToolMock): Promise<void> {
		this.#change(call.callId, { state: 'running' });
		const { signal } = this.#stop;
		await wait(mock.delayMs, signal);
		const result = signal.aborted ? null : await produceOutput(call, mock, signal);
		// It may have been answered by other means meanwhile.
		if (!result || signal.aborted || this.#find(call.callId)?.state !== 'running') return;
		this.#sendOutput(call, result.ok ? result.value : errorOutput(result.error), !result.ok);
	}

	#sendOutput(call: ToolCall, output: string, isFailure: boolean): void {
		const item = { type: 'function_call_output', call_id: call.callId, output };
		const event = { type: 'conversation.item.create', event_id: this.#ledger.nameOutput(call.callId), item };
		if (!this.#parts.send(event)) return;
		this.#settle(call, isFailure ? 'failed' : 'answered', output, true);
	}

	#settle(call: ToolCall, state: CallState, output: string, isAnswer: boolean): void {
		this.#change(call.callId, { state, output, settledMs: this.#parts.nowMs() });
		if (this.#ledger.settle(call.responseId, call.callId, isAnswer)) this.#parts.requestResponse();
	}

	#change(callId: string, changes: Partial<ToolCall>): void {
		this.#setList(this.list.map((call) => (call.callId === callId ? { ...call, ...changes } : call)));
	}

	#setList(list: readonly ToolCall[]): void {
		this.list = list;
		this.#working.set(list.some(({ state }) => state === 'running'));
	}
}

async function produceOutput(call: ToolCall, mock: ToolMock, signal: AbortSignal): Promise<Result<string>> {
	const { kind, result, code, limitMs, errorText } = mock;
	if (failsCall(mock, call.count)) return { ok: false, error: errorText };
	if (kind !== 'script') return { ok: true, value: result };
	let args: unknown;
	try {
		args = JSON.parse(call.arguments);
	} catch (error) {
		return {
			ok: false,
			error: `The arguments are not JSON: ${error instanceof Error ? error.message : String(error)}`
		};
	}
	return runToolScript({ code, args, count: call.count, limitMs, signal });
}

/** Waits, or less when it is stopped. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
	if (ms === 0 || signal.aborted) return Promise.resolve();
	const { promise, resolve } = Promise.withResolvers<void>();
	const onabort = () => resolve();
	const timer = setTimeout(resolve, ms);
	signal.addEventListener('abort', onabort);
	return promise.finally(() => {
		clearTimeout(timer);
		signal.removeEventListener('abort', onabort);
	});
}

function showWaiting(name: string): void {
	notices.show({
		kind: 'info',
		title: `The call of ${name} waits for your reply`,
		text: 'Write it in the tab Tools: the model goes on when it has it.'
	});
}
