import { PeakTrack } from '#core/audio/peaks.ts';
import { succeed, type Result } from '#core/base/result.ts';
import { EntryBlock } from '#core/recording/entry-block.ts';
import { audioOfTracks } from '#core/recording/export/audio-reader.ts';
import type { RecordingSummary, TrackName } from '#core/recording/recorded-event.ts';
import type { MemoryLog } from '#core/recording/recording-log.ts';
import { formatWav, planMix } from '#core/timeline/export/mix.ts';
import type { LibraryProblem, MixPlacements, OpenedRecording, OpenListener } from '#browser/library/library-api.ts';
import type { RecordingSource } from '../opened-recording.svelte.ts';

const HANDLE = 7;

/** A library in the page's own memory that holds one recording, and gives out as much of it as a test says. */
export class MemorySource implements RecordingSource {
	readonly log: MemoryLog;
	readonly summary: RecordingSummary;
	/** What was asked for of the audio. */
	readonly reads: { track: TrackName; offset: number; length: number }[] = [];
	readonly mixes: { placements: MixPlacements; lengthMs: number }[] = [];
	isClosed = false;
	#listener: OpenListener | null = null;
	#given = 0;
	readonly #givenBytes: Record<TrackName, number> = { caller: 0, model: 0 };

	constructor(log: MemoryLog, status: RecordingSummary['status'] = 'closed') {
		this.log = log;
		this.summary = {
			header: {
				...{ earshot: 1, id: 'a', startedAt: '2026-11-20T09:00:00.000Z', title: 'A talk', redacted: [] },
				...{ endpoint: 'Simulator', transport: 'WebSocket', model: 'gpt-realtime-2.1' }
			},
			...{ status, lengthMs: log.lengthMs, eventCount: log.length },
			...{ callerBytes: log.tracks.caller.length, modelBytes: log.tracks.model.length },
			...{ turns: 0, interruptions: 0, errors: 0 }
		};
	}

	get listener(): OpenListener {
		if (!this.#listener) throw new Error('Nobody has opened the recording.');
		return this.#listener;
	}

	open(_id: string, listener: OpenListener): Promise<Result<OpenedRecording, LibraryProblem>> {
		this.#listener = listener;
		return Promise.resolve(succeed({ handle: HANDLE, summary: this.summary }));
	}

	/** Gives out the entries up to the first `count`, in blocks, and the peaks of all audio. */
	give(count = this.log.length): void {
		while (this.#given < count) {
			const block = new EntryBlock();
			while (this.#given < count && !block.isFull) block.append(this.log.entry(this.#given++));
			this.listener.onblocks([block.data()]);
		}
		for (const track of ['caller', 'model'] as const) this.#givePeaks(track);
	}

	close(): Promise<void> {
		this.isClosed = true;
		return Promise.resolve();
	}

	readAudio(_handle: number, track: TrackName, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
		this.reads.push({ track, offset, length });
		const bytes = this.log.tracks[track];
		return Promise.resolve(bytes.read(offset, Math.min(length, bytes.length - offset)).slice());
	}

	async mix(
		_handle: number,
		placements: MixPlacements,
		lengthMs: number
	): Promise<Result<{ readonly wav: Blob }, LibraryProblem>> {
		this.mixes.push({ placements, lengthMs });
		const voices = (['caller', 'model'] as const).map((track) => ({
			track,
			placements: placements[track],
			format: placements.formats[track]
		}));
		const wav = formatWav(planMix([voices], lengthMs, audioOfTracks(this.log.tracks)));
		if (!wav.ok) throw new Error(wav.error);
		const pieces: BlobPart[] = [];
		for await (const piece of wav.value.pieces) pieces.push(piece as Uint8Array<ArrayBuffer>);
		return succeed({ wav: new Blob(pieces, { type: 'audio/wav' }) });
	}

	#givePeaks(track: TrackName): void {
		const bytes = this.log.tracks[track];
		if (bytes.length === this.#givenBytes[track]) return;
		const peaks = new PeakTrack();
		peaks.append(bytes.read(0, bytes.length));
		this.#givenBytes[track] = bytes.length;
		const levels = peaks.levels(0, peaks.bucketCount);
		this.listener.onpeaks({ track, first: 0, levels, trackBytes: bytes.length });
	}
}
