import { untrack } from 'svelte';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import { EventFilter } from '#core/session/event-filter.ts';
import type { EventRow } from '#core/session/event-row.ts';
import { EventFolds, type FoldedRun } from './event-folds.ts';
import { EventRows, RunTexts } from './event-rows.ts';
import { LogCensus } from './log-census.svelte.ts';
import { LogScan } from './log-scan.ts';
import { SeqList } from './seq-list.ts';
import { PAGE_SLICES, type Slicing } from './slices.ts';

/**
 * The rows of the event list: the events of a log that pass the filter, as numbers; where runs are folded, only the first of
 * each. A row is read when it is drawn. A long log is looked through in slices: what is found is shown as it comes, and a
 * newer filter takes its place.
 */
export class EventList {
	filter = $state('');
	/** Events in the log. */
	total = $state(0);
	/** Events that pass, as far as they were looked through. */
	passing = $state(0);
	/** Rows. */
	length = $state(0);
	/** Events that were looked through. */
	scanned = $state(0);
	/** Whether runs are folded. */
	isFolding = $state(false);
	/** Counts what the log holds, once somebody asks. */
	readonly census: LogCensus;
	readonly #log: RecordingLog;
	readonly #rows: EventRows;
	readonly #texts: RunTexts;
	readonly #scan: LogScan;
	/** Replaced when rows may have become others. */
	#version = $state.raw(0);
	/** Replaced when runs have grown. */
	#growth = $state.raw(0);
	#filter = new EventFilter('');
	/** The events that pass, while a filter is set. */
	readonly #found = new SeqList();
	#folds: EventFolds | null = null;
	#hasGrown = false;

	constructor(log: RecordingLog, slicing: Slicing = PAGE_SLICES) {
		this.#log = log;
		this.#rows = new EventRows(log);
		this.#texts = new RunTexts(log);
		this.census = new LogCensus(log, slicing);
		this.#scan = new LogScan(
			(seq) => this.#look(seq),
			() => this.#show(),
			slicing
		);
	}

	/** Takes in what the log has gained. An effect that calls it does not depend on the list. */
	update(): void {
		untrack(() => {
			if (this.total === this.#log.length) return;
			this.total = this.#log.length;
			this.census.update();
			if (this.#isWhole) this.#show();
			else this.#scan.update(this.total);
		});
	}

	/** The time of the newest event, ms; 0 while there is none. */
	get lastAt(): number {
		return this.total === 0 ? 0 : this.#log.at(this.total - 1);
	}

	/** Another one whenever other rows may stand in the list: another filter, folding. */
	get version(): number {
		return this.#version;
	}

	setFilter(text: string): void {
		this.filter = text;
		this.#filter = new EventFilter(text);
		this.#restart();
	}

	/** Folds runs into one row each, or shows every event. */
	setFolding(isFolding: boolean): void {
		if (isFolding === this.isFolding) return;
		this.isFolding = isFolding;
		this.#folds ??= new EventFolds();
		this.#restart();
	}

	/** The row at an index below `length`. */
	row(index: number): EventRow {
		return this.#rows.row(this.seq(index));
	}

	/** The `seq` of the row at an index below `length`. */
	seq(index: number): number {
		void this.#version;
		return this.#shown?.at(index) ?? index;
	}

	/** How many rows come before the event `seq`: its own index when it has a row. */
	countBefore(seq: number): number {
		void this.#version;
		return this.#shown?.countBefore(seq) ?? Math.max(0, Math.min(seq, this.length));
	}

	/** The index of the row of the event `seq`, or of the run that holds it; -1 when it does not pass. */
	indexOf(seq: number): number {
		const index = this.countBefore(seq);
		if (index < this.length && this.seq(index) === seq) return index;
		const run = this.#passes(seq) ? this.run(seq) : null;
		return run ? this.countBefore(run.firstSeq) : -1;
	}

	/** The `seq` of the row after or before `seq`; `null` at the ends. */
	neighbour(seq: number, direction: 1 | -1): number | null {
		const before = this.countBefore(seq);
		const isShown = before < this.length && this.seq(before) === seq;
		const index = direction === -1 ? before - 1 : isShown ? before + 1 : before;
		return index >= 0 && index < this.length ? this.seq(index) : null;
	}

	/** Milliseconds between an event and the one before it that passes; 0 for the first. */
	gapMs(seq: number): number {
		void this.#version;
		const before = this.#filter.isEmpty ? seq - 1 : this.#seqBefore(seq);
		return before < 0 ? 0 : this.#log.at(seq) - this.#log.at(before);
	}

	/** The run that an event is of while runs are folded, its own or unfolded; `null` when it is alone. */
	run(seq: number): FoldedRun | null {
		void this.#version;
		void this.#growth;
		return this.isFolding ? (this.#folds?.run(seq) ?? null) : null;
	}

	/** The time from the first to the last event of a run, ms. */
	runMs({ firstSeq, lastSeq }: FoldedRun): number {
		return this.#log.at(lastSeq) - this.#log.at(firstSeq);
	}

	/** The beginning of the text that a run of pieces of text makes; empty for audio. */
	runText(run: FoldedRun): string {
		return run.audioBytes > 0 ? '' : this.#texts.text(run, this.#version, (seq) => this.#nextOf(run, seq));
	}

	/** Shows the events of a run, each at its place, or its first alone. */
	setUnfolded(seq: number, isUnfolded: boolean): void {
		const run = this.run(seq);
		if (!run || !this.#folds || run.isUnfolded === isUnfolded) return;
		if (isUnfolded) this.#folds.unfold(run.run, this.#othersOf(run));
		else this.#folds.fold(run.run);
		this.#version++;
		this.#show();
	}

	/** Ends what is still being looked through. */
	dispose(): void {
		this.#scan.stop();
		this.census.dispose();
	}

	/** Every event is a row. */
	get #isWhole(): boolean {
		return this.#filter.isEmpty && !this.isFolding;
	}

	/** The rows; `null` where every event is one. */
	get #shown(): SeqList | null {
		if (this.isFolding && this.#folds) return this.#folds.rows;
		return this.#filter.isEmpty ? null : this.#found;
	}

	#restart(): void {
		this.#found.clear();
		this.#folds?.clear();
		this.#version++;
		if (!this.#isWhole) this.#scan.restart(this.total);
		else {
			this.#scan.stop();
			this.#show();
		}
	}

	#look(seq: number): void {
		const entry = this.#log.entry(seq);
		const folds = this.isFolding ? this.#folds : null;
		folds?.look(entry);
		if (!this.#filter.matches(entry)) return;
		if (!this.#filter.isEmpty) this.#found.push(seq);
		if (folds?.add(entry)) this.#hasGrown = true;
	}

	#show(): void {
		this.scanned = this.#isWhole ? this.total : this.#scan.scanned;
		this.passing = this.#filter.isEmpty ? this.total : this.#found.length;
		this.length = this.#shown?.length ?? this.total;
		if (this.#hasGrown) this.#growth++;
		this.#hasGrown = false;
	}

	#passes(seq: number): boolean {
		if (this.#filter.isEmpty) return seq < this.total;
		const index = this.#found.countBefore(seq);
		return index < this.#found.length && this.#found.at(index) === seq;
	}

	#seqBefore(seq: number): number {
		const count = this.#found.countBefore(seq);
		return count === 0 ? -1 : this.#found.at(count - 1);
	}

	/** The event of a run that passes and comes after `seq`; `null` after the last. */
	#nextOf({ run, lastSeq }: FoldedRun, seq: number): number | null {
		const isWhole = this.#filter.isEmpty;
		for (let index = isWhole ? seq + 1 : this.#found.countBefore(seq + 1); ; index++) {
			const next = isWhole ? index : this.#found.at(index);
			if (next > lastSeq) return null;
			if (this.#folds?.isOf(next, run)) return next;
		}
	}

	#othersOf(run: FoldedRun): Uint32Array {
		const others = new Uint32Array(run.count - 1);
		let seq: number | null = run.firstSeq;
		for (let at = 0; at < others.length; at++) {
			seq = this.#nextOf(run, seq);
			if (seq === null) break;
			others[at] = seq;
		}
		return others;
	}
}
