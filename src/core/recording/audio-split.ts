import { decodeBase64, encodeBase64 } from '../audio/base64.ts';
import { objectAt, stringAt } from '../base/json.ts';
import { mediaStreamTrack } from '../protocol/media-stream.ts';
import { parseEvent, type WireEvent } from '../protocol/parse-event.ts';
import type { From, TrackName } from './recorded-event.ts';

/** An event's text without its audio, and the audio. */
export interface SplitAudio {
	readonly track: TrackName;
	/** Index in `text` at which the base64 stood. */
	readonly index: number;
	readonly text: string;
	readonly bytes: Uint8Array;
}

/** The audio-carrying events of each sender, the usual ones first. */
const CARRIERS: Readonly<Record<From, readonly Carrier[]>> = {
	client: [
		{
			start: /"audio"\s*:\s*"/,
			trackOf: ofTypes(['input_audio_buffer.append', 'session.input_audio_buffer.append'], 'audio', 'caller')
		},
		{ start: /"payload"\s*:\s*"/, trackOf: (event) => trackOfMedia(event, 'client') }
	],
	server: [
		{
			start: /"delta"\s*:\s*"/,
			// GA, the retired beta, translation.
			trackOf: ofTypes(
				['response.output_audio.delta', 'response.audio.delta', 'session.output_audio.delta'],
				'delta',
				'model'
			)
		},
		{ start: /"payload"\s*:\s*"/, trackOf: (event) => trackOfMedia(event, 'server') }
	],
	console: [{ start: /"audio"\s*:\s*"/, trackOf: trackOfRecorded }]
};

interface Carrier {
	/** What comes before the base64. */
	readonly start: RegExp;
	/**
	 * The track of the event's audio; `undefined` when what was taken out is not the event's own audio, but that of an event
	 * quoted inside another.
	 *
	 * @param event what is left of the event
	 */
	readonly trackOf: (event: WireEvent) => TrackName | undefined;
}

function ofTypes(types: readonly string[], field: string, track: TrackName): Carrier['trackOf'] {
	return ({ type, body }) => (types.includes(type) && stringAt(body, field) === '' ? track : undefined);
}

/** Audio of a telephone service. See media-stream.ts. */
function trackOfMedia({ gaType, body }: WireEvent, from: 'client' | 'server'): TrackName | undefined {
	const isMedia = gaType === 'twilio.media' && stringAt(objectAt(body, 'media'), 'payload') === '';
	return isMedia ? mediaStreamTrack(body, from) : undefined;
}

/** Audio that was recorded without messages says itself whose it is. */
function trackOfRecorded({ type, body }: WireEvent): TrackName | undefined {
	const track = stringAt(body, 'track');
	const isTrack = track === 'caller' || track === 'model';
	return type === 'earshot.audio' && isTrack && stringAt(body, 'audio') === '' ? track : undefined;
}

/**
 * Takes the audio out of an event's raw text. Only what is left of the text is parsed: nearly all of a session's bytes
 * are audio.
 *
 * Returns `undefined` when the text carries none, or when its base64 is not canonical and putting it back would not
 * give the same text. So `joinAudio(split.text, split.index, split.bytes) === raw` for all that is returned.
 */
export function splitAudio(from: From, raw: string): SplitAudio | undefined {
	for (const carrier of CARRIERS[from]) {
		const split = splitBy(carrier, raw);
		if (split) return split;
	}
	return undefined;
}

function splitBy({ start, trackOf }: Carrier, raw: string): SplitAudio | undefined {
	const match = start.exec(raw);
	if (!match) return undefined;
	const index = match.index + match[0].length;
	const end = raw.indexOf('"', index);
	if (end <= index) return undefined;
	const text = raw.slice(0, index) + raw.slice(end);
	const event = parseEvent(text);
	const track = event.ok ? trackOf(event.value) : undefined;
	if (!track) return undefined;
	const bytes = decodeBase64(raw.slice(index, end));
	return bytes.ok ? { track, index, text, bytes: bytes.value } : undefined;
}

/** The raw text again: `text` with the bytes' base64 put back at `index`. */
export function joinAudio(text: string, index: number, bytes: Uint8Array): string {
	return text.slice(0, index) + encodeBase64(bytes) + text.slice(index);
}
