import { decodeBase64, encodeBase64 } from '../../audio/base64.ts';
import { joinAudio } from '../audio-split.ts';
import type { From, LogEntry } from '../recorded-event.ts';
import type { Redactor } from '../redaction/redaction-options.ts';

/** Takes secrets out of a message's text. Returns the same string when there are none. */
export type Redact = (from: From, text: string) => string;

/** What a recording's redactor does to messages and to binary frames. */
export type EntryRedactor = Pick<Redactor, 'message' | 'binary'>;

/** Takes nothing out. */
export const keepAll: Redact = (_from, text) => text;

/**
 * A message's raw text as it leaves with an export.
 *
 * @param bytes the entry's audio, or nothing when it has none
 */
export function rawOf(
	entry: LogEntry,
	bytes: Uint8Array | undefined,
	redact: Redact | EntryRedactor = keepAll
): string {
	const { text, audio } = redactEntry(entry, redact);
	return audio && bytes ? joinAudio(text, audio.index, bytes) : text;
}

/**
 * The entry without its secrets, its audio still in the right place.
 *
 * Nobody is shown the audio: it is long, and its base64 may look like a key by chance. In its place stands a
 * short word that is nowhere else in the text. Where the word is afterwards, the audio belongs; where it is gone, the
 * redactor took out the member that held the audio, and the audio leaves with it.
 *
 * @param redact a recording's redactor, or a function: it is shown a binary frame's bytes as characters
 */
export function redactEntry(entry: LogEntry, redact: Redact | EntryRedactor): LogEntry {
	if (redact === keepAll) return entry;
	const message: Redact = typeof redact === 'function' ? redact : (from, text) => redact.message(from, text);
	const { audio, ...rest } = entry;
	if (entry.binary) {
		const text = typeof redact === 'function' ? redactBytes(entry, redact) : redact.binary(entry.from, entry.text);
		return text === entry.text ? entry : { ...rest, text };
	}
	const mark = audio ? markFor(entry.text) : '';
	const marked = audio ? entry.text.slice(0, audio.index) + mark + entry.text.slice(audio.index) : entry.text;
	const redacted = message(entry.from, marked);
	if (redacted === marked) return entry;
	const index = redacted.indexOf(mark);
	if (!audio || index < 0) return { ...rest, text: redacted };
	return { ...rest, text: redacted.slice(0, index) + redacted.slice(index + mark.length), audio: { ...audio, index } };
}

/** A word that the text does not contain, made of letters only, so that no pattern of a secret fits it. */
function markFor(text: string): string {
	if (!text.includes('Audio')) return 'Audio';
	let longest = 0;
	for (const [run] of text.matchAll(/o+/g)) longest = Math.max(longest, run.length);
	return `Audio${'o'.repeat(longest)}`;
}

/**
 * A binary frame, as base64, without its secrets. Its bytes are shown as characters of the same number: keys are ASCII,
 * and every byte that is left comes back as it was.
 */
function redactBytes({ from, text }: LogEntry, redact: Redact): string {
	const bytes = decodeBase64(text);
	if (!bytes.ok) return redact(from, text);
	const characters = charactersOf(bytes.value);
	const redacted = redact(from, characters);
	if (redacted === characters) return text;
	return encodeBase64(Uint8Array.from(redacted, (character) => Math.min(character.charCodeAt(0), 0xff)));
}

function charactersOf(bytes: Uint8Array): string {
	const pieces: string[] = [];
	const block = 0x2000; // small enough for String.fromCharCode
	for (let start = 0; start < bytes.length; start += block) {
		pieces.push(String.fromCharCode(...bytes.subarray(start, start + block)));
	}
	return pieces.join('');
}
