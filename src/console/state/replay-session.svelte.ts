import { audioWireFormat } from '#core/protocol/session-config.ts';
import type { RecordingSummary } from '#core/recording/recorded-event.ts';
import type { RecordingLog } from '#core/recording/recording-log.ts';
import { Checkpoints } from '#core/session/checkpoints.ts';
import { BusySwitch } from './busy.ts';
import { notices } from './notices.svelte.ts';
import type { OpenedRecording } from './opened-recording.svelte.ts';
import { ReplaySound, type Voices } from './replay-sound.ts';
import { SessionView } from './session-view.svelte.ts';
import type { Slicing } from './slices.ts';
import type { TrackPeaks } from './track-peaks.svelte.ts';

export const SPEEDS: readonly number[] = [0.5, 0.75, 1, 1.5, 2, 3, 4];

/** Between two moments of the session that are shown while it plays, ms: as often as an eye follows. */
const SHOWN_EVERY_MS = 40;
/** When it takes longer than this to make the sound ready, the page says so. Milliseconds. */
const SAID_AFTER_MS = 300;
/** The next stretch of sound is made so long before it is needed, ms of session time at the ordinary speed. */
const AHEAD_MS = 60_000;

/**
 * A recording on a clock. `view` is the session at the playhead, folded from the log as it was live; `whole` is all of it
 * that has come so far, for the waveforms, the list of events and the marks to jump to.
 */
export class ReplaySession {
	readonly recording: OpenedRecording;
	readonly view: SessionView;
	readonly whole: SessionView;
	/** The playhead, ms of session time. */
	ms = $state(0);
	isPlaying = $state(false);
	/** What is being waited for, in words; empty while nothing is. */
	status = $state('');
	/** The event that the playhead is to stand at has not come yet. */
	isAwaited = $state(false);
	speed = $state(1);
	readonly #sound: ReplaySound;
	readonly #unwatch: () => void;
	readonly #preparing = new BusySwitch();
	/** Where the playhead is to be: at a moment, or right after one of several events that share it. */
	#place: { readonly ms: number } | { readonly seq: number } = { ms: 0 };
	#frame = 0;
	#shownAt = 0;
	#clockStartedAt = 0;
	#clockStartMs = 0;
	/** Grows whenever the sound is to begin elsewhere, or not at all. */
	#soundNumber = 0;
	#isPreparing = false;
	#hasSound = false;

	constructor(recording: OpenedRecording, slicing?: Slicing) {
		this.recording = recording;
		const options = { checkpoints: new Checkpoints(), ...(slicing && { slicing }) };
		this.view = new SessionView(recording.log, options);
		this.whole = new SessionView(recording.log, options);
		this.#sound = new ReplaySound((voices, lengthMs) => recording.mix(voices, lengthMs));
		this.#unwatch = recording.watch(() => this.#grown());
		this.#grown();
	}

	get summary(): RecordingSummary {
		return this.recording.summary;
	}

	get log(): RecordingLog {
		return this.recording.log;
	}

	get peaks(): TrackPeaks {
		return this.recording.peaks;
	}

	/** The end of what has come of the log, or of what was still being heard then. */
	readonly #heardUntilMs = $derived.by(() => {
		void this.recording.version;
		const { callerPlacements, modelPlacements } = this.whole;
		const heard = [...callerPlacements, ...modelPlacements].filter((placement) => placement.state === 'heard');
		return heard.reduce((end, { endMs }) => Math.max(end, endMs), this.recording.log.lengthMs);
	});

	/** How long it is; while it is loading, at least what the library says. */
	readonly lengthMs = $derived.by(() => {
		const { isLoaded, summary } = this.recording;
		return isLoaded ? this.#heardUntilMs : Math.max(summary.lengthMs, this.#heardUntilMs);
	});

	/** Plays from the playhead; from the start again when it stands at the end. */
	play(): void {
		if (this.isPlaying) return;
		if (this.ms >= this.lengthMs) this.#goTo({ ms: 0 });
		this.isPlaying = true;
		void this.#startSound();
		this.#frame = requestAnimationFrame(() => this.#tick());
	}

	pause(): void {
		if (!this.isPlaying) return;
		this.isPlaying = false;
		cancelAnimationFrame(this.#frame);
		this.#endSound();
		this.#show();
	}

	/** Moves the playhead; playing goes on from there. */
	seek(ms: number): void {
		this.#goTo({ ms: Math.min(Math.max(0, ms), this.lengthMs) });
		if (this.isPlaying) void this.#startSound();
	}

	setSpeed(speed: number): void {
		this.speed = speed;
		this.#sound.setSpeed(speed);
		this.#restartClock();
	}

	/** Steps to the beginning of the turn before or after the playhead. */
	stepTurn(direction: 1 | -1): void {
		const starts = this.whole.turns.map((turn) => turn.atMs);
		const next = direction === 1 ? starts.find((ms) => ms > this.ms + 1) : starts.findLast((ms) => ms < this.ms - 1);
		this.seek(next ?? (direction === 1 ? this.lengthMs : 0));
	}

	/** Shows the session as it was right after event `seq`; as soon as it has come, while the recording is loading. */
	seekToEvent(seq: number): void {
		const isToCome = !this.recording.isLoaded && seq >= this.log.length;
		if (seq < 0 || (seq >= this.log.length && !isToCome)) return;
		this.#goTo({ seq });
		if (this.isPlaying) void this.#startSound();
	}

	/** How many events happened by the playhead; the session at it may still be on its way there. */
	get eventCount(): number {
		const { length } = this.log;
		return 'seq' in this.#place ? Math.min(length, this.#place.seq + 1) : this.log.countUpTo(this.#place.ms);
	}

	dispose(): void {
		this.pause();
		this.#unwatch();
		this.#preparing.set(false);
		this.#sound.dispose();
		this.view.dispose();
		this.whole.dispose();
	}

	/** There is more of the log. The playhead may have been waiting for it. */
	#grown(): void {
		void this.whole.follow(this.recording.isLoaded);
		this.#findPlace();
		this.#show();
	}

	#goTo(place: { readonly ms: number } | { readonly seq: number }): void {
		this.#place = place;
		this.#findPlace();
		this.#restartClock();
		this.#show();
	}

	#findPlace(): void {
		const place = this.#place;
		this.isAwaited = 'seq' in place && place.seq >= this.log.length;
		if ('ms' in place) this.ms = place.ms;
		else if (!this.isAwaited) this.ms = this.log.at(place.seq);
	}

	#show(): void {
		this.#shownAt = performance.now();
		this.view.moveTo(this.eventCount);
	}

	/** Makes the sound at the playhead ready and lets it begin; until then the clock stands still. */
	async #startSound(): Promise<void> {
		const number = ++this.#soundNumber;
		this.#sound.pause();
		this.#isPreparing = true;
		this.#preparing.set(true);
		const saying = setTimeout(() => (this.status = 'Preparing the sound…'), SAID_AFTER_MS);
		try {
			// It is made of all that has come, and all of that must have been folded.
			await this.whole.settle();
			if (number !== this.#soundNumber) return;
			this.#sound.setVoices(this.#voices());
			const prepared = await this.#sound.prepare(this.ms);
			if (number !== this.#soundNumber) return;
			this.#hasSound = prepared.ok;
			if (prepared.ok) await this.#sound.play(this.ms);
			else saySilent(prepared.error);
		} catch (error) {
			// A pause or a seek before the sound began is no fault.
			if (error instanceof DOMException && error.name === 'AbortError') return;
			if (number !== this.#soundNumber) return;
			this.#hasSound = false;
			saySilent(`The browser said: ${error instanceof Error ? error.message : String(error)}`);
		} finally {
			clearTimeout(saying);
			if (number === this.#soundNumber) this.#ready();
		}
	}

	#voices(): Voices {
		const { callerPlacements: caller, modelPlacements: model, session } = this.whole;
		const formats = {
			caller: audioWireFormat(session.config, 'input'),
			model: audioWireFormat(session.config, 'output')
		};
		return { caller, model, formats, lengthMs: this.#heardUntilMs };
	}

	#endSound(): void {
		this.#soundNumber++;
		this.#sound.pause();
		this.#ready();
	}

	#ready(): void {
		this.#isPreparing = false;
		this.status = '';
		this.#preparing.set(false);
		this.#restartClock();
	}

	#tick(): void {
		if (!this.isPlaying) return;
		this.#frame = requestAnimationFrame(() => this.#tick());
		if (this.#isPreparing) return;
		const ms = Math.min(this.#nowMs(), this.lengthMs);
		this.ms = ms;
		this.#place = { ms };
		if (performance.now() - this.#shownAt >= SHOWN_EVERY_MS) this.#show();
		if (ms >= this.lengthMs) return this.pause();
		const { endMs } = this.#sound;
		if (!this.#hasSound || endMs === null) return;
		if (ms >= endMs) void this.#startSound();
		else if (ms >= endMs - AHEAD_MS * this.speed && endMs < this.lengthMs) void this.#sound.prepare(endMs);
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
		const soundMs = this.#sound.ms;
		if (soundMs === null) return this.#clockStartMs + (performance.now() - this.#clockStartedAt) * this.speed;
		const ms = Math.max(this.ms, soundMs);
		this.#clockStartMs = ms;
		this.#clockStartedAt = performance.now();
		return ms;
	}
}

function saySilent(reason: string): void {
	const text = `The replay goes on without sound. ${reason}`;
	notices.show({ kind: 'warning', title: 'The recording cannot be heard', text });
}
