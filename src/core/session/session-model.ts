import type { JsonObject } from '../base/json.ts';
import type { SessionRefusal } from '../protocol/session-differences.ts';

/**
 * The session as the log tells it up to some moment: every pane is a view of this, live and in replay alike.
 *
 * All times are session time in ms (`at` of a recorded event) unless the name says otherwise. Only `applyEvent` writes.
 */
export interface Session {
	/** Time of the last event that was applied. */
	at: number;
	/** How many events were applied: the session is the fold of entries 0 to `eventCount - 1`. */
	eventCount: number;
	connection: ConnectionInfo;
	/** The effective session as the server last told it. */
	config: JsonObject | null;
	/** `session.update` events that the server has not answered yet, the oldest first. */
	waitingUpdates: readonly SessionUpdate[];
	/** The last `session.update` that the server answered, and how. */
	answeredUpdate: AnsweredUpdate | null;
	/** Items by id, in the order of `itemOrder`. Deleted items stay, marked. */
	items: Map<string, Item>;
	itemOrder: string[];
	responses: Map<string, Response>;
	/** The default conversation's response in progress. */
	activeResponseId: string | null;
	/** `response.create` events of the client that no `response.created` has answered yet. */
	requestedResponses: number;
	/** Their `event_id`s in the order in which they were sent, `null` for one without: as many as `requestedResponses`. */
	requestedResponseIds: (string | null)[];
	speech: SpeechSpan[];
	callerSegments: CallerSegment[];
	utterances: Utterance[];
	/** The same utterances by item and content index. */
	utterancesByItem: Map<string, Map<number, Utterance>>;
	interruptions: Interruption[];
	problems: Problem[];
	microphoneOpen: boolean;
}

export interface ConnectionInfo {
	state: 'none' | 'connecting' | 'connected' | 'closed';
	/** Earshot itself began it, so that what was played is on record; of what others recorded nobody knows. */
	begunHere: boolean;
	openedAt: number | null;
	closedAt: number | null;
	code: number | null;
	reason: string;
	/** Wall time (unix seconds) at which the service will close the session. */
	expiresAt: number | null;
}

/** A session that the client asked for. */
export interface SessionUpdate {
	readonly seq: number;
	readonly at: number;
	readonly eventId: string | null;
	readonly requested: JsonObject;
}

export interface AnsweredUpdate extends SessionUpdate {
	readonly answeredAt: number;
	/** The session in force after the answer; `null` when none is known. */
	readonly effective: JsonObject | null;
	/** Why it was refused, or `null` when it was taken. */
	readonly refusal: SessionRefusal | null;
}

/** A conversation item, whoever made it. */
export interface Item {
	id: string;
	/** The API's item type: `message`, `function_call`, `function_call_output`, `mcp_call` ... */
	type: string;
	role: 'user' | 'assistant' | 'system' | null;
	status: string | null;
	/** When it was first heard of. */
	at: number;
	responseId: string | null;
	/** Typed text, the transcript, a call's arguments, or an output. */
	text: string;
	/** How `text` came to be. */
	textKind: 'typed' | 'transcript' | 'arguments' | 'output' | 'none';
	/** The text is whole: no further delta will come. */
	textDone: boolean;
	/** Caller audio without a transcript: the session has no transcription. */
	hasAudio: boolean;
	/** Function name. */
	name: string | null;
	callId: string | null;
	/** Milliseconds that the server kept after a truncate. */
	keptMs: number | null;
	deleted: boolean;
}

export interface Response {
	id: string;
	status: string;
	/** `turn_detected`, `client_cancelled`, `max_output_tokens`, an error's code ... */
	reason: string | null;
	createdAt: number;
	firstAudioAt: number | null;
	doneAt: number | null;
	/** Part of the default conversation, not out-of-band. */
	isDefault: boolean;
	itemIds: string[];
	usage: JsonObject | null;
}

/** Caller speech as turn detection reported it. */
export interface SpeechSpan {
	itemId: string;
	/** Milliseconds of caller audio written in the session: what the event says. */
	audioStartMs: number;
	audioEndMs: number | null;
	/** When the events came. */
	startedAt: number;
	stoppedAt: number | null;
}

/** Caller audio without a pause in its sending: it lies in session time by its samples. */
export interface CallerSegment {
	startMs: number;
	/** First byte in the caller track. */
	offset: number;
	length: number;
	/** Caller audio written before this segment, in ms: what the server counts by. */
	audioMs: number;
	/** Bytes per ms of the format that was in force. */
	bytesPerMs: number;
}

/** Model audio of one content part: the four amounts of heard truth are here. */
export interface Utterance {
	itemId: string;
	contentIndex: number;
	responseId: string | null;
	/** Runs of bytes in the model track, in the order in which they came. */
	pieces: { at: number; offset: number; length: number }[];
	/** Audio received, in bytes. Generated and received are the same until a connection loses some. */
	receivedBytes: number;
	bytesPerMs: number;
	/** No more audio will come. */
	complete: boolean;
	playback: Playback;
}

/** What left the speaker's ring buffer, from Earshot's own playback events. */
export interface Playback {
	state: 'none' | 'playing' | 'stalled' | 'stopped' | 'ended';
	/**
	 * Where runs of samples lie in session time: a new run begins at the start and after each stall. What was stopped before
	 * it began has one too, at the stop, of which nothing was played.
	 */
	runs: { at: number; firstSample: number }[];
	playedSamples: number;
	/** When `playedSamples` was measured. */
	measuredAt: number;
	/** Not measured: told by when the audio arrived and by its pace, as of a telephone service that plays elsewhere. */
	estimated: boolean;
}

/** The caller spoke, or typed, while model audio was still playing, and the playing stopped. */
export interface Interruption {
	itemId: string;
	contentIndex: number;
	/** When the playing stopped: the place of the marker. */
	at: number;
	playedSamples: number;
	/** No playback was recorded: what was played is what the client's truncate claimed, or is told by pace. */
	estimated: boolean;
	cause: 'speech' | 'client';
	/** When the event arrived that stopped it. */
	noticedAt: number | null;
	/** From the ring buffer to the ear, as far as the browser knows, ms. */
	outputLatencyMs: number;
	/** What `conversation.item.truncate` claimed, and what the server confirmed. */
	claimedMs: number | null;
	keptMs: number | null;
}

/** Something that went wrong: an `error` event, a message that is no event, a failed response, a device. */
export interface Problem {
	seq: number;
	at: number;
	message: string;
	code: string | null;
}

export function createSession(): Session {
	return {
		at: 0,
		eventCount: 0,
		connection: {
			...{ state: 'none', begunHere: false, openedAt: null, closedAt: null },
			...{ code: null, reason: '', expiresAt: null }
		},
		config: null,
		waitingUpdates: [],
		answeredUpdate: null,
		items: new Map(),
		itemOrder: [],
		responses: new Map(),
		activeResponseId: null,
		requestedResponses: 0,
		requestedResponseIds: [],
		speech: [],
		callerSegments: [],
		utterances: [],
		utterancesByItem: new Map(),
		interruptions: [],
		problems: [],
		microphoneOpen: false
	};
}
