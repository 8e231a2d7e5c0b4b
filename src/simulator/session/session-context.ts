/** What the parts of one session share. */
import type { Conversation } from '#simulator/session/conversation.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import type { RandomSource } from '#simulator/session/ids.ts';
import type { Pace } from '#simulator/session/pace.ts';
import type {
	AnswerSource,
	Hearing,
	McpConnector,
	ResponseFaults,
	SpeechDetector,
	SpeechSource
} from '#simulator/session/ports.ts';
import type { SessionConfig } from '#simulator/session/session-config.ts';
import type { JsonObject, ObjectShape } from '#simulator/session/shapes.ts';

/** An event as it goes to the client: `type` first, then `event_id`. */
export type ServerEvent = JsonObject & { type: string; event_id: string };

/** Runs `action` after a delay, never at once; returns how to call it off. Equal delays keep their order. */
export type Schedule = (delayMs: number, action: () => void) => () => void;

/** Everything a session needs from outside; it has no clock, timer, socket or random number of its own. */
export interface SessionDependencies {
	/** Unix time. */
	nowMs: () => number;
	schedule: Schedule;
	random: RandomSource;
	speech: SpeechSource;
	detector: SpeechDetector;
	/** Who answers; of this session alone, because it may remember what it said. */
	answers: AnswerSource;
	/** Who knows the caller's words; of this session alone. */
	hearing: Hearing;
	mcp: McpConnector;
	faults: ResponseFaults;
	pace: Pace;
	/** How long the session may last. */
	lifetimeMs: number;
	send: (event: ServerEvent) => void;
	/** Closes the connection. */
	close: (code: number, reason: string) => void;
}

export interface SessionContext {
	readonly dependencies: SessionDependencies;
	readonly id: string;
	readonly conversationId: string;
	readonly expiresAtS: number;
	readonly conversation: Conversation;
	config: SessionConfig;
	/** Makes `item_...` and the like. */
	newId: (kind: string) => string;
	/** The random characters that go with a delta. */
	obfuscate: (delta: string) => string;
	emit: (type: string, fields: JsonObject) => void;
	/** Sends an `error` event; it names the client event in hand, if there is one. */
	fail: (error: ApiError) => void;
}

/** How one type of client event is checked and applied. */
export interface ClientEventHandler {
	shape: ObjectShape;
	apply: (event: JsonObject) => void;
}

export type HandlerTable = Record<string, ClientEventHandler>;
