import type { Slicing } from '../slices.ts';

/** Slices that a test takes one by one; the clock moves on by a millisecond whenever it is looked at. */
export class HeldSlices implements Slicing {
	#nowMs = 0;
	#waiting: (() => void)[] = [];

	/** How many pieces of work rest. */
	get waiting(): number {
		return this.#waiting.length;
	}

	nowMs(): number {
		return ++this.#nowMs;
	}

	rest(): Promise<void> {
		return new Promise((resolve) => this.#waiting.push(resolve));
	}

	/** Lets whatever rests do one slice. */
	async next(): Promise<void> {
		const due = this.#waiting;
		this.#waiting = [];
		for (const resolve of due) resolve();
		// What they do until they rest again happens in microtasks.
		await new Promise((resolve) => setTimeout(resolve));
	}

	/** Until nothing rests any more. Returns how many slices it took. */
	async finish(): Promise<number> {
		let count = 0;
		while (this.#waiting.length > 0) {
			await this.next();
			count++;
		}
		return count;
	}
}
