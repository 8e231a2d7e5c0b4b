import type { From } from '../recorded-event.ts';
import { readTextDelta } from './delta-streams.ts';
import { hintOf, markOf, REST_MARK, type Finding } from './finding.ts';
import { findPersonal, mayHoldPersonal, type PersonalKinds } from './personal-patterns.ts';

/** What of a piece is to be taken out, in the piece's own characters. */
export type PieceFinding = Omit<Finding, 'path'>;

/** The pieces of one text, as they came. */
interface Spread {
	readonly pieces: string[];
	/** By piece; made when all have come. */
	findings: Map<number, PieceFinding[]>;
	/** Pieces that were asked for. */
	asked: number;
}

/**
 * Personal data in texts that come in pieces. A key shows by its first characters, but that some digits are a phone number
 * only the last of them tells: all pieces are looked through before the first of them leaves.
 */
export class SpreadPersonal {
	readonly #kinds: PersonalKinds;
	readonly #streams = new Map<string, Spread>();

	constructor(kinds: PersonalKinds) {
		this.#kinds = kinds;
	}

	/** Takes note of a message; all of them must come before the first is asked for. */
	foresee(from: From, raw: string): void {
		const delta = readTextDelta(from, raw);
		if (!delta) return;
		const spread = this.#streams.get(delta.stream);
		if (spread) spread.pieces.push(delta.text);
		else this.#streams.set(delta.stream, { pieces: [delta.text], findings: new Map(), asked: 0 });
	}

	/** All messages have come. */
	finish(): void {
		for (const spread of this.#streams.values()) {
			spread.findings = findInPieces(spread.pieces, this.#kinds);
			spread.pieces.length = 0;
		}
	}

	/** What is to be taken out of the next piece of a text. */
	next(stream: string): readonly PieceFinding[] {
		const spread = this.#streams.get(stream);
		return spread?.findings.get(spread.asked++) ?? [];
	}
}

/** By piece, what of a text is personal; what goes on in later pieces is counted where it begins. */
export function findInPieces(pieces: readonly string[], kinds: PersonalKinds): Map<number, PieceFinding[]> {
	const found = new Map<number, PieceFinding[]>();
	const text = pieces.join('');
	if (!mayHoldPersonal(text, kinds)) return found;
	const matches = findPersonal(text, kinds).sort((a, b) => a.start - b.start || b.end - a.end);
	let index = 0;
	let pieceStart = 0;
	let free = 0;
	for (const { start, end, kind } of matches) {
		// It lies in one that was found before it.
		if (start < free) continue;
		free = end;
		while (pieceStart + pieces[index]!.length <= start) pieceStart += pieces[index++]!.length;
		for (let at = index, from = pieceStart; from < end; from += pieces[at++]!.length) {
			const stretch = { start: Math.max(0, start - from), end: Math.min(pieces[at]!.length, end - from) };
			const isRest = from > start;
			const hint = hintOf(text.slice(start, end));
			const some = found.get(at) ?? [];
			found.set(at, some);
			some.push({ ...stretch, kind, hint, mark: isRest ? REST_MARK : markOf(kind), ...(isRest && { isRest: true }) });
		}
	}
	return found;
}
