import { fail, succeed, type Result } from '../base/result.ts';
import { LineScanner } from './line-scanner.ts';
import type { AudioRef, From, RecordingHeader, TrackName } from './recorded-event.ts';
import type { RecordingFileProblem } from './recording-header.ts';
import { UPGRADES, type UpgradeTable } from './upgrade.ts';

/** Audio that stood in an entry's message. */
export interface ScannedAudio {
	readonly track: TrackName;
	/** Index in the entry's text at which the base64 stood. */
	readonly index: number;
	/** Number of bytes. */
	readonly length: number;
	/** The bytes. A view that holds until the listener returns. */
	readonly bytes: Uint8Array;
	/**
	 * Offset in the file of the base64, where it can be read again; `null` where it does not stand in the file as it is: in
	 * a `raw` text, for one.
	 */
	readonly payloadAt: number | null;
	/** Length of the base64. */
	readonly payloadLength: number;
	/** Offset in the track, where the audio was read from a track: from a zip. */
	readonly trackAt?: number;
}

/** What a line holds. `text` is the message without its audio. */
export interface ScannedEntry {
	/** Milliseconds since the recording began; never less than that of the entry before. */
	readonly at: number;
	readonly from: From;
	readonly text: string;
	readonly binary?: true;
	readonly audio?: ScannedAudio;
	/** Where the audio lies that is not in this file: the line is of a zip. It fits the text; its range is unchecked. */
	readonly reference?: AudioRef;
}

export interface SkippedLine {
	/** From 1; the header is line 1. */
	readonly line: number;
	/** A sentence for the page. */
	readonly reason: string;
}

/** Is told what a file holds, in its order. */
export interface ScanListener {
	/** Comes once and first. Never comes when the file is none of ours: see `end`. */
	onheader(header: RecordingHeader): void;
	onentry(entry: ScannedEntry): void;
	onskip(line: SkippedLine): void;
	/** What was put right in the whole of it, a sentence for the page. Each is said once. */
	onnote(text: string): void;
}

export interface ScannerOptions {
	/** Longer lines are skipped and not held. 64 MiB unless told: an append of 15 MiB makes 20 MiB of base64. */
	readonly maxLineBytes?: number;
	/** The listener has the audio that lines of a zip refer to. Without it, the file is said to have none. */
	readonly hasTracks?: boolean;
	/** Another table than Earshot's own, for tests of the upgrade. */
	readonly upgrades?: UpgradeTable;
}

const DEFAULT_MAX_LINE_BYTES = 64 * 2 ** 20;
const KEPT_BUFFER_BYTES = 1 << 20;
const LF = 10;

/**
 * Reads a recording file at the speed of a disk. Is given the file's bytes in order, in slices of any size (8 MB are best),
 * and calls its listener synchronously.
 *
 * The bytes are the truth: only lines that are not audio are parsed. Audio lines are recognised by comparing them with the
 * last one that was; their payload is decoded into one buffer. A line that cannot be read costs itself only. Whatever a
 * line's spelling, the result is the same as that of `parseRecordingLine` and `splitAudio`.
 */
export class RecordingScanner {
	readonly #lines: LineScanner;
	readonly #maxLineBytes: number;
	/** The line whose end has not come yet: its bytes, or only how many when they are too many. */
	#held = new Uint8Array(0);
	#heldLength = 0;
	/** Offset of that line in the file. */
	#heldAt = 0;
	/** Bytes of the file that were given. */
	#fileLength = 0;

	constructor(listener: ScanListener, options: ScannerOptions = {}) {
		const { maxLineBytes = DEFAULT_MAX_LINE_BYTES, hasTracks = false, upgrades = UPGRADES } = options;
		this.#maxLineBytes = maxLineBytes;
		this.#lines = new LineScanner(listener, { maxLineBytes, hasTracks, upgrades });
	}

	/** Why this is no recording that can be read, as soon as it is known. */
	get problem(): RecordingFileProblem | undefined {
		return this.#lines.problem;
	}

	/** Nothing that follows will be taken: the rest of the file needs not be read. */
	get isDone(): boolean {
		return this.#lines.isDone;
	}

	/** The next bytes of the file. They are not kept: the caller may use their buffer again. */
	push(bytes: Uint8Array): void {
		let start = 0;
		if (this.#heldLength > 0) {
			const lineFeed = bytes.indexOf(LF);
			start = lineFeed < 0 ? bytes.length : lineFeed + 1;
			this.#hold(bytes.subarray(0, start));
			if (lineFeed >= 0) this.#takeHeld();
		}
		this.#lines.bufferAt = this.#fileLength;
		while (start < bytes.length && !this.isDone) {
			if (bytes[start] === LF) {
				this.#lines.skipBlank();
				start++;
				continue;
			}
			let next = this.#lines.takeUsual(bytes, start);
			if (next < 0) {
				const lineFeed = bytes.indexOf(LF, start);
				if (lineFeed < 0) break;
				if (lineFeed - start > this.#maxLineBytes) this.#lines.skipLong();
				else this.#lines.take(bytes, start, lineFeed, false);
				next = lineFeed + 1;
			}
			start = next;
		}
		if (start < bytes.length && !this.isDone) {
			this.#heldAt = this.#fileLength + start;
			this.#hold(bytes.subarray(start));
		}
		this.#fileLength += bytes.length;
	}

	/** The file has ended. Fails when it was no recording that can be read. */
	end(): Result<void, RecordingFileProblem> {
		this.#lines.bufferAt = this.#heldAt;
		if (this.#heldLength > this.#maxLineBytes) this.#lines.skipLong();
		else if (this.#heldLength > 0) this.#lines.take(this.#held, 0, this.#heldLength, true);
		this.#heldLength = 0;
		this.#held = new Uint8Array(0);
		this.#lines.end();
		return this.problem ? fail(this.problem) : succeed(undefined);
	}

	#hold(bytes: Uint8Array): void {
		const length = this.#heldLength + bytes.length;
		// One more for the line feed.
		if (length > this.#maxLineBytes + 1) this.#held = new Uint8Array(0);
		else {
			if (length > this.#held.length) this.#grow(length);
			this.#held.set(bytes, this.#heldLength);
		}
		this.#heldLength = length;
	}

	#grow(length: number): void {
		const grown = new Uint8Array(Math.max(length, Math.min(this.#held.length * 2, this.#maxLineBytes + 1), 4096));
		grown.set(this.#held.subarray(0, this.#heldLength));
		this.#held = grown;
	}

	/** Takes the held line, whose line feed has come. */
	#takeHeld(): void {
		const length = this.#heldLength;
		this.#heldLength = 0;
		if (length - 1 > this.#maxLineBytes) this.#lines.skipLong();
		else {
			const line = this.#held.subarray(0, length);
			this.#lines.bufferAt = this.#heldAt;
			if (this.#lines.takeUsual(line, 0) < 0) this.#lines.take(line, 0, length - 1, false);
		}
		if (this.#held.length > KEPT_BUFFER_BYTES) this.#held = new Uint8Array(0);
	}
}
