import { numberAt, objectAt, stringAt, type JsonObject } from '../base/json.ts';

/**
 * Messages by which telephone services stream a call's audio: they say `event` where Realtime says `type`. Twilio Media
 * Streams, and the same with other spelling at Telnyx and Exotel. Sources: twilio.com/docs/voice/media-streams/
 * websocket-messages; developers.telnyx.com, "Stream call media over WebSocket"; developer.exotel.com, AgentStream.
 */

/** By the member that holds the stream's id, which is how they are told apart. */
const SERVICES: readonly (readonly [idKey: string, name: string])[] = [
	['streamSid', 'twilio'],
	['stream_id', 'telnyx'],
	['stream_sid', 'exotel']
];

const EVENTS: ReadonlySet<string> = new Set(['connected', 'start', 'media', 'dtmf', 'mark', 'stop', 'clear', 'error']);

/** Where the stream's id is not needed, another member must show what the message is. */
const SIGNS: Readonly<Record<string, (body: JsonObject) => boolean>> = {
	connected: (body) => stringAt(body, 'version') !== undefined || stringAt(body, 'protocol') !== undefined,
	media: (body) => stringAt(objectAt(body, 'media'), 'payload') !== undefined,
	mark: (body) => stringAt(objectAt(body, 'mark'), 'name') !== undefined,
	clear: (body) => Object.keys(body).length === 1
};

/**
 * The type of a media stream's message: `twilio.media`, `telnyx.start`; Twilio's where the message does not say whose it
 * is. `undefined` for a body that is none.
 */
export function mediaStreamType(body: JsonObject): string | undefined {
	const event = stringAt(body, 'event');
	if (event === undefined || !EVENTS.has(event)) return undefined;
	for (const [key, name] of SERVICES) if (stringAt(body, key) !== undefined) return `${name}.${event}`;
	return SIGNS[event]?.(body) ? `twilio.${event}` : undefined;
}

/** The stream that a message belongs to; `undefined` where it does not say. */
export function mediaStreamId(body: JsonObject): string | undefined {
	for (const [key] of SERVICES) {
		const id = stringAt(body, key);
		if (id !== undefined) return id;
	}
	return undefined;
}

/**
 * Who sent a message, as far as it shows: the service is the `server`, the application it calls is the `client`. Both send
 * `media` and `mark`; only the service counts what it sends.
 */
export function mediaStreamSender(body: JsonObject): 'client' | 'server' | undefined {
	const event = stringAt(body, 'event') ?? '';
	if (event === 'clear') return 'client';
	if (event !== 'media' && event !== 'mark') return 'server';
	if (Object.hasOwn(body, 'sequenceNumber') || Object.hasOwn(body, 'sequence_number')) return 'server';
	const media = objectAt(body, 'media') ?? {};
	const isPlain = ['timestamp', 'chunk', 'track'].every((key) => !Object.hasOwn(media, key));
	return isPlain ? 'client' : undefined;
}

/** Whose voice a `media` message holds: the service also sends the call's other direction where it was asked to. */
export function mediaStreamTrack(body: JsonObject, from: 'client' | 'server'): 'caller' | 'model' {
	return from === 'client' || stringAt(objectAt(body, 'media'), 'track') === 'outbound' ? 'model' : 'caller';
}

/** Milliseconds since the stream's start of a `media` message of the service; it is sent as text or as a number. */
export function mediaStreamTimeMs(body: JsonObject): number | undefined {
	const media = objectAt(body, 'media');
	const text = stringAt(media, 'timestamp');
	const ms = text === undefined ? numberAt(media, 'timestamp') : /^\d{1,12}$/.test(text) ? Number(text) : undefined;
	return ms !== undefined && ms >= 0 ? ms : undefined;
}

/**
 * The audio format that `start` tells, as a Realtime session has it in `audio.input.format`: mu-law at 8 kHz, which is all
 * that Twilio has, when it tells none. `undefined` for a coding that cannot be played, by `encoding`'s name.
 */
export function mediaStreamFormat(body: JsonObject): { encoding: string; format: JsonObject | undefined } {
	const start = objectAt(body, 'start');
	const told = objectAt(start, 'mediaFormat') ?? objectAt(start, 'media_format');
	const encoding = stringAt(told, 'encoding') ?? 'audio/x-mulaw';
	const name = encoding.toLowerCase();
	if (/mulaw|ulaw|pcmu/.test(name)) return { encoding, format: { type: 'audio/pcmu' } };
	if (/alaw|pcma/.test(name)) return { encoding, format: { type: 'audio/pcma' } };
	if (!/l16|raw|slin|pcm/.test(name)) return { encoding, format: undefined };
	const rate = numberAt(told, 'sampleRate') ?? Number(stringAt(told, 'sample_rate') ?? numberAt(told, 'sample_rate'));
	return { encoding, format: { type: 'audio/pcm', rate: Number.isFinite(rate) ? rate : 8000 } };
}
