import { recordingReleased } from './recording-lock.ts';
import type { EntryCursor, FollowListener, RecordingStore, StoredSummary } from './recording-store.ts';

/**
 * Reads a recording along while it is made, here or in another tab: again whenever its maker tells that it has stored more,
 * and once more when its maker is gone, however it went. See `RecordingStore.follow`.
 */
export function followRecording(
	store: Readable,
	id: string,
	from: EntryCursor,
	listener: FollowListener,
	signal: AbortSignal
): void {
	if (!signal.aborted) void new Following(store, id, from, listener, signal).run();
}

type Readable = Pick<RecordingStore, 'readEntries' | 'onchange'>;

class Following {
	readonly #store: Readable;
	readonly #id: string;
	readonly #listener: FollowListener;
	readonly #ending = new AbortController();
	readonly #known = new Set<string>();
	#cursor: EntryCursor;
	#isFirst = true;
	#isWatched = false;
	/** The last summary that was told, to tell only what changed. */
	#told = '';
	#hasNews = true;
	#wake: () => void = () => undefined;

	constructor(store: Readable, id: string, from: EntryCursor, listener: FollowListener, signal: AbortSignal) {
		this.#store = store;
		this.#id = id;
		this.#cursor = from;
		this.#listener = listener;
		signal.addEventListener('abort', () => this.#end(), { signal: this.#ending.signal });
	}

	/** Ends when it is told to, or when there will be no more. */
	async run(): Promise<void> {
		const { signal } = this.#ending;
		const stopListening = this.#store.onchange(({ ids }) => ids.includes(this.#id) && this.#notice());
		try {
			while (!signal.aborted && (await this.#read())) await this.#news();
		} finally {
			stopListening();
			this.#end();
		}
	}

	/** Reads what is new. `false` when there will be no more. */
	async #read(): Promise<boolean> {
		const { signal } = this.#ending;
		this.#hasNews = false;
		const take = (blocks: Parameters<FollowListener['onblocks']>[0]) =>
			signal.aborted ? undefined : this.#listener.onblocks(blocks);
		const read = await this.#store.readEntries(this.#id, this.#cursor, take, signal);
		if (signal.aborted) return false;
		if (!read.ok) {
			this.#listener.onlost?.(read.error);
			return false;
		}
		const { summary, cursor, damage } = read.value;
		this.#cursor = cursor;
		if (summary.status === 'live') this.#watchMaker();
		await this.#tell(summary, damage);
		// It was closed while it was read.
		if (summary.status !== 'live' && cursor.index < summary.eventCount) this.#hasNews = true;
		return !signal.aborted;
	}

	async #tell(summary: StoredSummary, damage: readonly string[]): Promise<void> {
		const text = JSON.stringify(summary);
		if (text !== this.#told) await this.#listener.onsummary?.(summary);
		this.#told = text;
		const found = damage.filter((words) => !this.#known.has(words));
		for (const words of found) this.#known.add(words);
		if (this.#isFirst || found.length > 0) await this.#listener.onloaded?.(found);
		this.#isFirst = false;
	}

	/** Its maker may die without a word. */
	#watchMaker(): void {
		if (this.#isWatched) return;
		this.#isWatched = true;
		void recordingReleased(this.#id, this.#ending.signal).then(() => this.#notice());
	}

	#end(): void {
		this.#ending.abort();
		this.#notice();
	}

	#notice(): void {
		this.#hasNews = true;
		this.#wake();
	}

	#news(): Promise<void> {
		return new Promise((resolve) => {
			this.#wake = resolve;
			if (this.#hasNews) resolve();
		});
	}
}
