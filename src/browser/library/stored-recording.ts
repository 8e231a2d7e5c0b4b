import { succeed, type Result } from '#core/base/result.ts';
import { PeakTrack, SAMPLES_PER_PEAK } from '#core/audio/peaks.ts';
import type { WireFormat } from '#core/audio/wire-format.ts';
import type { TrackBytes } from '#core/recording/byte-track.ts';
import { EntryBlock, type EntryBlockData } from '#core/recording/entry-block.ts';
import { TRACK_NAMES, type RecordingSummary, type TrackName } from '#core/recording/recorded-event.ts';
import { TrackCodings, type CodingChange } from '#core/recording/recording-zip.ts';
import { RecordingLog } from '#core/recording/recording-log.ts';
import { FIRST_ENTRY, type RecordingStore } from '../store/recording-store.ts';
import { StoreFailure, type StoreProblem } from '../store/store-problem.ts';
import type { OpenListener } from './library-api.ts';

/** Audio that is looked through at once for its peaks. */
const PIECE_BYTES = 1 << 22;

/** A track of a stored recording, read from the store when it is asked for. */
export class StoredTrack implements TrackBytes {
	length: number;
	readonly #store: RecordingStore;
	readonly #id: string;
	readonly #name: TrackName;

	constructor(store: RecordingStore, id: string, name: TrackName, length: number) {
		this.#store = store;
		this.#id = id;
		this.#name = name;
		this.length = length;
	}

	peek(): undefined {
		return undefined;
	}

	load(offset: number, length: number): Promise<Uint8Array> {
		return this.#store.readAudio(this.#id, this.#name, offset, Math.max(0, Math.min(length, this.length - offset)));
	}
}

export function storedTracks(store: RecordingStore, { header, callerBytes, modelBytes }: RecordingSummary) {
	return {
		caller: new StoredTrack(store, header.id, 'caller', callerBytes),
		model: new StoredTrack(store, header.id, 'model', modelBytes)
	};
}

/** All entries of a stored recording, its audio left where it is. */
export async function loadStored(
	store: RecordingStore,
	id: string
): Promise<Result<{ readonly summary: RecordingSummary; readonly log: RecordingLog<StoredTrack> }, StoreProblem>> {
	const blocks: EntryBlockData[] = [];
	const read = await store.readEntries(id, FIRST_ENTRY, (some) => void blocks.push(...some));
	if (!read.ok) return read;
	const log = new RecordingLog(storedTracks(store, read.value.summary));
	for (const block of blocks) log.addBlock(block);
	return succeed({ summary: read.value.summary, log });
}

/** A stored recording that somebody looks at: tells its listener all that it holds, and what it gains while it is made. */
export class StoredOpening {
	readonly tracks: ReturnType<typeof storedTracks>;
	readonly #store: RecordingStore;
	readonly #id: string;
	readonly #listener: OpenListener;
	readonly #closing = new AbortController();
	readonly #peaks: Readonly<Record<TrackName, PeakTrack>> = { caller: new PeakTrack(), model: new PeakTrack() };
	readonly #peakBytes: Record<TrackName, number> = { caller: 0, model: 0 };
	#summary: RecordingSummary;
	readonly #codings = new TrackCodings();
	#hasStoredPeaks = false;
	#peaking: Promise<void> = Promise.resolve();

	constructor(store: RecordingStore, summary: RecordingSummary, listener: OpenListener) {
		this.#store = store;
		this.#id = summary.header.id;
		this.#summary = summary;
		this.#listener = listener;
		this.tracks = storedTracks(store, summary);
	}

	/** Tells the listener what there is, and goes on while the recording is live; until it is closed. */
	async start(): Promise<void> {
		this.#hasStoredPeaks = this.#summary.status !== 'live' && (await this.#showStoredPeaks());
		const { signal } = this.#closing;
		const listener = {
			onblocks: (blocks: EntryBlockData[]) => {
				if (!this.#hasStoredPeaks) blocks.forEach((block) => this.#learnCodings(EntryBlock.of(block)));
				return this.#listener.onblocks(blocks);
			},
			onloaded: (damage: readonly string[]) => {
				this.#makePeaksBehind();
				this.#listener.onloaded(damage);
			},
			onsummary: (summary: RecordingSummary) => {
				this.#summary = summary;
				for (const track of TRACK_NAMES) this.tracks[track].length = summary[`${track}Bytes`];
				this.#listener.onsummary(summary);
				this.#makePeaksBehind();
			},
			onlost: (lost: StoreProblem) => this.#listener.onlost(lost)
		};
		this.#store.follow(this.#id, FIRST_ENTRY, listener, signal);
	}

	close(): void {
		this.#closing.abort();
	}

	/** Whether the store knew the levels of all that there is. */
	async #showStoredPeaks(): Promise<boolean> {
		for (const track of TRACK_NAMES) {
			const trackBytes = this.#summary[`${track}Bytes`];
			if (trackBytes === 0) continue;
			const levels = await this.#store.peaks(this.#id, track);
			if (!levels) return false;
			this.#listener.onpeaks({ track, first: 0, levels, trackBytes });
		}
		return true;
	}

	/** Looks through what came since the last time, one time after the other. */
	#makePeaksBehind(): void {
		if (this.#hasStoredPeaks) return;
		this.#peaking = this.#peaking
			.then(() => this.#makePeaks())
			.catch((error: unknown) => {
				// The store is gone: who follows the recording is told by it.
				if (!(error instanceof StoreFailure)) throw error;
			});
	}

	async #makePeaks(): Promise<void> {
		for (const track of TRACK_NAMES) {
			const end = this.tracks[track].length;
			while (this.#peakBytes[track] < end && !this.#closing.signal.aborted) {
				const start = this.#peakBytes[track];
				const { coding, endByte } = codingAt(this.#codings.of(track), start);
				const bytes = await this.tracks[track].load(start, Math.min(PIECE_BYTES, end - start, endByte - start));
				// A row may know of audio a moment before its chunks can be read.
				if (bytes.length === 0) break;
				const first = Math.floor(this.#peaks[track].sampleCount / SAMPLES_PER_PEAK);
				this.#peaks[track].append(bytes, coding);
				this.#peakBytes[track] += bytes.length;
				const levels = this.#peaks[track].levels(first, this.#peaks[track].bucketCount);
				this.#listener.onpeaks({ track, first, levels, trackBytes: this.#peakBytes[track] });
			}
		}
		const isWhole = TRACK_NAMES.every((track) => this.#peakBytes[track] === this.tracks[track].length);
		if (this.#summary.status !== 'live' && isWhole && !this.#closing.signal.aborted) await this.#keepPeaks();
	}

	/** How the tracks are coded stands between the entries that bring them. */
	#learnCodings(block: EntryBlock): void {
		for (let index = 0; index < block.count; index++) this.#codings.add(block.entry(index, 0));
	}

	/** So that nobody need look through this audio again. */
	async #keepPeaks(): Promise<void> {
		this.#hasStoredPeaks = true;
		for (const track of TRACK_NAMES) {
			const peaks = this.#peaks[track];
			// A full store only means that the next opening looks again.
			if (peaks.sampleCount > 0) await this.#store.putPeaks(this.#id, track, peaks.levels(0, peaks.bucketCount));
		}
	}
}

/** How the byte at a place of a track is coded, and where that ends. */
function codingAt(changes: readonly CodingChange[], byte: number): { coding: WireFormat; endByte: number } {
	const next = changes.findIndex(({ from }) => from > byte);
	const current = changes[(next < 0 ? changes.length : next) - 1];
	return { coding: current?.coding ?? 'pcm16', endByte: changes[next]?.from ?? Infinity };
}
