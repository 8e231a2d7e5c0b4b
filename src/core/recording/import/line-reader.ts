import { objectAt, parseJson, stringAt } from '../../base/json.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import type { ImportSink } from './import-sink.ts';
import { LineSplitter } from './line-splitter.ts';

const CUT_OFF = 'The file ends in the middle of this line: it was cut off while it was written or copied.';

/** Hands over the lines of a file that are not blank, and names those that are too long in what was skipped. */
export function createLineReader(
	sink: ImportSink,
	onLine: (text: string, lineNumber: number, isLast: boolean) => void
): LineSplitter {
	return new LineSplitter({
		onLine: (text, lineNumber, isLast) => {
			if (text.trim() !== '') onLine(text, lineNumber, isLast);
		},
		onTooLong: (lineNumber, bytes) => {
			const megabytes = Math.round(bytes / 2 ** 20).toLocaleString('en');
			const reason = `This line is too long to be a message: ${megabytes} MiB.`;
			sink.skip({ place: `line ${lineNumber}`, reason });
		}
	});
}

/** Names a line that could not be read; the last one of a file may only be cut off. */
export function skipLine(sink: ImportSink, lineNumber: number, reason: string, isCut = false): void {
	sink.skip({ place: `line ${lineNumber}`, reason: isCut ? CUT_OFF : reason });
}

/** Lines at the beginning of a file, the last one maybe cut off. */
export function firstLines(head: Uint8Array): string[] {
	const text = decodeUtf8(head.subarray(0, 2 ** 16)).replace(/^\uFEFF/, '');
	return text.split(/\r?\n/).filter((line) => line.trim() !== '');
}

const SESSION_TYPE = /"type"\s*:\s*"session\.(?:created|updated)"/;

/** The model that a server event tells its session has; `undefined` for all other messages. */
export function modelOfSession(raw: string): string | undefined {
	if (!SESSION_TYPE.test(raw.slice(0, 1000))) return undefined;
	return stringAt(objectAt(parseJson(raw), 'session'), 'model');
}
