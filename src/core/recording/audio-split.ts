import { decodeBase64, encodeBase64 } from '../audio/base64.ts';
import { stringAt } from '../base/json.ts';
import { parseEvent } from '../protocol/parse-event.ts';
import type { From, TrackName } from './recorded-event.ts';

/** An event's text without its audio, and the audio. */
export interface SplitAudio {
	readonly track: TrackName;
	/** Index in `text` at which the base64 stood. */
	readonly index: number;
	readonly text: string;
	readonly bytes: Uint8Array;
}

/** The audio-carrying events: their types, the field that holds the base64, GA and beta names, and translation's. */
const CARRIERS: Readonly<Record<From, Carrier | null>> = {
	client: {
		types: ['input_audio_buffer.append', 'session.input_audio_buffer.append'],
		field: 'audio',
		start: /"audio"\s*:\s*"/,
		track: 'caller'
	},
	server: {
		types: ['response.output_audio.delta', 'response.audio.delta', 'session.output_audio.delta'],
		field: 'delta',
		start: /"delta"\s*:\s*"/,
		track: 'model'
	},
	console: null
};

interface Carrier {
	readonly types: readonly string[];
	readonly field: string;
	/** What comes before the base64. */
	readonly start: RegExp;
	readonly track: TrackName;
}

/**
 * Takes the audio out of an event's raw text. Only what is left of the text is parsed: nearly all of a session's bytes
 * are audio.
 *
 * Returns `undefined` when the text carries none, or when its base64 is not canonical and putting it back would not
 * give the same text. So `joinAudio(split.text, split.index, split.bytes) === raw` for all that is returned.
 */
export function splitAudio(from: From, raw: string): SplitAudio | undefined {
	const carrier = CARRIERS[from];
	const match = carrier?.start.exec(raw);
	if (!carrier || !match) return undefined;
	const index = match.index + match[0].length;
	const end = raw.indexOf('"', index);
	if (end <= index) return undefined;
	const text = raw.slice(0, index) + raw.slice(end);
	if (!isEmptyCarrier(text, carrier)) return undefined;
	const bytes = decodeBase64(raw.slice(index, end));
	return bytes.ok ? { track: carrier.track, index, text, bytes: bytes.value } : undefined;
}

/** Whether it is the event's own audio that was taken out, not that of an event quoted inside another. */
function isEmptyCarrier(text: string, carrier: Carrier): boolean {
	const event = parseEvent(text);
	return event.ok && carrier.types.includes(event.value.type) && stringAt(event.value.body, carrier.field) === '';
}

/** The raw text again: `text` with the bytes' base64 put back at `index`. */
export function joinAudio(text: string, index: number, bytes: Uint8Array): string {
	return text.slice(0, index) + encodeBase64(bytes) + text.slice(index);
}
