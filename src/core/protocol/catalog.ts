import type { From } from './direction.ts';

/** What an event is about: the event list groups and colours by it. */
export type EventFamily =
	'session' | 'input' | 'conversation' | 'response' | 'audio' | 'transcript' | 'tool' | 'limits' | 'error' | 'earshot';

/** What the catalog knows of one event type. */
export interface EventDefinition {
	readonly type: string;
	readonly from: From;
	readonly family: EventFamily;
	/** One sentence: when it is sent and what it says. */
	readonly about: string;
}

type Row = readonly [type: string, family: EventFamily, about: string];

/** The 11 client events. Source: `RealtimeClientEvent` of the openai package, 7.55.0. */
const CLIENT: readonly Row[] = [
	[
		'session.update',
		'session',
		'Changes the session; answered by session.updated with the whole of it, or by an error.'
	],
	['input_audio_buffer.append', 'audio', 'Adds caller audio in the session’s input format; not answered.'],
	['input_audio_buffer.commit', 'input', 'Makes a user item of the audio in the buffer; does not start a response.'],
	['input_audio_buffer.clear', 'input', 'Empties the input buffer.'],
	['output_audio_buffer.clear', 'input', 'WebRTC and SIP only: stops what the server is playing.'],
	['conversation.item.create', 'conversation', 'Adds an item: a message, a function call’s output, an approval.'],
	['conversation.item.retrieve', 'conversation', 'Asks for an item as the server keeps it.'],
	[
		'conversation.item.truncate',
		'conversation',
		'Tells the server how many milliseconds of a model utterance were played.'
	],
	['conversation.item.delete', 'conversation', 'Removes an item from the conversation.'],
	['response.create', 'response', 'Asks the model for a response.'],
	['response.cancel', 'response', 'Stops the response in progress.']
];

/** Server events that the GA service sends or that its types name. Source: `RealtimeServerEvent`, openai 7.55.0. */
const SERVER: readonly Row[] = [
	['error', 'error', 'A client event was refused, or the service failed; the session usually goes on.'],
	['session.created', 'session', 'The first event of a connection, with the whole session.'],
	['session.updated', 'session', 'Answers session.update with the whole effective session.'],
	['conversation.created', 'conversation', 'Typed, but not sent by the service today; some vendors send it.'],
	['conversation.item.created', 'conversation', 'The retired beta’s name of conversation.item.added.'],
	['conversation.item.added', 'conversation', 'An item entered the conversation; a model item is still empty.'],
	['conversation.item.done', 'conversation', 'An item is complete.'],
	['conversation.item.retrieved', 'conversation', 'Answers conversation.item.retrieve.'],
	[
		'conversation.item.truncated',
		'conversation',
		'The server forgot what lies after audio_end_ms, and the transcript.'
	],
	['conversation.item.deleted', 'conversation', 'An item was removed.'],
	['conversation.item.input_audio_transcription.delta', 'transcript', 'A piece of what the caller said.'],
	[
		'conversation.item.input_audio_transcription.completed',
		'transcript',
		'What the caller said in one item, with its own usage.'
	],
	[
		'conversation.item.input_audio_transcription.segment',
		'transcript',
		'A diarised segment: who said what, times in seconds.'
	],
	[
		'conversation.item.input_audio_transcription.failed',
		'error',
		'The caller’s words could not be transcribed; the response is not affected.'
	],
	[
		'input_audio_buffer.speech_started',
		'input',
		'Turn detection heard speech; audio_start_ms counts audio written in the session.'
	],
	[
		'input_audio_buffer.speech_stopped',
		'input',
		'Turn detection heard the end of speech; audio_end_ms includes the silence it waited.'
	],
	['input_audio_buffer.committed', 'input', 'The buffer became a user item.'],
	['input_audio_buffer.cleared', 'input', 'Answers input_audio_buffer.clear.'],
	['input_audio_buffer.timeout_triggered', 'input', 'Nobody spoke for idle_timeout_ms; the model answers the silence.'],
	['input_audio_buffer.dtmf_event_received', 'input', 'SIP only: the caller pressed a key.'],
	['output_audio_buffer.started', 'input', 'WebRTC and SIP: the server began to play a response.'],
	['output_audio_buffer.stopped', 'input', 'WebRTC and SIP: playing has drained.'],
	['output_audio_buffer.cleared', 'input', 'WebRTC and SIP: what was left to play was dropped.'],
	['response.created', 'response', 'A response began.'],
	['response.done', 'response', 'A response ended: completed, cancelled, failed or incomplete, with its usage.'],
	['response.output_item.added', 'response', 'The model opened an output item.'],
	['response.output_item.done', 'response', 'An output item is complete.'],
	['response.content_part.added', 'response', 'A part of an output item was opened.'],
	['response.content_part.done', 'response', 'A part of an output item is complete.'],
	['response.output_text.delta', 'transcript', 'A piece of text.'],
	['response.output_text.done', 'transcript', 'The whole text of a part.'],
	['response.output_audio_transcript.delta', 'transcript', 'A piece of what the model says; runs ahead of the audio.'],
	[
		'response.output_audio_transcript.done',
		'transcript',
		'The whole of what the model generated as words, heard or not.'
	],
	['response.output_audio.delta', 'audio', 'Model audio, about 250 ms in each.'],
	['response.output_audio.done', 'response', 'All audio of a part was sent.'],
	['response.function_call_arguments.delta', 'tool', 'A piece of a function call’s arguments.'],
	['response.function_call_arguments.done', 'tool', 'The whole arguments of a function call.'],
	['response.mcp_call_arguments.delta', 'tool', 'A piece of an MCP call’s arguments.'],
	['response.mcp_call_arguments.done', 'tool', 'The whole arguments of an MCP call.'],
	['response.mcp_call.in_progress', 'tool', 'An MCP call is running.'],
	['response.mcp_call.completed', 'tool', 'An MCP call returned.'],
	['response.mcp_call.failed', 'tool', 'An MCP call failed; its item says why.'],
	['mcp_list_tools.in_progress', 'tool', 'The server is asking an MCP server for its tools.'],
	['mcp_list_tools.completed', 'tool', 'An MCP server’s tools are known.'],
	['mcp_list_tools.failed', 'tool', 'An MCP server’s tools could not be read; the item says why.'],
	['rate_limits.updated', 'limits', 'What is left of the rate limits; comes after response.done.']
];

/** Earshot's own events, recorded beside the wire's. */
const CONSOLE: readonly Row[] = [
	['earshot.connection.opening', 'earshot', 'The console began to connect.'],
	['earshot.connection.opened', 'earshot', 'The socket is open.'],
	['earshot.connection.closed', 'earshot', 'The socket closed, with its code and reason.'],
	['earshot.microphone.opened', 'earshot', 'The microphone was switched on.'],
	['earshot.microphone.closed', 'earshot', 'The microphone was switched off, or went away.'],
	['earshot.audio_file.started', 'earshot', 'An audio file began to be spoken as the caller.'],
	['earshot.audio_file.ended', 'earshot', 'The audio file was spoken to its end, or stopped.'],
	['earshot.playback.started', 'earshot', 'The first sample of a model utterance left the speaker’s ring buffer.'],
	['earshot.playback.position', 'earshot', 'How many samples of a model utterance have been played.'],
	['earshot.playback.stalled', 'earshot', 'Playing waits: the next audio has not arrived.'],
	['earshot.playback.resumed', 'earshot', 'Playing went on after a stall.'],
	['earshot.playback.stopped', 'earshot', 'Playing was cut off before the end of what had arrived.'],
	['earshot.playback.ended', 'earshot', 'The last sample of a model utterance was played.'],
	['earshot.audio', 'audio', 'Audio that was recorded without messages, as 24 kHz PCM16.'],
	['earshot.problem', 'error', 'Something went wrong on this side: a device, the store.']
];

/**
 * What a telephone service sends, as Twilio names it. `media` and `mark` are also sent to it. See media-stream.ts.
 */
const TWILIO: readonly Row[] = [
	['twilio.connected', 'session', 'Twilio opened the stream of a call’s audio.'],
	['twilio.start', 'session', 'What the stream is of: the call, its tracks, the audio’s format.'],
	['twilio.media', 'audio', '20 ms of the call’s audio; or audio that is to be played to the caller.'],
	['twilio.dtmf', 'input', 'The caller pressed a key.'],
	['twilio.mark', 'input', 'Asks to be told when the audio before it was played; sent back when it was.'],
	['twilio.stop', 'session', 'The stream or the call ended.'],
	['twilio.error', 'error', 'The service could not do what it was sent.']
];

/** What an application sends to it. */
const TWILIO_APPLICATION: readonly Row[] = [
	['twilio.clear', 'input', 'Drops the audio that waits to be played: the caller spoke, as a rule.']
];

const SENT_BY_BOTH: ReadonlySet<string> = new Set(['twilio.media', 'twilio.mark']);

function define(from: From, rows: readonly Row[]): [string, EventDefinition][] {
	return rows.map(([type, family, about]) => [type, { type, from, family, about }]);
}

const DEFINITIONS: ReadonlyMap<string, EventDefinition> = new Map([
	...define('client', CLIENT),
	...define('server', SERVER),
	...define('server', TWILIO),
	...define('client', TWILIO_APPLICATION),
	...define('console', CONSOLE)
]);

/** What the catalog knows of a type (GA name), or `undefined` for a type that nobody knows: it is shown all the same. */
export function findEventDefinition(type: string): EventDefinition | undefined {
	return DEFINITIONS.get(type);
}

/** Whether an event of this type (GA name), from this sender, is one that the catalog knows. */
export function isSentBy(from: From, type: string): boolean {
	return DEFINITIONS.get(type)?.from === from || (SENT_BY_BOTH.has(type) && from !== 'console');
}

/** The client events' types, in the order of the catalog. */
export const CLIENT_EVENT_TYPES: readonly string[] = CLIENT.map(([type]) => type);

/** The retired beta's names that old logs still hold. Source: `beta/realtime` of the openai package, recorded beta logs. */
const GA_NAMES: ReadonlyMap<string, string> = new Map([
	['response.audio.delta', 'response.output_audio.delta'],
	['response.audio.done', 'response.output_audio.done'],
	['response.audio_transcript.delta', 'response.output_audio_transcript.delta'],
	['response.audio_transcript.done', 'response.output_audio_transcript.done'],
	['response.text.delta', 'response.output_text.delta'],
	['response.text.done', 'response.output_text.done'],
	['conversation.item.created', 'conversation.item.added'],
	['transcription_session.update', 'session.update'],
	['transcription_session.updated', 'session.updated'],
	['output_audio_buffer.audio_started', 'output_audio_buffer.started'],
	['output_audio_buffer.audio_stopped', 'output_audio_buffer.stopped'],
	['output_audio_buffer.audio_cleared', 'output_audio_buffer.cleared']
]);

/** Telephone services that speak as Twilio does. */
const LIKE_TWILIO = /^(?:telnyx|exotel)\.(?=[a-z]+$)/;

/**
 * The GA name of an event type, for a telephone service’s the name that Twilio has; types that are GA already, or unknown,
 * come back unchanged.
 */
export function gaType(type: string): string {
	return GA_NAMES.get(type) ?? type.replace(LIKE_TWILIO, 'twilio.');
}
