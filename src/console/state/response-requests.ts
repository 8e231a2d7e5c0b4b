import { objectAt, stringAt, type JsonObject } from '#core/base/json.ts';
import { sessionTurnDetection } from '#core/protocol/session-config.ts';
import type { Session } from '#core/session/session-model.ts';

/** An answer that turn detection starts comes within milliseconds; one that has not come by now never will. */
const ANSWER_WITHIN_MS = 5000;

/**
 * Asks for responses one at a time: the service refuses a second one in the default conversation. A request waits until
 * the response in progress is done, and is made again when it was refused because another came first.
 */
export class ResponseRequests {
	readonly #send: (event: Readonly<Record<string, unknown>>) => void;
	/** Ids of our own `response.create` events that nothing has answered yet. */
	readonly #open = new Set<string>();
	#count = 0;
	#isWanted = false;
	/** Session time at which turn detection ended the caller's turn, when it is to start the answer itself. */
	#answerDueAt: number | null = null;

	constructor(send: (event: Readonly<Record<string, unknown>>) => void) {
		this.#send = send;
	}

	/** Asks for a response, now or when the one in progress is done. */
	request(session: Session): void {
		this.#isWanted = true;
		this.sendWaiting(session);
	}

	/** Takes note of a server event that was folded already. */
	heed(gaType: string, body: JsonObject, session: Session): void {
		if (gaType === 'input_audio_buffer.speech_stopped') this.#answerDueAt = startsAnswer(session) ? session.at : null;
		if (gaType === 'response.created') {
			this.#answerDueAt = null;
			// Answers come in the order of the requests.
			for (const id of this.#open) {
				this.#open.delete(id);
				break;
			}
		}
		if (gaType === 'error') this.#heedError(objectAt(body, 'error'));
	}

	/** Sends the request that waits, when nothing stands in its way. */
	sendWaiting(session: Session): void {
		if (!this.#isWanted || this.#isBusy(session)) return;
		this.#isWanted = false;
		const eventId = `earshot_response_${++this.#count}`;
		this.#open.add(eventId);
		this.#send({ type: 'response.create', event_id: eventId });
	}

	/** An answer is being made, or will be. */
	isAnswering(session: Session): boolean {
		return this.#isWanted || this.#isBusy(session);
	}

	reset(): void {
		this.#open.clear();
		this.#isWanted = false;
		this.#answerDueAt = null;
	}

	#isBusy(session: Session): boolean {
		if (session.activeResponseId !== null || session.requestedResponses > 0) return true;
		return this.#answerDueAt !== null && session.at - this.#answerDueAt < ANSWER_WITHIN_MS;
	}

	#heedError(error: JsonObject | undefined): void {
		this.#answerDueAt = null;
		const eventId = stringAt(error, 'event_id');
		if (eventId === undefined || !this.#open.delete(eventId)) return;
		if (stringAt(error, 'code') === 'conversation_already_has_active_response') this.#isWanted = true;
	}
}

/** Whether turn detection starts a response when it hears the end of speech. */
function startsAnswer(session: Session): boolean {
	const detection = sessionTurnDetection(session.config);
	return detection !== null && detection['create_response'] !== false && session.config?.['type'] !== 'transcription';
}
