import type { EntryReader } from '../recording/recording-log.ts';
import { applyEntry } from './apply-event.ts';
import type { Checkpoints } from './checkpoints.ts';
import { createSession, type Session } from './session-model.ts';

/** Entries between two looks at the clock. */
const STRIDE = 32;

/** The fold of a log up to some entry, which can be moved: forwards, and backwards from the checkpoint before. */
export class SessionFold {
	readonly #log: EntryReader;
	readonly #checkpoints: Checkpoints | null;
	#session = createSession();

	/** @param checkpoints of this log; folds of the same log may share them */
	constructor(log: EntryReader, checkpoints: Checkpoints | null = null) {
		this.#log = log;
		this.#checkpoints = checkpoints;
	}

	/** The session so far. Changed in place by a move, or replaced. */
	get session(): Session {
		return this.#session;
	}

	/** How many entries must be folded to get to the first `count` of them. */
	distanceTo(count: number): number {
		return count - this.#startTowards(count);
	}

	/**
	 * Folds the first `count` entries, or as many until `isOver` says that it has been long enough. Returns whether it arrived;
	 * if not, it goes on from there when it is called again.
	 */
	moveTo(count: number, isOver: () => boolean = never): boolean {
		if (this.#startTowards(count) !== this.#session.eventCount) {
			this.#session = this.#checkpoints?.restore(count) ?? createSession();
		}
		const session = this.#session;
		for (let index = session.eventCount; index < count; index++) {
			applyEntry(session, this.#log.entry(index));
			this.#checkpoints?.note(session);
			if (index % STRIDE === 0 && isOver()) return index + 1 === count;
		}
		return true;
	}

	/** From how many entries the way to `count` begins: here, or at a checkpoint. */
	#startTowards(count: number): number {
		const { eventCount } = this.#session;
		const nearest = this.#checkpoints?.nearest(count) ?? 0;
		return eventCount > count || nearest > eventCount ? nearest : eventCount;
	}
}

const never = () => false;
