// Reading a recording's bytes that lie in memory, beside plain ways of going through them. Runs in the page of the plain
// limits: a browser decodes base64 itself, which Node learns only now.
import { PeakTrack } from '#core/audio/peaks.ts';
import { RecordingScanner, type ScannedEntry } from '#core/recording/recording-scanner.ts';

/** A way of going through a file: how many events it found, and its times in turns with the others. */
export interface ScanTimes {
	readonly part: string;
	readonly eventCount: number;
	readonly ms: number[];
}

const SLICE_BYTES = 1 << 23;
const LF = 10;

/** Goes through the bytes in each way, in turns, so that what disturbs one disturbs all. */
export function measureScans(bytes: Uint8Array<ArrayBuffer>, rounds: number): ScanTimes[] {
	const ways: { part: string; run: () => number; eventCount: number; ms: number[] }[] = [
		{ part: 'find every line feed', run: () => countLines(bytes) - 1, eventCount: 0, ms: [] },
		{ part: 'RecordingScanner', run: () => scan(bytes, () => undefined), eventCount: 0, ms: [] },
		{ part: 'the same and PeakTrack', run: () => scanWithPeaks(bytes), eventCount: 0, ms: [] },
		{ part: 'JSON.parse of every line', run: () => parseLines(bytes) - 1, eventCount: 0, ms: [] }
	];
	for (let round = 0; round < rounds; round++) {
		for (const way of ways) {
			const startedAt = performance.now();
			way.eventCount = way.run();
			way.ms.push(performance.now() - startedAt);
		}
	}
	return ways.map(({ part, eventCount, ms }) => ({ part, eventCount, ms }));
}

/** How many line feeds there are. */
export function countLines(bytes: Uint8Array): number {
	let count = 0;
	for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) count++;
	return count;
}

function scan(bytes: Uint8Array, onentry: (entry: ScannedEntry) => void): number {
	let count = 0;
	const wrong = (what: unknown) => {
		throw new Error(`Something is skipped or put right: ${JSON.stringify(what)}`);
	};
	const scanner = new RecordingScanner({
		onheader: () => undefined,
		onentry: (entry) => {
			count++;
			onentry(entry);
		},
		onskip: wrong,
		onnote: wrong
	});
	for (let at = 0; at < bytes.length; at += SLICE_BYTES) scanner.push(bytes.subarray(at, at + SLICE_BYTES));
	scanner.end();
	return count;
}

function scanWithPeaks(bytes: Uint8Array): number {
	const peaks = { caller: new PeakTrack(), model: new PeakTrack() };
	return scan(bytes, ({ audio }) => audio && peaks[audio.track].append(audio.bytes));
}

function parseLines(bytes: Uint8Array): number {
	const decoder = new TextDecoder();
	let count = 0;
	for (let start = 0; start < bytes.length; count++) {
		const end = bytes.indexOf(LF, start);
		JSON.parse(decoder.decode(bytes.subarray(start, end)));
		start = end + 1;
	}
	return count;
}
