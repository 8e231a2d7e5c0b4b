import { PeakTrack, SAMPLES_PER_PEAK } from '#core/audio/peaks.ts';
import { EntryBlock, type EntryBlockData } from '#core/recording/entry-block.ts';
import {
	TRACK_NAMES,
	type LogEntry,
	type RecordingHeader,
	type RecordingSummary,
	type TrackName
} from '#core/recording/recorded-event.ts';
import type { Redactor } from '#core/recording/redaction/redaction-options.ts';
import { TrackCodings } from '#core/recording/recording-zip.ts';
import { RecordingLog, type Tracks } from '#core/recording/recording-log.ts';
import type { LibraryProblem, OpenListener, PeakRun } from './library-api.ts';
import { FileBlocks } from './file-blocks.ts';
import { BlobTrack, FileTrack } from './source-track.ts';

/** Audio of an entry: as bytes, and where its base64 stands when the file can be read there again. */
export interface IncomingAudio {
	readonly track: TrackName;
	readonly index: number;
	readonly bytes: Uint8Array;
	readonly payloadAt: number | null;
}

/**
 * A recording that is being read from a file. It grows under the eyes of whoever has it open, and its audio is read from
 * where it lies in the file, or from what the browser was given to keep.
 */
export class IncomingRecording {
	header: RecordingHeader;
	/** Takes secrets out of what comes in, and knows what it took. */
	readonly redactor: Redactor | undefined;
	readonly log: RecordingLog<BlobTrack | FileTrack>;
	readonly peaks: Readonly<Record<TrackName, PeakTrack>> = { caller: new PeakTrack(), model: new PeakTrack() };
	/** All entries are there. */
	isWhole = false;
	readonly #blocks: EntryBlockData[] = [];
	readonly #listeners = new Set<OpenListener>();
	readonly #codings = new TrackCodings();
	#open = new EntryBlock();
	#lastAt = 0;
	/** Peaks that were sent; the last one is sent again, because it may not have been full. */
	readonly #sentPeaks: Record<TrackName, number> = { caller: 0, model: 0 };
	readonly #sentBytes: Record<TrackName, number> = { caller: 0, model: 0 };

	/** @param file where payloads can be read again; `null` when what is appended stands nowhere as it is */
	constructor(header: RecordingHeader, file: Blob | null, redactor?: Redactor) {
		this.header = header;
		this.redactor = redactor;
		const blocks = file && new FileBlocks(file);
		const track = () => (blocks ? new FileTrack(blocks) : new BlobTrack());
		this.log = new RecordingLog<BlobTrack | FileTrack>({ caller: track(), model: track() });
	}

	get eventCount(): number {
		return this.log.length + this.#open.count;
	}

	/** Takes in an entry, and the audio that stood in its text at `audio.index`. Times never run backwards. */
	appendEntry(entry: Omit<LogEntry, 'seq' | 'audio'>, audio?: IncomingAudio): void {
		if (this.#open.isFull) this.flush();
		this.#lastAt = Math.max(this.#lastAt, entry.at);
		const at = this.#lastAt;
		if (!audio) {
			this.#codings.add({ seq: 0, ...entry });
			return this.#open.append({ ...entry, at });
		}
		const track = this.log.tracks[audio.track];
		const { length } = audio.bytes;
		const offset = addTo(track, audio);
		this.peaks[audio.track].append(audio.bytes, this.#codings.now(audio.track, entry.from === 'console').coding);
		this.#open.append({ ...entry, at, audio: { track: audio.track, index: audio.index, offset, length } });
	}

	/** Hands what came since the last time to all who look. */
	flush(): void {
		if (this.#open.count > 0) {
			const block = this.#open.data();
			this.#open = new EntryBlock();
			this.#blocks.push(block);
			this.log.addBlock(block);
			for (const listener of this.#listeners) listener.onblocks([block]);
		}
		const runs = TRACK_NAMES.flatMap((track) => this.#newPeaks(track));
		for (const run of runs) for (const listener of this.#listeners) listener.onpeaks(run);
	}

	/** No more will come. */
	finish(): void {
		this.flush();
		this.isWhole = true;
		for (const listener of this.#listeners) listener.onloaded([]);
	}

	/** It is not kept: whoever looks at it is told why no more can be done with it. */
	lose(problem: LibraryProblem): void {
		for (const listener of this.#listeners) listener.onlost(problem);
	}

	/** Tells a listener all that there is, and from now on what comes. Returns the function that ends it. */
	attach(listener: OpenListener): () => void {
		if (this.#blocks.length > 0) listener.onblocks(this.#blocks);
		for (const track of TRACK_NAMES) {
			const run = this.#peakRun(track, 0);
			if (run) listener.onpeaks(run);
		}
		if (this.isWhole) listener.onloaded([]);
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	announce(summary: RecordingSummary): void {
		for (const listener of this.#listeners) listener.onsummary(summary);
	}

	/** Its audio lies in a file that could not be read again. */
	get hasLostFile(): boolean {
		const { caller, model } = this.log.tracks;
		return [caller, model].some((track) => track instanceof FileTrack && track.isLost);
	}

	get tracks(): Tracks {
		return this.log.tracks;
	}

	#newPeaks(track: TrackName): PeakRun[] {
		if (this.log.tracks[track].length === this.#sentBytes[track]) return [];
		const run = this.#peakRun(track, this.#sentPeaks[track]);
		this.#sentBytes[track] = this.log.tracks[track].length;
		this.#sentPeaks[track] = Math.floor(this.peaks[track].sampleCount / SAMPLES_PER_PEAK);
		return run ? [run] : [];
	}

	#peakRun(track: TrackName, first: number): PeakRun | undefined {
		const trackBytes = this.log.tracks[track].length;
		if (trackBytes === 0) return undefined;
		const peaks = this.peaks[track];
		return { track, first, levels: peaks.levels(first, peaks.bucketCount), trackBytes };
	}
}

function addTo(track: BlobTrack | FileTrack, { bytes, payloadAt }: IncomingAudio): number {
	if (track instanceof BlobTrack) return track.append(bytes);
	return payloadAt === null ? track.appendBytes(bytes) : track.append(payloadAt, bytes.length);
}
