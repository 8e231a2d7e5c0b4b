/** Held while a recording is being made: a tab that dies lets go of it, however it dies. */
export interface RecordingLock {
	release(): void;
}

const PREFIX = 'earshot:recording:';

/** Recordings of this page where the browser has no Web Locks (a page that was not served securely). */
const heldHere = new Set<string>();

function lockManager(): LockManager | undefined {
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
	heldHere.add(recordingId);
	return { release: () => heldHere.delete(recordingId) };
}

/** The recordings that are being made now, in any tab. */
export async function lockedRecordings(): Promise<ReadonlySet<string>> {
	const locks = lockManager();
	if (!locks) return heldHere;
	const { held = [] } = await locks.query();
	const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(PREFIX));
	return new Set(names.map((name) => name.slice(PREFIX.length)));
}
