import { decodeALaw, decodeMuLaw } from '../../audio/g711.ts';
import { floatToSamples, SAMPLE_RATE, samplesToFloat } from '../../audio/pcm16.ts';
import { Resampler } from '../../audio/resample.ts';
import type { WireFormat } from '../../audio/wire-format.ts';
import { countBefore } from '../../base/binary-search.ts';
import { greatestCommonDivisor } from '../../base/greatest-common-divisor.ts';
import type { AudioReader } from '../../recording/export/audio-reader.ts';
import type { TrackName } from '../../recording/recorded-event.ts';

/** Audio that sounds without a break: bytes that may lie in several places of a track, one stream of samples. */
export interface Run {
	readonly track: TrackName;
	readonly coding: Coding;
	/** Where its first sample lies, in samples at 24 kHz from the beginning of the session. */
	readonly first: number;
	/** Samples at 24 kHz. */
	readonly count: number;
	readonly spans: readonly Span[];
}

/** A stretch of a track's bytes, and the place of its first byte in the run. */
export interface Span {
	readonly at: number;
	readonly offset: number;
	readonly length: number;
}

/** How bytes become samples. */
export interface Coding {
	readonly bytesPerSample: 1 | 2;
	readonly rateHz: number;
	readonly decode: (bytes: Uint8Array) => Int16Array;
}

const G711_BYTES_PER_MS = 8;
const G711_RATE_HZ = 8000;

/**
 * The coding of audio that takes so many bytes a millisecond. 8 of them are G.711, whose two laws look alike: `format`
 * tells them apart, and mu-law is taken where it says PCM16 because the session changed its format later.
 */
export function codingOf(bytesPerMs: number, format: WireFormat): Coding {
	if (bytesPerMs === G711_BYTES_PER_MS) {
		return { bytesPerSample: 1, rateHz: G711_RATE_HZ, decode: format === 'a-law' ? decodeALaw : decodeMuLaw };
	}
	return { bytesPerSample: 2, rateHz: (bytesPerMs * 1000) / 2, decode: decodePcm16 };
}

/** Little-endian; a trailing odd byte is left out. */
function decodePcm16(bytes: Uint8Array): Int16Array {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const samples = new Int16Array(bytes.byteLength >> 1);
	for (let i = 0; i < samples.length; i++) samples[i] = view.getInt16(i * 2, true);
	return samples;
}

/** How many samples at 24 kHz so many bytes make. */
export function sampleCount({ bytesPerSample, rateHz }: Coding, byteLength: number): number {
	return Math.ceil((Math.floor(byteLength / bytesPerSample) * SAMPLE_RATE) / rateHz);
}

/**
 * Rates that are converted by the filter of `resample.ts`. A filter is made for each rate and kept, and a hostile session
 * could name any number of rates: all others are drawn by straight lines between samples.
 */
const FILTERED_RATES_HZ: readonly number[] = [
	8000, 11_025, 12_000, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 192_000
];

/** The run's samples from `from` up to `to` (24 kHz, counted from its first): the same, whatever window they are asked in. */
export async function readRun(audio: AudioReader, run: Run, from: number, to: number): Promise<Int16Array> {
	const { rateHz } = run.coding;
	if (rateHz === SAMPLE_RATE) return readSource(audio, run, from, to);
	if (FILTERED_RATES_HZ.includes(rateHz)) return filter(audio, run, from, to);
	return interpolate(audio, run, from, to);
}

/**
 * Output sample k is one dot product of the input around it, so a filter that starts early enough before a window makes
 * the same samples as one that starts with the run. Inputs and outputs meet at every `down`th input, `up`th output.
 */
async function filter(audio: AudioReader, run: Run, from: number, to: number): Promise<Int16Array> {
	const { rateHz } = run.coding;
	const divisor = greatestCommonDivisor(rateHz, SAMPLE_RATE);
	const [up, down] = [SAMPLE_RATE / divisor, rateHz / divisor];
	const resampler = new Resampler(rateHz, SAMPLE_RATE);
	const reach = resampler.lookAheadSamples;
	const block = Math.max(0, Math.floor((Math.floor((from * down) / up) - reach) / down));
	const end = Math.floor(((to - 1) * down) / up) + reach + 1;
	const source = await readSource(audio, run, block * down, end);
	// Beyond the end of the run is silence.
	const input = new Float32Array(end - block * down);
	input.set(samplesToFloat(source));
	const output = resampler.process(input);
	return floatToSamples(output.subarray(from - block * up, to - block * up));
}

async function interpolate(audio: AudioReader, run: Run, from: number, to: number): Promise<Int16Array> {
	const step = run.coding.rateHz / SAMPLE_RATE;
	const start = Math.floor(from * step);
	const source = await readSource(audio, run, start, Math.floor((to - 1) * step) + 2);
	const samples = new Int16Array(to - from);
	for (let i = 0; i < samples.length; i++) {
		const place = (from + i) * step;
		const index = Math.floor(place);
		const before = source[index - start] ?? 0;
		const after = source[index - start + 1] ?? before;
		samples[i] = Math.round(before + (after - before) * (place - index));
	}
	return samples;
}

/** The run's samples at their own rate, from `from` up to `to` or its end. */
async function readSource(audio: AudioReader, run: Run, from: number, to: number): Promise<Int16Array> {
	const { bytesPerSample, decode } = run.coding;
	const { spans, track } = run;
	const start = from * bytesPerSample;
	const end = Math.min(to * bytesPerSample, byteLengthOf(spans));
	const bytes = new Uint8Array(Math.max(0, end - start));
	const isBefore = ({ at, length }: Span) => at + length <= start;
	for (let i = countBefore(spans.length, (index) => isBefore(spans[index]!)); i < spans.length; i++) {
		const { at, offset, length } = spans[i]!;
		if (at >= end) break;
		const first = Math.max(start, at);
		const count = Math.min(end, at + length) - first;
		bytes.set(await audio.read(track, offset + (first - at), count), first - start);
	}
	return decode(bytes);
}

/** Bytes of all of a run. */
export function byteLengthOf(spans: readonly Span[]): number {
	const last = spans.at(-1);
	return last ? last.at + last.length : 0;
}
