/**
 * What a session needs from outside, as interfaces: a voice, ears, an answer, words, MCP servers. The session itself is
 * pure; each of these is an edge that another folder implements. All of them are callbacks, never promises, so that the
 * order in which things happen is the caller's and a test's clock can decide it.
 *
 * Each asynchronous port obeys the same contract: the listener is never called from inside the call that started the
 * work, exactly one of its ending callbacks is called, and nothing is called after `cancel`.
 */
import type { ConversationItem } from '#simulator/session/conversation.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

export interface Cancellable {
	/** Calls it off; the listener hears nothing more. Harmless after the end. */
	cancel: () => void;
}

// --- Speech ---------------------------------------------------------------------------------------------------------

export interface SpeechRequest {
	/** One of the ten voice names. */
	voice: string;
	/** 0.25 to 1.5; 1 is the voice's own tempo. */
	speed: number;
}

export interface SpeechListener {
	/** The next stretch of 16-bit mono speech at 24 kHz. Text that cannot be spoken gives none. */
	onAudio: (samples: Int16Array) => void;
	/** After `end`, when everything was spoken. */
	onDone: () => void;
	onError: (error: Error) => void;
}

export interface Utterance extends Cancellable {
	/** More to speak, after what was given before. Whole clauses: the intonation falls at the end of each. */
	say: (clause: string) => void;
	/** Nothing more will be said. */
	end: () => void;
}

/** The model's voice. */
export interface SpeechSource {
	speak: (request: SpeechRequest, listener: SpeechListener) => Utterance;
}

// --- Turn detection -------------------------------------------------------------------------------------------------

/** The rates that the API takes: PCM16 at 24 kHz, G.711 at 8 kHz. Both have whole samples in a millisecond. */
export type InputRateHz = 24000 | 8000;

export interface DetectionListener {
	/**
	 * Answers one `push`, in order: the probabilities (0 to 1) of the frames that it completed, perhaps none. A frame is
	 * complete about 1 ms after its end, because the resampler looks that far ahead.
	 */
	onProbabilities: (probabilities: Float32Array) => void;
	/** The stream is over; open another one. */
	onError: (error: Error) => void;
}

export interface DetectionStream {
	/** The next caller samples, 16-bit mono at the stream's rate. They are copied. */
	push: (samples: Int16Array) => void;
	/** Frees the stream; the listener hears nothing more. */
	dispose: () => void;
}

/** How likely each frame of 32 ms is speech. */
export interface SpeechDetector {
	openStream: (rateHz: InputRateHz, listener: DetectionListener) => DetectionStream;
}

// --- Answers --------------------------------------------------------------------------------------------------------

/** A function that may be called: one of the session's own, or one that an MCP server lists. */
export interface CallableTool {
	name: string;
	description: string | null;
	/** JSON Schema of its arguments. */
	parameters: JsonObject;
	/** The MCP server that has it; undefined for a function of the client. */
	serverLabel?: string;
}

/** `tool` names the one that must be called. */
export type ToolDemand = { kind: 'none' | 'auto' | 'required' } | { kind: 'tool'; name?: string; serverLabel?: string };

/** What one answer is made from: a snapshot of the session at response.create. */
export interface AnswerRequest {
	/** The number of this answer in the session, from 1. */
	turn: number;
	model: string;
	/** The voice it will be spoken with. */
	voice: string;
	modality: 'text' | 'audio';
	instructions: string;
	/**
	 * The items it sees, in order: the conversation or `response.input`. What the caller said aloud is in
	 * `heardWords` of a part, where anybody knows it.
	 */
	items: readonly ConversationItem[];
	tools: readonly CallableTool[];
	toolDemand: ToolDemand;
	/** False: at most one call. */
	allowsSeveralCalls: boolean;
	maxOutputTokens: number | 'inf';
	metadata: JsonObject | null;
	/** `conversation: "none"`. */
	isOutOfBand: boolean;
}

export interface PlannedCall {
	name: string;
	/** JSON text. */
	arguments: string;
	serverLabel?: string;
}

/** `status_details.error` of a failed response. */
export interface ResponseFailure {
	type: string;
	code: string | null;
	message: string;
}

export type AnswerEnd =
	| { kind: 'completed' }
	/** Nothing more is said because it must not be: `status: "incomplete"`, reason `content_filter`. */
	| { kind: 'filtered' }
	/** `status: "failed"` with this error. */
	| { kind: 'failed'; error: ResponseFailure };

export interface AnswerListener {
	/**
	 * More words of the message that is being said; the first words begin it. `phase` of a message's first words is shown
	 * by models that have phases.
	 */
	onText: (text: string, phase?: 'commentary' | 'final_answer') => void;
	/** The message is complete; words that follow begin another one. A call or the end completes it as well. */
	onMessageEnd: () => void;
	onCall: (call: PlannedCall) => void;
	onEnd: (end: AnswerEnd) => void;
}

/** Who thinks up what the model says and does: a scenario, or a language model. */
export interface AnswerSource {
	/** Whether it wants the words of the caller's audio before it answers. */
	readonly wantsWords: boolean;
	answer: (request: AnswerRequest, listener: AnswerListener) => Cancellable;
}

// --- Words of the caller --------------------------------------------------------------------------------------------

export interface HearingRequest {
	itemId: string;
	/** The number of this spoken turn in the session, from 1. */
	spokenTurn: number;
	/** 16-bit mono. */
	samples: Int16Array;
	rateHz: InputRateHz;
	/** `audio.input.transcription` of the session, when there is one. */
	model?: string;
	language?: string;
	prompt?: string;
}

export interface HearingListener {
	/** More words, as they become known. Their sum is what `onDone` says. */
	onWords: (delta: string) => void;
	onDone: (transcript: string) => void;
	/** Nobody knows the words. The message goes to the client: it says what is missing and how to get words. */
	onError: (error: { code: string; message: string }) => void;
}

/** Who knows what the caller said: a transcription endpoint, or the scenario. It never makes words up. */
export interface Hearing {
	/**
	 * The words of a spoken turn that are known before it was spoken, from a scenario: for deciding whether a pause ends a
	 * sentence. Undefined when nobody knows them.
	 */
	expectedWords: (spokenTurn: number) => string | undefined;
	hear: (request: HearingRequest, listener: HearingListener) => Cancellable;
}

// --- MCP ------------------------------------------------------------------------------------------------------------

/** A tool of type `mcp` as the client configured it, checked; field names are the API's. */
export interface McpServerConfig {
	server_label: string;
	server_url: string;
	authorization?: string;
	headers?: Record<string, string>;
}

/** A tool as an MCP server lists it. `annotations` as the server gave them, or null. */
export interface McpTool {
	name: string;
	description: string;
	input_schema: JsonObject;
	annotations: JsonObject | null;
}

/** `error` of an `mcp_call` item. Source: openai 7.55 types (RealtimeMcpProtocolError and its siblings). */
export type McpCallError =
	| { type: 'protocol_error' | 'http_error'; code: number; message: string }
	| { type: 'tool_execution_error'; message: string };

export interface McpListListener {
	onTools: (tools: McpTool[]) => void;
	onError: (error: McpCallError) => void;
}

export interface McpCallListener {
	/** What the tool gave, as one text. */
	onOutput: (output: string) => void;
	onError: (error: McpCallError) => void;
}

/** Reaches MCP servers. */
export interface McpConnector {
	listTools: (server: McpServerConfig, listener: McpListListener) => Cancellable;
	/** `args` is the JSON text that the model wrote. */
	callTool: (server: McpServerConfig, name: string, args: string, listener: McpCallListener) => Cancellable;
}

// --- Faults ---------------------------------------------------------------------------------------------------------

/** What goes wrong inside a session on purpose. Faults of the connection are the socket's business. */
export interface ResponseFaults {
	/**
	 * Asked once for each response, when it would begin to answer; `number` counts from 1. The failure to end it with, or
	 * undefined.
	 */
	nextResponse: (number: number) => ResponseFailure | undefined;
}
