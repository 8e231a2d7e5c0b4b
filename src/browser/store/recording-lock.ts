/** Held while a recording is being made: a tab that dies lets go of it, however it dies. */
export interface RecordingLock {
	release(): void;
}

const PREFIX = 'earshot:recording:';

/**
 * Recordings of this page where the browser has no Web Locks (a page that was not served securely), and who waits for
 * their end.
 */
const heldHere = new Map<string, Set<() => void>>();

export function lockManager(): LockManager | undefined {
	return (globalThis.navigator as { locks?: LockManager } | undefined)?.locks;
}

/** Takes a recording's lock; `undefined` when somebody else makes that recording. */
export function lockRecording(recordingId: string): Promise<RecordingLock | undefined> {
	const locks = lockManager();
	if (!locks) return Promise.resolve(lockHere(recordingId));
	return new Promise((resolve) => {
		const held = locks.request(PREFIX + recordingId, { ifAvailable: true }, (lock) => {
			if (!lock) return resolve(undefined);
			return new Promise<void>((release) => resolve({ release }));
		});
		// A lock that somebody steals: the recording is then listed as interrupted, and its writer goes on.
		held.catch(() => resolve(undefined));
	});
}

function lockHere(recordingId: string): RecordingLock | undefined {
	if (heldHere.has(recordingId)) return undefined;
	const waiting = new Set<() => void>();
	heldHere.set(recordingId, waiting);
	return {
		release() {
			heldHere.delete(recordingId);
			for (const resolve of waiting) resolve();
		}
	};
}

/** The recordings that are being made now, in any tab. */
export async function lockedRecordings(): Promise<ReadonlySet<string>> {
	const locks = lockManager();
	if (!locks) return new Set(heldHere.keys());
	const { held = [] } = await locks.query();
	// Shared locks are those of `recordingReleased`, for a moment.
	const names = held.filter(({ mode }) => mode === 'exclusive').map(({ name = '' }) => name);
	return new Set(names.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length)));
}

/**
 * Resolves when nobody makes the recording (any more), however its maker ended; never after the signal. Without Web Locks
 * only makers in this page are known.
 */
export function recordingReleased(recordingId: string, signal: AbortSignal): Promise<void> {
	const locks = lockManager();
	if (locks) {
		const granted = locks.request(PREFIX + recordingId, { mode: 'shared', signal }, () => undefined);
		return granted.then(
			() => undefined,
			() => new Promise(() => undefined)
		);
	}
	const waiting = heldHere.get(recordingId);
	if (!waiting) return Promise.resolve();
	return new Promise((resolve) => {
		waiting.add(resolve);
		signal.addEventListener('abort', () => waiting.delete(resolve), { once: true });
	});
}
