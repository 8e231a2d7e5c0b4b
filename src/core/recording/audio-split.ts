import { decodeBase64, encodeBase64 } from '../audio/base64.ts';
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
const CARRIERS: readonly { from: From; type: RegExp; field: RegExp; track: TrackName }[] = [
	{
		from: 'client',
		type: /"type"\s*:\s*"(?:session\.)?input_audio_buffer\.append"/,
		field: /"audio"\s*:\s*"/,
		track: 'caller'
	},
	{
		from: 'server',
		type: /"type"\s*:\s*"(?:response\.output_audio|response\.audio|session\.output_audio)\.delta"/,
		field: /"delta"\s*:\s*"/,
		track: 'model'
	}
];

/**
 * Takes the audio out of an event's raw text, without parsing it as JSON: nearly all of a session's bytes are audio.
 *
 * Returns `undefined` when the text carries none, or when its base64 is not canonical and putting it back would not
 * give the same text. So `joinAudio(split.text, split.index, split.bytes) === raw` for all that is returned.
 */
export function splitAudio(from: From, raw: string): SplitAudio | undefined {
	for (const carrier of CARRIERS) {
		if (carrier.from !== from) continue;
		const field = carrier.field.exec(raw);
		if (!field) continue;
		const start = field.index + field[0].length;
		const end = raw.indexOf('"', start);
		if (end < 0) continue;
		const text = raw.slice(0, start) + raw.slice(end);
		if (!carrier.type.test(text)) continue;
		const bytes = decodeBase64(raw.slice(start, end));
		if (!bytes.ok || bytes.value.length === 0) continue;
		return { track: carrier.track, index: start, text, bytes: bytes.value };
	}
	return undefined;
}

/** The raw text again: `text` with the bytes' base64 put back at `index`. */
export function joinAudio(text: string, index: number, bytes: Uint8Array): string {
	return text.slice(0, index) + encodeBase64(bytes) + text.slice(index);
}
