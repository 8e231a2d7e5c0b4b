/** Reads one object of what somebody wrote: each field checked as it is taken, faults told by place, fault and remedy. */
import { isJsonObject } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

/** What is wrong with what somebody wrote. It never leaves the parser: there it becomes a value. */
export class Wrong extends Error {
	constructor(path: string, problem: string) {
		super(`${path}: ${problem}`);
	}
}

/** `a`, `a or b`, `a, b or c`. */
export function listChoices(choices: readonly string[]): string {
	const last = choices.at(-1) ?? '';
	return choices.length < 2 ? last : `${choices.slice(0, -1).join(', ')} or ${last}`;
}

export function show(value: unknown): string {
	const text = JSON.stringify(value) ?? String(value);
	return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

export interface Range {
	min: number;
	max: number;
}

export class Fields {
	readonly path: string;
	readonly #object: JsonObject;

	/** `what` names the object, as `a delay`; `names` are all that it may have. */
	constructor(value: unknown, path: string, what: string, names: readonly string[]) {
		if (!isJsonObject(value)) throw new Wrong(path, `${show(value)} is not an object`);
		this.path = path;
		this.#object = value;
		const unknown = Object.keys(value).find((name) => !names.includes(name));
		if (unknown === undefined) return;
		const known = names.map((name) => `"${name}"`);
		throw new Wrong(`${path}.${unknown}`, `${what} has no such field; it may have ${listChoices(known)}`);
	}

	raw(name: string): unknown {
		return this.#object[name];
	}

	#or<Fallback>(name: string, fallback: Fallback): unknown {
		const value = this.#object[name];
		return value === undefined ? fallback : value;
	}

	/** A whole number; without a `fallback` it must be there. */
	wholeNumber(name: string, { min, max }: Range, fallback?: number): number {
		const value = this.#or(name, fallback);
		const path = `${this.path}.${name}`;
		if (value === undefined) throw new Wrong(path, `is missing; write a whole number from ${min} to ${max}`);
		if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
		throw new Wrong(path, `${show(value)} is not a whole number from ${min} to ${max}`);
	}

	fraction(name: string, fallback: number): number {
		const value = this.#or(name, fallback);
		if (typeof value === 'number' && value >= 0 && value <= 1) return value;
		throw new Wrong(`${this.path}.${name}`, `${show(value)} is not a number from 0 to 1`);
	}

	flag(name: string, fallback: boolean): boolean {
		const value = this.#or(name, fallback);
		if (typeof value === 'boolean') return value;
		throw new Wrong(`${this.path}.${name}`, `${show(value)} is neither true nor false`);
	}

	choice<Choice extends string>(name: string, choices: readonly Choice[], fallback: Choice): Choice {
		const value = this.#or(name, fallback);
		const found = choices.find((choice) => choice === value);
		if (found !== undefined) return found;
		const listed = listChoices(choices.map((choice) => `"${choice}"`));
		throw new Wrong(`${this.path}.${name}`, `${show(value)} is not known; use ${listed}`);
	}
}
