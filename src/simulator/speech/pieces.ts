/** Cuts what is to be said into pieces for Flite, so that the first is heard soon and none takes long. */

/**
 * What lies between two pieces: the beginning of everything, the end of a sentence, a comma or its like, or two words that
 * are only cut apart.
 */
export type Joint = 'start' | 'sentence' | 'comma' | 'word';

export interface Piece {
	text: string;
	/** What follows it. */
	joint: Exclude<Joint, 'start'>;
}

/** Flite's time grows much faster than its text: a word of 5000 letters was seen to take 15 s. */
const LONGEST_PIECE_CHARS = 200;
const LONGEST_WORD_CHARS = 40;
/** Beyond this a piece ends at the next comma. */
const LONG_PIECE_CHARS = 140;

/**
 * The first piece of all has up to so many characters, where it can be ended: it takes about 20 ms to make. A sentence
 * that is little longer stays whole, and one without a good place for a cut does up to three times that.
 */
const FIRST_PIECE_CHARS = 24;
const LONGEST_WHOLE_CHARS = 30;
const LONGEST_UNCUT_CHARS = 72;
const SHORTEST_FIRST_PIECE_WORDS = 3;
/** Words that begin a phrase, so that one may draw breath before them. */
const PHRASE_BEGINNINGS = new Set(
	(
		'and or but so because if when while which who where is are was were will can ' +
		'in on at of for from to with by about into over after before'
	).split(' ')
);

const endsSentence = (word: string): boolean => /[.!?…。！？]["')\]]*$/u.test(word);
const endsPart = (word: string): boolean => /[,;:—–]["')\]]*$/u.test(word);

function jointAfter(word: string): Piece['joint'] {
	if (endsSentence(word)) return 'sentence';
	return endsPart(word) ? 'comma' : 'word';
}

const beginsPhrase = (word: string): boolean => PHRASE_BEGINNINGS.has(word.toLowerCase());

/** Characters of a word, and of the space after it, as far as they are spoken: every digit is a word. */
function spokenLength(word: string): number {
	return word.length + 1 + 4 * (word.match(/\d/g)?.length ?? 0);
}

/** How many words of a sentence the first piece of an utterance has. */
function firstPieceLength(words: readonly string[]): number {
	let length = 0;
	/** The last good place that is near enough, else the first one. */
	let cut = 0;
	let isNear = true;
	for (const [i, word] of words.entries()) {
		const isPlace = i >= SHORTEST_FIRST_PIECE_WORDS && beginsPhrase(word) && !beginsPhrase(words[i - 1] as string);
		if (isPlace && (isNear || cut === 0)) cut = i;
		length += spokenLength(word);
		isNear = length <= FIRST_PIECE_CHARS;
		if (!endsPart(word) || i === words.length - 1) continue;
		// A pause that is there anyway is the best place.
		if (isNear || cut === 0) return i + 1;
	}
	if (length <= LONGEST_WHOLE_CHARS) return words.length;
	if (cut > 0) return cut;
	return length <= LONGEST_UNCUT_CHARS ? words.length : Math.min(words.length, 2 * SHORTEST_FIRST_PIECE_WORDS);
}

/** Cuts words at sentence ends, and longer sentences at commas and words. */
function joinWords(words: readonly string[]): Piece[] {
	const pieces: Piece[] = [];
	let text = '';
	let last = '';
	const end = (joint: Piece['joint']): void => {
		if (text !== '') pieces.push({ text, joint });
		text = '';
	};
	for (const word of words) {
		if (text !== '' && text.length + 1 + word.length > LONGEST_PIECE_CHARS) end(jointAfter(last));
		text += text === '' ? word : ` ${word}`;
		last = word;
		if (endsSentence(word) || (text.length > LONG_PIECE_CHARS && endsPart(word))) end(jointAfter(word));
	}
	// What is said in one go is whole clauses: without a comma its end is the end of a sentence, dot or no dot.
	end(endsPart(last) ? 'comma' : 'sentence');
	return pieces;
}

/**
 * Cuts a text into pieces that are spoken one after the other: at sentence ends, then at commas and spaces where a sentence
 * is longer than 200 characters; words longer than 40 characters are cut as well. `isFirst`: nothing was said before, so
 * the first piece is a short one, up to the first comma or a few words. Joined, the pieces say the whole text.
 */
export function cutPieces(said: string, isFirst: boolean): Piece[] {
	const words = said
		.split(/\s+/)
		.filter((word) => word !== '')
		.flatMap((word) => word.match(new RegExp(`.{1,${LONGEST_WORD_CHARS}}`, 'gsu')) ?? []);
	const first = words.findIndex(endsSentence);
	const sentence = first < 0 ? words : words.slice(0, first + 1);
	const count = isFirst ? firstPieceLength(sentence) : sentence.length;
	const opening = words.slice(0, count);
	const text = opening.join(' ');
	if (count === sentence.length || text.length > LONGEST_PIECE_CHARS) return joinWords(words);
	return [{ text, joint: jointAfter(opening.at(-1) ?? '') }, ...joinWords(words.slice(count))];
}
