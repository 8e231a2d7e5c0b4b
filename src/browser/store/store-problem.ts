/** The ways in which storing and reading end without success. All are expected: none of them stops a session. */
export type StoreProblemKind = 'unavailable' | 'blocked' | 'newer-version' | 'full' | 'closed' | 'failed';

/** A failure of the store; `message` is fit for the page: what happened and what to do. */
export interface StoreProblem {
	readonly kind: StoreProblemKind;
	readonly message: string;
}

/** A failure of the store where a value cannot tell of it: what a promise of bytes is rejected with. */
export class StoreFailure extends Error {
	readonly problem: StoreProblem;

	constructor(problem: StoreProblem) {
		super(problem.message);
		this.name = 'StoreFailure';
		this.problem = problem;
	}
}

const MESSAGES: Readonly<Record<Exclude<StoreProblemKind, 'failed'>, string>> = {
	unavailable:
		'This browser does not let the page store anything, so recordings are kept only until the page is closed. Export what you want to keep, or allow site data for this address and reload.',
	blocked:
		'Another tab holds the recordings in an older version of Earshot. Close the other tabs of Earshot, then reload this one.',
	'newer-version': 'A newer version of Earshot keeps the recordings now. Reload the page to get it.',
	full: 'The browser has no room left for recordings. Nothing that was stored is lost, and the session goes on in memory. Export or delete old recordings to make room.',
	closed:
		'The browser closed the database, perhaps because site data was cleared. Earshot tries to open it again; export the session if this message stays.'
};

export function storeProblem(kind: Exclude<StoreProblemKind, 'failed'>): StoreProblem {
	return { kind, message: MESSAGES[kind] };
}

export function failedProblem(message: string): StoreProblem {
	return { kind: 'failed', message };
}

/** A recording that was asked for and is not there. */
export function notHere(): StoreProblem {
	return failedProblem('This recording is not in this browser (any more).');
}

/** What an exception or an aborted transaction of IndexedDB means for the user. Never throws. */
export function problemOf(error: unknown): StoreProblem {
	const name = error instanceof Error || error instanceof DOMException ? error.name : '';
	if (name === 'QuotaExceededError') return storeProblem('full');
	if (name === 'VersionError') return storeProblem('newer-version');
	if (name === 'SecurityError') return storeProblem('unavailable');
	// A transaction in flight aborts, and the next one is refused, when the browser takes the connection away.
	if (name === 'InvalidStateError' || name === 'AbortError') return storeProblem('closed');
	const words = error instanceof Error ? error.message : String(error);
	return failedProblem(`The recordings could not be read or written: ${words} Reload the page and try again.`);
}
