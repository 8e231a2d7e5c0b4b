import { assertPresent } from '../base/assert.ts';
import { encodeUtf8 } from '../base/utf8.ts';
import { succeed, type Result } from '../base/result.ts';
import type { RecordingHeader } from './recorded-event.ts';
import { formatHeader, type RecordingFileProblem } from './recording-header.ts';
import { formatEntry } from './recording-line.ts';
import { MemoryLog } from './recording-log.ts';
import { RecordingScanner, type SkippedLine } from './recording-scanner.ts';

export { formatHeader, type RecordingFileProblem } from './recording-header.ts';
export { formatRecordedEvent, parseRecordingLine } from './recording-line.ts';
export type { SkippedLine } from './recording-scanner.ts';
export { RECORDING_FORMAT } from './upgrade.ts';

/** What the end of a recording file's name says of it. */
export const RECORDING_FILE_SUFFIX = '.earshot.jsonl';

/** A recording as it was read from a file, and the lines that could not be. */
export interface ParsedRecording {
	readonly header: RecordingHeader;
	readonly log: MemoryLog;
	readonly skipped: readonly SkippedLine[];
	/** What was put right in the whole of it, each a sentence for the page. */
	readonly notes: readonly string[];
}

/** The lines of a recording file, each with its line end. */
export function* formatRecordingFile(header: RecordingHeader, log: MemoryLog): Generator<string, void> {
	yield `${formatHeader(header)}\n`;
	for (let index = 0; index < log.length; index++) {
		const entry = log.entry(index);
		const bytes = entry.audio && log.tracks[entry.audio.track].read(entry.audio.offset, entry.audio.length);
		yield `${formatEntry(entry, bytes)}\n`;
	}
}

/**
 * Reads a recording file into memory, for files that are small. A line that cannot be read costs itself only: it is named
 * in `skipped`, the rest is taken. `RecordingScanner` reads files of any size.
 *
 * Events are numbered by their place, and time that runs backwards stands still, so the log keeps its promises whatever
 * the file holds. Where `at` of the first event is wall time, as some writers mistake it, the recording begins there.
 */
export function parseRecordingFile(text: string): Result<ParsedRecording, RecordingFileProblem> {
	const log = new MemoryLog();
	const skipped: SkippedLine[] = [];
	const notes: string[] = [];
	let header: RecordingHeader | undefined;
	const scanner = new RecordingScanner({
		onheader: (read) => (header = read),
		onentry: ({ at, from, text, binary, audio }) => {
			const { track = 'caller', index = 0, length = 0 } = audio ?? {};
			const offset = audio ? log.tracks[track].append(audio.bytes) : 0;
			log.restore({
				at,
				from,
				text,
				...(binary && { binary }),
				...(audio && { audio: { track, index, offset, length } })
			});
		},
		onskip: (line) => skipped.push(line),
		onnote: (note) => notes.push(note)
	});
	scanner.push(encodeUtf8(text));
	const end = scanner.end();
	if (!end.ok) return end;
	return succeed({ header: assertPresent(header, 'the header of a recording that was read'), log, skipped, notes });
}
