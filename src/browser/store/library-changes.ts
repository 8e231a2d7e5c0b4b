import type { RecordingStatus } from '#core/recording/recorded-event.ts';
import type { RecordingEdit } from './recording-store.ts';

/** How much of a recording is stored by now. */
export interface StoredExtent {
	readonly id: string;
	readonly status: RecordingStatus;
	readonly eventCount: number;
	readonly callerBytes: number;
	readonly modelBytes: number;
}

/** What happened to recordings, in this tab or another. */
export type LibraryChange =
	/** One that is being made was stored for the first time, one that came as a whole was stored wholly. */
	| { readonly kind: 'added'; readonly ids: readonly string[]; readonly extent: StoredExtent }
	/** One grew or was closed: four times a second while it is made. */
	| { readonly kind: 'updated'; readonly ids: readonly string[]; readonly extent: StoredExtent }
	| { readonly kind: 'edited'; readonly ids: readonly string[]; readonly edit: RecordingEdit }
	/** Taken out of the list, and put back. */
	| { readonly kind: 'removed' | 'restored'; readonly ids: readonly string[] }
	/** Gone for good. */
	| { readonly kind: 'deleted'; readonly ids: readonly string[] };

/** Carries changes of the library to everybody who listens, in this tab and in the others. */
export class LibraryChanges {
	readonly #channel: BroadcastChannel | undefined;
	readonly #listeners = new Set<(change: LibraryChange) => void>();

	#isDisposed = false;

	/** @param channelName absent: nobody else is told, and nobody else tells us */
	constructor(channelName?: string) {
		if (channelName === undefined || typeof BroadcastChannel === 'undefined') return;
		this.#channel = new BroadcastChannel(channelName);
		this.#channel.onmessage = ({ data }: MessageEvent<LibraryChange>) => this.#tell(data);
	}

	/** Tells all listeners, here at once. */
	announce(change: LibraryChange): void {
		if (this.#isDisposed) return;
		this.#channel?.postMessage(change);
		this.#tell(change);
	}

	/** Returns the function that ends it. */
	listen(listener: (change: LibraryChange) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	dispose(): void {
		this.#isDisposed = true;
		this.#listeners.clear();
		this.#channel?.close();
	}

	#tell(change: LibraryChange): void {
		for (const listener of [...this.#listeners]) listener(change);
	}
}

/** What a change says of how much is stored. */
export function extentOf({ id, status, eventCount, callerBytes, modelBytes }: StoredExtent): StoredExtent {
	return { id, status, eventCount, callerBytes, modelBytes };
}
