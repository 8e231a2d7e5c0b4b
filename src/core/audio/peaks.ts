/** Samples that one peak stands for: 10 ms at 24 kHz. */
export const SAMPLES_PER_PEAK = 240;

/**
 * The loudest absolute sample (0 to 1) of each 10 ms of a track, built as bytes arrive. Nothing is ever recomputed: an
 * hour costs 1.4 MB and an append costs its own samples.
 */
export class PeakTrack {
	#peaks = new Float32Array(6000);
	#sampleCount = 0;
	#loudestSoFar = 0;
	/** The first byte of a sample whose second byte has not come yet. */
	#halfSample: number | null = null;

	/** Whole samples seen so far. */
	get sampleCount(): number {
		return this.#sampleCount;
	}

	/** The loudest absolute sample of all, 0 to 1. */
	get loudestSoFar(): number {
		return this.#loudestSoFar;
	}

	/** Adds little-endian PCM16 bytes at the end. They may be cut anywhere, also inside a sample. */
	append(bytes: Uint8Array): void {
		if (bytes.length === 0) return;
		let start = 0;
		this.#reserve(Math.ceil((this.#sampleCount + (bytes.length >> 1) + 1) / SAMPLES_PER_PEAK));
		if (this.#halfSample !== null) {
			this.#add(((this.#halfSample | (bytes[0]! << 8)) << 16) >> 16);
			this.#halfSample = null;
			start = 1;
		}
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		const end = start + ((bytes.length - start) & ~1);
		for (let i = start; i < end; i += 2) this.#add(view.getInt16(i, true));
		if (end < bytes.length) this.#halfSample = bytes[end]!;
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

	#add(sample: number): void {
		const level = Math.abs(sample) / 32768;
		const index = Math.floor(this.#sampleCount++ / SAMPLES_PER_PEAK);
		if (level > this.#peaks[index]!) this.#peaks[index] = level;
		if (level > this.#loudestSoFar) this.#loudestSoFar = level;
	}

	#reserve(count: number): void {
		if (count <= this.#peaks.length) return;
		const grown = new Float32Array(Math.max(count, this.#peaks.length * 2));
		grown.set(this.#peaks);
		this.#peaks = grown;
	}
}
