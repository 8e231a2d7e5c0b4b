import { fail, succeed, type Result } from '#core/base/result.ts';
import { HarImport } from '#core/recording/import/har-import.ts';
import type { FormatReader } from '#core/recording/import/import-sink.ts';
import type { LogEntry } from '#core/recording/recorded-event.ts';
import { RecordingScanner, type ScanListener } from '#core/recording/recording-scanner.ts';
import { readSlices, readStream, type Slice } from '../files/read-slices.ts';
import type { ZipFile } from '../files/zip.ts';
import type { IncomingRecording } from './incoming-recording.ts';
import { addRedacted, type Intake } from './intake.ts';
import type { LibraryProblem } from './library-api.ts';
import { redactHeader } from './redaction-report.ts';
import { problem, recognise, recogniseText, type Recognised, type ZipContents } from './recognise.ts';

/** What reading a file needs besides its intake. */
export interface ReadContext {
	readonly file: Blob;
	readonly signal: AbortSignal;
	readonly newId: () => string;
	/** Called after each piece: bytes that were read, of how many; `totalBytes` is 0 when nobody knows. */
	readonly onprogress: (doneBytes: number, totalBytes: number) => void;
}

type Read = Result<void, LibraryProblem>;

/** What a packed file may come to: beyond it nobody reads on. */
const MOST_UNPACKED_BYTES = 4 * 2 ** 30;

/** Between two hand-overs of what came. */
const FLUSH_BYTES = 1 << 22;

const TOO_LARGE = `Unpacked, this file is larger than ${MOST_UNPACKED_BYTES / 2 ** 30} GiB; the rest was left out.`;

/** Reads all that a file holds into the intake. What cannot be read is skipped there; fails when nothing can be. */
export async function readFile(recognised: Recognised, intake: Intake, context: ReadContext): Promise<Read> {
	const { file, signal } = context;
	switch (recognised.kind) {
		case 'earshot':
			return readEarshot(readSlices(file, signal), intake, context, file);
		case 'earshot-zip': {
			const { recording } = recognised;
			const onprogress = (done: number) => {
				intake.flush();
				context.onprogress(done, recording.size);
				// It ends here then, in the middle of a line.
				intake.isEndingEarly = signal.aborted;
			};
			const scanned = await recording.scan(listenerOf(intake, context, null), { signal, onprogress });
			intake.isEndingEarly = false;
			return scanned.ok ? scanned : fail(problem(scanned.error.message));
		}
		case 'foreign': {
			const reader = recognised.format.open(intake);
			await pump(readSlices(file, signal), reader, intake, signal, (done) => context.onprogress(done, file.size));
			return succeed(undefined);
		}
		case 'packed':
			return readUnknown(readStream(recognised.unpack(file), signal), intake, context);
		case 'zip':
			return readZip(recognised.zip, recognised.contents, intake, context);
	}
}

/** A reader that may have had enough before the file ends. */
type Reader = FormatReader & { readonly isDone?: boolean };

/**
 * Hands a file's pieces to a reader, and what came of each to whoever looks. Rejects where the file cannot be read on; what
 * was read by then is handed over, as when it is stopped.
 */
async function pump(
	slices: AsyncIterable<Slice>,
	reader: Reader,
	intake: Intake,
	signal: AbortSignal,
	onread: (doneBytes: number) => void
): Promise<void> {
	let isRead = false;
	try {
		await pushAll(slices, reader, intake, onread);
		isRead = !signal.aborted;
	} finally {
		intake.isEndingEarly = !isRead;
		reader.end();
		intake.isEndingEarly = false;
		intake.flush();
	}
}

async function pushAll(
	slices: AsyncIterable<Slice>,
	reader: Reader,
	intake: Intake,
	onread: (doneBytes: number) => void
): Promise<void> {
	let flushedAt = 0;
	for await (const { at, bytes } of slices) {
		if (at > MOST_UNPACKED_BYTES) {
			intake.note(TOO_LARGE);
			break;
		}
		reader.push(bytes);
		const end = at + bytes.length;
		// At once in the beginning, when somebody waits for the first rows; then in pieces that are worth it.
		if (end - flushedAt >= Math.min(flushedAt, FLUSH_BYTES)) {
			intake.flush();
			flushedAt = end;
		}
		onread(end);
		if (reader.isDone) break;
	}
}

/** Reads a recording of Earshot's own. `file`: where payloads can be read again; `null` for what is unpacked. */
async function readEarshot(
	slices: AsyncIterable<Slice>,
	intake: Intake,
	context: ReadContext,
	file: Blob | null
): Promise<Read> {
	const scanner = new RecordingScanner(listenerOf(intake, context, file));
	await pump(slices, scanner, intake, context.signal, (done) => context.onprogress(done, file?.size ?? 0));
	return scanner.problem ? fail(problem(scanner.problem.message)) : succeed(undefined);
}

/** Takes what a scanner reads into a recording. */
function listenerOf(intake: Intake, context: ReadContext, file: Blob | null): ScanListener {
	let recording: IncomingRecording | undefined;
	return {
		onheader: (header) => {
			if (intake.isFull) return;
			const redactor = intake.openRedactor();
			const clean = redactor ? redactHeader(header, redactor) : header;
			recording = intake.open({ ...clean, id: context.newId() }, file, redactor);
		},
		onentry: ({ at, from, text, binary, audio }) => {
			if (!recording) return;
			const entry: Omit<LogEntry, 'seq' | 'audio'> = { at, from, text, ...(binary && { binary }) };
			if (!recording.redactor) return recording.appendEntry(entry, audio);
			const ref = audio && { track: audio.track, index: audio.index, offset: 0, length: audio.bytes.length };
			addRedacted(recording, { seq: 0, ...entry, ...(ref && { audio: ref }) }, audio?.bytes, audio?.payloadAt ?? null);
		},
		onskip: ({ line, reason }) => intake.skip({ place: `line ${line}`, reason }),
		onnote: (text) => intake.note(text)
	};
}

/** Reads text that came out of something: what it is shows with its first bytes. */
async function readUnknown(slices: AsyncIterable<Slice>, intake: Intake, context: ReadContext): Promise<Read> {
	const iterator = slices[Symbol.asyncIterator]();
	const first = await iterator.next();
	if (first.done) return fail(problem('This file is empty: there is nothing in it.'));
	const rest = chain(first.value, iterator);
	const recognised = recogniseText(first.value.bytes);
	if (!recognised.ok) {
		await iterator.return?.(undefined);
		return recognised;
	}
	if (recognised.value.kind === 'earshot') return readEarshot(rest, intake, context, null);
	if (recognised.value.kind !== 'foreign') return fail(problem('This cannot be read out of a packed file.'));
	await pump(rest, recognised.value.format.open(intake), intake, context.signal, (done) => context.onprogress(done, 0));
	return succeed(undefined);
}

async function* chain(first: Slice, rest: AsyncIterator<Slice>): AsyncGenerator<Slice, void> {
	yield first;
	for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function readZip(zip: ZipFile, contents: ZipContents, intake: Intake, context: ReadContext): Promise<Read> {
	for (const { name, reason } of zip.leftOut) intake.skip({ place: name, reason });
	return contents === 'several' ? readEach(zip, intake, context) : readHars(zip, intake, context);
}

/** Reads the HARs and traces of a Playwright archive, and the files of messages that they name. */
async function readHars(zip: ZipFile, intake: Intake, { signal, onprogress }: ReadContext): Promise<Read> {
	const har = new HarImport(intake);
	const read = (name: string, reader: FormatReader) =>
		pump(readStream(zip.stream(name), signal), reader, intake, signal, (done) => onprogress(done, 0));
	for (const { name } of zip.entries) {
		if (name.endsWith('trace.network')) await read(name, har.readTraceNetwork(`${name}, `));
		else if (/\.har$/i.test(name)) await read(name, har.readHar(`${name}, `));
	}
	for (const attached of har.attached) {
		const entry = zip.entries.find(({ name }) => name === attached.file || name.endsWith(`/${attached.file}`));
		if (entry) await read(entry.name, har.readMessages(attached));
	}
	// Those whose files are not in the zip are skipped there.
	intake.isEndingEarly = signal.aborted;
	har.end();
	intake.isEndingEarly = false;
	intake.flush();
	return succeed(undefined);
}

/** Reads one file of a zip of several. A damaged one costs itself only, and zips of zips end here. */
async function readEntry(zip: ZipFile, name: string, intake: Intake, context: ReadContext): Promise<Read> {
	const unfolded = await zip.blob(name);
	if (!unfolded.ok) return fail(problem(unfolded.error.message));
	try {
		const recognised = await recognise(unfolded.value);
		if (!recognised.ok) return recognised;
		if (recognised.value.kind === 'zip')
			return fail(problem('This is a zip in a zip: take it out, and open it by itself.'));
		return await readFile(recognised.value, intake, { ...context, file: unfolded.value });
	} catch (error) {
		const words = error instanceof Error ? error.message : String(error);
		return fail(problem(`It could not be read to its end: ${words}`));
	}
}

/** Reads each file of a zip that is known; the others are skipped. */
async function readEach(zip: ZipFile, intake: Intake, context: ReadContext): Promise<Read> {
	for (const { name } of zip.entries) {
		if (context.signal.aborted) break;
		if (intake.isFull) {
			intake.skip({ place: name, reason: 'So many recordings of one file are taken in, and no more.' });
			break;
		}
		intake.part = name;
		const read = await readEntry(zip, name, intake, context);
		intake.part = null;
		if (!read.ok) intake.skip({ place: name, reason: read.error.message });
		// Each is whole when its file has ended: no more need be looked after.
		intake.flush(true);
	}
	if (intake.recordings.length > 0) return succeed(undefined);
	return fail(problem('Nothing in this zip is a recording or a log that Earshot knows.'));
}
