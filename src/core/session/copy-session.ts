import type { AnsweredUpdate, Response, Session } from './session-model.ts';

/**
 * Parts of messages that the session holds as they came: the fold replaces them but never changes them, and they may be
 * nested as deep as their sender likes.
 */
const SHARED_FIELDS: readonly string[] = ['config', 'usage', 'requested', 'effective'] satisfies (
	keyof Session | keyof Response | keyof AnsweredUpdate
)[];

/**
 * Copies a session so that folding the one changes nothing of the other.
 *
 * @param before an earlier copy: what is the same in both is taken over from there, so that neither may be folded then
 */
export function copySession(session: Session, before?: Session): Session {
	return new Copier().copy(session, before) as Session;
}

/**
 * Copies what a session is made of: objects, lists and maps, of which two places that hold the same one do so in the copy
 * as well. What is the same as in an earlier copy is taken over from there.
 */
class Copier {
	readonly #copies = new Map<object, object>();
	/** Parts of the earlier copy that stand for something already: two parts that are alike are still two. */
	readonly #taken = new Set<object>();

	copy(value: unknown, before: unknown): unknown {
		if (typeof value !== 'object' || value === null) return value;
		const known = this.#copies.get(value);
		if (known) return known;
		const base = typeof before === 'object' && before !== null && !this.#taken.has(before) ? before : null;
		const copy = this.#copyPart(value, base);
		this.#copies.set(value, copy);
		if (copy === base) this.#taken.add(copy);
		return copy;
	}

	#copyPart(value: object, base: object | null): object {
		if (Array.isArray(value)) return this.#copyList(value, Array.isArray(base) ? base : null);
		if (value instanceof Map) return this.#copyMap(value, base instanceof Map ? base : null);
		return this.#copyObject(value as Fields, base as Fields | null);
	}

	#copyList(list: readonly unknown[], base: readonly unknown[] | null): readonly unknown[] {
		const copy = list.map((value, index) => this.copy(value, base?.[index]));
		const isSame = base?.length === copy.length && copy.every((value, index) => Object.is(value, base[index]));
		return isSame ? base : copy;
	}

	#copyMap(
		map: ReadonlyMap<unknown, unknown>,
		base: ReadonlyMap<unknown, unknown> | null
	): ReadonlyMap<unknown, unknown> {
		const copy = new Map<unknown, unknown>();
		// The order of a map's keys is part of what it says.
		const baseKeys = base?.keys();
		let isSame = base?.size === map.size;
		for (const [key, value] of map) {
			const part = this.copy(value, base?.get(key));
			copy.set(key, part);
			isSame = isSame && baseKeys?.next().value === key && Object.is(part, base?.get(key));
		}
		return isSame && base ? base : copy;
	}

	#copyObject(object: Fields, base: Fields | null): Fields {
		const copy: Record<string, unknown> = {};
		const keys = Object.keys(object);
		let isSame = base !== null && Object.keys(base).length === keys.length;
		for (const key of keys) {
			const value = object[key];
			copy[key] = SHARED_FIELDS.includes(key) ? value : this.copy(value, base?.[key]);
			isSame = isSame && Object.is(copy[key], base?.[key]);
		}
		return isSame && base ? base : copy;
	}
}

type Fields = Readonly<Record<string, unknown>>;
