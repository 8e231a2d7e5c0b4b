/** Samples that wait to be sent, first in first out. */

export class SampleQueue {
	#chunks: Int16Array[] = [];
	#length = 0;

	get length(): number {
		return this.#length;
	}

	/** The samples are not copied. */
	push(samples: Int16Array): void {
		this.#chunks.push(samples);
		this.#length += samples.length;
	}

	/** Removes and returns the first `count`, or as many as there are. */
	take(count: number): Int16Array {
		const taken = new Int16Array(Math.min(count, this.#length));
		let at = 0;
		while (at < taken.length) {
			const chunk = this.#chunks[0] as Int16Array;
			const part = chunk.subarray(0, taken.length - at);
			taken.set(part, at);
			at += part.length;
			if (part.length === chunk.length) this.#chunks.shift();
			else this.#chunks[0] = chunk.subarray(part.length);
		}
		this.#length -= at;
		return taken;
	}

	clear(): void {
		this.#chunks = [];
		this.#length = 0;
	}
}
