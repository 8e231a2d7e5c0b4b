/** What happened to recordings, in this tab or another. */
export interface LibraryChange {
	readonly kind: 'added' | 'updated' | 'renamed' | 'deleted';
	readonly ids: readonly string[];
	/** The new title, of `renamed`. */
	readonly title?: string;
}

/** Carries changes of the library to everybody who listens, in this tab and in the others. */
export class LibraryChanges {
	readonly #channel: BroadcastChannel | undefined;
	readonly #listeners = new Set<(change: LibraryChange) => void>();

	constructor(channelName: string) {
		if (typeof BroadcastChannel === 'undefined') return;
		this.#channel = new BroadcastChannel(channelName);
		this.#channel.onmessage = ({ data }: MessageEvent<LibraryChange>) => this.#tell(data);
	}

	/** Tells all listeners, here at once. */
	announce(change: LibraryChange): void {
		this.#channel?.postMessage(change);
		this.#tell(change);
	}

	/** Returns the function that ends it. */
	listen(listener: (change: LibraryChange) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	dispose(): void {
		this.#listeners.clear();
		this.#channel?.close();
	}

	#tell(change: LibraryChange): void {
		for (const listener of [...this.#listeners]) listener(change);
	}
}
