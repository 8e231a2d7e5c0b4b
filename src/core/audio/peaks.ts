import { decodeALaw, decodeMuLaw } from './g711.ts';
import type { WireFormat } from './wire-format.ts';

/** Samples that one peak stands for: 10 ms at 24 kHz. */
export const SAMPLES_PER_PEAK = 240;

/** Bytes of a track that one peak stands for, whatever they code: 10 ms of 24 kHz PCM16, 60 ms of G.711. */
export const BYTES_PER_PEAK = 2 * SAMPLES_PER_PEAK;

const SAMPLE_BYTES = 2;
/** A typed array reads the bytes of a sample in this machine's order, which is that of the wire nearly everywhere. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/**
 * The loudest absolute sample (0 to 1) of each 10 ms of a track, built as bytes arrive. Nothing is ever recomputed: an
 * hour costs 1.4 MB and an append costs its own samples.
 */
export class PeakTrack {
	#peaks = new Float32Array(6000);
	/** 10 ms steps that have a level by now. */
	#bucketCount = 0;
	#sampleCount = 0;
	/** The loudest sample of all as it is coded, 0 to 32768. */
	#loudest = 0;
	/** The first byte of a sample whose second byte has not come yet. */
	#halfSample: number | null = null;

	/** Whole samples seen so far; with levels that were taken in, those that they stand for, the last step as a whole. */
	get sampleCount(): number {
		return this.#sampleCount;
	}

	/** 10 ms steps that have a level; the last one may not be whole yet. */
	get bucketCount(): number {
		return this.#bucketCount;
	}

	/** The loudest absolute sample of all, 0 to 1. */
	get loudestSoFar(): number {
		return this.#loudest / 32768;
	}

	/**
	 * Adds bytes at the end: little-endian PCM16, which may be cut anywhere, also inside a sample, or G.711. Peaks stand for
	 * equal numbers of bytes, so that a place in the track tells its peak, whatever was coded before it.
	 */
	append(bytes: Uint8Array, format: WireFormat = 'pcm16'): void {
		if (bytes.length === 0) return;
		if (format !== 'pcm16') return this.#addG711(format === 'mu-law' ? decodeMuLaw(bytes) : decodeALaw(bytes));
		let start = 0;
		if (this.#halfSample !== null) {
			this.#add(Int16Array.of(((this.#halfSample | (bytes[0]! << 8)) << 16) >> 16));
			this.#halfSample = null;
			start = 1;
		}
		const count = Math.floor((bytes.length - start) / SAMPLE_BYTES);
		if (count > 0) this.#add(samplesAt(bytes, start, count));
		const end = start + count * SAMPLE_BYTES;
		if (end < bytes.length) this.#halfSample = bytes[end]!;
	}

	/** The loudest absolute sample from `firstSample` up to `endSample`, to the accuracy of 10 ms buckets; 0 outside. */
	loudest(firstSample: number, endSample: number): number {
		const last = Math.min(Math.ceil(endSample / SAMPLES_PER_PEAK), this.#bucketCount);
		let loudest = 0;
		for (let i = Math.max(0, Math.floor(firstSample / SAMPLES_PER_PEAK)); i < last; i++) {
			if (this.#peaks[i]! > loudest) loudest = this.#peaks[i]!;
		}
		return loudest;
	}

	/** A copy of the levels of 10 ms steps, from step `first` up to step `end`; those that are not there are left out. */
	levels(first: number, end: number): Float32Array<ArrayBuffer> {
		return this.#peaks.slice(Math.max(0, first), Math.max(0, Math.min(end, this.#bucketCount)));
	}

	/**
	 * Takes in levels that another track computed, from step `first` on. They take the place of what is there, so that a
	 * step which was not whole is put right by the next run. A track takes in either levels or bytes.
	 *
	 * @param first at most `bucketCount`
	 */
	appendLevels(first: number, levels: Float32Array): void {
		const end = first + levels.length;
		this.#reserve(end);
		this.#peaks.set(levels, first);
		this.#bucketCount = Math.max(this.#bucketCount, end);
		this.#sampleCount = Math.max(this.#sampleCount, end * SAMPLES_PER_PEAK);
		for (const level of levels) if (level * 32768 > this.#loudest) this.#loudest = level * 32768;
	}

	/** One sample a byte, where PCM16 has half a one. */
	#addG711(samples: Int16Array): void {
		const firstByte = 2 * this.#sampleCount + (this.#halfSample === null ? 0 : 1);
		const endByte = firstByte + samples.length;
		this.#reserve(Math.ceil(endByte / BYTES_PER_PEAK));
		for (let start = 0; start < samples.length;) {
			const bucket = Math.floor((firstByte + start) / BYTES_PER_PEAK);
			const end = Math.min(samples.length, (bucket + 1) * BYTES_PER_PEAK - firstByte);
			this.#raise(bucket, loudestOf(samples, start, end));
			start = end;
		}
		// What counts half samples of PCM16 counts bytes here.
		this.#sampleCount = Math.floor(endByte / 2);
		this.#halfSample = endByte % 2 === 0 ? null : 0;
	}

	#raise(bucket: number, loudest: number): void {
		if (loudest / 32768 > this.#peaks[bucket]!) this.#peaks[bucket] = loudest / 32768;
		if (loudest > this.#loudest) this.#loudest = loudest;
		this.#bucketCount = Math.max(this.#bucketCount, bucket + 1);
	}

	#add(samples: Int16Array): void {
		const total = this.#sampleCount + samples.length;
		this.#reserve(Math.ceil(total / SAMPLES_PER_PEAK));
		for (let start = 0; start < samples.length;) {
			const bucket = Math.floor(this.#sampleCount / SAMPLES_PER_PEAK);
			const end = Math.min(samples.length, start + (bucket + 1) * SAMPLES_PER_PEAK - this.#sampleCount);
			this.#raise(bucket, loudestOf(samples, start, end));
			this.#sampleCount += end - start;
			start = end;
		}
	}

	#reserve(count: number): void {
		if (count <= this.#peaks.length) return;
		const grown = new Float32Array(Math.max(count, this.#peaks.length * 2));
		grown.set(this.#peaks);
		this.#peaks = grown;
	}
}

/** The loudest absolute sample, 0 to 32768. Four at a time: most of the time that an hour of audio takes is spent here. */
function loudestOf(samples: Int16Array, start: number, end: number): number {
	let loudest = 0;
	let i = start;
	for (; i + 4 <= end; i += 4) {
		const a = Math.abs(samples[i]!);
		const b = Math.abs(samples[i + 1]!);
		const c = Math.abs(samples[i + 2]!);
		const d = Math.abs(samples[i + 3]!);
		if (a > loudest) loudest = a;
		if (b > loudest) loudest = b;
		if (c > loudest) loudest = c;
		if (d > loudest) loudest = d;
	}
	for (; i < end; i++) loudest = Math.max(loudest, Math.abs(samples[i]!));
	return loudest;
}

/** The samples of little-endian bytes: a view of them where they lie at an even place, else a copy. */
function samplesAt(bytes: Uint8Array, start: number, count: number): Int16Array {
	const at = bytes.byteOffset + start;
	if (IS_LITTLE_ENDIAN && at % SAMPLE_BYTES === 0) return new Int16Array(bytes.buffer, at, count);
	const view = new DataView(bytes.buffer, at, count * SAMPLE_BYTES);
	const samples = new Int16Array(count);
	for (let i = 0; i < count; i++) samples[i] = view.getInt16(i * SAMPLE_BYTES, true);
	return samples;
}
