import { isObject, listAt, stringAt } from '#core/base/json.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { findSecrets } from '#core/recording/redaction/secret-patterns.ts';
import { readKept, writeKept } from './kept.ts';

const STORAGE_KEY = 'earshot.events';
const MOST_FILTERS = 100;
/** Longer names and filters were not made by hand. */
const MOST_LENGTH = 2000;

/** A filter that somebody gave a name. */
export interface SavedFilter {
	readonly name: string;
	readonly text: string;
}

/** How somebody likes the list of events: kept in the browser, for all recordings. */
class EventPreferences {
	isFolding = $state(false);
	/** Filters by name, in the order in which they were saved. */
	filters = $state.raw<readonly SavedFilter[]>([]);

	constructor() {
		this.#read();
	}

	setFolding(isFolding: boolean): void {
		this.#read();
		this.isFolding = isFolding;
		this.#write();
	}

	/** Keeps a filter; one that has the name is replaced. */
	save(name: string, text: string): Result<void> {
		const filter = { name: name.trim(), text: text.trim() };
		if (filter.text === '') return fail('There is no filter to save. Type one, or click what you want to see.');
		if (filter.name === '') return fail('Give the filter a name.');
		if (filter.name.length > MOST_LENGTH || filter.text.length > MOST_LENGTH) {
			return fail(`Name and filter may have ${MOST_LENGTH.toLocaleString('en')} characters each.`);
		}
		if (findSecrets(`${filter.name}\n${filter.text}`, false).length > 0) {
			return fail('This looks as if it held a key. Keys are not kept in the browser: leave it out of the filter.');
		}
		this.#read();
		const others = this.filters.filter((known) => known.name !== filter.name);
		if (others.length >= MOST_FILTERS) return fail(`${MOST_FILTERS} filters are saved. Remove one first.`);
		this.filters = [...others, filter];
		this.#write();
		return succeed(undefined);
	}

	remove(name: string): void {
		this.#read();
		this.filters = this.filters.filter((known) => known.name !== name);
		this.#write();
	}

	/** What another tab kept since is not lost. */
	#read(): void {
		const saved = readKept(STORAGE_KEY);
		if (!isObject(saved)) return;
		this.isFolding = saved['isFolding'] === true;
		this.filters = listAt(saved, 'filters')
			.flatMap((filter) => {
				const name = stringAt(filter, 'name');
				const text = stringAt(filter, 'text');
				return name !== undefined && text !== undefined ? [{ name, text }] : [];
			})
			.slice(0, MOST_FILTERS);
	}

	#write(): void {
		const { isFolding, filters } = this;
		writeKept(STORAGE_KEY, { isFolding, filters });
	}
}

export const eventPreferences = new EventPreferences();
