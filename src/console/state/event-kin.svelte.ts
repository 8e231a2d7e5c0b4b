import { objectAt, parseJson, type JsonObject } from '#core/base/json.ts';
import type { EntryReader } from '#core/recording/recording-log.ts';
import { KinIndex, type EventKin } from '#core/session/event-kin.ts';
import { BusySwitch } from './busy.ts';
import { beginSlice, PAGE_SLICES, type Slicing } from './slices.ts';

/** Entries between two looks at the clock. */
const STRIDE = 64;

const known = new WeakMap<EntryReader, EventKinView>();

/** The one view of who is whose kin in a log: it is read once, however often somebody looks. */
export function eventKinOf(log: EntryReader): EventKinView {
	const view = known.get(log) ?? new EventKinView(log);
	known.set(log, view);
	return view;
}

/**
 * Who is whose kin in a log, for the page. While it is watched it reads the log in slices, and what it gains; what was found
 * so far can be asked for at any time.
 */
export class EventKinView {
	/** Entries that were read. */
	count = $state(0);
	readonly #log: EntryReader;
	readonly #slicing: Slicing;
	readonly #index = new KinIndex();
	readonly #busy = new BusySwitch();
	/** The configuration that was asked for last: the same object as long as it is the same. */
	#config: { readonly seq: number; readonly value: JsonObject | null } | null = null;
	#watchers = 0;
	#isReading = false;

	constructor(log: EntryReader, slicing: Slicing = PAGE_SLICES) {
		this.#log = log;
		this.#slicing = slicing;
	}

	/** Reads the log until the function that it returns is called. */
	watch(): () => void {
		this.#watchers++;
		this.update();
		let isOver = false;
		return () => {
			if (isOver) return;
			isOver = true;
			this.#watchers--;
		};
	}

	/** Takes in what the log has gained: a slice now, the rest in slices of their own. */
	update(): void {
		if (this.#watchers === 0 || this.#isReading) return;
		this.#readSlice();
		if (this.#index.count < this.#log.length) void this.#readOn();
	}

	/** The kin of an event, as far as the log was read; `null` while it was not read up to the event itself. */
	kinOf(seq: number): EventKin | null {
		return seq < this.count ? this.#index.kinOf(this.#log.entry(seq)) : null;
	}

	/** The configuration that the server had last told by an event; `null` when it had told none, or it was not read yet. */
	configAt(seq: number): JsonObject | null {
		void this.count;
		const told = this.#index.configSeq(seq);
		if (told === null) return null;
		if (this.#config?.seq !== told) {
			this.#config = { seq: told, value: objectAt(parseJson(this.#log.entry(told).text), 'session') ?? null };
		}
		return this.#config.value;
	}

	async #readOn(): Promise<void> {
		this.#isReading = true;
		this.#busy.set(true);
		try {
			while (this.#watchers > 0 && this.#index.count < this.#log.length) {
				await this.#slicing.rest();
				if (this.#watchers > 0) this.#readSlice();
			}
		} finally {
			this.#isReading = false;
			this.#busy.set(false);
		}
	}

	#readSlice(): void {
		const isOver = beginSlice(this.#slicing);
		const index = this.#index;
		while (index.count < this.#log.length) {
			index.add(this.#log.entry(index.count));
			if (index.count % STRIDE === 0 && isOver()) break;
		}
		this.count = index.count;
	}
}
