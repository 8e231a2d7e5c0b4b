import { SAMPLE_RATE } from '../../audio/pcm16.ts';
import type { WireFormat } from '../../audio/wire-format.ts';
import { countBefore } from '../../base/binary-search.ts';
import type { Result } from '../../base/result.ts';
import type { AudioReader } from '../../recording/export/audio-reader.ts';
import { formatWavFile, type WavFile } from '../../recording/export/wav.ts';
import type { TrackName } from '../../recording/recorded-event.ts';
import type { Placement } from '../placements.ts';
import { byteLengthOf, codingOf, readRun, sampleCount, type Run, type Span } from './mix-run.ts';

/** What mixing needs of a placement. */
export type PlacedAudio = Pick<Placement, 'startMs' | 'offset' | 'length' | 'bytesPerMs' | 'itemId'>;

/** One speaker's audio, where it is to sound. */
export interface Voice {
	readonly track: TrackName;
	readonly placements: readonly PlacedAudio[];
	/** How the session codes it: needed to tell the two laws of G.711 apart. */
	readonly format: WireFormat;
}

/** Audio laid out in session time, to be read in any window. */
export interface Mix {
	/** Samples of each channel, at 24 kHz. */
	readonly frames: number;
	readonly channels: 1 | 2;
	readonly audio: AudioReader;
	/** In the order of their beginnings. */
	readonly runs: readonly ChannelRun[];
	/** For each run, where the last of all runs up to it ends: never less than the one before. */
	readonly endsSoFar: readonly number[];
}

interface ChannelRun extends Run {
	readonly channel: number;
}

/** Two placements this close (ms) are one stream of bytes: less than the 24th part of a sample. */
const SEAM_MS = 0.001;

/**
 * Lays voices out in session time, each channel holding one or several. What overlaps in a channel is added.
 *
 * Placements may reach beyond their track or beyond the end: they are taken as far as there is audio and room.
 *
 * @param lengthMs exact length of the mix
 */
export function planMix(channels: readonly (readonly Voice[])[], lengthMs: number, audio: AudioReader): Mix {
	const frames = Math.ceil((lengthMs * SAMPLE_RATE) / 1000);
	const runs = channels
		.flatMap((voices, channel) => voices.flatMap((voice) => runsOf(voice, audio).map((run) => ({ ...run, channel }))))
		.filter(({ first, count }) => first < frames && first + count > 0)
		.sort((a, b) => a.first - b.first);
	let end = 0;
	const endsSoFar = runs.map(({ first, count }) => (end = Math.max(end, first + count)));
	return { frames, channels: channels.length > 1 ? 2 : 1, audio, runs, endsSoFar };
}

interface OpenRun extends Run {
	count: number;
	readonly spans: Span[];
	endMs: number;
	readonly itemId: string | null;
	readonly bytesPerMs: number;
}

/** Joins placements that follow each other without a gap: a sample may begin in one and end in the next. */
function runsOf({ track, placements, format }: Voice, audio: AudioReader): Run[] {
	const runs: OpenRun[] = [];
	for (const { startMs, offset, length: asked, bytesPerMs, itemId } of placements) {
		const length = Math.min(asked, audio.length(track) - offset);
		const first = Math.round((startMs * SAMPLE_RATE) / 1000);
		if (!(length > 0)) continue;
		const endMs = startMs + length / bytesPerMs;
		const before = runs.at(-1);
		const isNext = before?.itemId === itemId && before.bytesPerMs === bytesPerMs;
		if (before && isNext && Math.abs(startMs - before.endMs) < SEAM_MS) {
			before.spans.push({ at: byteLengthOf(before.spans), offset, length });
			before.count = sampleCount(before.coding, byteLengthOf(before.spans));
			before.endMs = endMs;
			continue;
		}
		const coding = codingOf(bytesPerMs, format);
		const spans = [{ at: 0, offset, length }];
		runs.push({ track, coding, first, count: sampleCount(coding, length), spans, endMs, itemId, bytesPerMs });
	}
	return runs;
}

/**
 * `count` frames of the mix from `first` on, channels interleaved; silence where nothing sounds, and clipped where the sum
 * is too loud. The same samples whatever windows they are asked in.
 */
export async function mixWindow(mix: Mix, first: number, count: number): Promise<Int16Array> {
	const { channels, runs, endsSoFar, audio } = mix;
	const end = first + count;
	const sums = new Float64Array(count * channels);
	if (count === 0) return new Int16Array(0);
	const from = countBefore(runs.length, (index) => endsSoFar[index]! <= first);
	for (let index = from; index < runs.length && runs[index]!.first < end; index++) {
		const run = runs[index]!;
		const start = Math.max(first, run.first);
		const stop = Math.min(end, run.first + run.count);
		// Over before the window, while one that began earlier goes on.
		if (stop <= start) continue;
		const samples = await readRun(audio, run, start - run.first, stop - run.first);
		let place = (start - first) * channels + run.channel;
		for (let i = 0; i < samples.length; i++, place += channels) sums[place]! += samples[i]!;
	}
	const mixed = new Int16Array(sums.length);
	for (let i = 0; i < mixed.length; i++) mixed[i] = Math.max(-32768, Math.min(32767, sums[i]!));
	return mixed;
}

/** The mix as a PCM16 WAV file, made 10 s at a time. Fails when it would be larger than such a file can be. */
export function formatWav(mix: Mix): Result<WavFile> {
	return formatWavFile(mix.frames, mix.channels, (first, count) => mixWindow(mix, first, count));
}
