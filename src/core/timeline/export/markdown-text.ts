/**
 * Text of other people as Markdown that shows just that text: it makes no heading, list, link, image, code, table or
 * HTML, in CommonMark, in GitHub's dialect, and where the reader's program turns bare addresses into links.
 */

/** The text's lines, without the space around them; empty ones are left out. */
export function linesOf(text: string): string[] {
	return text
		.split(/[\n\r\v\f\u0085\u2028\u2029]+/)
		.map((line) => line.trim())
		.filter((line) => line !== '');
}

/** One line of text. Line ends in it become spaces. */
export function escapeLine(text: string): string {
	const words = text.toWellFormed().split(/\s+/);
	const line = words
		.filter((word) => word !== '')
		.map(showWord)
		.join(' ');
	return escapeStart(line);
}

/** Tildes stand between the parts of a word: some programs end a strike at two of them, even inside code. */
function showWord(word: string): string {
	const parts = word.split(/(~+)/);
	return parts.map((part) => (isLinkLike(part) ? codeSpan(part) : escapeWord(part))).join('');
}

/** A block of code that holds the text as it is, whatever it holds. */
export function codeBlock(text: string, language = ''): string {
	const fence = '`'.repeat(Math.max(3, longestRun(text) + 1));
	const lines = withoutControls(text.toWellFormed().replace(/\r\n?/g, '\n')).replace(/\n$/, '');
	return `${fence}${language}\n${lines}\n${fence}`;
}

/**
 * What programs make a link of without being asked: a scheme, `www.`, an e-mail address, `example.com`. A backslash does
 * not stop them, because they look at the text after it was read; code they leave alone.
 */
function isLinkLike(word: string): boolean {
	return /\/\/|@|www\.|mailto:|xmpp:|[\p{L}\p{N}]\.\p{L}{2}/iu.test(word);
}

function codeSpan(word: string): string {
	const ticks = '`'.repeat(longestRun(word) + 1);
	const space = word.startsWith('`') || word.endsWith('`') ? ' ' : '';
	return `${ticks}${space}${withoutControls(word)}${space}${ticks}`;
}

/** Marks that a backslash does not make safe everywhere: HTML, and tildes inside what is struck. */
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '~': '&#126;' };

function escapeWord(word: string): string {
	// A number sign at the end of a heading would vanish.
	const start = word.startsWith('#') ? '\\' : '';
	const text = withoutControls(word).replace(/[&<>~]/g, (mark) => ENTITIES[mark]!);
	return start + text.replace(/[\\`*_[\]{}|$]/g, '\\$&');
}

/** At the start of a line these make lists, headings and rules. */
function escapeStart(line: string): string {
	return line.replace(/^[-+=:]/, '\\$&').replace(/^(\d{1,9})([.)])/, '$1\\$2');
}

/** Control characters that are no white space: as programs show them, so that none is lost unseen. */
function withoutControls(text: string): string {
	return text.replace(/[^\P{Cc}\t\n]/gu, '\uFFFD');
}

function longestRun(text: string): number {
	let longest = 0;
	for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
	return longest;
}
