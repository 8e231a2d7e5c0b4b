import { succeed, type Result } from '#core/base/result.ts';
import type { EntryBlockData } from '#core/recording/entry-block.ts';
import type { RecordingSummary, TrackName } from '#core/recording/recorded-event.ts';
import { RecordingLog } from '#core/recording/recording-log.ts';
import type { LibraryApi, LibraryProblem, MixPlacements, OpenListener, PeakRun } from '#browser/library/library-api.ts';
import { PageCache, PagedTrack } from '#browser/library/paged-track.ts';
import { beginWork } from './busy.ts';
import { TrackPeaks } from './track-peaks.svelte.ts';

/** Blocks that come in a hurry are shown together, this often. Milliseconds. */
const TOLD_EVERY_MS = 40;

/** What opening a recording needs of the library. */
export type RecordingSource = Pick<LibraryApi, 'open' | 'close' | 'readAudio' | 'mix'>;

/**
 * Opens a kept recording. Its entries come block by block, and it goes on growing while it is being recorded or taken in.
 * `dispose` closes it.
 */
export async function openRecording(
	source: RecordingSource,
	id: string
): Promise<Result<OpenedRecording, LibraryProblem>> {
	let recording: OpenedRecording | null = null;
	// The first blocks may be here before the answer is.
	const early: ((recording: OpenedRecording) => void)[] = [];
	const tell = (what: (recording: OpenedRecording) => void) => {
		if (recording) what(recording);
		else early.push(what);
	};
	const opened = await source.open(id, {
		onblocks: (blocks) => tell((to) => to.onblocks(blocks)),
		onpeaks: (run) => tell((to) => to.onpeaks(run)),
		onloaded: (damage) => tell((to) => to.onloaded(damage)),
		onsummary: (summary) => tell((to) => to.onsummary(summary)),
		onlost: (problem) => tell((to) => to.onlost(problem))
	});
	if (!opened.ok) return opened;
	recording = new OpenedRecording(source, opened.value.handle, opened.value.summary);
	for (const what of early) what(recording);
	return succeed(recording);
}

/** What has come so far of a recording that is being looked at. */
export class OpenedRecording implements OpenListener {
	summary: RecordingSummary = $state.raw() as RecordingSummary;
	/** Grows with the log: panes that show entries read it. */
	version = $state.raw(0);
	/** All that there was when it was opened has come. */
	isLoaded = $state(false);
	/** What is missing of it, in sentences. */
	damage = $state.raw<readonly string[]>([]);
	/** Why no more can be read of it; `null` while it can. */
	problem = $state.raw<LibraryProblem | null>(null);
	readonly log: RecordingLog<PagedTrack>;
	readonly peaks = new TrackPeaks();
	readonly #source: RecordingSource;
	readonly #handle: number;
	#watchers: readonly (() => void)[] = [];
	readonly #endLoading = beginWork();
	#toldMs = -Infinity;
	#telling: ReturnType<typeof setTimeout> | undefined;
	#isDisposed = false;

	constructor(source: RecordingSource, handle: number, summary: RecordingSummary) {
		this.#source = source;
		this.#handle = handle;
		this.summary = summary;
		const cache = new PageCache();
		const onarrive = () => this.peaks.changed();
		const track = (name: TrackName) =>
			new PagedTrack({
				name,
				cache,
				onarrive,
				read: (offset, length) => source.readAudio(handle, name, offset, length)
			});
		this.log = new RecordingLog({ caller: track('caller'), model: track('model') });
	}

	/** Calls back whenever the log has grown, or all of it has come. Returns what ends that. */
	watch(watcher: () => void): () => void {
		this.#watchers = [...this.#watchers, watcher];
		return () => {
			this.#watchers = this.#watchers.filter((other) => other !== watcher);
		};
	}

	/** Both voices in their places as one mono WAV at 24 kHz. */
	mix(voices: MixPlacements, lengthMs: number): ReturnType<LibraryApi['mix']> {
		return this.#source.mix(this.#handle, voices, lengthMs);
	}

	onblocks(blocks: readonly EntryBlockData[]): void {
		if (this.#isDisposed) return;
		for (const block of blocks) this.log.addBlock(block);
		if (performance.now() - this.#toldMs >= TOLD_EVERY_MS) this.#tell();
		else this.#telling ??= setTimeout(() => this.#tell(), TOLD_EVERY_MS);
	}

	onpeaks({ track, first, levels, trackBytes }: PeakRun): void {
		this.log.tracks[track].grow(trackBytes);
		this.peaks.appendLevels(track, first, levels);
	}

	onloaded(damage: readonly string[]): void {
		this.damage = damage;
		this.isLoaded = true;
		this.#endLoading();
		this.#tell();
	}

	onsummary(summary: RecordingSummary): void {
		this.summary = summary;
	}

	onlost(problem: LibraryProblem): void {
		this.problem = problem;
		this.isLoaded = true;
		this.#endLoading();
		this.#tell();
	}

	/** Lets go of it: nothing more will come or be read. */
	dispose(): void {
		if (this.#isDisposed) return;
		this.#isDisposed = true;
		this.#watchers = [];
		this.#endLoading();
		void this.#source.close(this.#handle);
	}

	#tell(): void {
		clearTimeout(this.#telling);
		this.#telling = undefined;
		if (this.#isDisposed) return;
		this.#toldMs = performance.now();
		this.version++;
		for (const watcher of this.#watchers) watcher();
	}
}
