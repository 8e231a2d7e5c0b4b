import { fail, type Result } from '#core/base/result.ts';
import { Sha256 } from '#core/base/sha256.ts';
import { encodeUtf8 } from '#core/base/utf8.ts';
import type { AudioReader } from '#core/recording/export/audio-reader.ts';
import { TRACK_NAMES, type RecordingHeader, type TrackName } from '#core/recording/recorded-event.ts';
import { formatHeader } from '#core/recording/recording-header.ts';
import { formatReferenceLine } from '#core/recording/recording-line.ts';
import type { EntryReader } from '#core/recording/recording-log.ts';
import {
	formatManifest,
	TrackCodings,
	ZIP_NAMES,
	type CodingChange,
	type FileDigest
} from '#core/recording/recording-zip.ts';
import { formatWavFrame, MOST_WAV_DATA_BYTES, type TrackCoding } from '#core/recording/track-wav.ts';
import { zipFiles, type ZipSource } from './zip-writer.ts';
import type { ZipProblem } from './zip.ts';

/** A recording, wherever its audio lies. */
export interface ZippableRecording {
	readonly header: RecordingHeader;
	readonly entries: EntryReader;
	readonly audio: AudioReader;
}

export interface ZipWriteOptions {
	readonly signal?: AbortSignal;
	/** Is told how many bytes went into the zip, before they are packed. */
	readonly onprogress?: (doneBytes: number) => void;
}

/** Text that is encoded at once, in UTF-16 units. */
const LINES_LENGTH = 1 << 17;
const AUDIO_PIECE_BYTES = 1 << 20;

/**
 * Writes a recording as `*.earshot.zip`: its lines without their audio, each track as a WAV file, and a manifest with
 * digests. See docs/recording-format.md. Holds no more than a piece of each. Closes the target, or aborts it when it fails.
 */
export async function writeRecordingZip(
	recording: ZippableRecording,
	target: WritableStream<Uint8Array>,
	{ signal, onprogress }: ZipWriteOptions = {}
): Promise<Result<{ readonly bytes: number }, ZipProblem>> {
	const tooLong = TRACK_NAMES.find((track) => recording.audio.length(track) > MOST_WAV_DATA_BYTES);
	if (tooLong) {
		const message =
			`The ${tooLong}’s audio is longer than a WAV file can be (4 GiB), so there is no zip of this recording. ` +
			'Export it as .earshot.jsonl.';
		await target.abort(message).catch(() => undefined);
		return fail({ kind: 'too-big', message });
	}
	const madeAt = new Date(recording.header.startedAt);
	return zipFiles(filesOf(recording, onprogress), target, { madeAt, ...(signal && { signal }) });
}

async function* filesOf(
	{ header, entries, audio }: ZippableRecording,
	onprogress: ZipWriteOptions['onprogress']
): AsyncGenerator<ZipSource, void> {
	const digests: Record<string, FileDigest> = {};
	const codings = new TrackCodings();
	let doneBytes = 0;
	const counted = (name: string, pieces: AsyncIterable<Uint8Array>) =>
		withDigest(
			pieces,
			(digest) => (digests[name] = digest),
			(bytes) => onprogress?.((doneBytes += bytes))
		);
	yield { name: ZIP_NAMES.recording, content: counted(ZIP_NAMES.recording, linesOf(header, entries, codings)) };
	const tracks: Partial<Record<TrackName, readonly CodingChange[]>> = {};
	for (const track of TRACK_NAMES) {
		if (audio.length(track) === 0) continue;
		const [first, ...others] = codings.of(track);
		tracks[track] = [first, ...others];
		const name = ZIP_NAMES[track];
		yield { name, content: counted(name, wavOf(audio, track, first)), isStored: true };
	}
	yield { name: ZIP_NAMES.manifest, content: single(encodeUtf8(formatManifest(digests, tracks))) };
}

async function* linesOf(
	header: RecordingHeader,
	entries: EntryReader,
	codings: TrackCodings
): AsyncGenerator<Uint8Array, void> {
	let lines = `${formatHeader(header)}\n`;
	for (let index = 0; index < entries.length; index++) {
		const entry = entries.entry(index);
		codings.add(entry);
		lines += `${formatReferenceLine(entry)}\n`;
		if (lines.length < LINES_LENGTH) continue;
		yield encodeUtf8(lines);
		lines = '';
	}
	yield encodeUtf8(lines);
}

async function* wavOf(audio: AudioReader, track: TrackName, coding: TrackCoding): AsyncGenerator<Uint8Array, void> {
	const length = audio.length(track);
	const { header, padding } = formatWavFrame(length, coding);
	yield header;
	for (let start = 0; start < length; start += AUDIO_PIECE_BYTES) {
		yield await audio.read(track, start, Math.min(AUDIO_PIECE_BYTES, length - start));
	}
	yield padding;
}

async function* single(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
	yield bytes;
}

/** Hands pieces on, and tells their digest at the end. */
async function* withDigest(
	pieces: AsyncIterable<Uint8Array>,
	ondigest: (digest: FileDigest) => void,
	onbytes: (count: number) => void
): AsyncGenerator<Uint8Array, void> {
	const hash = new Sha256();
	let bytes = 0;
	for await (const piece of pieces) {
		hash.update(piece);
		bytes += piece.length;
		onbytes(piece.length);
		if (piece.length > 0) yield piece;
	}
	ondigest({ sha256: hash.digest(), bytes });
}
