import { decodeUtf8 } from '../../base/utf8.ts';
import { parseJson } from '../../base/json.ts';
import { parseHeader } from '../recording-header.ts';
import { parseRecordingLine } from '../recording-line.ts';
import { MemoryLog } from '../recording-log.ts';

/** What a recording file holds, read in the plainest way: the measure of the scanner. */
export interface PlainRecording {
	/** What is wrong with the whole of it; `null` when it can be read. */
	readonly problem: string | null;
	readonly log: MemoryLog;
	/** The numbers of the lines that were skipped. */
	readonly skipped: readonly number[];
	/** Those that were cut off at the end of the file. */
	readonly cut: readonly number[];
	readonly isWallTime: boolean;
}

const WEEK_MS = 7 * 24 * 3_600_000;
const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;

/** Reads a file as a whole: decodes it, splits it at line feeds, parses each line, takes the audio out of each message. */
export function readPlainly(file: Uint8Array): PlainRecording {
	const lines = linesOf(decodeUtf8(file));
	const log = new MemoryLog();
	const skipped: number[] = [];
	const cut: number[] = [];
	const first = lines.shift();
	const header = first && parseHeader(first.text);
	const none = { log, skipped, cut, isWallTime: false };
	if (!header) return { ...none, problem: 'empty' };
	if (!header.ok) return { ...none, problem: header.error.message };
	let originMs: number | null = null;
	for (const { text, number, isLast } of lines) {
		const event = parseRecordingLine(text, header.value.version);
		if (!event.ok) {
			skipped.push(number);
			if (isLast && parseJson(text) === undefined) cut.push(number);
			continue;
		}
		originMs ??= event.value.at > TEN_YEARS_MS ? event.value.at : 0;
		const at = event.value.at - originMs;
		if (at > WEEK_MS) skipped.push(number);
		else log.append({ ...event.value, seq: log.length, at: Math.max(log.lengthMs, at) });
	}
	return { problem: null, log, skipped, cut, isWallTime: originMs !== null && originMs > 0 };
}

function linesOf(text: string): { text: string; number: number; isLast: boolean }[] {
	const pieces = (text.startsWith('\uFEFF') ? text.slice(1) : text).split('\n');
	return pieces
		.map((piece, index) => ({
			text: piece.endsWith('\r') ? piece.slice(0, -1) : piece,
			number: index + 1,
			isLast: index === pieces.length - 1
		}))
		.filter((line) => line.text.trim() !== '');
}
