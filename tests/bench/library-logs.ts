// The recording files that the benchmarks of the library open, and what is true of them without reading them.
import { open } from 'node:fs/promises';
import path from 'node:path';
import { hourLog } from './hour-log.ts';
import { countLines } from './library-scan.ts';

/** A recording file on the disk, and what is in it. */
export interface LogFile {
	readonly path: string;
	/** For tables. */
	readonly title: string;
	readonly bytes: number;
	readonly eventCount: number;
	readonly callerBytes: number;
	readonly modelBytes: number;
	/** How many events pass these filters of the event list. */
	readonly passing: Readonly<Record<'response.done' | '-delta', number>>;
}

const AUDIO_BYTES = 960;
const APPENDS_PER_MINUTE = 3000;
/** Five rounds of twelve seconds; the model speaks 6.1 s in each. */
const ROUNDS_PER_MINUTE = 5;
const AUDIO_DELTAS_PER_ROUND = 305;
const DELTAS_PER_ROUND = AUDIO_DELTAS_PER_ROUND + 20 + 8;

/** Writes the log of so many minutes into a folder. */
export async function writeLogFile(folder: string, title: string, minutes: number): Promise<LogFile> {
	const file = path.join(folder, `${minutes}-minutes.earshot.jsonl`);
	const target = await open(file, 'w');
	let bytes = 0;
	let lineCount = 0;
	try {
		for (const piece of hourLog({ minutes, seed: 1 })) {
			await target.write(piece);
			bytes += piece.length;
			lineCount += countLines(piece);
		}
	} finally {
		await target.close();
	}
	const eventCount = lineCount - 1;
	const rounds = minutes * ROUNDS_PER_MINUTE;
	return {
		path: file,
		title,
		bytes,
		eventCount,
		callerBytes: minutes * APPENDS_PER_MINUTE * AUDIO_BYTES,
		modelBytes: rounds * AUDIO_DELTAS_PER_ROUND * AUDIO_BYTES,
		passing: { 'response.done': rounds, '-delta': eventCount - rounds * DELTAS_PER_ROUND }
	};
}
