import type { LogEntry } from '#core/recording/recorded-event.ts';
import { EventRuns } from '#core/session/event-runs.ts';
import { wireSize } from '#core/session/event-row.ts';
import { SeqList } from './seq-list.ts';

/** A run of events that pass the filter, of which there is more than one. */
export interface FoldedRun {
	/** Its number. */
	readonly run: number;
	readonly firstSeq: number;
	readonly lastSeq: number;
	readonly count: number;
	/** Length of the raw texts, as in a row. */
	readonly bytes: number;
	/** Bytes of audio in them. */
	readonly audioBytes: number;
	readonly isUnfolded: boolean;
}

const FIRST_ROOM = 256;

/**
 * The rows of a list whose runs are folded: of each run its first event, until it is unfolded; then all its events, each
 * at its own place. Runs are found once, whatever the filter; what a run holds are those of its events that pass.
 */
export class EventFolds {
	readonly rows = new SeqList();
	readonly #runs = new EventRuns();
	readonly #unfolded = new Set<number>();
	/** By run. */
	#first = new Uint32Array(FIRST_ROOM);
	#last = new Uint32Array(FIRST_ROOM);
	#count = new Uint32Array(FIRST_ROOM);
	#bytes = new Float64Array(FIRST_ROOM);
	#audioBytes = new Float64Array(FIRST_ROOM);

	/** Takes all rows away: another filter. What is unfolded stays so. */
	clear(): void {
		this.rows.clear();
		for (const figures of [this.#count, this.#bytes, this.#audioBytes]) figures.fill(0);
	}

	/** Finds the run of the log's next entry; entries that were looked at before are known. */
	look(entry: LogEntry): void {
		if (entry.seq === this.#runs.length) this.#runs.add(entry);
	}

	/** Takes in an event that passes. Returns whether a run grew that was there. */
	add(entry: LogEntry): boolean {
		const { seq } = entry;
		const run = this.#runs.runOf(seq);
		if (run === 0) {
			this.rows.push(seq);
			return false;
		}
		if (run >= this.#count.length) this.#grow();
		const isFirst = this.#count[run] === 0;
		if (isFirst) this.#first[run] = seq;
		this.#last[run] = seq;
		this.#count[run]!++;
		this.#bytes[run]! += wireSize(entry);
		this.#audioBytes[run]! += entry.audio?.length ?? 0;
		if (isFirst || this.#unfolded.has(run)) this.rows.push(seq);
		return !isFirst;
	}

	/** The run that an event is of; `null` when it is alone. */
	run(seq: number): FoldedRun | null {
		const run = seq < this.#runs.length ? this.#runs.runOf(seq) : 0;
		if (run === 0 || this.#count[run]! < 2) return null;
		return {
			run,
			firstSeq: this.#first[run]!,
			lastSeq: this.#last[run]!,
			count: this.#count[run]!,
			bytes: this.#bytes[run]!,
			audioBytes: this.#audioBytes[run]!,
			isUnfolded: this.#unfolded.has(run)
		};
	}

	/** @param others the events of the run that pass, but for its first */
	unfold(run: number, others: ArrayLike<number>): void {
		this.#unfolded.add(run);
		this.rows.insert(others);
	}

	fold(run: number): void {
		this.#unfolded.delete(run);
		const first = this.#first[run];
		this.rows.remove((seq) => seq !== first && this.#runs.runOf(seq) === run);
	}

	isOf(seq: number, run: number): boolean {
		return this.#runs.runOf(seq) === run;
	}

	#grow(): void {
		const room = this.#count.length * 2;
		const larger = <T extends Uint32Array | Float64Array>(grown: T, old: T): T => {
			grown.set(old);
			return grown;
		};
		this.#first = larger(new Uint32Array(room), this.#first);
		this.#last = larger(new Uint32Array(room), this.#last);
		this.#count = larger(new Uint32Array(room), this.#count);
		this.#bytes = larger(new Float64Array(room), this.#bytes);
		this.#audioBytes = larger(new Float64Array(room), this.#audioBytes);
	}
}
