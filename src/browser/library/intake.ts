import type { ConnectionStart, ImportSink, MessageSink, SkippedPart } from '#core/recording/import/import-sink.ts';
import { redactEntry } from '#core/recording/export/raw-text.ts';
import type { From, LogEntry, RecordingHeader } from '#core/recording/recorded-event.ts';
import { RECORDING_FORMAT } from '#core/recording/recording-file.ts';
import { splitAudio } from '#core/recording/audio-split.ts';
import { createRedactor } from '#core/recording/redaction/redactor.ts';
import type { RedactionOptions, Redactor } from '#core/recording/redaction/redaction-options.ts';
import { IncomingRecording } from './incoming-recording.ts';
import type { RedactionReport } from './library-api.ts';
import { mergeRedactions } from './redaction-report.ts';

const MOST_SKIPPED = 1000;

/** More connections in one file are not told apart: the rest is skipped. */
const MOST_RECORDINGS = 500;

const UNKNOWN_START = '1970-01-01T00:00:00.000Z';

export interface IntakeOptions {
	/** The file's name, for titles. */
	readonly fileName: string;
	/** The kind of file, for people; absent for Earshot's own. */
	readonly source?: string;
	/** What is taken out of what comes in; `null`: nothing. */
	readonly redaction: RedactionOptions | null;
	readonly newId: () => string;
	readonly onrecording: (recording: IncomingRecording) => void;
}

/** Takes in what a file holds: makes the recordings, takes secrets out, and keeps account of what was left out. */
export class Intake implements ImportSink {
	readonly recordings: IncomingRecording[] = [];
	readonly skipped: SkippedPart[] = [];
	skippedCount = 0;
	/** Nobody reads on, though the file goes on: that something of it is not whole is no fault of the file. */
	isEndingEarly = false;
	/** The file of a zip that is being read: places are told within it. */
	part: string | null = null;
	readonly #options: IntakeOptions;
	readonly #notes = new Set<string>();

	constructor(options: IntakeOptions) {
		this.#options = options;
	}

	get notes(): readonly string[] {
		return [...this.#notes];
	}

	get redactions(): RedactionReport {
		return mergeRedactions(this.recordings.flatMap(({ redactor }) => redactor ?? []));
	}

	get eventCount(): number {
		return this.recordings.reduce((sum, recording) => sum + recording.eventCount, 0);
	}

	begin(start: ConnectionStart): MessageSink {
		if (this.isFull) {
			this.skip({
				place: start.title ?? 'a connection',
				reason: `Only the first ${MOST_RECORDINGS} connections of a file are taken in.`
			});
			return NOBODY;
		}
		const redactor = this.openRedactor();
		const recording = this.open(this.#headerOf(start, redactor), null, redactor);
		return new RecordingSink(recording, (known) => this.#headerOf({ ...start, ...known }, redactor));
	}

	/** No more recordings are taken of this file. */
	get isFull(): boolean {
		return this.recordings.length === MOST_RECORDINGS;
	}

	/** Begins a recording under a header; `file` is where its payloads can be read again. */
	open(header: RecordingHeader, file: Blob | null, redactor?: Redactor): IncomingRecording {
		const recording = new IncomingRecording(header, file, redactor);
		this.recordings.push(recording);
		this.#options.onrecording(recording);
		return recording;
	}

	/** The redactor of one more recording; `undefined` when nothing is taken out. */
	openRedactor(): Redactor | undefined {
		return this.#options.redaction ? createRedactor(this.#options.redaction) : undefined;
	}

	skip(part: SkippedPart): void {
		if (this.isEndingEarly) return;
		this.skippedCount++;
		if (this.skipped.length >= MOST_SKIPPED) return;
		this.skipped.push(this.part === null ? part : { ...part, place: `${this.part}, ${part.place}` });
	}

	note(text: string): void {
		this.#notes.add(text);
	}

	/** Hands on what came; ends the recordings when the file has ended. */
	flush(isEnd = false): void {
		for (const recording of this.recordings) {
			if (recording.isWhole) continue;
			if (isEnd) recording.finish();
			else recording.flush();
		}
	}

	#headerOf(start: ConnectionStart, redactor: Redactor | undefined): RecordingHeader {
		const clean = (text: string, where: string) => redactor?.text(text, where) ?? text;
		const number = this.recordings.length;
		const title = start.title ?? (number < 1 ? this.#options.fileName : `${this.#options.fileName} (${number + 1})`);
		return {
			earshot: RECORDING_FORMAT,
			id: this.#options.newId(),
			startedAt: start.startedAt ?? UNKNOWN_START,
			title: clean(title, 'title'),
			endpoint: clean(start.endpoint, 'endpoint'),
			transport: start.transport,
			model: clean(start.model, 'model'),
			redacted: [],
			clock: start.clock,
			...(this.#options.source !== undefined && { source: this.#options.source })
		};
	}
}

/** Takes in the messages of one connection, without their secrets. */
class RecordingSink implements MessageSink {
	readonly #recording: IncomingRecording;
	readonly #headerOf: (known: Partial<ConnectionStart>) => RecordingHeader;

	constructor(recording: IncomingRecording, headerOf: (known: Partial<ConnectionStart>) => RecordingHeader) {
		this.#recording = recording;
		this.#headerOf = headerOf;
	}

	message(from: From, at: number, raw: string): void {
		const split = splitAudio(from, raw);
		if (!split) return this.#add({ at, from, text: raw });
		const { track, index, bytes, text } = split;
		this.#add({ at, from, text, audio: { track, index, offset: 0, length: bytes.length } }, bytes);
	}

	binary(from: From, at: number, base64: string): void {
		this.#add({ at, from, text: base64, binary: true });
	}

	#add(entry: Omit<LogEntry, 'seq'>, bytes?: Uint8Array): void {
		addRedacted(this.#recording, { seq: 0, ...entry }, bytes, null);
	}

	update(known: Partial<ConnectionStart>): void {
		const { id, title } = this.#recording.header;
		const header = this.#headerOf(known);
		this.#recording.header = { ...header, id, title: known.title === undefined ? title : header.title };
	}
}

/**
 * Takes an entry in without its secrets.
 *
 * @param bytes its audio, where it has any
 * @param payloadAt where the audio's base64 stands in the recording's file; `null` when it stands nowhere as it is
 */
export function addRedacted(
	recording: IncomingRecording,
	entry: LogEntry,
	bytes: Uint8Array | undefined,
	payloadAt: number | null
): void {
	const { redactor } = recording;
	const clean = redactor ? redactEntry(entry, redactor) : entry;
	const { at, from, text, binary, audio } = clean;
	const kept = { at, from, text, ...(binary && { binary }) };
	if (audio && bytes) recording.appendEntry(kept, { track: audio.track, index: audio.index, bytes, payloadAt });
	else recording.appendEntry(kept);
}

const NOBODY: MessageSink = { message: () => undefined, binary: () => undefined, update: () => undefined };
