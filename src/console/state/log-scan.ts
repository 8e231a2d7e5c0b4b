import { BusySwitch } from './busy.ts';
import { beginSlice, PAGE_SLICES, type Slicing } from './slices.ts';

/** Entries between two looks at the clock. */
const STRIDE = 64;
/** So many entries are looked at at once, whatever the clock says: a short log is done before one can look. */
const FIRST_STRETCH = 2048;

/**
 * Looks at the entries of a growing log, one after the other: a first stretch now, the rest in slices, while the page says
 * that it is busy.
 */
export class LogScan {
	readonly #look: (seq: number) => void;
	readonly #onslice: () => void;
	readonly #slicing: Slicing;
	readonly #busy = new BusySwitch();
	#total = 0;
	#scanned = 0;
	#isOn = false;
	#isRunning = false;

	/**
	 * @param look is called for each entry, in order
	 * @param onslice is called when some were looked at
	 */
	constructor(look: (seq: number) => void, onslice: () => void, slicing: Slicing = PAGE_SLICES) {
		this.#look = look;
		this.#onslice = onslice;
		this.#slicing = slicing;
	}

	/** Entries that were looked at. */
	get scanned(): number {
		return this.#scanned;
	}

	/** Begins at the beginning. */
	restart(total: number): void {
		this.#isOn = true;
		this.#scanned = 0;
		this.#go(total);
	}

	/** Looks at what the log has gained, if it is on. */
	update(total: number): void {
		if (this.#isOn) this.#go(total);
	}

	/** Looks at nothing more, until it begins again. */
	stop(): void {
		this.#isOn = false;
		this.#busy.set(false);
	}

	#go(total: number): void {
		this.#total = total;
		if (this.#isRunning && this.#scanned > 0) return;
		this.#slice(this.#scanned + FIRST_STRETCH);
		if (this.#scanned < this.#total && !this.#isRunning) void this.#goOn();
		else if (this.#isRunning) this.#busy.set(true);
	}

	async #goOn(): Promise<void> {
		this.#isRunning = true;
		this.#busy.set(true);
		try {
			for (;;) {
				await this.#slicing.rest();
				// It may have been stopped, or have begun again and be through already.
				if (!this.#isOn || this.#scanned === this.#total) return;
				this.#slice(0);
			}
		} finally {
			this.#isRunning = false;
			this.#busy.set(false);
		}
	}

	/** Looks at least at the first `least` entries, and at more until the slice is over. */
	#slice(least: number): void {
		const isOver = beginSlice(this.#slicing);
		while (this.#scanned < this.#total) {
			this.#look(this.#scanned++);
			if (this.#scanned % STRIDE === 0 && this.#scanned >= least && isOver()) break;
		}
		this.#onslice();
	}
}
