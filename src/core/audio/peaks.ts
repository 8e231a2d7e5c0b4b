/** Samples that one peak stands for: 10 ms at 24 kHz. */
export const SAMPLES_PER_PEAK = 240;
export const PEAKS_PER_SECOND = 100;

/**
 * The loudest absolute sample (0 to 1) of each 10 ms of a track, built as bytes arrive. Nothing is ever recomputed: an
 * hour costs 1.4 MB and an append costs its own samples.
 */
export class PeakTrack {
	#peaks = new Float32Array(6000);
	#sampleCount = 0;
	#loudestSoFar = 0;

	/** Samples seen so far. */
	get sampleCount(): number {
		return this.#sampleCount;
	}

	/** The loudest absolute sample of all, 0 to 1. */
	get loudestSoFar(): number {
		return this.#loudestSoFar;
	}

	/** Adds little-endian PCM16 bytes at the end. */
	append(bytes: Uint8Array): void {
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const count = bytes.byteLength >> 1;
		this.#reserve(Math.ceil((this.#sampleCount + count) / SAMPLES_PER_PEAK));
		for (let i = 0; i < count; i++) {
			const level = Math.abs(view.getInt16(i * 2, true)) / 32768;
			const index = Math.floor((this.#sampleCount + i) / SAMPLES_PER_PEAK);
			if (level > this.#peaks[index]!) this.#peaks[index] = level;
			if (level > this.#loudestSoFar) this.#loudestSoFar = level;
		}
		this.#sampleCount += count;
	}

	/** The loudest absolute sample from `firstSample` up to `endSample`, to the accuracy of 10 ms buckets; 0 outside. */
	loudest(firstSample: number, endSample: number): number {
		const last = Math.min(Math.ceil(endSample / SAMPLES_PER_PEAK), Math.ceil(this.#sampleCount / SAMPLES_PER_PEAK));
		let loudest = 0;
		for (let i = Math.max(0, Math.floor(firstSample / SAMPLES_PER_PEAK)); i < last; i++) {
			if (this.#peaks[i]! > loudest) loudest = this.#peaks[i]!;
		}
		return loudest;
	}

	#reserve(count: number): void {
		if (count <= this.#peaks.length) return;
		const grown = new Float32Array(Math.max(count, this.#peaks.length * 2));
		grown.set(this.#peaks);
		this.#peaks = grown;
	}
}
