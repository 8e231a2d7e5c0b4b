// What the notes of the demos tell: read from what was recorded, so that their times are right.
import { assertPresent } from '#core/base/assert.ts';
import { formatClock } from '#core/base/time.ts';
import { numberAt, stringAt } from '#core/base/json.ts';
import { readEntry } from '#core/session/apply-event.ts';
import type { Interruption, Session, Utterance } from '#core/session/session-model.ts';
import { deriveTurns } from '#core/timeline/turns.ts';
import type { HeadlessCall } from './headless-call.ts';

/** Session time as a note says it: `0:04.2`. */
export function clock(ms: number): string {
	return formatClock(Math.round(ms / 100) * 100).slice(0, -2);
}

/** A length as a note says it: `2.3 s`. */
export function seconds(ms: number): string {
	return `${(ms / 1000).toFixed(1)} s`;
}

/** When the nth event (from 1) of a type happened, ms. */
export function timeOf(call: HeadlessCall, type: string, nth = 1): number {
	let count = 0;
	for (let seq = 0; seq < call.log.length; seq++) {
		const entry = call.log.entry(seq);
		if (readEntry(entry)?.body['type'] === type && ++count === nth) return entry.at;
	}
	throw new Error(`There is no ${type} number ${nth} in the demo.`);
}

/** Of the nth answer with sound, from 1: when it was played, and how much sound was made. Milliseconds. */
export function answerOf({ session }: HeadlessCall, nth: number): { fromMs: number; toMs: number; madeMs: number } {
	const { playback, receivedBytes, bytesPerMs }: Utterance = assertPresent(
		session.utterances[nth - 1],
		`answer ${nth}`
	);
	const fromMs = assertPresent(playback.runs[0], `the playing of answer ${nth}`).at;
	return { fromMs, toMs: playback.measuredAt, madeMs: receivedBytes / bytesPerMs };
}

/** How long the caller waited for the answer of the nth turn, from 1, whole ms. */
export function answerDelayOf({ session }: HeadlessCall, nth: number): number {
	return Math.round(assertPresent(deriveTurns(session)[nth - 1]?.answerDelayMs, `the answer of turn ${nth}`));
}

export function interruptionOf(session: Session): Interruption & { readonly playedMs: number } {
	const interruption = assertPresent(session.interruptions[0], 'an interruption');
	return { ...interruption, playedMs: interruption.playedSamples / 24 };
}

/** The last event of a type, and the fields of its message. */
export function closeOf(call: HeadlessCall): { code: number; reason: string } {
	const body = readEntry(call.log.entry(call.log.length - 1))?.body;
	return { code: numberAt(body, 'code') ?? 0, reason: stringAt(body, 'reason') ?? '' };
}
