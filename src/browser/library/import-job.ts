import { fail, succeed, type Result } from '#core/base/result.ts';
import { encodeBase64 } from '#core/audio/base64.ts';
import { PCM16_BYTES_PER_MS } from '#core/base/audio-rate.ts';
import type { RecordingSummary } from '#core/recording/recorded-event.ts';
import { changedProblem, hasChanged, isChangedProblem } from './changed-file.ts';
import type { IncomingRecording } from './incoming-recording.ts';
import { Intake } from './intake.ts';
import type { ImportListener, ImportOptions, ImportReport, LibraryProblem } from './library-api.ts';
import { readFile } from './read-file.ts';
import { problem, recognise, type Recognised } from './recognise.ts';
import { digestOf, type Digest } from './summarise.ts';

/** Between two reports of progress, ms. */
const PROGRESS_EVERY_MS = 100;
/** One second of PCM16 at 24 kHz. */
const BYTES_PER_AUDIO_EVENT = 1000 * PCM16_BYTES_PER_MS;

const STOPPED = 'It was stopped before there was anything to keep.';

/** What an import needs of the library. */
export interface ImportHost {
	/** A recording has begun: it can be opened, and stands in the list. */
	onincoming(recording: IncomingRecording): void;
	/** Keeps a recording that is whole. */
	store(
		recording: IncomingRecording,
		digest: Digest,
		onprogress: (doneBytes: number) => void
	): Promise<Result<RecordingSummary, LibraryProblem>>;
	/** It is kept, or never will be: nobody need hold it any more. */
	onsettled(recording: IncomingRecording): void;
}

/** Takes one file in: finds out what it is, reads it, keeps what it holds. */
export class ImportJob {
	readonly #host: ImportHost;
	readonly #options: ImportOptions;
	readonly #listener: ImportListener;
	readonly #stopping = new AbortController();
	#isStoring = false;
	#progressAt = 0;

	constructor(host: ImportHost, options: ImportOptions, listener: ImportListener) {
		this.#host = host;
		this.#options = options;
		this.#listener = listener;
	}

	/** Stops reading. What was read is kept: once that has begun there is nothing to stop. */
	cancel(): void {
		if (!this.#isStoring) this.#stopping.abort();
	}

	async run(file: Blob, name: string): Promise<Result<ImportReport, LibraryProblem>> {
		const recognised = await recogniseSafely(file);
		if (!recognised.ok) {
			return fail((await hasChanged(file)) ? changedProblem(name) : withName(recognised.error, name));
		}
		this.#listener.ondetected(recognised.value.name);
		const intake = this.#openIntake(recognised.value, name);
		const read = await this.#read(recognised.value, intake, file, name);
		intake.flush(true);
		const isBare = intake.recordings.every(({ eventCount }) => eventCount === 0);
		if (isBare && this.#stopping.signal.aborted) return this.#giveUp(intake, withName(problem(STOPPED), name));
		if (isBare && !read.ok) return this.#giveUp(intake, withName(read.error, name));
		if (!read.ok) intake.skip({ place: 'the rest of the file', reason: read.error.message });
		if (intake.recordings.length === 0) return fail(withName(nothingIn(intake), name));
		return this.#keep(intake, recognised.value.name, name);
	}

	/** Takes in audio that was decoded to mono PCM16 at 24 kHz, as events of Earshot's own: one a second. */
	async runAudio(name: string, pcm: Uint8Array): Promise<Result<ImportReport, LibraryProblem>> {
		const intake = this.#openIntake({ name: 'Audio' }, name);
		const track = this.#options.audioTrack ?? 'caller';
		const sink = intake.begin({
			title: titleOf(name),
			endpoint: '',
			transport: '',
			model: '',
			startedAt: null,
			clock: 'monotonic'
		});
		for (let start = 0; start < pcm.length; start += BYTES_PER_AUDIO_EVENT) {
			const bytes = pcm.subarray(start, start + BYTES_PER_AUDIO_EVENT);
			const event = { type: 'earshot.audio', track, audio: encodeBase64(bytes) };
			sink.message('console', start / PCM16_BYTES_PER_MS, JSON.stringify(event));
		}
		intake.flush(true);
		return this.#keep(intake, 'Audio', name);
	}

	#openIntake(recognised: Pick<Recognised, 'name'> & { readonly kind?: string }, name: string): Intake {
		const isOwn = recognised.kind === 'earshot' || recognised.kind === 'earshot-zip';
		const { redaction = isOwn ? null : {} } = this.#options;
		return new Intake({
			fileName: titleOf(name),
			...(!isOwn && { source: recognised.name }),
			redaction,
			newId: () => crypto.randomUUID(),
			onrecording: (recording) => {
				this.#host.onincoming(recording);
				this.#listener.onrecording(summaryOf(recording));
			}
		});
	}

	async #read(recognised: Recognised, intake: Intake, file: Blob, name: string): Promise<Result<void, LibraryProblem>> {
		const context = {
			file,
			signal: this.#stopping.signal,
			newId: () => crypto.randomUUID(),
			onprogress: (doneBytes: number, totalBytes: number) => {
				if (!this.#isTime()) return;
				this.#listener.onprogress({ phase: 'reading', doneBytes, totalBytes, eventCount: intake.eventCount });
			}
		};
		try {
			const read = await readFile(recognised, intake, context);
			// Of an archive that cannot be read on, what was read is told, and not why.
			const isArchive = recognised.kind === 'zip' || recognised.kind === 'earshot-zip';
			return isArchive && (await hasChanged(file)) ? fail(changedProblem(name)) : read;
		} catch (error) {
			if (await hasChanged(file, error)) return fail(changedProblem(name));
			// A damaged archive.
			const words = error instanceof Error ? error.message : String(error);
			return fail(problem(`It could not be read on from here: ${words}`));
		}
	}

	async #keep(intake: Intake, formatName: string, name: string): Promise<Result<ImportReport, LibraryProblem>> {
		const kept: RecordingSummary[] = [];
		let firstProblem: LibraryProblem | undefined;
		this.#isStoring = true;
		const eventCount = intake.eventCount;
		const totalBytes = intake.recordings.reduce((sum, recording) => sum + bytesOf(recording), 0);
		let doneBytes = 0;
		// Whoever looks learns that all of it has been read, however soon that is after the last report.
		this.#listener.onprogress({ phase: 'storing', doneBytes, totalBytes, eventCount });
		for (const recording of intake.recordings) {
			const stored = await this.#store(recording, name, (done) => {
				if (!this.#isTime()) return;
				// Lines are somewhat longer than what is read of them.
				const stored = Math.min(doneBytes + done, totalBytes);
				this.#listener.onprogress({ phase: 'storing', doneBytes: stored, totalBytes, eventCount });
			});
			if (stored.ok) {
				doneBytes += bytesOf(recording);
				kept.push(stored.value);
				recording.announce(stored.value);
			} else {
				// What was kept before it stays kept, what comes behind it is tried, and the report says what was not.
				firstProblem ??= stored.error;
				recording.lose(stored.error);
				intake.skip({ place: recording.header.title, reason: `It was read, but not kept: ${stored.error.message}` });
			}
			this.#host.onsettled(recording);
		}
		if (kept.length === 0 && firstProblem) return fail(withName(firstProblem, name));
		const { skipped, skippedCount, notes, redactions } = intake;
		const wasCancelled = this.#stopping.signal.aborted;
		return succeed({ formatName, recordings: kept, skipped, skippedCount, notes, redactions, wasCancelled });
	}

	async #store(
		recording: IncomingRecording,
		name: string,
		onprogress: (doneBytes: number) => void
	): Promise<Result<RecordingSummary, LibraryProblem>> {
		this.#markRedacted(recording);
		const stored = await this.#host.store(recording, digestOf(recording.log), onprogress);
		// Its audio is read from the file again.
		return !stored.ok && recording.hasLostFile ? fail(changedProblem(name)) : stored;
	}

	/** What was taken out is written into the header. */
	#markRedacted(recording: IncomingRecording): void {
		const kinds = recording.redactor ? [...recording.redactor.counts.keys()] : [];
		const { header } = recording;
		const redacted = [...new Set([...header.redacted, ...kinds])];
		recording.header = { ...header, redacted };
	}

	#giveUp(intake: Intake, error: LibraryProblem): Result<ImportReport, LibraryProblem> {
		for (const recording of intake.recordings) {
			recording.lose(error);
			this.#host.onsettled(recording);
		}
		return fail(error);
	}

	#isTime(): boolean {
		const now = performance.now();
		if (now - this.#progressAt < PROGRESS_EVERY_MS) return false;
		this.#progressAt = now;
		return true;
	}
}

async function recogniseSafely(file: Blob): Promise<Result<Recognised, LibraryProblem>> {
	try {
		return await recognise(file);
	} catch (error) {
		const words = error instanceof Error ? error.message : String(error);
		return fail(problem(`The file could not be read: ${words}`));
	}
}

/** Why a file that was known holds no recording. */
function nothingIn(intake: Intake): LibraryProblem {
	const [first] = intake.skipped;
	if (first) return problem(`Nothing in it could be taken in. ${first.place}: ${first.reason}`);
	return problem('There are no Realtime events in this file.');
}

/** Names the file in what is said of it. */
function withName(error: LibraryProblem, name: string): LibraryProblem {
	if (isChangedProblem(error)) return error;
	return { kind: error.kind, message: `${name}: ${error.message}` };
}

/** A file's name without what tells its kind. */
export function titleOf(name: string): string {
	const bare = name.replace(/(\.earshot)?\.(jsonl|ndjson|json|zip|har|txt|log|gz|wav|mp3|m4a|ogg|webm|flac)$/i, '');
	return bare === name || bare === '' ? bare || name : titleOf(bare);
}

function bytesOf({ log }: IncomingRecording): number {
	return log.tracks.caller.length + log.tracks.model.length + log.byteLength;
}

/** What is known of a recording while it is being read. */
export function summaryOf({ header, log, eventCount }: IncomingRecording): RecordingSummary {
	return {
		header,
		status: 'importing',
		lengthMs: log.lengthMs,
		eventCount,
		callerBytes: log.tracks.caller.length,
		modelBytes: log.tracks.model.length,
		eventBytes: log.byteLength,
		turns: 0,
		interruptions: 0,
		errors: 0
	};
}
