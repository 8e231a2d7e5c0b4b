/** The longest name: in UTF-8 it takes at most 240 bytes, and file systems allow 255. */
const MAX_LENGTH = 80;

/** Names that Windows keeps for devices, whatever follows the first dot. Source: Microsoft, "Naming Files, Paths". */
const RESERVED = /^(con|prn|aux|nul|conin|conout|clock|(com|lpt)[0-9¹²³])$/iu;

/**
 * The name of an exported file: the title's letters and digits of any script, other characters as `-`, then the suffix;
 * at most 80 characters (UTF-16 units) in all.
 *
 * @param suffix ours, so it is taken as it is: `.har`, `-caller.wav`
 */
export function exportFileName(title: string, suffix: string): string {
	// Marks belong to their letters: without them most words of India's scripts are other words.
	const plain = title.normalize('NFC').replace(/[^\p{L}\p{N}\p{M}]+/gu, '-');
	const short = trimDashes(cutTo(trimDashes(plain), MAX_LENGTH - suffix.length));
	if (short === '') return `recording${suffix}`;
	return RESERVED.test(short) ? `recording-${short}${suffix}` : `${short}${suffix}`;
}

/** Dashes, and marks that have lost their letter, at the start; dashes at the end. */
function trimDashes(text: string): string {
	return text.replace(/^[-\p{M}]+/u, '').replace(/-+$/, '');
}

/** No more than `length` units, and never half of a character. */
function cutTo(text: string, length: number): string {
	const cut = text.slice(0, Math.max(0, length));
	return cut.isWellFormed() ? cut : cut.slice(0, -1);
}
