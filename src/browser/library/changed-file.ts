import type { LibraryProblem } from './library-api.ts';
import { problem } from './recognise.ts';

/** The kind of the problem that a file is not what it was when it was chosen. */
const CHANGED = 'changed';

/** What browsers reject with that read a file which is gone, or another one than it was. */
const NAMES: readonly string[] = ['NotReadableError', 'NotFoundError'];

/** Why a file could not be read on: somebody changed it, or took it away. */
export function changedProblem(name: string): LibraryProblem {
	return problem(`${name} changed, or was moved or deleted, while it was being read. Import it again.`, CHANGED);
}

export function isChangedProblem({ kind }: LibraryProblem): boolean {
	return kind === CHANGED;
}

/**
 * Whether a file is not what it was when it was chosen. Browsers refuse every byte of such a one.
 *
 * @param error what a reading of it ended with, where one did
 */
export async function hasChanged(file: Blob, error?: unknown): Promise<boolean> {
	// Not every browser's errors are an `Error`.
	const name: unknown = typeof error === 'object' && error !== null && 'name' in error ? error.name : '';
	if (typeof name === 'string' && NAMES.includes(name)) return true;
	try {
		await file.slice(0, 1).arrayBuffer();
		return false;
	} catch {
		return true;
	}
}
