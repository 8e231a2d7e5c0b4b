import { isObject, parseJson, stringAt } from '#core/base/json.ts';
import { mayHoldSecret } from '#core/recording/redaction/pre-check.ts';
import { notices } from './notices.svelte.ts';

/** What the browser keeps under a name, as JSON; `undefined` when there is nothing, or it keeps nothing. */
export function readKept(key: string): unknown {
	try {
		return parseJson(localStorage.getItem(key) ?? '');
	} catch {
		return undefined;
	}
}

/** Keeps a value as JSON. `false` when the browser has no room, or keeps nothing: it lasts as long as the page then. */
export function writeKept(key: string, value: unknown): boolean {
	try {
		localStorage.setItem(key, JSON.stringify(value));
		return true;
	} catch {
		return false;
	}
}

/**
 * A text as it may be kept in the browser: in the place of keys, passwords and authorization in it stand marks. `null` when
 * what finds them could not be loaded: nobody can tell then what may be kept.
 */
export async function withoutKeys(text: string): Promise<string | null> {
	if (!mayHoldSecret(text)) return text;
	try {
		// It is large, and seldom needed.
		const { createRedactor } = await import('#core/recording/redaction/redactor.ts');
		return createRedactor({}).text(text, 'text');
	} catch {
		return null;
	}
}

/** Texts that somebody is writing, kept in the browser without the keys that may be in them. */
export class KeptTexts {
	readonly #key: string;
	/** The newest of each; what is kept of it may be waited for. */
	readonly #newest = new Map<string, string>();
	#kept: Readonly<Record<string, string>> = {};
	#isTold = false;

	/** @param key the name under which they are kept */
	constructor(key: string) {
		this.#key = key;
		const saved = readKept(key);
		if (!isObject(saved)) return;
		for (const name of Object.keys(saved)) {
			const text = stringAt(saved, name);
			if (text !== undefined) this.#kept = { ...this.#kept, [name]: text };
		}
	}

	/** The text that was kept under a name. */
	read(name: string): string | undefined {
		return stringAt(this.#kept, name);
	}

	write(name: string, text: string): void {
		this.#newest.set(name, text);
		// At once where nothing has to be looked for: the page may be closed with the next key.
		if (mayHoldSecret(text)) void this.#keepWithoutKeys(name, text);
		else this.#keep(name, text);
	}

	async #keepWithoutKeys(name: string, text: string): Promise<void> {
		const safe = await withoutKeys(text);
		if (safe === null || this.#newest.get(name) !== text) return;
		this.#keep(name, safe);
		if (safe === text || this.#isTold) return;
		this.#isTold = true;
		notices.show({
			kind: 'info',
			title: 'A key is not kept',
			text: 'What looks like a key in what you write is sent as it stands, but left out of what this browser keeps: after a reload, write it again.'
		});
	}

	#keep(name: string, text: string): void {
		this.#kept = { ...this.#kept, [name]: text };
		writeKept(this.#key, this.#kept);
	}
}
