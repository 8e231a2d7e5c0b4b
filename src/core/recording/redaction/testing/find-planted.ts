import type { MadeSecret } from './made-secrets.ts';

/**
 * Searches an output for what was planted: in it as it is, and in what a reader can make of it by undoing escapes,
 * percent-encoding and base64, one inside the other, and by putting the pieces of texts together.
 * @returns what was found, for people; empty when all is well
 */
export function findPlanted(output: string | Uint8Array, planted: readonly MadeSecret[]): string[] {
	const text = typeof output === 'string' ? output : new TextDecoder().decode(output);
	const readings = new Set([text, joinDeltas(text)]);
	let latest = [...readings];
	for (let level = 0; level < LEVELS; level++) {
		latest = latest.flatMap((reading) => [unescape(reading), unpercent(reading), ...decodeAllBase64(reading)]);
		latest = latest.filter((reading) => reading !== '' && !readings.has(reading));
		for (const reading of latest) readings.add(reading);
	}
	const all = [...readings].join('\n');
	return planted.flatMap(({ what, needles }) => (needles.some((needle) => all.includes(needle)) ? [what] : []));
}

const LEVELS = 3;

/** All pieces of texts, one after the other. */
function joinDeltas(text: string): string {
	const deltas = text.matchAll(/\\*"delta\\*"\s*:\s*\\*"((?:[^"\\]|\\.)*)"/g);
	return [...deltas].map(([, delta]) => delta!.replace(/\[redacted[^\]]*\]/g, '')).join('');
}

function unescape(text: string): string {
	return text.replace(/\\(?:u([0-9a-fA-F]{4})|(n)|(.))/g, (_, hex?: string, line?: string, other?: string) =>
		hex !== undefined ? String.fromCharCode(parseInt(hex, 16)) : line ? '\n' : other!
	);
}

function unpercent(text: string): string {
	return text.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** Everything that may be base64, with the first character at each of the four places of a group. */
function decodeAllBase64(text: string): string[] {
	const runs = [...text.matchAll(/[\w+/-]{14,}/g)].map(([run]) => run.replaceAll('-', '+').replaceAll('_', '/'));
	return [0, 1, 2, 3].map((offset) => runs.map((run) => decode(run.slice(offset))).join('\n'));
}

function decode(base64: string): string {
	return atob(base64.slice(0, base64.length - (base64.length % 4 === 1 ? 1 : 0)));
}
