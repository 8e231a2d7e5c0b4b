import { VERSION } from '#core/base/version.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { encodeUtf8 } from '#core/base/utf8.ts';
import { EXPORT_SUFFIXES, type ExportFormat } from '#core/recording/export/export-format.ts';
import { exportFileName } from '#core/recording/export/file-name.ts';
import { formatHar } from '#core/recording/export/har.ts';
import { formatHeader } from '#core/recording/recording-header.ts';
import { formatEntry } from '#core/recording/recording-line.ts';
import type { RecordingHeader } from '#core/recording/recorded-event.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import { formatWav } from '#core/timeline/export/mix.ts';
import { zipFiles } from '../files/zip-writer.ts';
import { writeRecordingZip } from '../files/recording-zip-writer.ts';
import { mixOf, transcriptOf, turnTableOf } from './export-contents.ts';
import { prepareExport, type ExportSource } from './export-source.ts';
import type { ExportedFile, ExportOptions, LibraryProblem, RedactionReport } from './library-api.ts';
import { problem } from './recognise.ts';
import { addReports } from './redaction-report.ts';

const TYPES: Readonly<Partial<Record<ExportFormat, string>>> = {
	'earshot.jsonl': 'application/x-ndjson',
	'earshot.zip': 'application/zip',
	har: 'application/json',
	markdown: 'text/markdown',
	csv: 'text/csv'
};

/** A recording that is to leave. */
export interface Leaving {
	readonly header: RecordingHeader;
	readonly log: RecordingLog;
}

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** Pieces of text are gathered to this many characters before they are written. */
const PIECE_LENGTH = 1 << 18;

/** Makes the file of one recording, or a zip of the files of several, and writes it to `target`, or into a Blob. */
export async function exportRecordings(
	recordings: AsyncIterable<Leaving>,
	count: number,
	options: ExportOptions,
	target: WritableStream<Uint8Array> | null,
	onprogress: (doneBytes: number) => void
): Promise<Result<ExportedFile, LibraryProblem>> {
	const sink = target ? streamSink(target, onprogress) : blobSink(onprogress);
	const reports: RedactionReport[] = [];
	try {
		let name = `recordings${count > 1 ? '.zip' : ''}`;
		if (count > 1) {
			const zipped = await zipFiles(filesOf(recordings, options, reports), sink.stream);
			if (!zipped.ok) return fail(problem(zipped.error.message));
		} else {
			for await (const leaving of recordings) {
				const source = prepareExport(leaving.header, leaving.log, options);
				reports.push(source.redactions);
				name = exportFileName(source.header.title, EXPORT_SUFFIXES[options.format]);
				await writeOne(source, options.format, sink.stream);
			}
		}
		const type = count > 1 ? 'application/zip' : (TYPES[options.format] ?? 'audio/wav');
		const blob = sink.blob?.(type);
		return succeed({ name, ...(blob && { blob }), bytes: sink.bytes(), redactions: addReports(reports) });
	} catch (error) {
		// Nothing half-written stays where the user wanted a file; a stream that failed has ended already.
		await sink.stream.abort(error).catch(() => undefined);
		if (error instanceof ExportFailure) return fail(problem(error.message));
		const words = error instanceof Error ? error.message : String(error);
		return fail(problem(`The file could not be written to its end: ${words}`));
	}
}

/** Carries a reason for the page through the streams that lie between. */
export class ExportFailure extends Error {}

async function writeOne(source: ExportSource, format: ExportFormat, target: WritableStream<Uint8Array>): Promise<void> {
	if (format === 'earshot.zip') {
		const zipped = await writeRecordingZip(source, target);
		if (!zipped.ok) throw new ExportFailure(zipped.error.message);
		return;
	}
	const writer = target.getWriter();
	try {
		for await (const piece of piecesOf(source, format)) await writer.write(piece);
		await writer.close();
	} catch (error) {
		await writer.abort(error).catch(() => undefined);
		throw error;
	}
}

/** The file of one recording, piece by piece. Not for zips, which must go back and forth. */
function piecesOf(source: ExportSource, format: ExportFormat): Pieces {
	const { header, entries, audio, redactor } = source;
	const mix = mixOf(source, format);
	if (mix) {
		const wav = formatWav(mix);
		if (!wav.ok) throw new ExportFailure(wav.error);
		return wav.value.pieces;
	}
	switch (format) {
		case 'har':
			return gathered(formatHar(header, entries, audio, { version: VERSION, ...(redactor && { redactor }) }));
		case 'markdown':
			return gathered(transcriptOf(source));
		case 'csv':
			return gathered(turnTableOf(source));
		default:
			return gathered(linesOf(source));
	}
}

async function* linesOf({ header, entries, audio }: ExportSource): AsyncGenerator<string, void> {
	yield `${formatHeader(header)}\n`;
	for (let index = 0; index < entries.length; index++) {
		const entry = entries.entry(index);
		const ref = entry.audio;
		const bytes = ref && (await audio.read(ref.track, ref.offset, ref.length));
		yield `${formatEntry(entry, bytes)}\n`;
	}
}

async function* filesOf(
	recordings: AsyncIterable<Leaving>,
	options: ExportOptions,
	reports: RedactionReport[]
): AsyncGenerator<{ name: string; content: ReadableStream<Uint8Array> }, void> {
	const taken = new Set<string>();
	for await (const { header, log } of recordings) {
		const source = prepareExport(header, log, options);
		reports.push(source.redactions);
		yield {
			name: freeName(source.header.title, EXPORT_SUFFIXES[options.format], taken),
			content: streamOf(source, options.format)
		};
	}
}

function streamOf(source: ExportSource, format: ExportFormat): ReadableStream<Uint8Array> {
	const pipe = new TransformStream<Uint8Array, Uint8Array>();
	// A failure reaches whoever reads the other end.
	writeOne(source, format, pipe.writable).catch(() => undefined);
	return pipe.readable;
}

/** A file's name that no other file of the zip has. */
function freeName(title: string, suffix: string, taken: Set<string>): string {
	let name = exportFileName(title, suffix);
	for (let number = 2; taken.has(name.toLowerCase()); number++) name = exportFileName(`${title} ${number}`, suffix);
	taken.add(name.toLowerCase());
	return name;
}

/** Text in pieces that are worth a write each, as UTF-8. */
async function* gathered(texts: AsyncIterable<string> | Iterable<string>): AsyncGenerator<Uint8Array, void> {
	let parts: string[] = [];
	let length = 0;
	for await (const text of texts) {
		parts.push(text);
		length += text.length;
		if (length < PIECE_LENGTH) continue;
		yield encodeUtf8(parts.join(''));
		parts = [];
		length = 0;
	}
	yield encodeUtf8(parts.join(''));
}

interface Sink {
	readonly stream: WritableStream<Uint8Array>;
	bytes(): number;
	readonly blob?: (type: string) => Blob;
}

function blobSink(onprogress: (doneBytes: number) => void): Sink {
	const parts: Blob[] = [];
	let bytes = 0;
	const stream = new WritableStream<Uint8Array>({
		write(piece) {
			// Each piece is the browser's at once: a large file is never whole in our memory.
			parts.push(new Blob([piece as Uint8Array<ArrayBuffer>]));
			bytes += piece.length;
			onprogress(bytes);
		}
	});
	return { stream, bytes: () => bytes, blob: (type) => new Blob(parts, { type }) };
}

function streamSink(target: WritableStream<Uint8Array>, onprogress: (doneBytes: number) => void): Sink {
	let bytes = 0;
	const counted = new TransformStream<Uint8Array, Uint8Array>({
		transform(piece, controller) {
			bytes += piece.length;
			onprogress(bytes);
			controller.enqueue(piece);
		}
	});
	const written = counted.readable.pipeTo(target);
	// Looked at when the stream is closed; until then a failure is nobody's.
	written.catch(() => undefined);
	const writer = counted.writable.getWriter();
	const stream = new WritableStream<Uint8Array>({
		write: (piece) => writer.write(piece),
		close: async () => {
			await writer.close();
			await written;
		},
		abort: (reason) => writer.abort(reason)
	});
	return { stream, bytes: () => bytes };
}
