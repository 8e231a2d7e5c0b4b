import { fail, succeed, type Result } from '../../base/result.ts';
import type { JsonPath } from './json-strings.ts';

/** A path of a member, to which many may fit. */
export class PathPattern {
	readonly #steps: readonly Step[];

	constructor(steps: readonly Step[]) {
		this.#steps = steps;
	}

	/** Whether a JSON text may have such a member, for the price of a short look. */
	mayFitIn(text: string): boolean {
		const last = this.#steps.at(-1);
		return typeof last !== 'string' || /^\d+$/.test(last) || text.includes(last) || text.includes('\\');
	}

	/** Whether a path is one of those that are meant, from its first key to its last. */
	fits(path: JsonPath): boolean {
		let step = 0;
		let key = 0;
		let lastDeep = -1;
		let retryFrom = 0;
		while (key < path.length) {
			const expected = this.#steps[step];
			if (expected === DEEP) {
				lastDeep = step++;
				retryFrom = key;
			} else if (expected !== undefined && isStep(expected, path[key]!)) {
				step++;
				key++;
			} else if (lastDeep >= 0) {
				// What stood for `**` was too little: one key more.
				step = lastDeep + 1;
				key = ++retryFrom;
			} else return false;
		}
		while (this.#steps[step] === DEEP) step++;
		return step === this.#steps.length;
	}
}

const DEEP = Symbol('any number of keys');
const ANY = Symbol('any one key');
type Step = string | typeof DEEP | typeof ANY;

function isStep(expected: Step, key: string | number): boolean {
	return expected === ANY || expected === String(key);
}

const PART = /\.?(?:(\*\*)|(\*)|\[(\*|\d+)\]|\[(?:"([^"]*)"|'([^']*)')\]|([^.[\]*]+))/y;

/** Reads a path as people write it: `session.instructions`, `item.content[*].text`, `**.transcript`, `$.a["b c"]`. */
export function parsePathPattern(text: string): Result<PathPattern> {
	const path = text.trim().replace(/^\$\.?/, '');
	const steps: Step[] = [];
	PART.lastIndex = 0;
	while (PART.lastIndex < path.length) {
		const at = PART.lastIndex;
		const match = PART.exec(path);
		if (!match)
			return fail(
				`The path "${text}" cannot be read from "${path.slice(at)}" on. Write it like session.instructions or item.content[*].text.`
			);
		const [, deep, any, index, double, single, name] = match;
		if (deep) steps.push(DEEP);
		else if (any || index === '*') steps.push(ANY);
		else steps.push((index ?? double ?? single ?? name)!);
	}
	if (steps.length === 0) return fail('A path is empty. Write the name of a member, like session.instructions.');
	return succeed(new PathPattern(steps));
}
