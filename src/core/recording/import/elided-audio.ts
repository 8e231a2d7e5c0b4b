import type { ImportSink } from './import-sink.ts';

/** Base64 in either alphabet, padded or not, on one line or wrapped. Everything else says something to a person. */
const BASE64 = /^[A-Za-z0-9+/=_\-\r\n]*$/;
/** Words that are base64 by accident. */
const WORD =
	/^(?:audio|base64|binary|bytes?|data|elided|hidden|none|null|omitted|redacted|removed|skipped|truncated)$/i;

/**
 * Whether what stands in the place of an event's audio is not audio but a sign that it was left out: `...`, `[audio]`,
 * `<redacted>`, `AAAA...(truncated)`, `1280 bytes`. An empty payload is not: it is what was sent.
 *
 * @param payload the string as it reads, without JSON's escapes
 */
export function isElidedAudio(payload: string): boolean {
	return !BASE64.test(payload) || WORD.test(payload);
}

/** The events that carry audio, GA, beta and translation: see `audio-split.ts`. */
const CARRIER =
	/"type"\s*:\s*"(?:(?:session\.)?input_audio_buffer\.append|response\.(?:output_)?audio\.delta|session\.output_audio\.delta)"/;
const PAYLOAD = /"(?:audio|delta)"\s*:\s*"/;
/** A payload's beginning and end tell whether it was cut: a sign in the middle of it is looked for in short ones only. */
const LOOKED_AT = 64;
const CUT_ESCAPE = /\\(?:u[0-9a-f]{0,3})?$/i;

/** Counts the events whose audio was left out, and says so once. */
export class ElidedAudioCount {
	#count = 0;

	/** @param raw text of an event, or of something else */
	look(raw: string): void {
		const payload = PAYLOAD.exec(raw);
		if (!payload) return;
		const start = payload.index + payload[0].length;
		const quote = raw.indexOf('"', start);
		const end = quote < 0 ? raw.length : quote;
		const length = end - start;
		const seen =
			length <= 2 * LOOKED_AT
				? raw.slice(start, end)
				: raw.slice(start, start + LOOKED_AT).replace(CUT_ESCAPE, '') + raw.slice(end - LOOKED_AT, end);
		if (isElidedAudio(readEscapes(seen)) && CARRIER.test(raw)) this.#count++;
	}

	report(sink: ImportSink): void {
		if (this.#count === 0) return;
		const events = this.#count === 1 ? '1 event' : `${this.#count.toLocaleString('en-US')} events`;
		sink.note(`Audio is missing from ${events}: the tool that wrote this file left it out.`);
	}
}

/** `\/`, `\n` and `\u002b` are spellings of base64's own characters. */
function readEscapes(text: string): string {
	if (!text.includes('\\')) return text;
	return text
		.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
		.replace(/\\([/nr])/g, (_, char: string) => (char === '/' ? '/' : '\n'));
}
