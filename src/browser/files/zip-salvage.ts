import { decodeUtf8 } from '#core/base/utf8.ts';
import type { TrackName } from '#core/recording/recorded-event.ts';
import { ZIP_NAMES } from '#core/recording/recording-zip.ts';
import { findWavData, WAV_HEAD_BYTES } from '#core/recording/track-wav.ts';
import { streamOf } from './zip-writer.ts';
import { UnfoldingLimit, ZipError } from './zip.ts';

/** What is left of a recording's zip whose end is missing. */
export interface SalvagedZip {
	readonly openRecording: () => ReadableStream<Uint8Array<ArrayBuffer>>;
	/** Length of the lines as they are packed: how long they are unfolded is not known. */
	readonly recordingBytes: number;
	/** The WAV files, the last one maybe without its end. */
	readonly files: Readonly<Partial<Record<TrackName, Blob>>>;
}

const LOCAL_HEADER_BYTES = 30;
const LOCAL_HEADER = Uint8Array.of(0x50, 0x4b, 3, 4);
const DESCRIPTOR = Uint8Array.of(0x50, 0x4b, 7, 8);
/** With sizes of 32 and of 64 bits. */
const DESCRIPTOR_BYTES = [16, 24];
const DEFLATED = 8;
const STORED = 0;
const SEARCH_BYTES = 1 << 22;

/** A file's local header. */
interface LocalFile {
	readonly name: string;
	readonly method: number;
	/** Where it begins, and where its content does. */
	readonly at: number;
	readonly start: number;
}

/**
 * Finds the files of a zip that Earshot wrote by their own headers, in the order in which Earshot writes them. `undefined`
 * when it does not begin with the lines of a recording.
 */
export async function salvageZip(blob: Blob): Promise<SalvagedZip | undefined> {
	const recording = await localFileAt(blob, 0);
	if (recording?.name !== ZIP_NAMES.recording || recording.method !== DEFLATED) return undefined;
	const files: Partial<Record<TrackName, Blob>> = {};
	let next = await findLocalFile(blob, recording.start);
	const packed = blob.slice(recording.start, await endOfContent(blob, next));
	for (let file = next; file; file = next) {
		const track = (['caller', 'model'] as const).find((name) => ZIP_NAMES[name] === file.name);
		const wav = track && file.method === STORED ? await wavAt(blob, file.start) : undefined;
		if (track && wav) files[track] = wav;
		next = await findLocalFile(blob, file.start + (wav?.size ?? 0));
	}
	return { openRecording: () => inflate(packed), recordingBytes: packed.size, files };
}

/** The WAV file that begins at `start`: it says itself how long it is. */
async function wavAt(blob: Blob, start: number): Promise<Blob | undefined> {
	const head = new Uint8Array(await blob.slice(start, start + WAV_HEAD_BYTES).arrayBuffer());
	const data = findWavData(head, blob.size - start);
	if (!data.ok) return undefined;
	const end = data.value.start + data.value.length;
	return blob.slice(start, start + end + (data.value.length % 2));
}

async function localFileAt(blob: Blob, at: number): Promise<LocalFile | undefined> {
	const header = new Uint8Array(await blob.slice(at, at + LOCAL_HEADER_BYTES).arrayBuffer());
	if (header.length < LOCAL_HEADER_BYTES || !LOCAL_HEADER.every((byte, index) => header[index] === byte))
		return undefined;
	const view = new DataView(header.buffer);
	const nameEnd = at + LOCAL_HEADER_BYTES + view.getUint16(26, true);
	const name = decodeUtf8(new Uint8Array(await blob.slice(at + LOCAL_HEADER_BYTES, nameEnd).arrayBuffer()));
	return { name, method: view.getUint16(8, true), at, start: nameEnd + view.getUint16(28, true) };
}

/** The next of the files that a recording's zip has, from `from` on. */
async function findLocalFile(blob: Blob, from: number): Promise<LocalFile | undefined> {
	const names: readonly string[] = Object.values(ZIP_NAMES);
	for (let at = await indexOf(blob, LOCAL_HEADER, from); at >= 0; at = await indexOf(blob, LOCAL_HEADER, at + 1)) {
		const file = await localFileAt(blob, at);
		if (file && names.includes(file.name)) return file;
	}
	return undefined;
}

/** Where the content ends that stands before a file: at the descriptor behind it. */
async function endOfContent(blob: Blob, next: LocalFile | undefined): Promise<number> {
	if (!next) return blob.size;
	for (const length of DESCRIPTOR_BYTES) {
		const at = next.at - length;
		const start = new Uint8Array(await blob.slice(at, at + DESCRIPTOR.length).arrayBuffer());
		if (DESCRIPTOR.every((byte, index) => start[index] === byte)) return at;
	}
	return next.at;
}

async function indexOf(blob: Blob, wanted: Uint8Array, from: number): Promise<number> {
	for (let at = from; at < blob.size; at += SEARCH_BYTES) {
		// A little more, for what lies across the end of a piece.
		const piece = new Uint8Array(await blob.slice(at, at + SEARCH_BYTES + wanted.length - 1).arrayBuffer());
		for (let i = piece.indexOf(wanted[0]!); i >= 0; i = piece.indexOf(wanted[0]!, i + 1)) {
			if (wanted.every((byte, index) => piece[i + index] === byte)) return at + i;
		}
	}
	return -1;
}

/** From the end of what is packed, pieces are this small: the last one may be lost with its failure. */
const PIECES: readonly (readonly [beforeEnd: number, pieceBytes: number])[] = [
	[1 << 12, 32],
	[1 << 16, 512],
	[Infinity, 1 << 16]
];

/** Unfolds what is there; where it is cut off, the stream ends. */
function inflate(packed: Blob): ReadableStream<Uint8Array<ArrayBuffer>> {
	const unfolded = streamOf(piecesOf(packed)).pipeThrough(new DecompressionStream('deflate-raw'));
	const limited = unfolded.pipeThrough(new UnfoldingLimit(ZIP_NAMES.recording, packed.size).stream());
	return streamOf(untilCut(limited));
}

async function* piecesOf(blob: Blob): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
	for (let at = 0; at < blob.size;) {
		const left = blob.size - at;
		const length = PIECES.find(([beforeEnd]) => left <= beforeEnd)![1];
		yield new Uint8Array(await blob.slice(at, at + length).arrayBuffer());
		at += length;
	}
}

async function* untilCut(
	stream: ReadableStream<Uint8Array<ArrayBuffer>>
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
	const reader = stream.getReader();
	try {
		for (;;) {
			const { done, value } = await reader.read();
			if (done) return;
			yield value;
		}
	} catch (error) {
		if (error instanceof ZipError) throw error;
	} finally {
		await reader.cancel().catch(() => undefined);
	}
}
