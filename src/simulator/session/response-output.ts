/** What one output of a response has in common with the others: its place, its item, how it is announced and closed. */
import { describeItem } from '#simulator/session/conversation.ts';
import type { ConversationItem, ItemStatus, Placement } from '#simulator/session/conversation.ts';
import type { SessionContext } from '#simulator/session/session-context.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

export interface OutputOptions {
	context: SessionContext;
	responseId: string;
	outputIndex: number;
	/** Out of band: the item stays out of the conversation. */
	isOutOfBand: boolean;
	/** Tokens the response may still spend, this output's included. */
	tokenBudget: () => number;
	/** All of it was sent, or it cannot go on; then `close` follows. */
	onEnd: (end: OutputEnd) => void;
}

export type OutputEnd = { kind: 'completed' } | { kind: 'max_output_tokens' } | { kind: 'failed'; error: Error };

export interface OutputTokens {
	text: number;
	audio: number;
}

export abstract class ResponseOutput {
	abstract readonly item: ConversationItem;
	abstract readonly tokens: OutputTokens;
	protected readonly options: OutputOptions;
	protected isOver = false;
	readonly #timers = new Set<() => void>();
	#placement: Placement | undefined;

	constructor(options: OutputOptions) {
		this.options = options;
	}

	/** Whether anything of it was announced to the client. */
	get hasBegun(): boolean {
		return this.#placement !== undefined;
	}

	/** Announces the item and begins to send it; `untilAudioMs` from now audio may start. */
	begin(untilAudioMs: number): void {
		const { context, isOutOfBand } = this.options;
		this.#placement = isOutOfBand ? { previousItemId: null, index: 0 } : context.conversation.append(this.item);
		const item = describeItem(this.item);
		this.emitHere('response.output_item.added', { item });
		if (!isOutOfBand) {
			context.emit('conversation.item.added', { previous_item_id: this.#placement.previousItemId, item });
		}
		this.send(untilAudioMs);
	}

	/** Sends the closing run of the item. Call it once, after `begin`. */
	close(status: ItemStatus): void {
		this.dispose();
		this.settle(status);
		const { context, isOutOfBand } = this.options;
		const item = describeItem(this.item);
		if (!isOutOfBand) {
			// Source: 17 of 17 recorded logs: the `done` of a model item at index 1 names no item before it.
			const isQuirk = this.#placement?.index === 1;
			const previousItemId = isQuirk ? null : (this.#placement?.previousItemId ?? null);
			context.emit('conversation.item.done', { previous_item_id: previousItemId, item });
		}
		this.emitHere('response.output_item.done', { item });
	}

	/** Stops timers and work without a word. */
	dispose(): void {
		this.isOver = true;
		for (const cancel of this.#timers) cancel();
		this.#timers.clear();
	}

	/** Sends what is inside the item, after it was announced. */
	protected abstract send(untilAudioMs: number): void;

	/** Sends the `done` events of what is inside, and gives the item its last state. */
	protected abstract settle(status: ItemStatus): void;

	protected emitHere(type: string, fields: JsonObject): void {
		const { context, responseId, outputIndex } = this.options;
		context.emit(type, { response_id: responseId, output_index: outputIndex, ...fields });
	}

	/** For events that name the item before the index. */
	protected emitInItem(type: string, fields: JsonObject): void {
		const { context, responseId, outputIndex } = this.options;
		context.emit(type, { response_id: responseId, item_id: this.item.id, output_index: outputIndex, ...fields });
	}

	protected later(delayMs: number, action: () => void): void {
		const cancel = this.options.context.dependencies.schedule(delayMs, () => {
			this.#timers.delete(cancel);
			if (!this.isOver) action();
		});
		this.#timers.add(cancel);
	}

	protected end(end: OutputEnd): void {
		if (this.isOver) return;
		this.dispose();
		this.options.onEnd(end);
	}

	/** False when the budget is spent: then the output has ended over it. */
	protected canSpend(tokens: number): boolean {
		if (tokens <= this.options.tokenBudget()) return true;
		this.end({ kind: 'max_output_tokens' });
		return false;
	}
}
