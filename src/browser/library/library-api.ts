import type { WireFormat } from '#core/audio/wire-format.ts';
import type { Result } from '#core/base/result.ts';
import type { EntryBlockData } from '#core/recording/entry-block.ts';
import type { ExportFormat } from '#core/recording/export/export-format.ts';
import type { SkippedPart } from '#core/recording/import/import-sink.ts';
import type { RecordingSummary, TrackName } from '#core/recording/recorded-event.ts';
import type { Redaction, RedactionKind, RedactionOptions } from '#core/recording/redaction/redaction-options.ts';
import type { Placement } from '#core/timeline/placements.ts';

/** A failure, with a sentence for the page: what is wrong and what to do. */
export interface LibraryProblem {
	readonly kind: string;
	readonly message: string;
}

/** What the library keeps, and what the browser says of the room for it. */
export interface LibraryList {
	readonly recordings: readonly RecordingSummary[];
	/** Whether recordings outlive the page: `false` where the browser stores nothing. */
	readonly isKept: boolean;
	readonly usedBytes: number | null;
	readonly quotaBytes: number | null;
	/** Whether the browser promised not to clear the recordings by itself. */
	readonly isPersisted: boolean;
}

/** What the keeper of a recording may change of it. */
export interface RecordingEdit {
	readonly title?: string;
	readonly tags?: readonly string[];
	readonly note?: string;
}

/** Where a recording's words were found. */
export interface SearchHit {
	readonly id: string;
	/** Some words around the first find in the transcript; absent when title, tags or note were hit. */
	readonly excerpt?: string;
}

/** Levels of a track: the loudest absolute sample (0 to 1) of each 10 ms, from a 10 ms step on. See `PeakTrack`. */
export interface PeakRun {
	readonly track: TrackName;
	readonly first: number;
	readonly levels: Float32Array<ArrayBuffer>;
	/** Bytes of the track that there are by now. */
	readonly trackBytes: number;
}

/** Is told what an open recording holds, in order, and what it gains while it is being recorded or taken in. */
export interface OpenListener {
	onblocks(blocks: EntryBlockData[]): void;
	onpeaks(run: PeakRun): void;
	/** All that there was when it was opened has come. `damage` says what is missing, in words for the page. */
	onloaded(damage: readonly string[]): void;
	/** The summary changed: it was renamed, grew, or was closed. */
	onsummary(summary: RecordingSummary): void;
	/** No more will come, and nothing more can be read: it was deleted, or its file is gone. */
	onlost(problem: LibraryProblem): void;
}

export interface OpenedRecording {
	/** Names this opening in later calls. */
	readonly handle: number;
	readonly summary: RecordingSummary;
}

export interface ImportOptions {
	/** What is taken out; `null` takes nothing out; absent: secrets from other tools' files, nothing from our own. */
	readonly redaction?: RedactionOptions | null;
	/** Of an audio file: whose voice it is. */
	readonly audioTrack?: TrackName;
}

/** How far an import is. */
export interface ImportProgress {
	readonly phase: 'reading' | 'storing';
	readonly doneBytes: number;
	readonly totalBytes: number;
	readonly eventCount: number;
}

export interface ImportListener {
	/** What kind of file it is, for people: `Chrome HAR`. */
	ondetected(formatName: string): void;
	/** A recording has begun: it can be opened from now on, and grows. */
	onrecording(summary: RecordingSummary): void;
	onprogress(progress: ImportProgress): void;
}

export interface ImportReport {
	readonly formatName: string;
	readonly recordings: readonly RecordingSummary[];
	/** The first 1,000 parts that are in no recording. */
	readonly skipped: readonly SkippedPart[];
	readonly skippedCount: number;
	/** What was put right, and what holds for the whole file. */
	readonly notes: readonly string[];
	readonly redactions: RedactionReport;
	/** The user stopped it: the recordings hold what had been read by then. */
	readonly wasCancelled: boolean;
}

/** What was taken out, or would be. */
export interface RedactionReport {
	readonly counts: Readonly<Partial<Record<RedactionKind, number>>>;
	/** The first 500. */
	readonly found: readonly Redaction[];
}

export interface ExportOptions {
	readonly format: ExportFormat;
	/** What is taken out; `null` takes nothing out. */
	readonly redaction: RedactionOptions | null;
	/** Stretches of session time in which both tracks fall silent. Milliseconds. */
	readonly silence?: readonly { readonly startMs: number; readonly endMs: number }[];
}

/** Where audio lies in session time, and how each side's is coded. */
export interface MixPlacements {
	readonly caller: readonly Placement[];
	readonly model: readonly Placement[];
	readonly formats: Readonly<Record<TrackName, WireFormat>>;
}

/** A file that was made, or written to where the user chose. */
export interface ExportedFile {
	readonly name: string;
	/** Absent when it was written to a stream. */
	readonly blob?: Blob;
	readonly bytes: number;
	readonly redactions: RedactionReport;
}

/**
 * All that is done with recordings which are not being made on this page: one worker owns their files, their store, their
 * index and the search in them. The page sees it through `openLibraryClient`.
 *
 * Failures that are expected come as values; a rejected promise is a mistake of ours.
 */
export interface LibraryApi {
	list(): Promise<Result<LibraryList, LibraryProblem>>;
	/** Recordings with all of these words in title, tags, note, model, endpoint or transcript. */
	search(words: string): Promise<Result<readonly SearchHit[], LibraryProblem>>;
	open(id: string, listener: OpenListener): Promise<Result<OpenedRecording, LibraryProblem>>;
	close(handle: number): Promise<void>;
	/** Bytes of a track; fewer than asked when the track ends before. */
	readAudio(handle: number, track: TrackName, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
	/** Both voices in their places as one mono WAV at 24 kHz, for replay: of the model's, what was heard. */
	mix(
		handle: number,
		placements: MixPlacements,
		lengthMs: number
	): Promise<Result<{ readonly wav: Blob }, LibraryProblem>>;
	/** Reads a file of any kind that Earshot knows, and stores what is in it. `jobId` is the caller's, for `cancelImport`. */
	importFile(
		jobId: string,
		file: Blob,
		name: string,
		options: ImportOptions,
		listener: ImportListener
	): Promise<Result<ImportReport, LibraryProblem>>;
	/** Stops reading; what was read is kept. */
	cancelImport(jobId: string): Promise<void>;
	/** Stores audio that the page decoded (mono PCM16 at 24 kHz) as a recording of its own. */
	importAudio(
		name: string,
		pcm: Uint8Array<ArrayBuffer>,
		options: ImportOptions,
		listener: ImportListener
	): Promise<Result<ImportReport, LibraryProblem>>;
	/** What an export would take out. */
	previewExport(
		ids: readonly string[],
		options: ExportOptions
	): Promise<Result<RedactionReport & { readonly bytes: number }, LibraryProblem>>;
	/** One recording as a file; several as a zip of files. Written to `target` where there is one, else into a Blob. */
	exportFile(
		ids: readonly string[],
		options: ExportOptions,
		target: WritableStream<Uint8Array> | null,
		onprogress: (doneBytes: number) => void
	): Promise<Result<ExportedFile, LibraryProblem>>;
	edit(id: string, edit: RecordingEdit): Promise<Result<void, LibraryProblem>>;
	/** Takes recordings out of the list; `undoRemove` brings them back, `purge` frees their room for good. */
	remove(ids: readonly string[]): Promise<Result<{ readonly removed: readonly string[] }, LibraryProblem>>;
	undoRemove(ids: readonly string[]): Promise<Result<void, LibraryProblem>>;
	purge(ids: readonly string[]): Promise<Result<void, LibraryProblem>>;
	/**
	 * The other end of `connectWriters`: how a session is recorded where the browser keeps nothing, into the memory of the
	 * worker.
	 */
	writerPort(): Promise<MessagePort>;
	/** Calls back for every change of the list, in any tab. */
	onchange(listener: () => void): Promise<void>;
}
