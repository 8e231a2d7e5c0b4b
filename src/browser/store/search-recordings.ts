import { succeed, type Result } from '#core/base/result.ts';
import { newestFirst, readRows } from './library-rows.ts';
import type { SearchHit, StoredSummary } from './recording-store.ts';
import { MOST_TEXT, type EarshotDatabase } from './schema.ts';
import type { StoreProblem } from './store-problem.ts';

/** Characters of an excerpt before and behind the beginning of what was found. */
const EXCERPT_BEFORE = 40;
const EXCERPT_BEHIND = 100;

/** The words of a conversation as they are kept: not without end, and spelled in one way. */
export function keptText(text: string): string {
	return text.slice(0, MOST_TEXT).normalize('NFC');
}

/** Finds the recordings that have all of some words. Upper and lower case are the same. */
export class WordSearch {
	readonly #words: readonly RegExp[];

	constructor(words: string) {
		const parts = words.normalize('NFC').split(/\s+/u).filter(Boolean);
		// A regular expression, and not lower case on both sides, because that would change where things stand in the text.
		this.#words = parts.map((part) => new RegExp(part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'iu'));
	}

	/** The recording, when each word is in its title, tags, note, model, endpoint or text. No words are in every recording. */
	match(summary: StoredSummary, text: string): SearchHit | undefined {
		const { id, title, tags = [], note = '', model, endpoint } = summary.header;
		const fields = [title, ...tags, note, model, endpoint].map((field) => field.normalize('NFC'));
		let first = Infinity;
		for (const word of this.#words) {
			const index = text.search(word);
			if (index >= 0) first = Math.min(first, index);
			else if (!fields.some((field) => word.test(field))) return undefined;
		}
		return first === Infinity ? { id } : { id, excerpt: excerptAt(text, first) };
	}
}

/** The text around an index, cut between words, on one line. */
function excerptAt(text: string, index: number): string {
	const start = Math.max(0, index - EXCERPT_BEFORE);
	const end = Math.min(text.length, index + EXCERPT_BEHIND);
	const before = text.slice(start, index);
	const behind = text.slice(index, end);
	const head = start === 0 ? before : `… ${before.replace(/^\S*\s*/u, '')}`;
	const tail = end === text.length ? behind : `${behind.replace(/\s*\S*$/u, '') || behind} …`;
	return (head + tail).replace(/\s+/gu, ' ').trim().toWellFormed();
}

/** The recordings that are not removed and have all of the words, newest first. */
export async function searchRecordings(
	database: EarshotDatabase,
	words: string
): Promise<Result<SearchHit[], StoreProblem>> {
	const search = new WordSearch(words);
	const summaries = (await readRows(database)).filter(({ row }) => row.removedAt === undefined);
	const hits: SearchHit[] = [];
	// One text at a time: together they may be more than there is room for.
	for (const summary of summaries.map((row) => row.summary).sort(newestFirst)) {
		const hit = search.match(summary, (await database.get('texts', summary.header.id)) ?? '');
		if (hit) hits.push(hit);
	}
	return succeed(hits);
}
