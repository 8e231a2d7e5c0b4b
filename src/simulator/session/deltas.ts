/** How texts are cut into deltas. */
import { randomBase62 } from '#simulator/session/ids.ts';
import type { RandomSource } from '#simulator/session/ids.ts';

/** Delta and obfuscation are 16 characters together. Source: 420 recorded deltas. Longer words are cut, so that it always holds. */
const DELTA_ROOM_CHARS = 16;
const LONGEST_DELTA_CHARS = DELTA_ROOM_CHARS - 1;

function cut(token: string): string[] {
	if (token.length <= LONGEST_DELTA_CHARS) return [token];
	const pieces: string[] = [];
	let piece = '';
	for (const character of token) {
		if (piece.length + character.length > LONGEST_DELTA_CHARS) {
			pieces.push(piece);
			piece = '';
		}
		piece += character;
	}
	return [...pieces, piece];
}

/** Cuts a text into deltas of a word or sign each, with the space before it; joined they are the text. */
export function splitDeltas(text: string): string[] {
	const tokens = text.match(/\s*[\p{L}\p{N}'’_-]+|\s*[^\s\p{L}\p{N}]+|\s+$/gu) ?? [];
	return tokens.flatMap(cut);
}

/** Cuts JSON text into deltas as a model writes it: `{"`, `city`, `":"`, `London`, `"}`. Joined they are the text. */
export function splitArguments(json: string): string[] {
	return (json.match(/\s*[\p{L}\p{N}_-]+|\s*[^\s\p{L}\p{N}_-]+|\s+$/gu) ?? []).flatMap(cut);
}

/** The random characters that hide the length of a delta. */
export function obfuscate(random: RandomSource, delta: string): string {
	return randomBase62(random, Math.max(0, DELTA_ROOM_CHARS - delta.length));
}
