import type { EntryReader } from '#core/recording/recording-log.ts';
import { EventCensus } from '#core/session/event-census.ts';
import { LogScan } from './log-scan.ts';
import { PAGE_SLICES, type Slicing } from './slices.ts';

/** The census of a log: begun when somebody asks for it first, and kept up from then on. */
export class LogCensus {
	readonly #log: EntryReader;
	readonly #census = new EventCensus();
	readonly #scan: LogScan;
	#isWanted = false;
	/** Replaced when something was counted. */
	#version = $state.raw(0);

	constructor(log: EntryReader, slicing: Slicing = PAGE_SLICES) {
		this.#log = log;
		this.#scan = new LogScan(
			(seq) => this.#census.add(log.entry(seq)),
			() => this.#version++,
			slicing
		);
	}

	/** What was counted so far. */
	get counts(): EventCensus {
		void this.#version;
		return this.#census;
	}

	/** From now on the log is counted. */
	want(): void {
		if (this.#isWanted) return;
		this.#isWanted = true;
		this.#scan.restart(this.#log.length);
	}

	/** Takes in what the log has gained. */
	update(): void {
		this.#scan.update(this.#log.length);
	}

	/** Ends what is still being counted. */
	dispose(): void {
		this.#scan.stop();
	}
}
