import { lockManager } from './recording-lock.ts';

/** Tells the others that somebody has the recordings open, for as long as it is not disposed of. */
export interface StorePresence {
	/** Wall time (ms) since when somebody, here or in another tab, has them open without a break. */
	openSince(): Promise<number>;
	dispose(): void;
}

/**
 * A Web Lock whose name says since when: a tab that dies lets go of it. Without Web Locks only this store is known, so that
 * what another tab removed may be deleted for good before that tab is closed.
 */
export function openPresence(databaseName: string): StorePresence {
	const openedAt = Date.now();
	const prefix = `earshot:open:${databaseName}:`;
	const ending = new AbortController();
	const ended = new Promise<void>((resolve) => ending.signal.addEventListener('abort', () => resolve()));
	const locks = lockManager();
	// Shared: two may be opened in the same millisecond. Refused where locks are forbidden, as if there were none.
	void locks?.request(`${prefix}${openedAt}`, { mode: 'shared' }, () => ended).catch(() => undefined);
	return {
		async openSince() {
			const { held = [] } = (await locks?.query()) ?? {};
			const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(prefix));
			return Math.min(openedAt, ...names.map((name) => Number(name.slice(prefix.length))));
		},
		dispose: () => ending.abort()
	};
}
