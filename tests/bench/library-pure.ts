// The parts of the library that need no browser, each beside a plain way of doing the same with the same bytes.
import assert from 'node:assert/strict';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import { createRedactor } from '#core/recording/redaction/redactor.ts';
import { redactEntry } from '#core/recording/export/raw-text.ts';
import { ByteTrack } from '#core/recording/byte-track.ts';
import { RecordingLog } from '#core/recording/recording-log.ts';
import { RecordingScanner } from '#core/recording/recording-scanner.ts';
import { applyEntry } from '#core/session/apply-event.ts';
import { Checkpoints } from '#core/session/checkpoints.ts';
import { SessionFold } from '#core/session/session-fold.ts';
import { createSession } from '#core/session/session-model.ts';
import { exportRecordings } from '#browser/library/export-job.ts';
import type { ExportFormat } from '#core/recording/export/export-format.ts';

import { hourLogHeader } from './hour-log.ts';
import type { LogFile } from './library-logs.ts';
import { printTable } from './table.ts';

const SLICE_BYTES = 1 << 23;
const SEEKS = 200;
const PIECE_BYTES = 1 << 20;

type Log = RecordingLog<ByteTrack>;
type Row = Record<string, string | number>;

/** Folds, redacts and exports a recording, and prints what that took. `folder` has room for its export. */
export async function benchPureParts(file: LogFile, folder: string): Promise<void> {
	const log = await loadLog(file);
	assert.equal(log.length, file.eventCount, 'events of the file');
	printTable(
		`In Node, ${file.title}, beside a plain way: of seeking, the fold of all of it; of redaction, JSON.parse of every message\n` +
			'without its audio; of an export, writing as many bytes into a file.',
		[
			benchFold(log),
			benchRedaction(log),
			await benchExport(log, 'earshot.jsonl', folder),
			await benchExport(log, 'earshot.zip', folder)
		]
	);
}

/** The recording of a file, audio included, in memory. */
export async function loadLog(file: LogFile): Promise<Log> {
	const log: Log = new RecordingLog({ caller: new ByteTrack(), model: new ByteTrack() });
	const wrong = (what: unknown) => assert.fail(`something is skipped or put right: ${JSON.stringify(what)}`);
	const scanner = new RecordingScanner({
		onheader: () => undefined,
		onentry: ({ at, from, text, audio }) => {
			if (!audio) return log.restore({ at, from, text });
			const { track, index, length, bytes } = audio;
			log.restore({ at, from, text, audio: { track, index, offset: log.tracks[track].append(bytes), length } });
		},
		onskip: wrong,
		onnote: wrong
	});
	for await (const slice of createReadStream(file.path, { highWaterMark: SLICE_BYTES })) scanner.push(slice as Buffer);
	assert(scanner.end().ok, 'the file is a recording');
	return log;
}

function row(part: string, ms: number, against: string, plainMs: number): Row {
	return { part, ms, against, 'ms of that': plainMs, ratio: ms / plainMs };
}

/** The longest of many seeks beside the fold of all. */
function benchFold(log: Log): Row {
	const startedAt = performance.now();
	const whole = createSession();
	for (let index = 0; index < log.length; index++) applyEntry(whole, log.entry(index));
	const wholeMs = performance.now() - startedAt;
	const checkpoints = new Checkpoints();
	new SessionFold(log, checkpoints).moveTo(log.length);
	const fold = new SessionFold(log, checkpoints);
	const times = Array.from({ length: SEEKS }, (_, seek) => {
		const count = Math.floor((((seek + 1) * 0.618) % 1) * log.length);
		const seekedAt = performance.now();
		fold.moveTo(count);
		assert.equal(fold.session.eventCount, count, 'events that are folded after a seek');
		return performance.now() - seekedAt;
	});
	return row(`seek to ${SEEKS} moments: the longest`, Math.max(...times), 'fold of all', wholeMs);
}

function benchRedaction(log: Log): Row {
	const startedAt = performance.now();
	const redactor = createRedactor({});
	for (let index = 0; index < log.length; index++) {
		redactEntry(log.entry(index), (from, text) => redactor.message(from, text));
	}
	const ms = performance.now() - startedAt;
	const parsedAt = performance.now();
	for (let index = 0; index < log.length; index++) JSON.parse(log.entry(index).text);
	return row('redaction', ms, 'JSON.parse of the messages', performance.now() - parsedAt);
}

async function benchExport(log: Log, format: ExportFormat, folder: string): Promise<Row> {
	const file = path.join(folder, 'exported');
	const startedAt = performance.now();
	const target = Writable.toWeb(createWriteStream(file)) as WritableStream<Uint8Array>;
	const leaving = { header: hourLogHeader({ minutes: 60, seed: 1 }), log };
	const exported = await exportRecordings(one(leaving), 1, { format, redaction: {} }, target, () => undefined);
	const ms = performance.now() - startedAt;
	assert(exported.ok, 'the export succeeds');
	const { size } = await stat(file);
	assert.equal(size, exported.value.bytes, 'bytes of the export');
	await rm(file);
	return row(
		`export as ${format}, ${Math.round(size / 1e6)} MB`,
		ms,
		'writing as many bytes',
		await writePlainly(file, size)
	);
}

async function* one<T>(value: T): AsyncGenerator<T, void> {
	yield await Promise.resolve(value);
}

async function writePlainly(file: string, size: number): Promise<number> {
	const piece = new Uint8Array(PIECE_BYTES).fill(97);
	const startedAt = performance.now();
	const target = await open(file, 'w');
	for (let at = 0; at < size; at += piece.length)
		await target.write(piece.subarray(0, Math.min(piece.length, size - at)));
	await target.close();
	const ms = performance.now() - startedAt;
	await rm(file);
	return ms;
}
