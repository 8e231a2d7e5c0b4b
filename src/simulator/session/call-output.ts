/** A function call of an answer: its arguments, delta by delta. The client runs the function. */
import type { FunctionCallItem, ItemStatus } from '#simulator/session/conversation.ts';
import { splitArguments } from '#simulator/session/deltas.ts';
import { ResponseOutput } from '#simulator/session/response-output.ts';
import type { OutputOptions, OutputTokens } from '#simulator/session/response-output.ts';

/** Sends argument deltas with their pace; shared by calls of functions and of MCP tools. */
export class ArgumentStream {
	readonly #deltas: string[];
	sentText = '';
	sentCount = 0;

	constructor(json: string) {
		this.#deltas = splitArguments(json);
	}

	/** The next delta; undefined at the end. */
	next(): string | undefined {
		const delta = this.#deltas.shift();
		if (delta === undefined) return undefined;
		this.sentText += delta;
		this.sentCount++;
		return delta;
	}
}

export class CallOutput extends ResponseOutput {
	readonly item: FunctionCallItem;
	readonly #arguments: ArgumentStream;

	constructor(options: OutputOptions, call: { name: string; arguments: string }) {
		super(options);
		this.#arguments = new ArgumentStream(call.arguments);
		const { newId } = options.context;
		const ids = { id: newId('item'), callId: newId('call') };
		this.item = { kind: 'function_call', status: 'in_progress', name: call.name, arguments: '', ...ids };
	}

	get tokens(): OutputTokens {
		return { text: this.#arguments.sentCount, audio: 0 };
	}

	protected send(): void {
		this.later(0, () => this.#pump());
	}

	protected settle(status: ItemStatus): void {
		this.item.status = status;
		this.item.arguments = this.#arguments.sentText;
		const { callId, name } = this.item;
		const done = { call_id: callId, name, arguments: this.item.arguments };
		this.emitInItem('response.function_call_arguments.done', done);
	}

	#pump(): void {
		if (!this.canSpend(1)) return;
		const delta = this.#arguments.next();
		if (delta === undefined) return this.end({ kind: 'completed' });
		const { context } = this.options;
		this.emitInItem('response.function_call_arguments.delta', {
			call_id: this.item.callId,
			delta,
			obfuscation: context.obfuscate(delta)
		});
		this.later(context.dependencies.pace.argumentsMs, () => this.#pump());
	}
}
