import { SvelteMap } from 'svelte/reactivity';
import type { RecordingHeader } from '#core/recording/recorded-event.ts';
import type { AnsweredUpdate } from '#core/session/session-model.ts';
import { sessionHistory, type SessionTexts } from './session-history.svelte.ts';

/** So many drafts wait for their answers at most. */
const MOST_WAITING = 32;

/** The drafts that were sent and not answered yet: what the server takes goes into the history. */
export class AppliedDrafts {
	#number = $state(1);
	readonly #waiting = new SvelteMap<string, SessionTexts>();

	/** The `event_id` of the next update: an error names it. */
	get nextId(): string {
		return `apply_session_${this.#number}`;
	}

	/** The update with `nextId` was sent, made of these texts. */
	sent(texts: SessionTexts): void {
		this.#waiting.set(this.nextId, texts);
		this.#number++;
		for (const id of this.#waiting.keys()) if (this.#waiting.size > MOST_WAITING) this.#waiting.delete(id);
	}

	/** The server answered an update; which are not ours are none of this class's business. */
	answered(update: AnsweredUpdate | null, header: RecordingHeader | null): void {
		if (!update?.eventId || update.refusal) return;
		const texts = this.#waiting.get(update.eventId);
		if (!texts) return;
		this.#waiting.delete(update.eventId);
		const { endpoint = '', model = '' } = header ?? {};
		void sessionHistory.add({ ...texts, atMs: Date.now(), endpoint, model });
	}
}
