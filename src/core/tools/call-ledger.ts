/**
 * What is known of the function calls of a session, and when to ask for the next response: once for all calls of one
 * response, after that response is over and each of its calls has its output or was left alone. Asked for earlier, the
 * model would go on without some of the outputs.
 */
export class CallLedger {
	/** Every call id so far: an item may be told of several times. */
	readonly #seen = new Set<string>();
	readonly #countOf = new Map<string, number>();
	readonly #groups = new Map<string, { open: Set<string>; isOver: boolean; isAnswered: boolean }>();
	/** Call ids by the `event_id` of the output that we sent. */
	readonly #callOf = new Map<string, string>();

	/** A call of a response came. Gives which call of its function it is, from 1; `null` for one that is known. */
	add(responseId: string, callId: string, name: string): number | null {
		if (this.#seen.has(callId)) return null;
		this.#seen.add(callId);
		const group = this.#groups.get(responseId) ?? { open: new Set(), isOver: false, isAnswered: false };
		group.open.add(callId);
		this.#groups.set(responseId, group);
		const count = (this.#countOf.get(name) ?? 0) + 1;
		this.#countOf.set(name, count);
		return count;
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

	/** An `event_id` for the output of a call, by which a refusal finds it. */
	nameOutput(callId: string): string {
		const eventId = `earshot_output_${this.#callOf.size + 1}`;
		this.#callOf.set(eventId, callId);
		return eventId;
	}

	/** The call whose output was sent with this `event_id`. */
	callOf(eventId: string): string | undefined {
		return this.#callOf.get(eventId);
	}

	#close(responseId: string): boolean {
		const group = this.#groups.get(responseId);
		if (!group || !group.isOver || group.open.size > 0) return false;
		this.#groups.delete(responseId);
		return group.isAnswered;
	}
}
