import { encodeBase64 } from '#core/audio/base64.ts';
import type { From, LogEntry, RecordingHeader } from '#core/recording/recorded-event.ts';
import { audioWireFormat } from '#core/protocol/session-config.ts';
import { Recorder } from '#core/recording/recorder.ts';
import { MemoryLog, type AppendedEntry } from '#core/recording/recording-log.ts';
import { deriveCounts } from '#core/timeline/summary.ts';
import type { RecordingWriter } from '#browser/store/recording-writer.ts';
import { beginWork } from './busy.ts';
import type { WriterState } from './library.svelte.ts';
import { SessionView } from './session-view.svelte.ts';
import { TrackPeaks } from './track-peaks.svelte.ts';

/** Between two updates of the panes, ms. */
const PUBLISH_EVERY_MS = 40;
/** Between two updates of the library's row, ms. */
const SUMMARY_EVERY_MS = 1000;
/** The clock in the header also runs while nothing arrives. Milliseconds. */
const TICK_MS = 250;

/** Where a recording is written to while it is made. */
export interface OpenedWriter {
	readonly writer: RecordingWriter;
	/** Whether it outlives the page. */
	readonly isKept: boolean;
}

/** Opens a writer for a recording, or `null` where nothing can be written. */
export type OpenWriter = (
	header: RecordingHeader,
	log: MemoryLog,
	onstate: (state: WriterState) => void
) => Promise<OpenedWriter | null>;

/**
 * The recording that is being made: log, fold, peaks and writer, fed with every message before anyone acts on it.
 */
export class LiveRecording {
	readonly header: RecordingHeader | null;
	readonly log = new MemoryLog();
	readonly view = new SessionView(this.log);
	readonly peaks = new TrackPeaks();
	/** `performance.now()` of the recording's zero, ms. */
	readonly startedAtMs = performance.now();
	/** Milliseconds since the recording began, for the clock in the header. */
	elapsedMs = $state(0);
	/** Whether all that is recorded is being kept: `false` when the browser stores nothing, or its store is full. */
	isStored = $state(false);
	readonly #recorder = new Recorder(
		this.log,
		() => this.sessionMs(performance.now()),
		(appended) => this.#appended(appended)
	);
	#writer: RecordingWriter | null = null;
	#frame = 0;
	#publishedMs = 0;
	#summaryMs = 0;
	#ticking: ReturnType<typeof setInterval> | undefined;
	#isEnded = false;

	/** @param header `null` for the empty recording that stands on the page before the first session */
	constructor(header: RecordingHeader | null) {
		this.header = header;
	}

	/** Begins to store what is recorded. Ends at once when the recording was ended in the meantime. */
	async open(openWriter: OpenWriter): Promise<void> {
		if (!this.header) return;
		this.#ticking = setInterval(() => {
			this.elapsedMs = performance.now() - this.startedAtMs;
		}, TICK_MS);
		const opened = await openWriter(this.header, this.log, (state) => (this.isStored = state === 'kept'));
		if (!opened) return;
		this.isStored = opened.isKept;
		this.#writer = opened.writer;
		if (this.#isEnded) this.#closeWriter();
	}

	/** Records a text message and folds it. Returns its entry. */
	record(from: From, text: string): LogEntry {
		this.#recorder.record(from, text);
		return this.log.entry(this.log.length - 1);
	}

	recordBinary(from: From, bytes: Uint8Array): void {
		this.#recorder.recordBinary(from, encodeBase64(bytes));
	}

	/** Records an event of Earshot's own. */
	recordConsole(event: Readonly<Record<string, unknown>>): void {
		this.record('console', JSON.stringify(event));
	}

	/** Session time of a `performance.now()` time, ms to the microsecond: finer than any clock here. */
	sessionMs(nowMs: number): number {
		return Math.round((nowMs - this.startedAtMs) * 1000) / 1000;
	}

	/** Seals the recording. What comes later is not part of it. */
	end(): void {
		if (this.#isEnded) return;
		this.#isEnded = true;
		clearInterval(this.#ticking);
		cancelAnimationFrame(this.#frame);
		this.#frame = 0;
		this.view.publish();
		this.#closeWriter();
	}

	#appended({ entry, audio }: AppendedEntry): void {
		this.#writer?.append(entry, audio);
		if (audio && entry.audio) {
			const { track } = entry.audio;
			const format = audioWireFormat(this.view.current.config, track === 'caller' ? 'input' : 'output');
			this.peaks.append(track, audio, format);
		}
		this.view.applyNext();
		if (!this.#isEnded) this.#frame ||= requestAnimationFrame((nowMs) => this.#publish(nowMs));
	}

	/** Tells the panes, with a frame and at most so often as an eye follows. */
	#publish(nowMs: number): void {
		if (nowMs - this.#publishedMs < PUBLISH_EVERY_MS) {
			this.#frame = requestAnimationFrame((laterMs) => this.#publish(laterMs));
			return;
		}
		this.#frame = 0;
		this.#publishedMs = nowMs;
		this.elapsedMs = performance.now() - this.startedAtMs;
		this.view.publish();
		if (nowMs - this.#summaryMs < SUMMARY_EVERY_MS) return;
		this.#summaryMs = nowMs;
		this.#writeSummary();
	}

	#writeSummary(): void {
		this.#writer?.setSummary({ lengthMs: this.view.current.at, ...deriveCounts(this.view.current) });
	}

	#closeWriter(): void {
		const writer = this.#writer;
		if (!writer) return;
		this.#writeSummary();
		this.#writer = null;
		const endWork = beginWork();
		void writer.close().finally(endWork);
	}
}
