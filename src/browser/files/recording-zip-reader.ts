import { base64Length } from '#core/audio/base64.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { Sha256 } from '#core/base/sha256.ts';
import { TRACK_NAMES, type TrackName } from '#core/recording/recorded-event.ts';
import { RecordingScanner, type ScannedEntry, type ScanListener } from '#core/recording/recording-scanner.ts';
import { ZIP_NAMES, type FileDigest } from '#core/recording/recording-zip.ts';
import { openZipContents, type ZipContents } from './recording-zip-contents.ts';
import { TrackWalk, type WavTrack } from './zip-track.ts';
import { zipProblemOf, type ZipLimits, type ZipProblem } from './zip.ts';

/** No message holds more audio: as base64 it would be a line of 64 MiB. */
const MOST_AUDIO_BYTES = 48 * 2 ** 20;

export interface ZipScanOptions {
	/** Ends the reading early; what was read until then stays read. */
	readonly signal?: AbortSignal;
	/** Is told how many bytes were read, of `RecordingZip.size`. */
	readonly onprogress?: (doneBytes: number) => void;
}

/** A recording in a zip. */
export interface RecordingZip {
	/** The tracks that are there, to be read anywhere in them. */
	readonly tracks: Readonly<Partial<Record<TrackName, WavTrack>>>;
	/** Bytes that are read in a scan. */
	readonly size: number;
	/**
	 * Reads the recording from its beginning to its end, and tells the listener the same as `RecordingScanner` tells of the
	 * file with its audio in its lines; `trackAt` says where in the track an entry's audio lies. What is missing, damaged or
	 * not as the manifest has it is said as a note. Fails when there is no recording in it.
	 */
	scan(listener: ScanListener, options?: ZipScanOptions): Promise<Result<void, ZipProblem>>;
}

/**
 * Opens `*.earshot.zip`. Of a zip that was cut off, what is left of its beginning is read. Fails with a sentence for the
 * page when there is no recording in the zip.
 */
export async function openRecordingZip(blob: Blob, limits?: ZipLimits): Promise<Result<RecordingZip, ZipProblem>> {
	const opened = await openZipContents(blob, limits);
	if (!opened.ok) return opened;
	const contents = opened.value;
	const { tracks, recordingBytes } = contents;
	const size = recordingBytes + TRACK_NAMES.reduce((sum, track) => sum + (tracks[track]?.file.size ?? 0), 0);
	return succeed({ tracks, size, scan: (listener, options = {}) => new ZipScan(contents, listener, options).run() });
}

/** One reading of a zip. */
class ZipScan {
	readonly #contents: ZipContents;
	readonly #listener: ScanListener;
	readonly #options: ZipScanOptions;
	readonly #walks: Partial<Record<TrackName, TrackWalk>> = {};
	readonly #notes = new Set<string>();
	/** Entries of the piece that was scanned last: their audio must be read before they can be handed on. */
	#waiting: ScannedEntry[] = [];
	#hasHeader = false;

	constructor(contents: ZipContents, listener: ScanListener, options: ZipScanOptions) {
		this.#contents = contents;
		this.#listener = listener;
		this.#options = options;
		for (const track of TRACK_NAMES) {
			const file = contents.tracks[track];
			if (file) this.#walks[track] = new TrackWalk(file);
		}
	}

	async run(): Promise<Result<void, ZipProblem>> {
		const scanner = new RecordingScanner(
			{
				onheader: (header) => {
					this.#hasHeader = true;
					this.#listener.onheader(header);
					for (const note of this.#contents.notes) this.#note(note);
				},
				onentry: (entry) => this.#waiting.push(keepable(entry)),
				onskip: (line) => this.#listener.onskip(line),
				onnote: (text) => this.#note(text)
			},
			{ hasTracks: true }
		);
		const digest = await this.#readLines(scanner);
		const end = scanner.end();
		await this.#handOn();
		if (!digest.ok && !this.#hasHeader) return digest;
		if (!end.ok) return fail({ kind: 'no-recording', message: end.error.message });
		if (!digest.ok) this.#note(digest.error.message);
		else if (digest.value) await this.#compareDigests(digest.value);
		return succeed(undefined);
	}

	/** Reads all lines. Returns the digest of their file; `null` when the reading was ended early. */
	async #readLines(scanner: RecordingScanner): Promise<Result<FileDigest | null, ZipProblem>> {
		const hash = new Sha256();
		let bytes = 0;
		const reader = this.#contents.openRecording().getReader();
		try {
			for (;;) {
				const { done, value } = await reader.read();
				if (done) return succeed({ sha256: hash.digest(), bytes });
				hash.update(value);
				bytes += value.length;
				scanner.push(value);
				await this.#handOn();
				this.#options.onprogress?.(this.#doneBytes(bytes));
				if (!this.#options.signal?.aborted && !scanner.isDone) continue;
				await reader.cancel();
				return succeed(null);
			}
		} catch (error) {
			return fail(zipProblemOf(error));
		}
	}

	async #handOn(): Promise<void> {
		const entries = this.#waiting;
		this.#waiting = [];
		for (const entry of entries) {
			if (!entry.reference) this.#listener.onentry(entry);
			else await this.#handOnAudio(entry, entry.reference);
		}
	}

	async #handOnAudio(entry: ScannedEntry, reference: NonNullable<ScannedEntry['reference']>): Promise<void> {
		const { at, from, text } = entry;
		const { track, index, offset, length } = reference;
		const walk = this.#walks[track];
		if (!walk?.canRead(offset, length) || length > MOST_AUDIO_BYTES) {
			this.#note(walk ? outsideNote(track) : missingNote(track));
			return this.#listener.onentry(entry);
		}
		const bytes = walk.peek(offset, length) ?? (await this.#load(walk, track, offset, length));
		if (!bytes) return this.#listener.onentry(entry);
		const audio = {
			track,
			index,
			length,
			bytes,
			payloadAt: null,
			payloadLength: base64Length(length),
			trackAt: offset
		};
		this.#listener.onentry({ at, from, text, audio });
	}

	/** The bytes; `undefined` when the file cannot be read any more, which ends the track. */
	async #load(walk: TrackWalk, track: TrackName, offset: number, length: number): Promise<Uint8Array | undefined> {
		try {
			await walk.load(offset, length);
			return walk.peek(offset, length);
		} catch (error) {
			delete this.#walks[track];
			this.#note(zipProblemOf(error).message);
			return undefined;
		}
	}

	async #compareDigests(recording: FileDigest): Promise<void> {
		const { digests } = this.#contents;
		if (!digests) return;
		this.#compare(ZIP_NAMES.recording, recording);
		for (const track of TRACK_NAMES) {
			const walk = this.#walks[track];
			if (!walk || this.#options.signal?.aborted) continue;
			try {
				this.#compare(ZIP_NAMES[track], await walk.digest());
			} catch (error) {
				this.#note(zipProblemOf(error).message);
			}
		}
	}

	#compare(name: string, { sha256, bytes }: FileDigest): void {
		const expected = this.#contents.digests?.[name];
		if (!expected)
			this.#note(`The manifest in the zip has no digest of ${name}: nobody can tell whether it is as it was.`);
		else if (expected.sha256 !== sha256 || expected.bytes !== bytes) {
			this.#note(
				`${name} in the zip is not as it was written: it was changed or damaged. All that could be read is here.`
			);
		}
	}

	#doneBytes(recordingBytes: number): number {
		return recordingBytes + TRACK_NAMES.reduce((sum, track) => sum + (this.#walks[track]?.readBytes ?? 0), 0);
	}

	#note(text: string): void {
		if (this.#notes.has(text)) return;
		this.#notes.add(text);
		this.#listener.onnote(text);
	}
}

/** The entry for later: audio that stands in its line lies in a buffer that is used again. */
function keepable(entry: ScannedEntry): ScannedEntry {
	return entry.audio
		? { ...entry, audio: { ...entry.audio, bytes: entry.audio.bytes.slice(), payloadAt: null } }
		: entry;
}

function missingNote(track: TrackName): string {
	return `${ZIP_NAMES[track]} is not in the zip, or cannot be read: the messages of the ${track} have no audio.`;
}

function outsideNote(track: TrackName): string {
	return `Some messages of the ${track} name audio that is not in ${ZIP_NAMES[track]}: they have none.`;
}
