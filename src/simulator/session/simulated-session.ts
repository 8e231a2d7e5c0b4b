/**
 * One Realtime session as an explicit state machine: client events go in, in order; server events come out. Clock, timers,
 * random numbers, speech and turn detection are given from outside, so that the same input always gives the same output.
 */
import { AudioInput } from '#simulator/session/audio-input.ts';
import type { AudioInputListener } from '#simulator/session/audio-input.ts';
import { readClientEvent } from '#simulator/session/client-event.ts';
import { Conversation } from '#simulator/session/conversation.ts';
import { createConversationHandlers } from '#simulator/session/conversation-events.ts';
import { obfuscate } from '#simulator/session/deltas.ts';
import { invalidValue, sessionErrors } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import { createIdMaker } from '#simulator/session/ids.ts';
import { McpServers } from '#simulator/session/mcp-servers.ts';
import { Responses } from '#simulator/session/responses.ts';
import { describeSession, mergeSessionUpdate } from '#simulator/session/session-config.ts';
import type { SessionConfig, TurnDetection } from '#simulator/session/session-config.ts';
import type {
	ClientEventHandler,
	HandlerTable,
	SessionContext,
	SessionDependencies
} from '#simulator/session/session-context.ts';
import { sessionShape } from '#simulator/session/session-shapes.ts';
import { object } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { Transcriptions } from '#simulator/session/transcriptions.ts';

/** Source: recorded `expires_at`. */
export const SESSION_SECONDS = 3600;
/** Source: a public issue that quotes the close reason. */
export const EXPIRED_REASON = 'Your session hit the maximum duration of 60 minutes.';

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

type Received = { text: string } | 'binary';

function sizeOf(received: Received): number {
	return received === 'binary' ? 0 : received.text.length;
}

export interface SimulatedSession {
	/** Sends session.created. */
	open: () => void;
	/** A text message of the client. */
	receiveText: (text: string) => void;
	/** A binary message of the client: always an error. */
	receiveBinary: () => void;
	/** How much of what was received is still to be applied: whoever hands it over may wait. */
	readonly backlogChars: number;
	/** Stops everything; nothing is sent afterwards. */
	dispose: () => void;
}

class Session implements SimulatedSession {
	readonly #dependencies: SessionDependencies;
	readonly #context: SessionContext;
	readonly #responses: Responses;
	readonly #audioInput: AudioInput;
	readonly #transcriptions: Transcriptions;
	readonly #mcpServers: McpServers;
	readonly #handlers: HandlerTable;
	readonly #timers = new Set<() => void>();
	/** Client events whose time has come, in order of arrival. */
	readonly #inbox: Received[] = [];
	#backlogChars = 0;
	#isHeld = false;
	#isDraining = false;
	#isDisposed = false;
	/** The id of the client event in hand, which errors echo. */
	#eventInHand: string | null = null;

	constructor(config: SessionConfig, dependencies: SessionDependencies) {
		this.#dependencies = dependencies;
		const newId = createIdMaker(dependencies.random, dependencies.nowMs);
		this.#context = {
			dependencies,
			id: newId('sess'),
			conversationId: newId('conv'),
			expiresAtS: Math.floor((dependencies.nowMs() + dependencies.lifetimeMs) / 1000),
			conversation: new Conversation(),
			config,
			newId: (kind) => (kind === 'call' ? shortenCallId(newId(kind)) : newId(kind)),
			obfuscate: (delta) => obfuscate(dependencies.random, delta),
			emit: (type, fields) => {
				if (!this.#isDisposed) dependencies.send({ type, event_id: newId('event'), ...fields });
			},
			fail: (error) => this.#fail(error)
		};
		this.#transcriptions = new Transcriptions(this.#context);
		this.#mcpServers = new McpServers(this.#context);
		this.#responses = new Responses({
			context: this.#context,
			mcpServers: this.#mcpServers,
			transcriptions: this.#transcriptions,
			onCreated: () => this.#audioInput.stopWaiting(),
			onDone: (playoutMs) => this.#audioInput.waitForCaller(playoutMs),
			isCallerSpeaking: () => this.#audioInput.isCallerSpeaking
		});
		this.#audioInput = new AudioInput(this.#context, this.#transcriptions, this.#audioInputListener());
		const ofConversation = {
			...createConversationHandlers(this.#context, (request, approval) =>
				this.#responses.takeApproval(request, approval)
			),
			...this.#responses.handlers
		};
		this.#handlers = {
			'session.update': {
				shape: object({ session: sessionShape }, ['session']),
				apply: (event) => this.#updateSession(event['session'] as JsonObject)
			},
			...this.#audioInput.handlers,
			...(config.type === 'realtime' ? ofConversation : refuseAll(Object.keys(ofConversation), this.#context))
		};
	}

	#audioInputListener(): AudioInputListener {
		const settings = (): TurnDetection | null => {
			const { config } = this.#context;
			return config.type === 'realtime' ? config.audio.input.turn_detection : null;
		};
		return {
			onSpeechStarted: () => {
				if (settings()?.interrupt_response) this.#responses.interrupt();
			},
			onTurnEnded: (cause) => {
				const { type } = this.#context.config;
				if (type === 'realtime' && (cause === 'idle' || settings()?.create_response)) this.#responses.createForTurn();
				this.#responses.runApproved();
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
		};
	}

	open(): void {
		this.#context.emit('session.created', { session: this.#describe() });
		this.#after(this.#dependencies.lifetimeMs, () => this.#dependencies.close(1001, EXPIRED_REASON));
		// A session that was configured beforehand may name MCP servers.
		const { config } = this.#context;
		if (config.type === 'realtime') this.#mcpServers.list(config.tools);
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
		this.#transcriptions.dispose();
		this.#mcpServers.dispose();
	}

	#after(delayMs: number, action: () => void): void {
		const cancel = this.#dependencies.schedule(delayMs, () => {
			this.#timers.delete(cancel);
			if (!this.#isDisposed) action();
		});
		this.#timers.add(cancel);
	}

	get backlogChars(): number {
		return this.#backlogChars;
	}

	#receive(received: Received): void {
		if (this.#isDisposed) return;
		this.#backlogChars += sizeOf(received);
		const take = (): void => {
			this.#inbox.push(received);
			this.#drain();
		};
		// A timer of 0 ms takes one, and costs as much as the event.
		if (this.#dependencies.pace.answerMs === 0) take();
		else this.#after(this.#dependencies.pace.answerMs, take);
	}

	/** Applies what waits, one after the other, until the detector has something in hand. */
	#drain(): void {
		if (this.#isDraining) return;
		this.#isDraining = true;
		try {
			while (!this.#isHeld && !this.#isDisposed) {
				const received = this.#inbox.shift();
				if (!received) break;
				this.#backlogChars -= sizeOf(received);
				this.#apply(received);
				this.#eventInHand = null;
			}
		} finally {
			this.#isDraining = false;
		}
	}

	#apply(received: Received): void {
		if (received === 'binary') return this.#fail(sessionErrors.binaryFrame());
		const read = readClientEvent(received.text, this.#handlers, (type) =>
			ACCEPTED_TYPES.includes(type)
				? sessionErrors.notInThisSession(type, this.#context.config.type)
				: invalidValue(type, ACCEPTED_TYPES, 'type')
		);
		this.#eventInHand = read.eventId;
		if ('error' in read) this.#fail(read.error);
		else read.handler.apply(read.fields);
	}

	#updateSession(update: JsonObject): void {
		const merged = mergeSessionUpdate(this.#context.config, update, this.#responses.lockedVoice);
		if ('error' in merged) return this.#fail(merged.error);
		this.#context.config = merged.config;
		this.#audioInput.applySettings();
		this.#context.emit('session.updated', { session: this.#describe() });
		if (merged.config.type === 'realtime') this.#mcpServers.list(merged.config.tools);
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

/** What belongs to conversations, in a session that has none. */
function refuseAll(types: string[], context: SessionContext): HandlerTable {
	const refuse = (type: string): ClientEventHandler => ({
		shape: { kind: 'object', fields: {}, required: [], isOpen: true },
		apply: () => context.fail(sessionErrors.notInThisSession(type, context.config.type))
	});
	return Object.fromEntries(types.map((type) => [type, refuse(type)]));
}

/** Creates a session with its first settings; `open` it, then give it what the client sends. */
export function createSimulatedSession(config: SessionConfig, dependencies: SessionDependencies): SimulatedSession {
	return new Session(config, dependencies);
}
