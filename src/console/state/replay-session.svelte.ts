import type { RecordingSummary } from '#core/recording/recorded-event.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import { mixRecording } from './replay-audio.ts';
import { SessionView, TrackPeaks } from './session-view.svelte.ts';
import { notices } from './notices.svelte.ts';

export const SPEEDS: readonly number[] = [0.5, 0.75, 1, 1.5, 2, 3, 4];

/** Longer recordings are replayed without sound: an hour of it takes 173 MB. Milliseconds. */
const LONGEST_SOUND_MS = 3 * 3_600_000;

/**
 * A recording on a clock. `view` is the session at the playhead, folded from the log as it was live; `whole` is all of
 * it, for the waveforms, the list of events and the marks to jump to.
 */
export class ReplaySession {
	readonly summary: RecordingSummary;
	readonly view: SessionView;
	readonly whole: SessionView;
	readonly peaks: TrackPeaks;
	/** The playhead, ms of session time. */
	ms = $state(0);
	isPlaying = $state(false);
	speed = $state(1);
	readonly lengthMs: number;
	readonly #log: RecordingLog;
	readonly #audio = new Audio();
	/** The mixed voices; made when they are first to be heard. */
	#audioUrl: string | null = null;
	#frame = 0;
	#clockStartedAt = 0;
	#clockStartMs = 0;

	constructor(summary: RecordingSummary, log: RecordingLog) {
		this.summary = summary;
		this.#log = log;
		this.view = new SessionView(log);
		this.whole = new SessionView(log);
		this.whole.foldTo(log.length);
		this.peaks = TrackPeaks.of(log);
		this.lengthMs = this.#heardUntilMs();
	}

	/** Plays from the playhead; from the start again when it stands at the end. */
	async play(): Promise<void> {
		if (this.isPlaying) return;
		if (this.ms >= this.lengthMs) this.seek(0);
		this.isPlaying = true;
		this.#startClock();
		try {
			if (!this.#loadSound()) return;
			this.#audio.playbackRate = this.speed;
			this.#audio.currentTime = this.ms / 1000;
			await this.#audio.play();
		} catch (error) {
			// A pause or a seek before the sound began is no fault.
			if (error instanceof DOMException && error.name === 'AbortError') return;
			const detail = error instanceof Error ? error.message : String(error);
			const text = `The replay goes on without sound. The browser said: ${detail}`;
			notices.show({ kind: 'warning', title: 'The recording cannot be heard', text });
		}
	}

	pause(): void {
		if (!this.isPlaying) return;
		this.isPlaying = false;
		cancelAnimationFrame(this.#frame);
		this.#audio.pause();
	}

	/** Moves the playhead; playing goes on from there. */
	seek(ms: number): void {
		this.#moveTo(Math.min(Math.max(0, ms), this.lengthMs));
		this.#audio.currentTime = this.ms / 1000;
		this.#restartClock();
	}

	setSpeed(speed: number): void {
		this.speed = speed;
		this.#audio.playbackRate = speed;
		this.#restartClock();
	}

	/** Steps to the beginning of the turn before or after the playhead. */
	stepTurn(direction: 1 | -1): void {
		const starts = this.whole.turns.map((turn) => turn.atMs);
		const next = direction === 1 ? starts.find((ms) => ms > this.ms + 1) : starts.findLast((ms) => ms < this.ms - 1);
		this.seek(next ?? (direction === 1 ? this.lengthMs : 0));
	}

	/** Shows the session as it was right after event `seq`. */
	seekToEvent(seq: number): void {
		if (seq < 0 || seq >= this.#log.length) return;
		this.#seekToCount(seq + 1, this.#log.entry(seq).at);
	}

	dispose(): void {
		this.pause();
		this.#audio.removeAttribute('src');
		this.#audio.load();
		if (this.#audioUrl !== null) URL.revokeObjectURL(this.#audioUrl);
	}

	/** The end of the log, or of what was still being heard then. */
	#heardUntilMs(): number {
		const heard = [...this.whole.callerPlacements, ...this.whole.modelPlacements].filter((p) => p.state === 'heard');
		return heard.reduce((end, placement) => Math.max(end, placement.endMs), this.#log.lengthMs);
	}

	/** Returns whether there is a sound to play; says why when there is none. */
	#loadSound(): boolean {
		if (this.#audioUrl !== null) return true;
		const { callerPlacements, modelPlacements } = this.whole;
		if (this.lengthMs > LONGEST_SOUND_MS) {
			const text = 'It is longer than three hours. Everything else replays.';
			notices.show({ kind: 'warning', title: 'This recording is replayed without sound', text });
			return false;
		}
		const mixed = mixRecording(this.#log, callerPlacements, modelPlacements, this.lengthMs);
		if (mixed.leftOut > 0) {
			const text = `${mixed.leftOut} of its audio runs are not 24 kHz PCM16, which is all that can be replayed today.`;
			notices.show({ kind: 'warning', title: 'Parts of this recording cannot be heard', text });
		}
		this.#audioUrl = URL.createObjectURL(mixed.wav);
		this.#audio.preload = 'auto';
		this.#audio.src = this.#audioUrl;
		return true;
	}

	/** Several events can share a moment: the count says after which of them the playhead stands. */
	#seekToCount(count: number, ms: number): void {
		this.ms = ms;
		this.view.foldTo(count);
		this.#audio.currentTime = ms / 1000;
		this.#restartClock();
	}

	#moveTo(ms: number): void {
		this.ms = ms;
		this.view.foldTo(this.#log.countUpTo(ms));
	}

	#startClock(): void {
		this.#restartClock();
		const tick = () => {
			if (!this.isPlaying) return;
			const ms = this.#nowMs();
			this.#moveTo(Math.min(ms, this.lengthMs));
			if (ms >= this.lengthMs) return this.pause();
			this.#frame = requestAnimationFrame(tick);
		};
		this.#frame = requestAnimationFrame(tick);
	}

	#restartClock(): void {
		this.#clockStartedAt = performance.now();
		this.#clockStartMs = this.ms;
	}

	/**
	 * Where the playhead belongs: at the sound while there is one, else by the clock. It never goes back: a sound that
	 * begins late is waited for.
	 */
	#nowMs(): number {
		const isSounding = !this.#audio.paused && !this.#audio.ended && this.#audioUrl !== null;
		if (!isSounding) return this.#clockStartMs + (performance.now() - this.#clockStartedAt) * this.speed;
		const ms = Math.max(this.ms, this.#audio.currentTime * 1000);
		this.#clockStartMs = ms;
		this.#clockStartedAt = performance.now();
		return ms;
	}
}
