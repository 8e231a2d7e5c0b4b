import { ByteHold } from './byte-hold.ts';
import { JsonScanner } from './json-scanner.ts';
import { BROKEN, JsonSkipper, NEXT_OBJECT, NOT_YET } from './json-skipper.ts';
import { ProseLines } from './prose-lines.ts';
import { isSpace, TextPosition } from './text-position.ts';

/** Where an object stands in a text. */
export interface ObjectPlace {
	/** The line on which it begins, from 1. */
	readonly line: number;
	/** How many objects began before it on that line. */
	readonly index: number;
}

/** A JSON object that stands in a text. */
export interface FoundObject extends ObjectPlace {
	/** Spelled as in the file; may be looked at during the call only. */
	readonly bytes: Uint8Array;
	/** What stands before it on its line, since the last object there; of more than 512 bytes the first. */
	readonly prefix: string;
	/** It stands inside another, which was not taken as a whole or is damaged. */
	readonly isInner: boolean;
}

/** Who takes what an `ObjectFinder` finds. */
export interface ObjectFinderHandlers {
	/** Returns whether the object was taken. When it was not, those inside of it are offered. */
	object(found: FoundObject): boolean;
	/** The object was not taken, and none inside of it. */
	untaken(found: FoundObject): void;
	/**
	 * An object that is not whole, or too large; what stood whole inside of it was offered.
	 * @param reason a sentence for the page
	 */
	broken(place: ObjectPlace, reason: string): void;
}

const MAX_OBJECT_BYTES = 64 * 2 ** 20;
/** How deep inside objects that were not taken others are looked for. */
const MAX_DEPTH = 16;
/** Looking inside may read this much again, and twice what the text has: so no nesting makes it slow. */
const FREE_BYTES = 2 ** 20;
/** What a short text costs less to walk through than to search. */
const WALKED_BYTES = 24;
const OPEN_OBJECT = 0x7b;
const QUOTE = 0x22;
const COLON = 0x3a;
const LF = 0x0a;

interface Candidate extends ObjectPlace {
	readonly indent: number;
	readonly prefix: string;
	readonly isInner: boolean;
}

/**
 * Finds the JSON objects in a text of any size and kind, given as UTF-8 in pieces of any size: one a line, in a list,
 * several on a line, over several lines, with other text before and between. Holds one object at most.
 *
 * An object that is cut off or damaged ends where the grammar breaks. The search goes on at the next line that is not
 * indented further than it, or inside of it when it has no `type`: then it is a wrapper, or a list's.
 */
export class ObjectFinder {
	readonly #handlers: ObjectFinderHandlers;
	readonly #maxBytes: number;
	readonly #skipper = new JsonSkipper({ isStrict: true });
	readonly #hold: ByteHold;
	readonly #at = new TextPosition();
	readonly #prose = new ProseLines();
	/** `text`: between objects. `resync`: after a broken one, until a line that does not belong to it. */
	#state: 'text' | 'string' | 'object' | 'resync' = 'text';
	#candidate: Candidate = { line: 1, index: 0, indent: 0, prefix: '', isInner: false };
	/** In `resync`: a line has begun, and this many spaces of it have come; else -1. */
	#resyncIndent = -1;
	/** In `resync`: lines that are indented further belong to the broken object. */
	#resyncMaxIndent = 0;
	/** An object that is being looked into although its end has not come. */
	#opened: Candidate | undefined;
	/** How many whole objects are being looked into, one inside the other. */
	#depth = 0;
	#pushedBytes = 0;
	#againBytes = 0;
	#takenCount = 0;
	#reportedLine = 0;

	constructor(handlers: ObjectFinderHandlers, maxBytes: number = MAX_OBJECT_BYTES) {
		this.#handlers = handlers;
		this.#maxBytes = maxBytes;
		this.#hold = new ByteHold(maxBytes);
	}

	/** The next bytes of the text. They are not kept: the caller may use their buffer again. */
	push(bytes: Uint8Array): void {
		this.#pushedBytes += bytes.length;
		this.#run(bytes);
	}

	/** Lines with words and no object on them: how many, and which was the first (0: none). Known at the end. */
	get prose(): Readonly<Pick<ProseLines, 'count' | 'first'>> {
		return this.#prose;
	}

	/** The text has ended. */
	end(): void {
		if (this.#state === 'object' && this.#skipper.hasKey) this.#passProse();
		this.#prose.end();
		while (this.#state === 'object' && this.#skipper.hasKey) {
			this.#report(this.#candidate, CUT);
			if (!this.#mayOpen(this.#hold.bytes, NOTHING)) return;
			this.#open(this.#hold.detach(), NOTHING, NOTHING);
		}
	}

	#run(bytes: Uint8Array): void {
		this.#skipper.give(bytes);
		let at = 0;
		while (at < bytes.length) {
			if (this.#state === 'text') at = this.#readText(bytes, at);
			else if (this.#state === 'object') at = this.#readObject(bytes, at);
			else if (this.#state === 'string') at = this.#passString(bytes, at);
			else at = this.#resync(bytes, at);
		}
	}

	/** Goes to the next object. Inside of another one, strings are passed: a bracket in them is none. */
	#readText(bytes: Uint8Array, from: number): number {
		const isInJson = this.#depth > 0 || this.#opened !== undefined;
		const walked = isInJson ? bytes.length : Math.min(from + WALKED_BYTES, bytes.length);
		let at = from;
		while (at < walked && bytes[at] !== OPEN_OBJECT && !(isInJson && bytes[at] === QUOTE)) at++;
		if (at === walked) {
			const found = bytes.indexOf(OPEN_OBJECT, walked);
			at = found < 0 ? bytes.length : found;
		}
		if (!isInJson) this.#prose.pass(bytes, from, at, this.#at.line);
		this.#at.pass(bytes, from, at);
		if (at < bytes.length) {
			if (bytes[at] === OPEN_OBJECT) this.#begin();
			else this.#beginString();
		}
		return at;
	}

	#begin(): void {
		const { line, indent, prefix, isLineStart } = this.#at;
		const opened = this.#opened;
		if (opened && isLineStart && line > opened.line && indent <= opened.indent) this.#opened = undefined;
		const isInner = this.#depth > 0 || this.#opened !== undefined;
		this.#candidate = { line, index: this.#at.objects++, indent, prefix, isInner };
		this.#state = 'object';
		this.#skipper.begin(indent);
	}

	#beginString(): void {
		this.#state = 'string';
		this.#skipper.begin();
	}

	#passString(bytes: Uint8Array, from: number): number {
		const end = this.#skipper.skip(from);
		if (end === NOT_YET) return bytes.length;
		this.#leave();
		return end === BROKEN ? this.#skipper.brokenAt : end;
	}

	#readObject(bytes: Uint8Array, from: number): number {
		const end = this.#skipper.skip(from);
		if (end === BROKEN) return this.#break(bytes, from, this.#skipper.brokenAt);
		const to = end === NOT_YET ? bytes.length : end;
		const part = bytes.subarray(from, to);
		const isTooLong = this.#hold.length + part.length > this.#maxBytes;
		if (isTooLong && !this.#hold.isOver && this.#mayOpen(this.#hold.bytes, part)) {
			this.#open(this.#hold.detach(), part, bytes);
		} else if (end === NOT_YET) this.#hold.add(bytes, from, to);
		else if (isTooLong) {
			this.#hold.take();
			this.#leave();
			this.#passProse();
			this.#report(this.#candidate, TOO_LARGE);
		} else if (this.#hold.isEmpty) this.#offer(part, bytes);
		else {
			this.#hold.add(bytes, from, to);
			this.#offer(this.#hold.take(), bytes);
		}
		return to;
	}

	#offer(whole: Uint8Array, piece: Uint8Array): void {
		const { indent, ...place } = this.#candidate;
		this.#leave();
		if (!this.#skipper.hasKey) return; // {} is in many texts
		this.#passProse();
		const found: FoundObject = { ...place, bytes: whole };
		if (this.#handlers.object(found)) {
			this.#takenCount++;
			return;
		}
		const takenCount = this.#takenCount;
		const isDeepEnough = this.#depth >= MAX_DEPTH || whole.indexOf(OPEN_OBJECT, 1) < 0;
		if (!isDeepEnough && this.#mayReadAgain(whole.length)) {
			const { lineFeed } = this.#skipper;
			this.#depth++;
			this.#at.goTo(place.line, indent, place.index + 1);
			this.#run(whole.subarray(1));
			this.#depth--;
			this.#state = 'text';
			this.#hold.take();
			this.#skipper.give(piece, lineFeed);
		}
		if (!found.isInner && takenCount === this.#takenCount) this.#handlers.untaken(found);
	}

	/** The grammar broke at `at`; `bytes[from..at)` was still the object's. */
	#break(bytes: Uint8Array, from: number, at: number): number {
		const { hasKey, lineFeeds, brokenBecause } = this.#skipper;
		const { line, indent } = this.#candidate;
		const part = bytes.subarray(from, at);
		if (hasKey) this.#passProse(lineFeeds);
		const opens = hasKey && !this.#hold.isOver && this.#mayOpen(this.#hold.bytes, part);
		// A list that is written one item a line is none of our business.
		const isList = opens && brokenBecause === NEXT_OBJECT && this.#skipper.isInList;
		if (hasKey && !isList) this.#report(this.#candidate, `This object is not whole: ${brokenBecause}`);
		if (opens) {
			this.#open(this.#hold.detach(), part, bytes);
			return at;
		}
		this.#hold.take();
		this.#leave();
		if (hasKey && brokenBecause === NEXT_OBJECT) {
			this.#at.goTo(line + lineFeeds, indent);
			this.#at.isLineStart = true;
		} else if (hasKey) {
			this.#resyncMaxIndent = lineFeeds > 0 ? indent : Infinity;
			this.#state = 'resync';
			this.#resyncIndent = -1;
		}
		return at;
	}

	/** The words on the candidate's lines came with an object. */
	#passProse(lineFeeds = this.#skipper.lineFeeds): void {
		if (this.#depth === 0) this.#prose.passObject(this.#candidate.line, this.#candidate.line + lineFeeds);
	}

	#leave(): void {
		this.#state = 'text';
		this.#at.passObject(this.#skipper.lineFeeds);
	}

	#resync(bytes: Uint8Array, from: number): number {
		let at = from;
		if (this.#resyncIndent < 0) {
			at = bytes.indexOf(LF, from) + 1;
			if (at === 0) return bytes.length;
			this.#at.goTo(this.#at.line + 1, 0);
			this.#resyncIndent = 0;
		}
		while (at < bytes.length && isSpace(bytes[at]!)) {
			at++;
			this.#resyncIndent++;
		}
		if (at === bytes.length) return at;
		const isTheirs = bytes[at] === LF || this.#resyncIndent > this.#resyncMaxIndent;
		if (!isTheirs) {
			this.#state = 'text';
			this.#at.goTo(this.#at.line, this.#resyncIndent);
			this.#at.isLineStart = true;
		}
		this.#resyncIndent = -1;
		return at;
	}

	/** Whether an object whose end has not come, of which these bytes have, is better looked into than given up. */
	#mayOpen(first: Uint8Array, second: Uint8Array): boolean {
		const start = first.length > 0 ? 0 : 1; // of the second, past the object's own bracket
		const holdsOthers = first.indexOf(OPEN_OBJECT, 1) > 0 || second.indexOf(OPEN_OBJECT, start) >= 0;
		const hasValues = first.includes(COLON) || second.includes(COLON);
		return holdsOthers && hasValues && !hasType(first, second) && this.#mayReadAgain(first.length + second.length);
	}

	#mayReadAgain(byteLength: number): boolean {
		if (this.#againBytes + byteLength > 2 * this.#pushedBytes + FREE_BYTES) return false;
		this.#againBytes += byteLength;
		return true;
	}

	/** Looks for objects inside the one that is being read, of which these bytes have come, the second from `piece`. */
	#open(first: Uint8Array, second: Uint8Array, piece: Uint8Array): void {
		const { lineFeed } = this.#skipper;
		const { line, index, indent } = this.#candidate;
		this.#opened = this.#candidate;
		this.#at.goTo(line, indent, index + 1);
		this.#state = 'text';
		this.#run(first.length > 0 ? first.subarray(1) : second.subarray(1));
		if (first.length > 0) this.#run(second);
		this.#skipper.give(piece, lineFeed);
	}

	#report(candidate: Candidate, reason: string): void {
		const { line, index, isInner } = candidate;
		if (isInner && line === this.#reportedLine) return;
		this.#reportedLine = line;
		this.#handlers.broken({ line, index }, reason);
	}
}

const NOTHING = new Uint8Array(0);
const CUT = 'The file ends in the middle of this object: it was cut off while it was written or copied.';
const TOO_LARGE = 'This object is too large for a message: up to 64 MiB are read.';

/** Whether the beginning of an object has a member `type`. */
function hasType(...parts: Uint8Array[]): boolean {
	let has = false;
	const begin = () => {
		has = true;
	};
	const pass = () => undefined;
	const scanner = new JsonScanner({ values: ['type'], handlers: { begin, value: pass, tooLong: pass } });
	for (const part of parts) scanner.push(part);
	return has;
}
