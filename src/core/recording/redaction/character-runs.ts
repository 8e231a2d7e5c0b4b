/** A set of characters. */
export interface CharacterClass {
	/** 1 for each ASCII code that is in it. */
	readonly ascii: Uint8Array;
	/** Whether all others are in it. */
	readonly others: boolean;
}

/** The class of the characters that match a pattern of one character. */
export function characterClass(pattern: RegExp, others = false): CharacterClass {
	const ascii = Uint8Array.from({ length: 128 }, (_, code) => (pattern.test(String.fromCharCode(code)) ? 1 : 0));
	return { ascii, others };
}

export const ALPHANUMERIC = characterClass(/[A-Za-z0-9]/);
/** Letters, digits, `_` and `-`: the alphabet of base64url, and of most keys. */
export const KEY_CHARACTERS = characterClass(/[\w-]/);
export const DOTTED_KEY_CHARACTERS = characterClass(/[\w.-]/);
/** `token68` of RFC 9110, 11.2: the value of `Bearer` and `Basic`. */
export const TOKEN68 = characterClass(/[\w.~+/=-]/);

/**
 * Finds where runs of a class end in one text. Remembers the last run, so that many beginnings in one cost no more than
 * one pass over it.
 */
export class CharacterRuns {
	readonly #text: string;
	readonly #class: CharacterClass;
	#start = 0;
	#end = 0;

	constructor(text: string, characters: CharacterClass) {
		this.#text = text;
		this.#class = characters;
	}

	/** The index after the run that begins at `start`; `start` when there is none. */
	end(start: number): number {
		if (start >= this.#start && start < this.#end) return this.#end;
		const { ascii, others } = this.#class;
		let index = start;
		while (index < this.#text.length) {
			const code = this.#text.charCodeAt(index);
			if (code < 128 ? ascii[code] === 0 : !others) break;
			index++;
		}
		this.#start = start;
		this.#end = index;
		return index;
	}
}
