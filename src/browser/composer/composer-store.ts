/** The composer's own small database: saved events, and what was sent. Apart from the recordings, so that neither can harm the other. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { isObject, numberAt, stringAt } from '#core/base/json.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { parseSavedEvent, type ComposedKind, type SavedEvent } from '#core/protocol/saved-events.ts';

/** Something that was sent from the composer. */
export interface SentText {
	readonly kind: ComposedKind;
	/** As it was written, variables and all. */
	readonly text: string;
	/** As it was sent, where that differs. */
	readonly sent?: string;
	/** Wall time, ms since 1970. */
	readonly sentAtMs: number;
}

/** So many are kept; the oldest go first. */
export const MOST_SENT = 100;

interface ComposerSchema extends DBSchema {
	/** By name, so that a name is there once. */
	saved: { key: string; value: SavedEvent };
	/** By a number that grows. */
	sent: { key: number; value: SentText };
}

/**
 * Keeps what belongs to the composer. Everything can fail: the browser may have no room, or keep nothing at all. The error
 * says so in words for the page.
 */
export interface ComposerStore {
	/** All saved events, in no order. What is no saved event, whoever wrote it, is left out. */
	loadSaved(): Promise<Result<readonly SavedEvent[]>>;
	/** What was sent, oldest first. */
	loadSent(): Promise<Result<readonly SentText[]>>;
	/** Saves events, and replaces those that have their names. All of them or none. */
	putSaved(events: readonly SavedEvent[]): Promise<Result<void>>;
	deleteSaved(name: string): Promise<Result<void>>;
	/** Adds one, and lets the oldest go. */
	addSent(sent: SentText): Promise<Result<void>>;
	clearSent(): Promise<Result<void>>;
	/** Ends it; may be called twice. */
	dispose(): void;
}

/**
 * Opens the database when it is first needed, and again after another tab or the browser took it away.
 *
 * @param onchange called when another tab has changed something
 */
export function openComposerStore(onchange: () => void, name = 'earshot-composer'): ComposerStore {
	return new DatabaseStore(name, onchange);
}

class DatabaseStore implements ComposerStore {
	readonly #name: string;
	readonly #channel: BroadcastChannel;
	#database: Promise<IDBPDatabase<ComposerSchema>> | undefined;
	#isDisposed = false;

	constructor(name: string, onchange: () => void) {
		this.#name = name;
		this.#channel = new BroadcastChannel(name);
		this.#channel.onmessage = onchange;
	}

	loadSaved(): Promise<Result<readonly SavedEvent[]>> {
		return this.#run(async (database) => {
			const rows: unknown[] = await database.getAll('saved');
			return rows.flatMap((row) => {
				const event = parseSavedEvent(row);
				return event.ok ? [event.value] : [];
			});
		});
	}

	loadSent(): Promise<Result<readonly SentText[]>> {
		return this.#run(async (database) => ((await database.getAll('sent')) as unknown[]).flatMap(readSent));
	}

	putSaved(events: readonly SavedEvent[]): Promise<Result<void>> {
		return this.#change(async (database) => {
			const transaction = database.transaction('saved', 'readwrite');
			await Promise.all([...events.map((event) => transaction.store.put(event, event.name)), transaction.done]);
		});
	}

	deleteSaved(name: string): Promise<Result<void>> {
		return this.#change((database) => database.delete('saved', name));
	}

	addSent(sent: SentText): Promise<Result<void>> {
		return this.#change(async (database) => {
			const transaction = database.transaction('sent', 'readwrite');
			const key = await transaction.store.add(sent);
			const keys = await transaction.store.getAllKeys(IDBKeyRange.upperBound(key));
			const surplus = keys.slice(0, Math.max(0, keys.length - MOST_SENT));
			await Promise.all([...surplus.map((old) => transaction.store.delete(old)), transaction.done]);
		});
	}

	clearSent(): Promise<Result<void>> {
		return this.#change((database) => database.clear('sent'));
	}

	dispose(): void {
		this.#isDisposed = true;
		this.#channel.close();
		void this.#database?.then(
			(database) => database.close(),
			() => undefined // it was never open
		);
		this.#database = undefined;
	}

	async #change(work: (database: IDBPDatabase<ComposerSchema>) => Promise<void>): Promise<Result<void>> {
		const done = await this.#run(work);
		if (done.ok && !this.#isDisposed) this.#channel.postMessage('changed');
		return done;
	}

	async #run<T>(work: (database: IDBPDatabase<ComposerSchema>) => Promise<T>): Promise<Result<T>> {
		try {
			this.#database ??= this.#open();
			return succeed(await work(await this.#database));
		} catch (error) {
			this.#database = undefined;
			const words = error instanceof Error ? error.message : String(error);
			return fail(`The browser did not keep or find it: ${words}`);
		}
	}

	async #open(): Promise<IDBPDatabase<ComposerSchema>> {
		const database = await openDB<ComposerSchema>(this.#name, 1, {
			upgrade: (fresh) => {
				fresh.createObjectStore('saved');
				fresh.createObjectStore('sent', { autoIncrement: true });
			},
			// A newer Earshot in another tab wants to change it: out of its way.
			blocking: () => {
				this.#database = undefined;
				database.close();
			},
			terminated: () => (this.#database = undefined)
		});
		return database;
	}
}

function readSent(row: unknown): SentText[] {
	const event = parseSavedEvent({
		name: 'sent',
		note: '',
		...(isObject(row) && { kind: row['kind'], text: row['text'] })
	});
	const sentAtMs = numberAt(row, 'sentAtMs');
	if (!event.ok || sentAtMs === undefined) return [];
	const { kind, text } = event.value;
	const sent = stringAt(row, 'sent');
	return [{ kind, text, sentAtMs, ...(sent !== undefined && { sent }) }];
}
