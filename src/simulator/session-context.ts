/** What the parts of one session share. */
import type { Conversation } from '#simulator/conversation.ts';
import type { ApiError } from '#simulator/errors.ts';
import type { RandomSource } from '#simulator/ids.ts';
import type { Pace } from '#simulator/pace.ts';
import type { Scenario } from '#simulator/scenario.ts';
import type { SessionConfig } from '#simulator/session-config.ts';
import type { JsonObject, ObjectShape } from '#simulator/shapes.ts';
import type { SpeechSource } from '#simulator/speech.ts';
import type { SpeechDetector } from '#simulator/speech-detector.ts';

/** An event as it goes to the client: `type` first, then `event_id`. */
export type ServerEvent = JsonObject & { type: string; event_id: string };

/** Everything a session needs from outside; it has no clock, timer, socket or random number of its own. */
export interface SessionDependencies {
	/** Unix time. */
	nowMs: () => number;
	/** Runs `action` after a delay, never at once; returns how to call it off. Equal delays keep their order. */
	schedule: (delayMs: number, action: () => void) => () => void;
	random: RandomSource;
	speech: SpeechSource;
	detector: SpeechDetector;
	scenario: Scenario;
	pace: Pace;
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
