import { decodeBase64 } from '../audio/base64.ts';
import { fail, succeed, type Result } from '../base/result.ts';

/** How bytes are written as text. */
export type BinaryNotation = 'hex' | 'base64';

/**
 * Reads bytes that a person wrote: hex digits in pairs, with white space, commas, colons and `0x` between them as one
 * likes; or base64, standard or for URLs, padded or not, with white space. An empty text is no bytes.
 */
export function parseBinaryText(text: string, notation: BinaryNotation): Result<Uint8Array> {
	return notation === 'hex' ? parseHex(text) : parseBase64(text);
}

function parseHex(text: string): Result<Uint8Array> {
	const digits = text.replace(/0x|[\s,:]/gi, '');
	const wrong = /[^0-9a-f]/i.exec(digits);
	if (wrong) return fail(`"${characterAt(digits, wrong.index)}" is no hex digit. Write bytes as 0a ff 3c.`);
	if (digits.length % 2 !== 0) return fail('A byte is two hex digits, and the last one has only one.');
	const bytes = new Uint8Array(digits.length / 2);
	for (let i = 0; i < bytes.length; i++) bytes[i] = parseInt(digits.slice(i * 2, i * 2 + 2), 16);
	return succeed(bytes);
}

function parseBase64(text: string): Result<Uint8Array> {
	const bare = text
		.replace(/\s/g, '')
		.replaceAll('-', '+')
		.replaceAll('_', '/')
		.replace(/={1,2}$/, '');
	const wrong = /[^A-Za-z0-9+/]/.exec(bare);
	if (wrong) return fail(`"${characterAt(bare, wrong.index)}" is no base64. Write A-Z, a-z, 0-9, + and /.`);
	const bytes = decodeBase64(bare + '='.repeat((4 - (bare.length % 4)) % 4));
	return bytes.ok ? bytes : fail('The base64 does not end on a whole byte. Something is missing, or too much.');
}

function characterAt(text: string, index: number): string {
	return String.fromCodePoint(text.codePointAt(index) ?? 0);
}
