import { EntryBlock } from '#core/recording/entry-block.ts';
import { deriveEventRow, type EventRow } from '#core/session/event-row.ts';
import type { LibraryApi } from '#browser/library/library-api.ts';

/** The first rows of a recording that is being taken in, as soon as they are read: a look at what the file holds. */
export class FirstRows {
	rows = $state.raw<readonly EventRow[]>([]);
	readonly #api: LibraryApi;
	readonly #most: number;
	#handle: number | null = null;
	#isDisposed = false;

	/** @param most how many rows are wanted */
	constructor(api: LibraryApi, id: string, most: number) {
		this.#api = api;
		this.#most = most;
		void this.#open(id);
	}

	dispose(): void {
		this.#isDisposed = true;
		if (this.#handle !== null) void this.#api.close(this.#handle);
		this.#handle = null;
	}

	async #open(id: string): Promise<void> {
		let seen = 0;
		const opened = await this.#api.open(id, {
			onblocks: (blocks) => {
				for (const data of blocks) {
					this.#take(EntryBlock.of(data), seen);
					seen += data.count;
				}
			},
			onpeaks: () => undefined,
			onloaded: () => this.dispose(),
			onsummary: () => undefined,
			onlost: () => this.dispose()
		});
		if (!opened.ok) return;
		this.#handle = opened.value.handle;
		if (this.#isDisposed || this.rows.length >= this.#most) this.dispose();
	}

	#take(block: EntryBlock, first: number): void {
		const wanted = Math.min(block.count, this.#most - this.rows.length);
		if (this.#isDisposed || wanted <= 0) return;
		const rows = Array.from({ length: wanted }, (_, index) => deriveEventRow(block.entry(index, first)));
		this.rows = [...this.rows, ...rows];
		if (this.rows.length >= this.#most) this.dispose();
	}
}
