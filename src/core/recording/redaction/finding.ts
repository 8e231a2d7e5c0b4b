import type { RedactionKind } from './redaction-options.ts';

/** A stretch of a text that is to be taken out. */
export interface Match {
	readonly start: number;
	readonly end: number;
	readonly kind: RedactionKind;
	/** What stands in its place; by default the mark of its kind. */
	readonly mark?: string;
}

/** A stretch of a text that is to be taken out, and what to say of it. */
export interface Finding extends Match {
	readonly mark: string;
	/** How it begins and how long it is. */
	readonly hint: string;
	/** Where in the message it stands: `session.tools[0].authorization`. */
	readonly path: string;
	/** It is the rest of something that was counted where it began. */
	readonly isRest?: true;
}

/** What stands in the place of what was taken out. It has nothing that JSON would have to escape. */
export function markOf(kind: RedactionKind): string {
	return `[redacted: ${kind}]`;
}

/** In the place of the rest of something that began in an event before. */
export const REST_MARK = '[redacted]';

const MARK_BEGINS = /^\[redacted(?:[\]:]|%3A)/;

/** Whether a text is what a redaction left. */
export function isMark(text: string): boolean {
	return MARK_BEGINS.test(text);
}

const HINT_CHARACTERS = 4;

/** Tells a secret apart without telling it: its first characters, at most a quarter of it, and its length. */
export function hintOf(secret: string): string {
	const shown = secret.slice(0, Math.min(HINT_CHARACTERS, Math.floor(secret.length / 4))).toWellFormed();
	return `${shown}… (${secret.length} character${secret.length === 1 ? '' : 's'})`;
}

/**
 * The findings in order and apart: of one that lies inside another the outer stays, of two that overlap the first takes in
 * the other.
 */
export function mergeFindings(findings: readonly Finding[]): Finding[] {
	const sorted = findings.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start || b.end - a.end);
	const merged: Finding[] = [];
	for (const finding of sorted) {
		const last = merged.at(-1);
		if (!last || finding.start >= last.end) merged.push(finding);
		else if (finding.end > last.end) merged[merged.length - 1] = { ...last, end: finding.end };
	}
	return merged;
}

/** The text with the marks in the place of the findings, which are in order and apart. */
export function replaceFindings(text: string, findings: readonly Finding[]): string {
	let from = 0;
	const pieces: string[] = [];
	for (const { start, end, mark } of findings) {
		pieces.push(text.slice(from, start), mark);
		from = end;
	}
	pieces.push(text.slice(from));
	return pieces.join('');
}
