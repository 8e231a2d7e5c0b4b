import { markOf, type Finding } from './finding.ts';
import { walkJson, type JsonPath, type JsonVisitor } from './json-strings.ts';

/**
 * The pieces of words of an event's `logprobs`: they say once more what its text says, so where something was taken out
 * of the text they go too. Tokens become marks, their bytes an empty list.
 */
export function findLogprobs(text: string, found: Finding): Finding[] {
	if (!text.includes('"logprobs"')) return [];
	const visitor = new LogprobsVisitor(found);
	walkJson(text, 0, visitor);
	return visitor.findings;
}

class LogprobsVisitor implements JsonVisitor {
	readonly findings: Finding[] = [];
	readonly #found: Finding;
	/** How deep the list lies that is walked through. */
	#depth: number | undefined;
	#bytesFrom = 0;

	constructor(found: Finding) {
		this.#found = found;
	}

	open(start: number, path: JsonPath): void {
		if (this.#depth === undefined && path.at(-1) === 'logprobs') this.#depth = path.length;
		if (path.at(-1) === 'bytes') this.#bytesFrom = start;
	}

	close(end: number, path: JsonPath): void {
		if (this.#depth === undefined) return;
		if (path.at(-1) === 'bytes') this.#add(this.#bytesFrom, end, '[]');
		if (path.length === this.#depth) this.#depth = undefined;
	}

	string(start: number, end: number, path: JsonPath): void {
		if (this.#depth !== undefined && path.at(-1) === 'token') this.#add(start, end, markOf(this.#found.kind));
	}

	#add(start: number, end: number, mark: string): void {
		this.findings.push({ ...this.#found, start, end, mark, isRest: true });
	}
}
