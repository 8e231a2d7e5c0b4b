/**
 * One Realtime session as an explicit state machine: client events go in, in order; server events come out. Clock, timers,
 * random numbers, speech and turn detection are given from outside, so that the same input always gives the same output.
 */
import { AudioInput } from '#simulator/audio-input.ts';
import { Conversation } from '#simulator/conversation.ts';
import { createConversationHandlers } from '#simulator/conversation-events.ts';
import { invalidType, invalidValue, missingParameter, notSupportedYet, sessionErrors } from '#simulator/errors.ts';
import type { ApiError } from '#simulator/errors.ts';
import { createIdMaker } from '#simulator/ids.ts';
import { Responses } from '#simulator/responses.ts';
import { defaultSessionConfig, describeSession, mergeSessionUpdate, sessionShape } from '#simulator/session-config.ts';
import type { HandlerTable, SessionContext, SessionDependencies } from '#simulator/session-context.ts';
import { checkShape, isJsonObject, object } from '#simulator/shapes.ts';
import type { JsonObject, Shape } from '#simulator/shapes.ts';

const SESSION_SECONDS = 3600;
/** Source: a public issue that quotes the close reason. */
const EXPIRED_REASON = 'Your session hit the maximum duration of 60 minutes.';

/** The types the service names to a client that sent another. Source: live probe, word for word and in this order. */
const ACCEPTED_TYPES = [
	'session.update',
	'session.close',
	'input_audio_buffer.append',
	'session.input_audio_buffer.append',
	'input_audio_buffer.commit',
	'input_audio_buffer.clear',
	'conversation.item.create',
	'conversation.item.truncate',
	'conversation.item.delete',
	'conversation.item.retrieve',
	'response.create',
	'response.cancel'
];

const clientEventId: Shape = { kind: 'string', maxLength: 512 };

type Received = { text: string } | 'binary';

export interface SimulatedSession {
	/** Sends session.created. */
	open: () => void;
	/** A text message of the client. */
	receiveText: (text: string) => void;
	/** A binary message of the client: always an error. */
	receiveBinary: () => void;
	/** Stops everything; nothing is sent afterwards. */
	dispose: () => void;
}

class Session implements SimulatedSession {
	readonly #dependencies: SessionDependencies;
	readonly #context: SessionContext;
	readonly #responses: Responses;
	readonly #audioInput: AudioInput;
	readonly #handlers: HandlerTable;
	readonly #timers = new Set<() => void>();
	/** Client events whose time has come, in order of arrival. */
	readonly #inbox: Received[] = [];
	#isHeld = false;
	#isDraining = false;
	#isDisposed = false;
	/** The id of the client event in hand, which errors echo. */
	#eventInHand: string | null = null;

	constructor(model: string, dependencies: SessionDependencies) {
		this.#dependencies = dependencies;
		const newId = createIdMaker(dependencies.random, dependencies.nowMs);
		this.#context = {
			dependencies,
			id: newId('sess'),
			conversationId: newId('conv'),
			expiresAtS: Math.floor(dependencies.nowMs() / 1000) + SESSION_SECONDS,
			conversation: new Conversation(),
			config: defaultSessionConfig(model),
			newId: (kind) => (kind === 'call' ? shortenCallId(newId(kind)) : newId(kind)),
			emit: (type, fields) => {
				if (!this.#isDisposed) dependencies.send({ type, event_id: newId('event'), ...fields });
			},
			fail: (error) => this.#fail(error)
		};
		this.#responses = new Responses(this.#context);
		this.#audioInput = new AudioInput(this.#context, {
			onSpeechStarted: () => {
				if (this.#context.config.audio.input.turn_detection?.interrupt_response) this.#responses.interrupt();
			},
			onTurnEnded: () => {
				if (this.#context.config.audio.input.turn_detection?.create_response) this.#responses.createForTurn();
			},
			hold: () => {
				this.#isHeld = true;
				// What the detector finds is nobody's event.
				this.#eventInHand = null;
			},
			release: () => {
				this.#isHeld = false;
				this.#drain();
			}
		});
		this.#handlers = {
			'session.update': {
				shape: object({ session: sessionShape }, ['session']),
				apply: (event) => this.#updateSession(event['session'] as JsonObject)
			},
			...this.#audioInput.handlers,
			...createConversationHandlers(this.#context),
			...this.#responses.handlers
		};
	}

	open(): void {
		this.#context.emit('session.created', { session: this.#describe() });
		this.#after(SESSION_SECONDS * 1000, () => this.#dependencies.close(1001, EXPIRED_REASON));
	}

	receiveText(text: string): void {
		this.#receive({ text });
	}

	receiveBinary(): void {
		this.#receive('binary');
	}

	dispose(): void {
		this.#isDisposed = true;
		for (const cancel of this.#timers) cancel();
		this.#timers.clear();
		this.#inbox.length = 0;
		this.#responses.dispose();
		this.#audioInput.dispose();
	}

	#after(delayMs: number, action: () => void): void {
		const cancel = this.#dependencies.schedule(delayMs, () => {
			this.#timers.delete(cancel);
			if (!this.#isDisposed) action();
		});
		this.#timers.add(cancel);
	}

	#receive(received: Received): void {
		if (this.#isDisposed) return;
		this.#after(this.#dependencies.pace.answerMs, () => {
			this.#inbox.push(received);
			this.#drain();
		});
	}

	/** Applies what waits, one after the other, until the detector has something in hand. */
	#drain(): void {
		if (this.#isDraining) return;
		this.#isDraining = true;
		while (!this.#isHeld && !this.#isDisposed) {
			const received = this.#inbox.shift();
			if (!received) break;
			this.#apply(received);
			this.#eventInHand = null;
		}
		this.#isDraining = false;
	}

	#apply(received: Received): void {
		if (received === 'binary') return this.#fail(sessionErrors.binaryFrame());
		let event: unknown;
		try {
			event = JSON.parse(received.text);
		} catch {
			return this.#fail(sessionErrors.invalidJson());
		}
		if (!isJsonObject(event)) return this.#fail(sessionErrors.notAnObject(event));
		if (typeof event['event_id'] === 'string') this.#eventInHand = event['event_id'];
		const { type } = event;
		if (type === undefined) return this.#fail(missingParameter('type'));
		if (typeof type !== 'string') return this.#fail(invalidType('type', 'a string', type));
		const handler = Object.hasOwn(this.#handlers, type) ? this.#handlers[type] : undefined;
		if (!handler) {
			const isTranslation = ACCEPTED_TYPES.includes(type);
			return this.#fail(
				isTranslation
					? notSupportedYet('type', `'${type}', which belongs to translation sessions,`)
					: invalidValue(type, ACCEPTED_TYPES, 'type')
			);
		}
		const { type: _type, event_id: eventId, ...fields } = event;
		const fault =
			(eventId === undefined || eventId === null ? undefined : checkShape(clientEventId, eventId, 'event_id')) ??
			checkShape(handler.shape, fields, '');
		if (fault) return this.#fail(fault);
		handler.apply(fields);
	}

	#updateSession(update: JsonObject): void {
		const merged = mergeSessionUpdate(this.#context.config, update, this.#responses.lockedVoice);
		if ('error' in merged) return this.#fail(merged.error);
		this.#context.config = merged.config;
		this.#audioInput.applySettings();
		this.#context.emit('session.updated', { session: this.#describe() });
	}

	#describe(): JsonObject {
		return describeSession(this.#context.config, this.#context.id, this.#context.expiresAtS);
	}

	#fail(error: ApiError): void {
		const { type, code, message, param } = error;
		this.#context.emit('error', { error: { type, code, message, param, event_id: this.#eventInHand } });
	}
}

/** `call_` and 16 characters: calls have no time prefix. Source: recorded ids. */
function shortenCallId(id: string): string {
	return `call_${id.slice(-16)}`;
}

/** Creates a session for a model; `open` it, then give it what the client sends. */
export function createSimulatedSession(model: string, dependencies: SessionDependencies): SimulatedSession {
	return new Session(model, dependencies);
}
