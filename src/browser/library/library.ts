import { transfer } from 'comlink';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { assertPresent } from '#core/base/assert.ts';
import { audioOfTracks } from '#core/recording/export/audio-reader.ts';
import type { RecordingSummary, TrackName } from '#core/recording/recorded-event.ts';
import type { Tracks } from '#core/recording/recording-log.ts';
import { parsePathPattern } from '#core/recording/redaction/path-pattern.ts';
import type { RedactionOptions } from '#core/recording/redaction/redaction-options.ts';
import { formatWav, planMix } from '#core/timeline/export/mix.ts';
import { openMemoryStore, openRecordingStore, type RecordingStore } from '../store/recording-store.ts';
import { serveWriters } from '../store/writer-port.ts';
import { ExportFailure, exportRecordings, type Leaving } from './export-job.ts';
import { measureExport } from './export-contents.ts';
import { prepareExport } from './export-source.ts';
import { ImportJob, summaryOf, type ImportHost } from './import-job.ts';
import type { IncomingRecording } from './incoming-recording.ts';
import type {
	ExportedFile,
	ExportOptions,
	ImportListener,
	ImportOptions,
	ImportReport,
	LibraryApi,
	LibraryList,
	LibraryProblem,
	MixPlacements,
	OpenedRecording,
	OpenListener,
	RecordingEdit,
	RedactionReport,
	SearchHit
} from './library-api.ts';
import { problem } from './recognise.ts';
import { addReports } from './redaction-report.ts';
import { loadStored, storedTracks, StoredOpening } from './stored-recording.ts';
import { digestOf, type Digest } from './summarise.ts';

/** A recording that somebody looks at. */
interface Opening {
	/** Where its audio is read: what was read from a file is read from the store once it is there. */
	tracks: Tracks;
	close(): void;
}

/** Opens the library: everything that is done with recordings which are not being made on this page. */
export function openLibrary(): LibraryApi {
	return new Library();
}

class Library implements LibraryApi {
	readonly #incoming = new Map<string, IncomingRecording>();
	readonly #openings = new Map<number, Opening>();
	/** Those of recordings that are being taken in. */
	readonly #incomingOpenings = new WeakMap<IncomingRecording, Opening[]>();
	readonly #jobs = new Map<string, ImportJob>();
	readonly #listeners = new Set<() => void>();
	#store: Promise<RecordingStore> | undefined;
	#nextHandle = 1;
	#readingWords: Promise<void> | undefined;
	/** Recordings whose words could not be kept. */
	readonly #wordless = new Set<string>();

	async list(): Promise<Result<LibraryList, LibraryProblem>> {
		const store = await this.#ready();
		const listed = await store.list();
		if (!listed.ok) return listed;
		const estimate = await store.estimate();
		this.#readWordsBehind(store);
		const incoming = [...this.#incoming.values()].map(summaryOf);
		const stored = listed.value.filter(({ header }) => !this.#incoming.has(header.id));
		return succeed({
			recordings: [...incoming, ...stored],
			isKept: store.isKept,
			usedBytes: estimate?.usedBytes ?? null,
			quotaBytes: estimate?.quotaBytes ?? null,
			isPersisted: estimate?.isPersisted ?? false
		});
	}

	async search(words: string): Promise<Result<readonly SearchHit[], LibraryProblem>> {
		return (await this.#ready()).search(words);
	}

	async open(id: string, listener: OpenListener): Promise<Result<OpenedRecording, LibraryProblem>> {
		const incoming = this.#incoming.get(id);
		if (incoming) return succeed(this.#openIncoming(incoming, listener));
		const store = await this.#ready();
		const summary = await store.summary(id);
		if (!summary.ok) return summary;
		const opening = new StoredOpening(store, summary.value, listener);
		opening.start().catch((error: unknown) => {
			const words = error instanceof Error ? error.message : String(error);
			listener.onlost(problem(`The recording could not be read to its end: ${words}`));
		});
		return succeed({ handle: this.#keepOpen(opening), summary: summary.value });
	}

	close(handle: number): Promise<void> {
		this.#openings.get(handle)?.close();
		this.#openings.delete(handle);
		return Promise.resolve();
	}

	async readAudio(handle: number, track: TrackName, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
		const bytes = await this.#opening(handle).tracks[track].load(offset, length);
		// A copy of its own, so that it can be handed over.
		const own = bytes.byteLength === bytes.buffer.byteLength ? (bytes as Uint8Array<ArrayBuffer>) : bytes.slice();
		return transfer(own, [own.buffer]);
	}

	async mix(
		handle: number,
		{ caller, model, formats }: MixPlacements,
		lengthMs: number
	): Promise<Result<{ readonly wav: Blob }, LibraryProblem>> {
		const audio = audioOfTracks(this.#opening(handle).tracks);
		const heard = model.filter(({ state }) => state === 'heard');
		const voices = [
			{ track: 'caller', placements: caller, format: formats.caller } as const,
			{ track: 'model', placements: heard, format: formats.model } as const
		];
		const wav = formatWav(planMix([voices], lengthMs, audio));
		if (!wav.ok) return fail(problem(wav.error));
		const parts: Blob[] = [];
		for await (const piece of wav.value.pieces) parts.push(new Blob([piece as Uint8Array<ArrayBuffer>]));
		return succeed({ wav: new Blob(parts, { type: 'audio/wav' }) });
	}

	importFile(
		jobId: string,
		file: Blob,
		name: string,
		options: ImportOptions,
		listener: ImportListener
	): Promise<Result<ImportReport, LibraryProblem>> {
		const wrong = wrongPath(options.redaction ?? null);
		if (wrong) return Promise.resolve(fail(wrong));
		const job = new ImportJob(this.#importHost, options, listener);
		this.#jobs.set(jobId, job);
		return job.run(file, name).finally(() => this.#jobs.delete(jobId));
	}

	cancelImport(jobId: string): Promise<void> {
		this.#jobs.get(jobId)?.cancel();
		return Promise.resolve();
	}

	importAudio(
		name: string,
		pcm: Uint8Array<ArrayBuffer>,
		options: ImportOptions,
		listener: ImportListener
	): Promise<Result<ImportReport, LibraryProblem>> {
		return new ImportJob(this.#importHost, options, listener).runAudio(name, pcm);
	}

	async previewExport(
		ids: readonly string[],
		options: ExportOptions
	): Promise<Result<RedactionReport & { readonly bytes: number }, LibraryProblem>> {
		const wrong = wrongPath(options.redaction);
		if (wrong) return fail(wrong);
		const reports: RedactionReport[] = [];
		let bytes = 0;
		for (const id of ids) {
			const leaving = await this.#leaving(id);
			if (!leaving.ok) return leaving;
			const source = prepareExport(leaving.value.header, leaving.value.log, options);
			reports.push(source.redactions);
			bytes += measureExport(source, options.format);
		}
		return succeed({ ...addReports(reports), bytes });
	}

	async exportFile(
		ids: readonly string[],
		options: ExportOptions,
		target: WritableStream<Uint8Array> | null,
		onprogress: (doneBytes: number) => void
	): Promise<Result<ExportedFile, LibraryProblem>> {
		const wrong = wrongPath(options.redaction);
		if (wrong) return fail(wrong);
		return exportRecordings(this.#eachLeaving(ids), ids.length, options, target, onprogress);
	}

	async edit(id: string, edit: RecordingEdit): Promise<Result<void, LibraryProblem>> {
		return (await this.#ready()).edit(id, edit);
	}

	async remove(ids: readonly string[]): Promise<Result<{ readonly removed: readonly string[] }, LibraryProblem>> {
		const removed = await (await this.#ready()).remove(ids.filter((id) => !this.#incoming.has(id)));
		return removed.ok ? succeed({ removed: removed.value }) : removed;
	}

	async undoRemove(ids: readonly string[]): Promise<Result<void, LibraryProblem>> {
		return (await this.#ready()).undoRemove(ids);
	}

	async purge(ids: readonly string[]): Promise<Result<void, LibraryProblem>> {
		return (await this.#ready()).purge(ids);
	}

	async writerPort(): Promise<MessagePort> {
		const { port1, port2 } = new MessageChannel();
		serveWriters(port1, await this.#ready());
		return transfer(port2, [port2]);
	}

	onchange(listener: () => void): Promise<void> {
		this.#listeners.add(listener);
		return Promise.resolve();
	}

	/** The store; one in memory where the browser keeps nothing. */
	#ready(): Promise<RecordingStore> {
		this.#store ??= this.#openStore();
		return this.#store;
	}

	async #openStore(): Promise<RecordingStore> {
		const opened = await openRecordingStore();
		const store = opened.ok ? opened.value : openMemoryStore();
		store.onchange(() => this.#changed());
		return store;
	}

	#changed(): void {
		for (const listener of this.#listeners) listener();
	}

	/** Keeps the words of recordings that were made by a session, so that they are found by them. */
	#readWordsBehind(store: RecordingStore): void {
		this.#readingWords ??= this.#readWords(store).finally(() => (this.#readingWords = undefined));
	}

	async #readWords(store: RecordingStore): Promise<void> {
		const ids = await store.idsWithoutText();
		if (!ids.ok) return;
		for (const id of ids.value) {
			if (this.#wordless.has(id)) continue;
			const loaded = await loadStored(store, id);
			const kept = loaded.ok && (await store.putText(id, digestOf(loaded.value.log).text));
			// A full disk takes no words: they are not read again and again for it.
			if (!kept || !kept.ok) this.#wordless.add(id);
		}
	}

	#openIncoming(recording: IncomingRecording, listener: OpenListener): OpenedRecording {
		const summary = summaryOf(recording);
		const opening: Opening = { tracks: recording.tracks, close: recording.attach(listener) };
		this.#incomingOpenings.set(recording, [...(this.#incomingOpenings.get(recording) ?? []), opening]);
		return { handle: this.#keepOpen(opening), summary };
	}

	/** All of it is stored: whoever has it open needs its file no more. */
	#readFromStore(recording: IncomingRecording, store: RecordingStore, summary: RecordingSummary): void {
		const { caller, model } = recording.tracks;
		if (summary.callerBytes !== caller.length || summary.modelBytes !== model.length) return;
		for (const opening of this.#incomingOpenings.get(recording) ?? []) opening.tracks = storedTracks(store, summary);
	}

	#keepOpen(opening: Opening): number {
		const handle = this.#nextHandle++;
		this.#openings.set(handle, opening);
		return handle;
	}

	#opening(handle: number): Opening {
		return assertPresent(this.#openings.get(handle), `the opened recording ${handle}`);
	}

	async #leaving(id: string): Promise<Result<Leaving, LibraryProblem>> {
		const incoming = this.#incoming.get(id);
		if (incoming) return fail(problem(`"${incoming.header.title}" is still being read. Wait until it is there.`));
		const loaded = await loadStored(await this.#ready(), id);
		return loaded.ok ? succeed({ header: loaded.value.summary.header, log: loaded.value.log }) : loaded;
	}

	async *#eachLeaving(ids: readonly string[]): AsyncGenerator<Leaving, void> {
		for (const id of ids) {
			const leaving = await this.#leaving(id);
			if (!leaving.ok) throw new ExportFailure(leaving.error.message);
			yield leaving.value;
		}
	}

	readonly #importHost: ImportHost = {
		onincoming: (recording) => {
			this.#incoming.set(recording.header.id, recording);
			this.#changed();
		},
		store: (recording, digest, onprogress) => this.#keep(recording, digest, onprogress),
		onsettled: (recording) => {
			this.#incoming.delete(recording.header.id);
			this.#changed();
		}
	};

	async #keep(
		recording: IncomingRecording,
		digest: Digest,
		onprogress: (doneBytes: number) => void
	): Promise<Result<RecordingSummary, LibraryProblem>> {
		const { header, log, peaks } = recording;
		const { text, model, turns, interruptions, errors, lengthMs, wasCutOff } = digest;
		const store = await this.#ready();
		const stored = await store.importRecording(
			{ ...header, model: model ?? header.model },
			log,
			audioOfTracks(log.tracks),
			{ turns, interruptions, errors, lengthMs, wasCutOff },
			{ onprogress, peaks, text }
		);
		if (stored.ok) this.#readFromStore(recording, store, stored.value);
		return stored;
	}
}

/** A path of a member that is none: nobody could take out what it means. */
function wrongPath(redaction: RedactionOptions | null): LibraryProblem | undefined {
	for (const path of redaction?.paths ?? []) {
		const parsed = parsePathPattern(path);
		if (!parsed.ok) return problem(parsed.error);
	}
	return undefined;
}
