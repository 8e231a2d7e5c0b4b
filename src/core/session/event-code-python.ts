import { isObject } from '../base/json.ts';

/** How deep values may be nested of which code is made. */
export const DEEPEST_CODE = 100;

/** Whether a JSON value is nested no deeper than `DEEPEST_CODE`. */
export function canBeCode(value: unknown): boolean {
	let level: readonly unknown[] = [value];
	for (let depth = 0; depth <= DEEPEST_CODE; depth++) {
		level = level.flatMap((one) => (typeof one === 'object' && one !== null ? (Object.values(one) as unknown[]) : []));
		if (level.length === 0) return true;
	}
	return false;
}

/**
 * A JSON value as a Python literal, over several lines. A string's escapes in JSON are the same in Python; a number beyond what
 * JSON's reader holds is nothing, as `JSON.stringify` has it.
 *
 * @param value nested at most `DEEPEST_CODE` deep
 * @param indent what its last line begins with
 */
export function formatPython(value: unknown, indent: string): string {
	if (value === null) return 'None';
	if (typeof value === 'boolean') return value ? 'True' : 'False';
	const inner = `${indent}    `;
	if (Array.isArray(value)) {
		return lines(
			'[',
			value.map((one) => formatPython(one, inner)),
			']',
			indent
		);
	}
	if (!isObject(value)) return typeof value === 'number' && !Number.isFinite(value) ? 'None' : JSON.stringify(value);
	const members = Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${formatPython(one, inner)}`);
	return lines('{', members, '}', indent);
}

function lines(open: string, members: readonly string[], close: string, indent: string): string {
	if (members.length === 0) return open + close;
	return `${open}\n${members.map((member) => `${indent}    ${member},\n`).join('')}${indent}${close}`;
}
