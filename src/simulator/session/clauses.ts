/** Cuts words that arrive bit by bit into clauses that can be spoken. */

/** A sentence without an end is cut at a comma after this many characters. */
const LONG_PART_CHARS = 140;

export class ClauseSplitter {
	#rest = '';

	/** Takes more text; returns the clauses that are certain now: a sentence is, once something follows it. */
	push(text: string): string[] {
		this.#rest += text;
		const clauses: string[] = [];
		for (;;) {
			const end = this.#findEnd();
			if (end === undefined) return clauses;
			const clause = this.#rest.slice(0, end).trim();
			if (clause !== '') clauses.push(clause);
			this.#rest = this.#rest.slice(end);
		}
	}

	/** What is left, at the end of the text. */
	flush(): string | undefined {
		const clause = this.#rest.trim();
		this.#rest = '';
		return clause === '' ? undefined : clause;
	}

	#findEnd(): number | undefined {
		const sentence = /[.!?…。！？]["')\]]*\s/u.exec(this.#rest);
		if (sentence) return sentence.index + sentence[0].length;
		if (this.#rest.length <= LONG_PART_CHARS) return undefined;
		const comma = /[,;:]\s/gu;
		comma.lastIndex = LONG_PART_CHARS;
		const match = comma.exec(this.#rest);
		return match ? match.index + match[0].length : undefined;
	}
}
