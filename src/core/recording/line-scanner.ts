import { base64Length, Base64Decoder } from '../audio/base64.ts';
import { isObject, parseJson } from '../base/json.ts';
import { decodeUtf8, encodeUtf8 } from '../base/utf8.ts';
import { splitAudio, type SplitAudio } from './audio-split.ts';
import type { AudioRef, From, RecordedEvent, TrackName } from './recorded-event.ts';
import { EMPTY_FILE, parseHeader, type RecordingFileProblem } from './recording-header.ts';
import { readRecordingLine, WRONG_TIME } from './recording-line.ts';
import type { ScanListener } from './recording-scanner.ts';
import { SessionClock } from './session-clock.ts';
import type { UpgradeTable } from './upgrade.ts';
import { AudioShape, hasBytesAt, ReferenceReader, skeletonOf, StartOfLine } from './usual-line.ts';

const LF = 10;
const CR = 13;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;
const BYTE_ORDER_MARK = Uint8Array.of(0xef, 0xbb, 0xbf);

const CUT_LINE = 'The file ends in the middle of this line: it was cut off while it was written or copied.';
const LINE_TOO_LONG = 'This line is longer than any message of a session, and was passed over.';
const TOO_MANY_VALUES = 'This line holds more values than any message of a session, and was passed over.';
const WALL_TIME =
	'The times in this file are wall time, not milliseconds since the recording began. They were counted from the first ' +
	'event.';
const AUDIO_ELSEWHERE =
	'The audio of this recording is not in this file: it is in caller.wav and model.wav of the zip that the file was ' +
	'taken out of. Open the zip to hear it.';
const TOO_MANY_SKIPPED =
	'More than 100,000 lines of this file cannot be read. The rest of it was passed over: it is damaged, or something else.';
const WRONG_REFERENCE = 'Some lines name audio that does not belong to their message. Those messages have no audio.';

/** Lines longer than this are counted through before they are parsed: JSON makes much of little. */
const LONG_LINE_BYTES = 1 << 20;
const MOST_VALUES = 4_000_000;
const MOST_SKIPPED = 100_000;

export interface LineScannerOptions {
	readonly maxLineBytes: number;
	readonly hasTracks: boolean;
	readonly upgrades: UpgradeTable;
}

/** What a line brings: its message, and where its audio is. */
interface Message {
	readonly event: Omit<RecordedEvent, 'seq'>;
	/** Number of the line. */
	readonly line: number;
	readonly split: SplitAudio | undefined;
	readonly payloadAt: number | null;
	readonly reference: AudioRef | undefined;
}

/** A shape that an audio event of a sender had. */
interface KnownShape {
	readonly shape: AudioShape;
	readonly track: TrackName;
	readonly skeleton: string;
}

/** Shapes of a sender that are known at a time: both tracks of a call may come from one. */
const MOST_SHAPES = 2;

/**
 * Makes entries of the lines of a recording file, and keeps what one line needs to know of those before it. Lines are
 * given as parts of a buffer, in the order of the file.
 */
export class LineScanner {
	/** Why this is no recording that can be read; nothing is told to the listener then. */
	problem: RecordingFileProblem | undefined;
	/** No line is taken any more. */
	isDone = false;
	/** Offset in the file of the first byte of the buffers that are given. */
	bufferAt = 0;
	readonly #listener: ScanListener;
	readonly #options: LineScannerOptions;
	readonly #decoder = new Base64Decoder();
	readonly #startOfLine = new StartOfLine();
	readonly #reference = new ReferenceReader();
	readonly #shapes: Readonly<Record<From, KnownShape[]>> = { client: [], server: [], console: [] };
	readonly #clock = new SessionClock();
	readonly #notes = new Set<string>();
	/** Format of the file; `null` before its header came. */
	#version: number | null = null;
	/** Number of the line that comes next. */
	#lineNumber = 1;
	#skippedCount = 0;

	constructor(listener: ScanListener, options: LineScannerOptions) {
		this.#listener = listener;
		this.#options = options;
	}

	/**
	 * Takes the line that begins at `start` when it is an audio event spelled as usual, of the shape of the one before.
	 * Returns the index of the next line; -1 when it was not taken, or does not end in this buffer.
	 */
	takeUsual(bytes: Uint8Array, start: number): number {
		if (this.#version !== this.#options.upgrades.format) return -1;
		const message = this.#startOfLine.read(bytes, start);
		if (message < 0) return -1;
		for (const known of this.#shapes[this.#startOfLine.from]) {
			const after = known.shape.match(bytes, message);
			if (after >= 0) return this.#takeShaped(bytes, start, after, known);
		}
		return -1;
	}

	#takeShaped(bytes: Uint8Array, start: number, after: number, known: KnownShape): number {
		const { shape, track } = known;
		const { payloadStart, payloadEnd } = shape;
		if (payloadStart === payloadEnd) return this.#takeUsualReference(bytes, after, known);
		const next = endOfLine(bytes, after);
		if (next < 0 || next - start > this.#options.maxLineBytes) return -1;
		const payload = this.#decoder.decode(bytes, payloadStart, payloadEnd);
		if (!payload) return -1;
		const at = this.#stamp(this.#startOfLine.at, this.#lineNumber++);
		if (at === null) return next;
		const { from } = this.#startOfLine;
		const payloadAt = this.bufferAt + payloadStart;
		const { length } = payload;
		const audio = {
			track,
			index: shape.index,
			length,
			bytes: payload,
			payloadAt,
			payloadLength: payloadEnd - payloadStart
		};
		this.#listener.onentry({ at, from, text: shape.text(bytes), audio });
		return next;
	}

	/** The same for a line of a zip, whose audio lies elsewhere. */
	#takeUsualReference(bytes: Uint8Array, index: number, { shape, track }: KnownShape): number {
		const after = this.#reference.read(bytes, index);
		const next = after < 0 ? -1 : endOfLine(bytes, after);
		const reference = this.#reference.value();
		if (next < 0 || reference.track !== track || reference.index !== shape.index || reference.length === 0) return -1;
		const at = this.#stamp(this.#startOfLine.at, this.#lineNumber++);
		if (at === null) return next;
		if (!this.#options.hasTracks) this.#note(AUDIO_ELSEWHERE);
		this.#listener.onentry({ at, from: this.#startOfLine.from, text: shape.text(bytes), reference });
		return next;
	}

	/**
	 * Takes any line.
	 *
	 * @param start index of its first byte
	 * @param lineEnd index of its line feed, or where the file ends
	 * @param isLast no line feed follows it
	 */
	take(bytes: Uint8Array, start: number, lineEnd: number, isLast: boolean): void {
		const number = this.#lineNumber++;
		if (this.isDone) return;
		const first = number === 1 && hasBytesAt(bytes, start, BYTE_ORDER_MARK) ? start + BYTE_ORDER_MARK.length : start;
		const end = lineEnd > first && bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
		const isLong = end - first > LONG_LINE_BYTES;
		if (this.#version === null) return this.#takeHeader(isLong ? NO_HEADER : decodeUtf8(bytes.subarray(first, end)));
		if (isLong && countValues(bytes, first, end) > MOST_VALUES) return this.#skip(number, TOO_MANY_VALUES);
		if (this.#takeEmbedded(bytes, first, end, number)) return;
		const line = decodeUtf8(bytes.subarray(first, end));
		if (line.trim() === '') return;
		const parsed = readRecordingLine(line, this.#version, this.#options.upgrades);
		if (!parsed.ok) {
			const isCut = isLast && parseJson(line) === undefined;
			return this.#skip(number, isCut ? CUT_LINE : parsed.error);
		}
		const { event, rawAt, reference } = parsed.value;
		const split = event.binary ? undefined : splitAudio(event.from, event.raw);
		const payloadAt = split && rawAt !== null ? offsetOf(split, bytes.subarray(first, end), line, rawAt) : null;
		const at = payloadAt === null ? null : this.bufferAt + first + payloadAt;
		this.#takeMessage({ event, line: number, split, payloadAt: at, reference });
	}

	/** Passes over a line without anything in it. */
	skipBlank(): void {
		this.#lineNumber++;
	}

	/** Passes over a line that is too long to be held. */
	skipLong(): void {
		const number = this.#lineNumber++;
		if (this.isDone) return;
		if (this.#version === null) this.#takeHeader(NO_HEADER);
		else this.#skip(number, LINE_TOO_LONG);
	}

	/** The file has ended. */
	end(): void {
		if (this.#version === null) this.problem ??= { message: EMPTY_FILE };
	}

	#takeHeader(line: string): void {
		if (line.trim() === '') return;
		const parsed = parseHeader(line, this.#options.upgrades);
		if (!parsed.ok) {
			this.problem = parsed.error;
			this.isDone = true;
			return;
		}
		this.#version = parsed.value.version;
		this.#listener.onheader(parsed.value.header);
	}

	/** Takes a line that begins as usual and embeds its message: only the message is parsed, and no audio. */
	#takeEmbedded(bytes: Uint8Array, start: number, end: number, line: number): boolean {
		if (this.#version !== this.#options.upgrades.format) return false;
		const message = this.#startOfLine.read(bytes, start);
		if (message < 0 || bytes[message] !== OPENING_BRACE || bytes[end - 1] !== CLOSING_BRACE) return false;
		const referenceAt = this.#reference.find(bytes, message, end - 1);
		const messageEnd = referenceAt < 0 ? end - 1 : referenceAt;
		if (bytes[messageEnd - 1] !== CLOSING_BRACE) return false;
		const messageBytes = bytes.subarray(message, messageEnd);
		const raw = decodeUtf8(messageBytes);
		const { at, from } = this.#startOfLine;
		const split = splitAudio(from, raw);
		if (!split && !isObject(parseJson(raw))) return false;
		const offset = split ? offsetOf(split, messageBytes, raw, 0) : null;
		const payloadAt = offset === null ? null : this.bufferAt + message + offset;
		const reference = referenceAt < 0 ? undefined : this.#reference.value();
		this.#takeMessage({ event: { at, from, raw }, line, split, payloadAt, reference });
		return true;
	}

	#takeMessage({ event, line, split, payloadAt, reference }: Message): void {
		const { from, raw, binary } = event;
		const at = this.#stamp(event.at, line);
		if (at === null) return;
		const place = split ?? (reference && placeOf(reference, from, raw));
		if (reference && (split || !place)) this.#note(WRONG_REFERENCE);
		if (!place) return this.#listener.onentry({ at, from, text: raw, ...(binary && { binary }) });
		const { track, index, text } = place;
		this.#learnShape(place, from);
		if (split) {
			const { bytes } = split;
			const { length } = bytes;
			const audio = { track, index, length, bytes, payloadAt, payloadLength: base64Length(length) };
			this.#listener.onentry({ at, from, text, audio });
		} else if (reference) {
			if (!this.#options.hasTracks) this.#note(AUDIO_ELSEWHERE);
			this.#listener.onentry({ at, from, text, reference });
		}
	}

	#learnShape({ text, index, track }: SplitAudio, from: From): void {
		const shapes = this.#shapes[from];
		const skeleton = skeletonOf(text);
		// It was not recognised for its numbers: they may differ from now on.
		const known = shapes.findIndex((shape) => shape.skeleton === skeleton);
		const replaced = known < 0 ? MOST_SHAPES - 1 : known;
		shapes.splice(replaced, 1);
		shapes.unshift({ shape: new AudioShape(text, index, known >= 0), track, skeleton });
	}

	/** Session time; `null` when the line is skipped for its time. */
	#stamp(at: number, line: number): number | null {
		const stamped = this.#clock.stamp(at);
		if (this.#clock.isWallTime) this.#note(WALL_TIME);
		if (stamped === null) this.#skip(line, WRONG_TIME);
		return stamped;
	}

	#skip(line: number, reason: string): void {
		this.#listener.onskip({ line, reason });
		if (++this.#skippedCount <= MOST_SKIPPED) return;
		this.#note(TOO_MANY_SKIPPED);
		this.isDone = true;
	}

	#note(text: string): void {
		if (this.#notes.has(text)) return;
		this.#notes.add(text);
		this.#listener.onnote(text);
	}
}

/** A line that is no header. */
const NO_HEADER = '-';

/** The index after the brace and the line feed that end a line, when they stand at `at`; else -1. */
function endOfLine(bytes: Uint8Array, at: number): number {
	if (bytes[at] !== CLOSING_BRACE) return -1;
	const lineFeed = bytes[at + 1] === CR ? at + 2 : at + 1;
	return bytes[lineFeed] === LF ? lineFeed + 1 : -1;
}

/** Where audio would have stood in this text to be its own, when that is where the reference says. */
function placeOf({ track, index, length }: AudioRef, from: From, text: string): SplitAudio | undefined {
	if (length === 0) return undefined;
	const place = splitAudio(from, `${text.slice(0, index)}AAAA${text.slice(index)}`);
	return place && place.index === index && place.track === track ? place : undefined;
}

/**
 * Offset in `bytes` of a payload that stands in the text that they were decoded to, behind `textAt`; `null` when bytes
 * before it are no UTF-8, so that nothing can be counted.
 */
function offsetOf(split: SplitAudio, bytes: Uint8Array, text: string, textAt: number): number | null {
	const index = textAt + split.index;
	// As long in bytes as in characters: each is one byte.
	if (text.length === bytes.length) return index;
	const offset = encodeUtf8(text.slice(0, index)).length;
	const end = index + base64Length(split.bytes.length);
	const standsThere = decodeUtf8(bytes.subarray(offset, offset + end - index)) === text.slice(index, end);
	return standsThere ? offset : null;
}

/** No fewer than the values that a JSON text holds. */
function countValues(bytes: Uint8Array, start: number, end: number): number {
	let count = 1;
	for (let i = start; i < end; i++) {
		const code = bytes[i];
		if (code === 0x2c || code === 0x5b || code === OPENING_BRACE) count++;
	}
	return count;
}
