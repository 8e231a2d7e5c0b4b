import { assert } from '#core/base/assert.ts';
import { succeed, type Result } from '#core/base/result.ts';
import type { LogEntry, RecordingHeader, RecordingStatus, TrackName } from '#core/recording/recorded-event.ts';
import { MemoryLog } from '#core/recording/recording-log.ts';
import type { StoredExtent } from './library-changes.ts';
import type { RecordingEdit, StoredSummary } from './recording-store.ts';
import { FLUSH_AFTER_MS, type RecordingWriter, type SummaryUpdate, type WriterOptions } from './recording-writer.ts';
import type { StoreProblem } from './store-problem.ts';

/** A recording of the memory store. */
export class MemoryRecording {
	readonly id: string;
	readonly log = new MemoryLog();
	readonly peaks: Partial<Record<TrackName, Float32Array<ArrayBuffer>>> = {};
	status: RecordingStatus = 'live';
	text: string | undefined;
	edit: RecordingEdit = {};
	isRemoved = false;
	#header: RecordingHeader;
	#summary: SummaryUpdate = {};

	constructor(header: RecordingHeader) {
		this.id = header.id;
		this.#header = header;
	}

	update(update: SummaryUpdate): void {
		this.#summary = { ...this.#summary, ...update };
		const { title = this.#header.title, model = this.#header.model } = update;
		this.#header = { ...this.#header, title, model };
	}

	extent(): StoredExtent {
		const { caller, model } = this.log.tracks;
		const { id, status } = this;
		return { id, status, eventCount: this.log.length, callerBytes: caller.length, modelBytes: model.length };
	}

	summary(): StoredSummary {
		const { turns = 0, interruptions = 0, errors = 0, lengthMs = 0 } = this.#summary;
		const { id: _id, ...extent } = this.extent();
		return {
			...extent,
			header: { ...this.#header, ...this.edit },
			lengthMs: Math.max(this.log.lengthMs, lengthMs),
			eventBytes: this.log.byteLength,
			turns,
			interruptions,
			errors
		};
	}
}

/** What a writer needs of its store. */
export interface MemoryWriterHost {
	/** Called now and then while the recording grows, and when it ends. */
	onstored(): void;
	ondisposed(writer: MemoryWriter): void;
}

/** Stores a recording in memory, which is done as soon as it is appended. */
export class MemoryWriter implements RecordingWriter {
	readonly id: string;
	readonly pendingEntries = 0;
	readonly #recording: MemoryRecording;
	readonly #options: WriterOptions;
	readonly #host: MemoryWriterHost;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#isDisposed = false;

	constructor(recording: MemoryRecording, options: WriterOptions, host: MemoryWriterHost) {
		this.id = recording.id;
		this.#recording = recording;
		this.#options = options;
		this.#host = host;
	}

	append(entry: LogEntry, audio?: Uint8Array): void {
		const { log, status } = this.#recording;
		assert(status === 'live' && !this.#isDisposed, 'an entry comes after the end of its recording');
		if (entry.audio) {
			const track = log.tracks[entry.audio.track];
			assert(audio?.length === entry.audio.length, `entry ${entry.seq} comes without its audio`);
			assert(entry.audio.offset === track.length, `audio of entry ${entry.seq} does not follow its track`);
			track.append(audio);
		}
		log.restore(entry);
		this.#tellSoon();
	}

	setSummary(update: SummaryUpdate): void {
		this.#recording.update(update);
		this.#tellSoon();
	}

	flush(): Promise<Result<void, StoreProblem>> {
		this.#tell();
		return Promise.resolve(succeed(undefined));
	}

	close(): Promise<Result<void, StoreProblem>> {
		this.#recording.status = 'closed';
		const closed = this.flush();
		this.dispose();
		return closed;
	}

	dispose(): void {
		if (this.#isDisposed) return;
		this.#isDisposed = true;
		clearTimeout(this.#timer);
		if (this.#recording.status === 'live') {
			this.#recording.status = 'interrupted';
			this.#host.onstored();
		}
		this.#host.ondisposed(this);
	}

	/** Others are told as often as a writer to the disk tells them. */
	#tellSoon(): void {
		this.#timer ??= setTimeout(() => this.#tell(), FLUSH_AFTER_MS);
	}

	#tell(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#host.onstored();
		this.#options.onidle?.();
	}
}
