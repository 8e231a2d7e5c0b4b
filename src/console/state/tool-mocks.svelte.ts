import { SvelteMap } from 'svelte/reactivity';
import { isObject, listAt, stringAt } from '#core/base/json.ts';
import { findSecrets } from '#core/recording/redaction/secret-patterns.ts';
import { NO_MOCK, readToolMock, type ToolMock } from '#core/tools/tool-mock.ts';
import { readKept, writeKept } from './kept.ts';

const STORAGE_KEY = 'earshot.tool-mocks';

/** The mocks of the draft's functions, by name. Kept in the browser, as the draft is; what looks like a key is not. */
export class ToolMocks {
	/** Whether calls of functions with a mock are answered without a click. */
	isAutomatic = $state(true);
	readonly byName = new SvelteMap<string, ToolMock>();
	/** The functions whose mock holds what looks like a key, so that it lasts as long as the page only. */
	unkept = $state.raw<readonly string[]>([]);

	constructor() {
		const saved = readKept(STORAGE_KEY);
		this.isAutomatic = !isObject(saved) || saved['isAutomatic'] !== false;
		for (const entry of listAt(saved, 'mocks')) {
			const name = stringAt(entry, 'name');
			if (name) this.byName.set(name, readToolMock(entry));
		}
	}

	/** The mock of a function; one that answers nothing where there is none. */
	of(name: string): ToolMock {
		return this.byName.get(name) ?? NO_MOCK;
	}

	/** Changes what is given of a function's mock, and keeps its numbers within their bounds. */
	write(name: string, changes: Partial<ToolMock>): void {
		this.byName.set(name, readToolMock({ ...this.of(name), ...changes }));
		this.#keep();
	}

	remove(name: string): void {
		this.byName.delete(name);
		this.#keep();
	}

	setAutomatic(isAutomatic: boolean): void {
		this.isAutomatic = isAutomatic;
		this.#keep();
	}

	#keep(): void {
		const all = [...this.byName];
		this.unkept = all.filter(([, mock]) => looksSecret(mock)).map(([name]) => name);
		const mocks = all.filter(([name]) => !this.unkept.includes(name)).map(([name, mock]) => ({ name, ...mock }));
		writeKept(STORAGE_KEY, { isAutomatic: this.isAutomatic, mocks });
	}
}

function looksSecret({ result, code, errorText }: ToolMock): boolean {
	return [result, code, errorText].some((text) => findSecrets(text, false).length > 0);
}

export const toolMocks = new ToolMocks();
