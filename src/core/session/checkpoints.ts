import { countBefore } from '../base/binary-search.ts';
import { copySession } from './copy-session.ts';
import { createSession, type Session } from './session-model.ts';

/** How many snapshots are kept at most. */
const MOST = 64;
/** Entries between two snapshots of a short log. */
const FIRST_SPACING = 1024;

interface Checkpoint {
	/** The session is the fold of so many entries. */
	readonly count: number;
	/** Never given out: what is, is copied. */
	readonly session: Session;
}

/**
 * Snapshots of a session at evenly spaced places of its log, so that any moment of a long one is folded from near by. At
 * most 64: when there are more, every other one goes, and the distance doubles. A snapshot shares with the one before it
 * all that did not change in between, so that an hour of them takes little more room than its last session.
 */
export class Checkpoints {
	readonly #list: Checkpoint[] = [];
	#spacing = FIRST_SPACING;

	/** How many snapshots there are. */
	get count(): number {
		return this.#list.length;
	}

	/** Is told the session after each entry, and keeps a snapshot where one is due. */
	note(session: Session): void {
		if (session.eventCount % this.#spacing !== 0) return;
		const index = this.#countUpTo(session.eventCount);
		const before = this.#list[index - 1];
		if (before?.count === session.eventCount) return;
		const kept = copySession(session, before?.session);
		this.#list.splice(index, 0, { count: session.eventCount, session: kept });
		if (this.#list.length > MOST) this.#thin();
	}

	/** Up to which entry count there is a snapshot at or before `count`; 0 when there is none. */
	nearest(count: number): number {
		return this.#list[this.#countUpTo(count) - 1]?.count ?? 0;
	}

	/** The session at `nearest(count)`, to be folded on by the caller: it shares nothing that the fold changes. */
	restore(count: number): Session {
		const checkpoint = this.#list[this.#countUpTo(count) - 1];
		return checkpoint ? copySession(checkpoint.session) : createSession();
	}

	#countUpTo(count: number): number {
		return countBefore(this.#list.length, (index) => this.#list[index]!.count <= count);
	}

	#thin(): void {
		this.#spacing *= 2;
		const kept = this.#list.filter(({ count }) => count % this.#spacing === 0);
		this.#list.splice(0, this.#list.length, ...kept);
	}
}
