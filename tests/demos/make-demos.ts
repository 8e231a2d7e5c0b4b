// Makes the demo recordings in static/demos and their list: `node tests/demos/make-demos.ts`. It takes two minutes,
// because the calls are held in real time with the simulator. `demos.test.ts` checks what it writes.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { formatRecordedEvent, RECORDING_FILE_SUFFIX } from '#core/recording/recording-file.ts';
import type { RecordingHeader } from '#core/recording/recorded-event.ts';
import type { MemoryLog } from '#core/recording/recording-log.ts';
import { falseStart, lostConnection } from './mishaps.ts';
import { recordDemo, type Demo } from './stage.ts';
import { bargeIn, cleanTurn, lateTool } from './talks.ts';

/** In the order in which they are offered. */
const DEMOS: readonly Demo[] = [cleanTurn, bargeIn, lateTool, falseStart, lostConnection];

/** One entry of `static/demos/index.json`: a recording that the empty library offers. */
export interface DemoListEntry {
	/** Beside the list. */
	readonly file: string;
	readonly title: string;
	/** One sentence. */
	readonly about: string;
	readonly lengthMs: number;
	/** Of the file. */
	readonly bytes: number;
	/** The file of the same demo that this one goes on from. */
	readonly follows?: string;
}

const folder = path.resolve(import.meta.dirname, '../../static/demos');

/** The one place that knows in which format demos are kept. */
function formatDemo(header: RecordingHeader, log: MemoryLog): { suffix: string; bytes: Uint8Array } {
	const lines = [JSON.stringify(header)];
	for (let seq = 0; seq < log.length; seq++) lines.push(formatRecordedEvent(log.recorded(seq)));
	return { suffix: RECORDING_FILE_SUFFIX, bytes: Buffer.from(`${lines.join('\n')}\n`) };
}

async function makeDemo(demo: Demo): Promise<DemoListEntry[]> {
	const entries: DemoListEntry[] = [];
	for (const { header, recording } of await recordDemo(demo)) {
		const { name, title, about, call } = recording;
		const { suffix, bytes } = formatDemo(header, call.log);
		const file = `${name}${suffix}`;
		writeFileSync(path.join(folder, file), bytes);
		const follows = entries.at(-1)?.file;
		const lengthMs = Math.round(call.log.lengthMs);
		entries.push({ file, title, about, lengthMs, bytes: bytes.length, ...(follows !== undefined && { follows }) });
		console.log(
			`${file}: ${(lengthMs / 1000).toFixed(1)} s, ${Math.round(bytes.length / 1000)} kB\n  ${header.note ?? ''}`
		);
	}
	return entries;
}

if (import.meta.filename === process.argv[1]) {
	rmSync(folder, { recursive: true, force: true });
	mkdirSync(folder, { recursive: true });
	const list: DemoListEntry[] = [];
	for (const demo of DEMOS) list.push(...(await makeDemo(demo)));
	writeFileSync(path.join(folder, 'index.json'), `${JSON.stringify(list, null, '\t')}\n`);
}
