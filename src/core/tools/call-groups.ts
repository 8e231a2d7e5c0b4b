/**
 * When to ask for the next response: once for all calls of one response, after that response is over and each of its calls
 * has its output or was left alone. Asked for earlier, the model would go on without some of the outputs.
 */
export class CallGroups {
	readonly #groups = new Map<string, { open: Set<string>; isOver: boolean; isAnswered: boolean }>();

	/** A call of a response came. */
	add(responseId: string, callId: string): void {
		const group = this.#groups.get(responseId) ?? { open: new Set(), isOver: false, isAnswered: false };
		group.open.add(callId);
		this.#groups.set(responseId, group);
	}

	/** The response is over: no more calls come. Returns whether to ask for the next one. */
	endResponse(responseId: string): boolean {
		const group = this.#groups.get(responseId);
		if (!group) return false;
		group.isOver = true;
		return this.#close(responseId);
	}

	/**
	 * A call has its output or gets none. Returns whether to ask for the next response.
	 * @param isAnswer we sent the output. Who sends all outputs without us asks without us.
	 */
	settle(responseId: string, callId: string, isAnswer: boolean): boolean {
		const group = this.#groups.get(responseId);
		if (!group?.open.delete(callId)) return false;
		group.isAnswered ||= isAnswer;
		return this.#close(responseId);
	}

	#close(responseId: string): boolean {
		const group = this.#groups.get(responseId);
		if (!group || !group.isOver || group.open.size > 0) return false;
		this.#groups.delete(responseId);
		return group.isAnswered;
	}
}
