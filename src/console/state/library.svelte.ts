import type { RecordingHeader, RecordingSummary } from '#core/recording/recorded-event.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import { formatRecordingFile, parseRecordingFile } from '#core/recording/recording-file.ts';
import { applyEntry } from '#core/session/apply-event.ts';
import { createSession } from '#core/session/session-model.ts';
import { deriveCounts } from '#core/timeline/summary.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import type { LibraryChange } from '#browser/store/library-changes.ts';
import type { StoredRecording } from '#browser/store/load-recording.ts';
import { openRecordingStore, type RecordingStore } from '#browser/store/recording-store.ts';
import type { RecordingWriter, SummaryUpdate } from '#browser/store/recording-writer.ts';
import type { StoreProblem } from '#browser/store/store-problem.ts';
import { beginWork } from './busy.ts';
import { notices } from './notices.svelte.ts';

/** Whether what is written is being kept, or waits in memory because the store fails. */
export type WriterState = 'kept' | 'failing';

/** The recordings that this browser keeps, and the only door to them. */
class Library {
	recordings = $state.raw<readonly RecordingSummary[]>([]);
	/** Why nothing can be kept; `null` while the store works. */
	problem = $state<string | null>(null);
	isLoaded = $state(false);
	#store: Promise<RecordingStore | null> | null = null;
	#refreshTimer: ReturnType<typeof setTimeout> | undefined;

	/** Opens the store once; tells the page when it cannot. */
	open(): Promise<RecordingStore | null> {
		this.#store ??= this.#open();
		return this.#store;
	}

	async refresh(): Promise<void> {
		const endWork = beginWork();
		try {
			await this.#reload();
		} finally {
			endWork();
		}
	}

	/** A writer for a new recording, or `null` when the browser keeps nothing. */
	async openWriter(
		header: RecordingHeader,
		log: RecordingLog,
		onstate: (state: WriterState) => void
	): Promise<RecordingWriter | null> {
		const store = await this.open();
		if (!store) return null;
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
		void store.persist();
		return writer;
	}

	async load(id: string): Promise<Result<StoredRecording>> {
		const store = await this.open();
		if (!store) return fail(this.problem ?? 'This browser keeps no recordings.');
		const stored = await store.load(id);
		return stored.ok ? stored : fail(stored.error.message);
	}

	/** Deletes a recording and offers to take it back for as long as the message stands. */
	async removeWithUndo(id: string): Promise<void> {
		const endWork = beginWork();
		try {
			const store = await this.open();
			const stored = await this.load(id);
			if (!stored.ok || !store) {
				const text = `It could not be read, so that deleting could not be undone. ${stored.ok ? '' : stored.error}`;
				notices.show({ kind: 'error', title: 'The recording was not deleted', text });
				return;
			}
			const deleted = await store.delete([id]);
			await this.refresh();
			if (!deleted.ok) return this.#showProblem(deleted.error);
			const { summary, log } = stored.value;
			if (deleted.value === 0) {
				const text = `"${summary.header.title}" is being recorded in another tab. Disconnect there first.`;
				notices.show({ kind: 'warning', title: 'The recording was not deleted', text });
				return;
			}
			const text = `"${summary.header.title}" is gone from this browser.`;
			const action = { label: 'Undo', run: () => void this.#putBack(summary.header, log) };
			notices.show({ kind: 'info', title: 'Deleted', text, action });
		} finally {
			endWork();
		}
	}

	/** The recording as an `.earshot.jsonl` file. */
	async exportFile(id: string): Promise<Result<{ name: string; content: Blob }>> {
		const stored = await this.load(id);
		if (!stored.ok) return stored;
		const { header } = stored.value.summary;
		const content = new Blob([...formatRecordingFile(header, stored.value.log)], { type: 'application/x-ndjson' });
		return succeed({ name: fileName(header.title), content });
	}

	/** Takes in an `.earshot.jsonl` file as a recording of its own. Returns its id. */
	async importFile(file: File): Promise<Result<string>> {
		const endWork = beginWork();
		try {
			const parsed = parseRecordingFile(await file.text());
			if (!parsed.ok) return fail(`${file.name}: ${parsed.error.message}`);
			const store = await this.open();
			if (!store) return fail(this.problem ?? 'This browser keeps no recordings.');
			// A file may be taken in twice, or beside the session that it came from.
			const header = { ...parsed.value.header, id: crypto.randomUUID() };
			const imported = await store.importLog(header, parsed.value.log, summarise(parsed.value.log));
			if (!imported.ok) return fail(imported.error.message);
			for (const text of parsed.value.notes) notices.show({ kind: 'info', title: file.name, text });
			if (parsed.value.skipped.length > 0) showSkipped(file.name, parsed.value.skipped);
			await this.refresh();
			return succeed(header.id);
		} finally {
			endWork();
		}
	}

	async #reload(): Promise<void> {
		const listed = await (await this.open())?.list();
		if (listed?.ok) this.recordings = listed.value;
		else if (listed) this.#showProblem(listed.error);
		this.isLoaded = true;
	}

	async #putBack(header: RecordingHeader, log: RecordingLog): Promise<void> {
		const store = await this.open();
		const stored = await store?.importLog(header, log, summarise(log));
		if (stored && !stored.ok) this.#showProblem(stored.error);
		await this.refresh();
	}

	async #open(): Promise<RecordingStore | null> {
		const store = await openRecordingStore();
		if (!store.ok) {
			this.problem = store.error.message;
			this.#showProblem(store.error);
			return null;
		}
		store.value.onchange((change) => this.#changed(change.kind));
		return store.value;
	}

	/** A session that is being held changes its row four times a second; the list need not. */
	#changed(kind: LibraryChange['kind']): void {
		if (kind !== 'updated') void this.refresh();
		else
			this.#refreshTimer ??= setTimeout(() => {
				this.#refreshTimer = undefined;
				void this.#reload();
			}, 2000);
	}

	#showProblem(problem: StoreProblem): void {
		const title = problem.kind === 'full' ? 'The browser’s storage is full' : 'Recordings cannot be kept';
		notices.show({ kind: 'error', title, text: problem.message });
	}
}

/** What the list shows of a recording that comes as a whole. */
function summarise(log: RecordingLog): SummaryUpdate {
	const session = createSession();
	for (let i = 0; i < log.length; i++) applyEntry(session, log.entry(i));
	const { state } = session.connection;
	return { ...deriveCounts(session), wasCutOff: state === 'connected' || state === 'connecting' };
}

function showSkipped(name: string, skipped: readonly { readonly line: number; readonly reason: string }[]): void {
	const first = skipped
		.slice(0, 3)
		.map(({ line, reason }) => `line ${line}: ${reason}`)
		.join('; ');
	const more = skipped.length > 3 ? `; and ${skipped.length - 3} more` : '';
	notices.show({ kind: 'warning', title: `${name} was taken in with gaps`, text: `Left out: ${first}${more}.` });
}

function fileName(title: string): string {
	const plain = title.replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-+|-+$/g, '');
	return `${plain || 'recording'}.earshot.jsonl`;
}

export const library = new Library();
