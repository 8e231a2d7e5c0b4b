import { floatToPcm16 } from '#core/audio/pcm16.ts';
import { fail, type Result } from '#core/base/result.ts';
import type { RecordingSummary, TrackName } from '#core/recording/recorded-event.ts';
import { decodeAudioFile } from '#browser/audio-device/decode-audio-file.ts';
import type {
	ImportListener,
	ImportOptions,
	ImportProgress,
	ImportReport,
	LibraryApi,
	LibraryProblem
} from '#browser/library/library-api.ts';
import { beginWork } from './busy.ts';
import { notices } from './notices.svelte.ts';

/** The kind of problem by which the library says that only the page can decode a file: it is audio. */
const IS_AUDIO = 'audio';

/** A file that is being taken in, or was. */
export class ImportJob {
	readonly id = crypto.randomUUID();
	readonly file: Blob;
	readonly name: string;
	state = $state<'reading' | 'storing' | 'asking' | 'done' | 'failed'>('reading');
	/** What kind of file it is, for people; `null` until that is known. */
	formatName = $state<string | null>(null);
	/** The recordings that were found in it so far. */
	recordings = $state.raw<readonly RecordingSummary[]>([]);
	progress = $state.raw<ImportProgress | null>(null);
	report = $state.raw<ImportReport | null>(null);
	/** It was told to stop, and has not yet come to where it can. */
	isStopping = $state(false);
	/** Why nothing was taken in. */
	problem = $state<string | null>(null);
	readonly #api: LibraryApi;
	readonly #answerTrack = Promise.withResolvers<TrackName | null>();

	constructor(api: LibraryApi, file: Blob, name: string) {
		this.#api = api;
		this.file = file;
		this.name = name;
	}

	get isRunning(): boolean {
		return this.state === 'reading' || this.state === 'storing' || this.state === 'asking';
	}

	/** It went as it should and there is nothing to tell of it. */
	get isPlain(): boolean {
		return this.report !== null && isPlain(this.report);
	}

	/** Takes the file in; resolves when all of it is kept, or with why it is not. */
	async run(options: ImportOptions): Promise<Result<ImportReport, LibraryProblem>> {
		const endWork = beginWork();
		try {
			let done = await this.#api.importFile(this.id, this.file, this.name, options, this.#listener);
			if (!done.ok && done.error.kind === IS_AUDIO) done = await this.#takeAudio(options);
			if (done.ok) {
				this.report = done.value;
				this.recordings = done.value.recordings;
				this.state = 'done';
			} else {
				this.problem = done.error.message;
				this.state = 'failed';
			}
			return done;
		} catch (error) {
			const words = error instanceof Error ? error.message : String(error);
			const problem = { kind: 'failed', message: `${this.name} could not be taken in: ${words}` };
			this.problem = problem.message;
			this.state = 'failed';
			return fail(problem);
		} finally {
			endWork();
		}
	}

	/** Stops reading. What was read is kept. */
	cancel(): void {
		this.isStopping = true;
		this.#answerTrack.resolve(null);
		void this.#api.cancelImport(this.id);
	}

	/** Whose voice an audio file is. */
	answerTrack(track: TrackName): void {
		this.#answerTrack.resolve(track);
	}

	async #takeAudio(options: ImportOptions): Promise<Result<ImportReport, LibraryProblem>> {
		this.formatName = 'Audio';
		const decoded = await decodeAudioFile(this.file);
		if (!decoded.ok) return fail({ kind: 'unknown', message: `${this.name}: ${decoded.error.message}` });
		let track = options.audioTrack ?? null;
		if (!track) {
			this.state = 'asking';
			track = await this.#answerTrack.promise;
			if (!track) return fail({ kind: 'cancelled', message: `${this.name} was not taken in.` });
			this.state = 'storing';
		}
		const pcm = new Uint8Array(floatToPcm16(decoded.value));
		return this.#api.importAudio(this.name, pcm, { ...options, audioTrack: track }, this.#listener);
	}

	get #listener(): ImportListener {
		return {
			ondetected: (formatName) => (this.formatName = formatName),
			// It comes by another way than the report, and may come after it.
			onrecording: (summary) => {
				if (this.isRunning) this.recordings = [...this.recordings, summary];
			},
			onprogress: (progress) => {
				this.progress = progress;
				if (this.isRunning) this.state = progress.phase;
			}
		};
	}
}

/** The files that were given to this page, newest last. */
export class ImportJobs {
	list = $state.raw<readonly ImportJob[]>([]);
	readonly #openApi: () => LibraryApi;
	readonly #onsettled: () => Promise<void>;

	/** @param onsettled called when a file was taken in, or was not: the list has changed */
	constructor(openApi: () => LibraryApi, onsettled: () => Promise<void>) {
		this.#openApi = openApi;
		this.#onsettled = onsettled;
	}

	/** Takes files in, one after the other. */
	async takeFiles(files: Iterable<File>, options: ImportOptions = {}): Promise<void> {
		this.dismissPlain();
		for (const file of files) await this.take(file, file.name, options);
	}

	/** Takes pasted text in. */
	async takeText(text: string): Promise<void> {
		this.dismissPlain();
		await this.take(new Blob([text], { type: 'text/plain' }), 'Pasted text');
	}

	/**
	 * Takes in a file that lies on the same origin, as `?src=/path` asks for. Other origins are refused: a link must not make
	 * the page fetch from elsewhere.
	 */
	async takeFrom(address: string): Promise<ImportJob | undefined> {
		const url = URL.parse(address, location.href);
		if (!url || url.origin !== location.origin) {
			showFailure(
				address,
				'Only files on the same address as Earshot are opened by a link. Download it and drop it here.'
			);
			return;
		}
		const endWork = beginWork();
		try {
			const response = await fetch(url, { redirect: 'error' });
			const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '') || 'file';
			if (response.ok) return await this.take(await response.blob(), name);
			showFailure(name, `The server answered ${response.status}. Check the address in the link.`);
		} catch {
			showFailure(address, 'The file could not be fetched. Check the address in the link.');
		} finally {
			endWork();
		}
		return undefined;
	}

	/** Takes one file in. Returns the job when it has ended. */
	async take(file: Blob, name: string, options: ImportOptions = {}): Promise<ImportJob> {
		const endWork = beginWork();
		try {
			const job = new ImportJob(this.#openApi(), file, name);
			this.list = [...this.list, job];
			await job.run(options);
			if (job.problem !== null) showFailure(name, job.problem);
			await this.#onsettled();
			return job;
		} finally {
			endWork();
		}
	}

	dismiss(id: string): void {
		this.list = this.list.filter((job) => job.id !== id || job.isRunning);
	}

	/** Reports that say nothing more make room for the next. */
	dismissPlain(): void {
		this.list = this.list.filter((job) => !job.isPlain);
	}
}

function isPlain({ notes, skippedCount, redactions, recordings, wasCancelled }: ImportReport): boolean {
	const isWhole = notes.length === 0 && skippedCount === 0 && !wasCancelled;
	return isWhole && Object.keys(redactions.counts).length === 0 && recordings.length === 1;
}

function showFailure(name: string, problem: string): void {
	const text = problem.includes(name) ? problem : `${name}: ${problem}`;
	notices.show({ kind: 'error', title: 'The file was not imported', text });
}
