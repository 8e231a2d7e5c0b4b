import type { Result } from '#core/base/result.ts';
import type { RecordingHeader, RecordingSummary } from '#core/recording/recorded-event.ts';
import type { MemoryLog } from '#core/recording/recording-log.ts';
import type {
	ExportOptions,
	ExportedFile,
	LibraryApi,
	LibraryProblem,
	RecordingEdit,
	RedactionReport
} from '#browser/library/library-api.ts';
import { openLibraryClient, type LibraryClient } from '#browser/library/library-client.ts';
import { askWhereToSave, canStreamToDisk, downloadFile } from '#browser/files/save-file.ts';
import { openRecordingStore, type RecordingStore } from '#browser/store/recording-store.ts';
import { connectWriters, type WriterPort } from '#browser/store/writer-port.ts';
import { persistRecordings } from '#browser/store/storage-room.ts';
import type { StoreProblem } from '#browser/store/store-problem.ts';
import { beginWork } from './busy.ts';
import { ImportJobs } from './import-jobs.svelte.ts';
import type { OpenedWriter } from './live-recording.svelte.ts';
import { notices } from './notices.svelte.ts';

export type { ExportOptions, RedactionReport } from '#browser/library/library-api.ts';

/** Whether what is written is being kept, or waits in memory because the store fails. */
export type WriterState = 'kept' | 'failing';

/** The room that recordings take, as the browser tells it. */
export interface StorageUse {
	readonly usedBytes: number | null;
	readonly quotaBytes: number | null;
	readonly isPersisted: boolean;
}

/** From this size on a file is written to the disk while it is made, where the browser can. */
const LARGE_EXPORT_BYTES = 64_000_000;

/** What leaves by the plain "Export": the whole recording, without its secrets. */
export const PLAIN_EXPORT: ExportOptions = { format: 'earshot.jsonl', redaction: {} };

/** The recordings that this browser keeps, and the page's only door to them. */
class Library {
	recordings = $state.raw<readonly RecordingSummary[]>([]);
	/** Why nothing can be kept; `null` while the store works. */
	problem = $state<string | null>(null);
	isLoaded = $state(false);
	/** `false` where the browser stores nothing: recordings last as long as the page. */
	isKept = $state(true);
	use = $state.raw<StorageUse>({ usedBytes: null, quotaBytes: null, isPersisted: false });
	/** What is searched for, and where it was found: excerpts by id. `null` while nothing is searched for. */
	hits = $state.raw<ReadonlyMap<string, string | undefined> | null>(null);
	readonly jobs = new ImportJobs(
		() => this.client,
		() => this.#taken()
	);
	#client: LibraryClient | null = null;
	#store: Promise<RecordingStore | null> | null = null;
	/** Takes recordings where the browser keeps nothing. */
	#memory: Promise<WriterPort> | null = null;
	#refreshTimer: ReturnType<typeof setTimeout> | undefined;
	#searchNumber = 0;
	/** Whether the browser was asked to keep recordings. */
	#hasAsked = false;

	/** The worker that owns the recordings; started when it is first needed. */
	get client(): LibraryApi {
		this.#client ??= this.#openClient();
		return this.#client;
	}

	async refresh(): Promise<void> {
		const endWork = beginWork();
		try {
			await this.#reload();
		} finally {
			endWork();
		}
	}

	/** A writer for a new recording: into the browser's store, or where there is none into the memory of the worker. */
	async openWriter(
		header: RecordingHeader,
		log: MemoryLog,
		onstate: (state: WriterState) => void
	): Promise<OpenedWriter | null> {
		const store = await this.#openStore();
		if (!store) {
			this.#memory ??= this.client.writerPort().then(connectWriters);
			try {
				return { writer: (await this.#memory).openWriter(header), isKept: false };
			} catch {
				// The worker died: the next session asks another one.
				this.#memory = null;
				return null;
			}
		}
		const writer = store.openWriter(header, {
			log,
			onproblem: (problem) => {
				onstate('failing');
				this.#showProblem(problem);
			},
			onrecovery: () => {
				onstate('kept');
				notices.show({ kind: 'info', title: 'Recordings are kept again', text: 'All of this session is stored.' });
			}
		});
		return { writer, isKept: true };
	}

	/** Looks for words in titles, tags, notes and in what was said. An empty text ends the search. */
	async search(words: string): Promise<void> {
		const number = ++this.#searchNumber;
		if (words.trim() === '') {
			this.hits = null;
			return;
		}
		const endWork = beginWork();
		try {
			const found = await this.client.search(words);
			// Typing went on.
			if (number !== this.#searchNumber) return;
			if (found.ok) this.hits = new Map(found.value.map(({ id, excerpt }) => [id, excerpt]));
			else this.#showProblem(found.error);
		} finally {
			endWork();
		}
	}

	/** Changes title, tags or note. */
	async edit(id: string, edit: RecordingEdit): Promise<void> {
		const endWork = beginWork();
		try {
			const edited = await this.client.edit(id, edit);
			if (!edited.ok) this.#showFailure('The recording was not changed', edited.error.message);
			await this.#reload();
		} finally {
			endWork();
		}
	}

	/** Takes recordings away and offers to bring them back for as long as the message stands. */
	async removeWithUndo(ids: readonly string[]): Promise<void> {
		const endWork = beginWork();
		try {
			const titles = new Map(this.recordings.map(({ header }) => [header.id, header.title]));
			const removed = await this.client.remove(ids);
			await this.#reload();
			if (!removed.ok) return this.#showFailure('The recording was not deleted', removed.error.message);
			const gone = removed.value.removed;
			const kept = ids.filter((id) => !gone.includes(id));
			if (kept.length > 0) {
				const text = `${named(kept, titles)} is being recorded. Disconnect there first.`;
				notices.show({ kind: 'warning', title: 'The recording was not deleted', text });
			}
			if (gone.length === 0) return;
			const action = { label: 'Undo', run: () => void this.#bringBack(gone) };
			const text = `${named(gone, titles)} ${gone.length === 1 ? 'is' : 'are'} gone from this browser.`;
			notices.show({ kind: 'info', title: 'Deleted', text, action, ondismiss: () => void this.client.purge(gone) });
		} finally {
			endWork();
		}
	}

	/** What an export would take out. */
	async previewExport(
		ids: readonly string[],
		options: ExportOptions
	): Promise<Result<RedactionReport & { readonly bytes: number }, LibraryProblem>> {
		const endWork = beginWork();
		try {
			return await this.client.previewExport(ids, options);
		} finally {
			endWork();
		}
	}

	/**
	 * Saves recordings as a file: through the browser's download, or, when it is large, straight to where the user wants it.
	 * Fails with `cancelled` when the user chose no place.
	 *
	 * @param expectedBytes how large the file will be, as far as is known
	 */
	async exportFile(
		ids: readonly string[],
		options: ExportOptions = PLAIN_EXPORT,
		expectedBytes = 0,
		suggestedName = 'recording',
		onprogress: (doneBytes: number) => void = () => undefined
	): Promise<Result<ExportedFile, LibraryProblem>> {
		const endWork = beginWork();
		try {
			let target: WritableStream<Uint8Array> | null = null;
			if (expectedBytes > LARGE_EXPORT_BYTES && canStreamToDisk()) {
				const chosen = await askWhereToSave(suggestedName);
				if (!chosen.ok) return chosen;
				target = chosen.value;
			}
			const exported = await this.client.exportFile(ids, options, target, onprogress);
			if (!exported.ok) return exported;
			if (exported.value.blob) downloadFile(exported.value.blob, exported.value.name);
			showRedactions(exported.value.name, exported.value.redactions);
			return exported;
		} finally {
			endWork();
		}
	}

	/** Saves one recording as Earshot's own file, without its secrets; a failure is told on the page. */
	async exportPlain(id: string): Promise<void> {
		const exported = await this.exportFile([id]);
		if (!exported.ok) this.#showFailure('The recording was not exported', exported.error.message);
	}

	/** A file was taken in: from now on there is something here that the browser had better keep. */
	async #taken(): Promise<void> {
		await this.refresh();
		if (this.#hasAsked || this.recordings.length === 0) return;
		this.#hasAsked = true;
		// Whatever the answer is, recordings are kept as well as the browser allows.
		await persistRecordings().catch(() => false);
		await this.#reload();
	}

	async #bringBack(ids: readonly string[]): Promise<void> {
		const endWork = beginWork();
		try {
			const back = await this.client.undoRemove(ids);
			if (!back.ok) this.#showFailure('It could not be brought back', back.error.message);
			await this.#reload();
		} finally {
			endWork();
		}
	}

	async #reload(): Promise<void> {
		const [listed] = await Promise.all([this.client.list(), this.#openStore()]);
		if (listed.ok) {
			const { recordings, isKept, usedBytes, quotaBytes, isPersisted } = listed.value;
			this.recordings = recordings;
			this.isKept = isKept;
			this.use = { usedBytes, quotaBytes, isPersisted };
		} else this.#showProblem(listed.error);
		this.isLoaded = true;
	}

	#openClient(): LibraryClient {
		const client = openLibraryClient({ onlost: (reason) => this.#lost(reason) });
		void client.onchange(() => this.#changed());
		return client;
	}

	/** The worker died: the next call starts another. */
	#lost(reason: string): void {
		this.#client?.dispose();
		this.#client = null;
		this.#memory = null;
		const text = `What was being read or saved has stopped; recordings that are being made go on. Reload to see them. (${reason})`;
		this.#showFailure('The library stopped', text);
	}

	/** The store that sessions of this page are written to, opened once; tells the page when there is none. */
	#openStore(): Promise<RecordingStore | null> {
		this.#store ??= openRecordingStore().then((store) => {
			if (store.ok) return store.value;
			this.problem = store.error.message;
			this.#showProblem(store.error);
			return null;
		});
		return this.#store;
	}

	/** A session that is being held changes its row four times a second; the list need not. */
	#changed(): void {
		this.#refreshTimer ??= setTimeout(() => {
			this.#refreshTimer = undefined;
			void this.#reload();
		}, 300);
	}

	#showProblem(problem: StoreProblem | LibraryProblem): void {
		const title = problem.kind === 'full' ? 'The browser’s storage is full' : 'Recordings cannot be kept';
		notices.show({ kind: 'error', title, text: problem.message });
	}

	#showFailure(title: string, text: string): void {
		notices.show({ kind: 'error', title, text });
	}
}

function named(ids: readonly string[], titles: ReadonlyMap<string, string>): string {
	return ids.length === 1 ? `"${titles.get(ids[0]!) ?? 'It'}"` : `${ids.length} recordings`;
}

/** Says what an export left out, counted by kind: nobody should wonder what they sent. */
function showRedactions(name: string, { counts }: RedactionReport): void {
	const kinds = Object.entries(counts).filter(([, count]) => count > 0);
	if (kinds.length === 0) return;
	const text = `${name} leaves without: ${kinds.map(([kind, count]) => `${kind} (${count})`).join(', ')}.`;
	notices.show({ kind: 'info', title: 'Secrets were taken out', text });
}

export const library = new Library();
