import { encodeBase64 } from '../../audio/base64.ts';
import { decodeUtf8 } from '../../base/utf8.ts';
import { joinAudio } from '../audio-split.ts';
import type { RecordingHeader } from '../recorded-event.ts';
import { RecordingScanner, type ScannedEntry, type ScannerOptions, type SkippedLine } from '../recording-scanner.ts';

/** All that a scanner told of a file. */
export interface Scan {
	problem: string | null;
	header: RecordingHeader | null;
	/** With their audio's bytes copied. */
	entries: ScannedEntry[];
	skipped: SkippedLine[];
	notes: string[];
}

/** Scans a file that comes in slices of these sizes, over and over; each slice in the same buffer, as a reader may do. */
export function scan(file: Uint8Array, sizes: readonly number[] = [1 << 16], options: ScannerOptions = {}): Scan {
	return scanSlices(slicesOf(file, sizes), options);
}

/** The same for slices as they are. */
export function scanSlices(slices: Iterable<Uint8Array>, options: ScannerOptions = {}): Scan {
	const result: Scan = { problem: null, header: null, entries: [], skipped: [], notes: [] };
	const scanner = new RecordingScanner(
		{
			onheader: (header) => (result.header = header),
			onentry: ({ audio, ...entry }) =>
				result.entries.push({ ...entry, ...(audio && { audio: { ...audio, bytes: audio.bytes.slice() } }) }),
			onskip: (line) => result.skipped.push(line),
			onnote: (note) => result.notes.push(note)
		},
		options
	);
	for (const slice of slices) scanner.push(slice);
	const end = scanner.end();
	return { ...result, problem: end.ok ? null : end.error.message };
}

function* slicesOf(file: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
	const buffer = new Uint8Array(Math.max(1, ...sizes));
	for (let start = 0, i = 0; start < file.length; i++) {
		const slice = file.subarray(start, start + Math.max(1, sizes[i % sizes.length]!));
		buffer.set(slice);
		yield buffer.subarray(0, slice.length);
		buffer.fill(0x5a);
		start += slice.length;
	}
}

/** The message's text, byte for byte as it crossed the wire. */
export function rawOf({ text, audio }: ScannedEntry): string {
	return audio ? joinAudio(text, audio.index, audio.bytes) : text;
}

/** Whether the base64 stands in the file where the entry says, or says that it stands nowhere. */
export function isInFile(file: Uint8Array, { audio }: ScannedEntry): boolean {
	if (!audio || audio.payloadAt === null) return true;
	const { payloadAt, payloadLength, bytes, length } = audio;
	return (
		bytes.length === length && decodeUtf8(file.subarray(payloadAt, payloadAt + payloadLength)) === encodeBase64(bytes)
	);
}
