import { unwrap, wrap } from 'idb';
import { assert } from '#core/base/assert.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { MIGRATIONS, type EarshotDatabase, type Migration, type StoreName } from './schema.ts';
import { failedProblem, problemOf, storeProblem, type StoreProblem } from './store-problem.ts';

export interface DatabaseOptions {
	readonly name: string;
	/** `undefined` where the browser has none, or hides it. */
	readonly factory: IDBFactory | undefined;
	readonly migrations?: readonly Migration[];
}

/**
 * The one connection to the database, which may be taken away at any time: by a newer version of Earshot in another
 * tab (`versionchange`), or by the browser when site data is cleared (`close`). It opens again when it is next needed.
 */
export class DatabaseConnection {
	/** How often the database was opened: what was known of its contents may be wrong when this grew. */
	generation = 0;
	readonly #options: DatabaseOptions;
	#current: EarshotDatabase | undefined;
	#opening: Promise<Result<EarshotDatabase, StoreProblem>> | undefined;
	#isDisposed = false;

	constructor(options: DatabaseOptions) {
		this.#options = options;
	}

	/** The open database, or `undefined` while there is none. */
	get current(): EarshotDatabase | undefined {
		return this.#current;
	}

	/** The open database; opens it when there is none. */
	async ensure(): Promise<Result<EarshotDatabase, StoreProblem>> {
		assert(!this.#isDisposed, 'the recording store is used after it was disposed');
		if (this.#current) return succeed(this.#current);
		this.#opening ??= openDatabase(this.#options).finally(() => (this.#opening = undefined));
		const opened = await this.#opening;
		if (opened.ok) this.#adopt(opened.value);
		return opened;
	}

	/** Lets go of a connection that no longer works, so that the next `ensure` opens another. */
	drop(): void {
		this.#current?.close();
		this.#current = undefined;
	}

	dispose(): void {
		this.#isDisposed = true;
		this.drop();
	}

	#adopt(database: EarshotDatabase): void {
		if (this.#current === database) return;
		if (this.#isDisposed) return database.close();
		this.#current = database;
		this.generation++;
		const lost = () => {
			if (this.#current === database) this.drop();
		};
		const native: IDBDatabase = unwrap(database);
		native.addEventListener('versionchange', lost);
		native.addEventListener('close', lost);
	}
}

/** Opens the database and brings it to the newest version. A version that is newer than ours is refused. */
export function openDatabase(options: DatabaseOptions): Promise<Result<EarshotDatabase, StoreProblem>> {
	const { name, factory, migrations = MIGRATIONS } = options;
	if (!factory) return Promise.resolve(fail(storeProblem('unavailable')));
	let request: IDBOpenDBRequest;
	try {
		request = factory.open(name, migrations.length);
	} catch {
		return Promise.resolve(fail(storeProblem('unavailable')));
	}
	return new Promise((resolve) => {
		let isGivenUp = false;
		request.onupgradeneeded = ({ oldVersion }) => {
			const transaction = request.transaction;
			assert(transaction, 'an upgrade has no transaction');
			for (const migrate of migrations.slice(oldVersion)) migrate(request.result, transaction);
		};
		request.onblocked = () => {
			isGivenUp = true;
			resolve(fail(storeProblem('blocked')));
		};
		request.onerror = () => resolve(fail(openingProblem(request.error)));
		request.onsuccess = () => {
			// The other tab was closed after all, but nobody waits for this connection any more.
			if (isGivenUp) request.result.close();
			else resolve(succeed(wrap(request.result) as unknown as EarshotDatabase));
		};
	});
}

function openingProblem(error: DOMException | null): StoreProblem {
	// Chromium says UnknownError where a setting forbids site data, and for a damaged profile.
	if (error?.name === 'UnknownError' || error?.name === 'InvalidStateError') return storeProblem('unavailable');
	return error ? problemOf(error) : failedProblem('The recordings could not be opened. Reload the page and try again.');
}

/**
 * Runs `work` in one read-write transaction and commits it at once: all of its requests must be made synchronously, so
 * that it is also written when the page goes away right after. Rejects with the transaction's error.
 */
export function writeTransaction<Name extends StoreName>(
	database: EarshotDatabase,
	durability: IDBTransactionDurability,
	names: readonly Name[],
	work: (stores: Record<Name, IDBObjectStore>) => void
): Promise<void> {
	const native: IDBDatabase = unwrap(database);
	const transaction = native.transaction(names, 'readwrite', { durability });
	const settled = new Promise<void>((resolve, reject) => {
		transaction.oncomplete = () => resolve();
		transaction.onabort = () => reject(transaction.error ?? new DOMException('The transaction ended', 'AbortError'));
	});
	const stores = names.map((name) => [name, transaction.objectStore(name)] as const);
	work(Object.fromEntries(stores) as Record<Name, IDBObjectStore>);
	transaction.commit();
	return settled;
}
