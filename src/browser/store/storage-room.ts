import type { StoredExtent } from './library-changes.ts';

/** What the browser says of the room for recordings. Not to be trusted: a full disk shows only when writing fails. */
export interface StorageEstimate {
	readonly usedBytes: number;
	readonly quotaBytes: number;
	/** Whether the browser promised not to clear the recordings by itself when it needs room. */
	readonly isPersisted: boolean;
}

/** The browser's storage manager; there is none where the page was not served securely. */
function storageManager(): Partial<StorageManager> | undefined {
	return (globalThis.navigator as { storage?: Partial<StorageManager> } | undefined)?.storage;
}

/** `undefined` where the browser does not tell. */
export async function estimateRoom(): Promise<StorageEstimate | undefined> {
	const storage = storageManager();
	const estimate = await storage?.estimate?.();
	if (!estimate) return undefined;
	const { usage = 0, quota = 0 } = estimate;
	return { usedBytes: usage, quotaBytes: quota, isPersisted: (await storage?.persisted?.()) ?? false };
}

/** Asks the browser to keep the recordings until the user deletes them. Only a page may ask: `false` in a worker. */
export async function persistRecordings(): Promise<boolean> {
	return (await storageManager()?.persist?.()) ?? false;
}

/**
 * Asks the browser to keep the recordings when the first one that is worth it is complete: some browsers ask the user then,
 * who must see what it is about. Once for a page, and only in the one that is looked at.
 */
export class PersistenceQuestion {
	#wasAsked = false;

	/** Takes notice of a recording that is stored by so much. */
	consider({ status, callerBytes, modelBytes }: StoredExtent): void {
		if (this.#wasAsked || status === 'live' || callerBytes + modelBytes === 0) return;
		if (typeof document === 'undefined' || document.visibilityState !== 'visible') return;
		this.#wasAsked = true;
		// Whatever the answer is, and also when there is none: recordings are kept as well as the browser allows.
		void persistRecordings().catch(() => false);
	}
}
