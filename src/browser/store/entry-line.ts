import { isObject, numberAt, stringAt, type JsonObject } from '#core/base/json.ts';
import type { AudioRef, LogEntry } from '#core/recording/recorded-event.ts';

/** What a line tells of an entry: all but its place, which is the line's own. */
export type LineEntry = Omit<LogEntry, 'seq'>;

/**
 * An entry as its line in a chunk: JSON, ended by a line feed. `JSON.stringify` escapes what UTF-8 cannot hold (lone
 * surrogates), so the line's bytes give the same entry again.
 */
export function lineOf({ seq, at, from, text, binary, audio }: LogEntry): string {
	const rest = binary ? ',"binary":true' : audio ? audioMember(audio) : '';
	return `{"seq":${seq},"at":${at},"from":"${from}","text":${JSON.stringify(text)}${rest}}\n`;
}

function audioMember({ track, index, offset, length }: AudioRef): string {
	return `,"audio":{"track":"${track}","index":${index},"offset":${offset},"length":${length}}`;
}

/** A line of a chunk, in any spelling of its JSON, as the entry that it was; `undefined` when it is broken. */
export function parseLine(line: string): LineEntry | undefined {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch {
		return undefined;
	}
	const at = numberAt(value, 'at');
	const from = stringAt(value, 'from');
	const text = stringAt(value, 'text');
	if (!isObject(value) || numberAt(value, 'seq') === undefined || at === undefined || text === undefined)
		return undefined;
	if (from !== 'client' && from !== 'server' && from !== 'console') return undefined;
	const audio = value['audio'];
	if (audio === undefined) return { at, from, text, ...(value['binary'] === true && { binary: true as const }) };
	const ref = parseAudioRef(audio, text);
	return ref && { at, from, text, audio: ref };
}

function parseAudioRef(value: unknown, text: string): AudioRef | undefined {
	const track = stringAt(value, 'track');
	if (!isObject(value) || (track !== 'caller' && track !== 'model')) return undefined;
	const index = wholeAt(value, 'index');
	const offset = wholeAt(value, 'offset');
	const length = wholeAt(value, 'length');
	if (index === undefined || offset === undefined || length === undefined || index > text.length) return undefined;
	return { track, index, offset, length };
}

function wholeAt(object: JsonObject, key: string): number | undefined {
	const value = numberAt(object, key);
	return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
