import { countBefore } from '#core/base/binary-search.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import { EventFilter } from '#core/session/event-filter.ts';
import type { EventRow } from '#core/session/event-row.ts';
import { BusySwitch } from './busy.ts';
import { EventRows } from './event-rows.ts';
import { beginSlice, PAGE_SLICES, type Slicing } from './slices.ts';

/** Entries between two looks at the clock. */
const STRIDE = 64;
/** So many entries are looked through at once, whatever the clock says: a short log is filtered before one can look. */
const FIRST_STRETCH = 2048;

/**
 * The rows of the event list: the events of a log that pass the filter, as numbers. A row is read when it is drawn. The
 * filter looks through a long log in slices: what it finds is shown as it comes, and a newer filter takes its place.
 */
export class EventList {
	filter = $state('');
	/** Events in the log. */
	total = $state(0);
	/** Rows: the events that pass. */
	length = $state(0);
	readonly #log: RecordingLog;
	readonly #slicing: Slicing;
	readonly #busy = new BusySwitch();
	readonly #rows: EventRows;
	/** Replaced when rows may have become others. */
	#version = $state.raw(0);
	#filter = new EventFilter('');
	/** The `seq`s of the events that pass, while a filter is set. */
	#found = new Uint32Array(FIRST_STRETCH);
	#foundCount = 0;
	/** Entries that were looked through. */
	#scanned = 0;
	#isScanning = false;
	#isDisposed = false;

	constructor(log: RecordingLog, slicing: Slicing = PAGE_SLICES) {
		this.#log = log;
		this.#rows = new EventRows(log);
		this.#slicing = slicing;
	}

	/** Takes in what the log has gained. */
	update(): void {
		if (this.total === this.#log.length) return;
		this.total = this.#log.length;
		this.#scan();
	}

	/** The time of the newest event, ms; 0 while there is none. */
	get lastAt(): number {
		return this.total === 0 ? 0 : this.#log.at(this.total - 1);
	}

	setFilter(text: string): void {
		this.filter = text;
		this.#filter = new EventFilter(text);
		this.#scanned = 0;
		this.#foundCount = 0;
		this.#version++;
		this.#scan();
	}

	/** The row at an index below `length`. */
	row(index: number): EventRow {
		return this.#rows.row(this.seq(index));
	}

	/** The `seq` of the row at an index below `length`. */
	seq(index: number): number {
		void this.#version;
		return this.#filter.isEmpty ? index : this.#found[index]!;
	}

	/** How many rows come before the event `seq`: its own index when it passes. */
	countBefore(seq: number): number {
		void this.#version;
		if (this.#filter.isEmpty) return Math.max(0, Math.min(seq, this.length));
		return countBefore(this.length, (index) => this.#found[index]! < seq);
	}

	/** The index of the row of the event `seq`; -1 when it does not pass. */
	indexOf(seq: number): number {
		const index = this.countBefore(seq);
		return index < this.length && this.seq(index) === seq ? index : -1;
	}

	/** The `seq` of the row after or before `seq` that passes the filter; `null` at the ends. */
	neighbour(seq: number, direction: 1 | -1): number | null {
		const before = this.countBefore(seq);
		const isShown = before < this.length && this.seq(before) === seq;
		const index = direction === -1 ? before - 1 : isShown ? before + 1 : before;
		return index >= 0 && index < this.length ? this.seq(index) : null;
	}

	/** Ends what is still being looked through. */
	dispose(): void {
		this.#isDisposed = true;
		this.#busy.set(false);
	}

	/** Looks through what was not looked through yet: a first stretch now, the rest in slices. */
	#scan(): void {
		if (this.#filter.isEmpty) {
			this.length = this.total;
			return;
		}
		if (this.#isScanning && this.#scanned > 0) return;
		this.#scanSlice(this.#scanned + FIRST_STRETCH);
		if (this.#scanned < this.total && !this.#isScanning) void this.#scanOn();
	}

	async #scanOn(): Promise<void> {
		this.#isScanning = true;
		this.#busy.set(true);
		try {
			for (;;) {
				await this.#slicing.rest();
				// There may be no filter any more, or another that is through already.
				if (this.#isDisposed || this.#filter.isEmpty || this.#scanned === this.total) return;
				this.#scanSlice(0);
			}
		} finally {
			this.#isScanning = false;
			this.#busy.set(false);
		}
	}

	/** Looks through at least the first `least` entries, and more until the slice is over. */
	#scanSlice(least: number): void {
		const isOver = beginSlice(this.#slicing);
		while (this.#scanned < this.total) {
			const seq = this.#scanned++;
			if (this.#filter.matches(this.#log.entry(seq))) this.#add(seq);
			if (this.#scanned % STRIDE === 0 && this.#scanned >= least && isOver()) break;
		}
		this.length = this.#foundCount;
	}

	#add(seq: number): void {
		if (this.#foundCount === this.#found.length) {
			const grown = new Uint32Array(this.#found.length * 2);
			grown.set(this.#found);
			this.#found = grown;
		}
		this.#found[this.#foundCount++] = seq;
	}
}
