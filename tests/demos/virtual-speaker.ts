import { SAMPLE_RATE } from '#core/audio/pcm16.ts';
import {
	PlaybackLedger,
	type AudioSource,
	type PlaybackEvent,
	type PlaybackPosition,
	type StoppedPlayback
} from '#browser/audio-device/playback-ledger.ts';
import type { PlaybackReport } from '#browser/audio-device/playback-protocol.ts';

/** What a browser renders at once. */
const QUANTUM = 128;
const REPORT_EVERY_SAMPLES = SAMPLE_RATE / 10;

/**
 * A speaker without a device: what is enqueued leaves at 24,000 samples a second of the clock, in render quanta, as from
 * the ring of the console's playback worklet. The console's own ledger turns positions into playback events.
 */
export class VirtualSpeaker {
	/** From the ring to the ear, as a common headset has it. Milliseconds. */
	readonly outputLatencyMs = 100;
	readonly #emit: (event: PlaybackEvent) => void;
	#ledger: PlaybackLedger;
	#written = 0;
	#played = 0;
	/** Where and when the samples began to flow; `null` while the ring is dry. */
	#flow: { readonly position: number; readonly frame: number } | null = null;
	#reportedPosition = 0;

	constructor(emit: (event: PlaybackEvent) => void) {
		this.#emit = emit;
		this.#ledger = this.#newLedger();
	}

	/** Adds 24 kHz PCM16 at the end. */
	enqueue(source: AudioSource, pcm16: Uint8Array): void {
		this.advance();
		const count = pcm16.length >> 1;
		this.#ledger.add(source, count);
		this.#written += count;
	}

	/** No more will come for this source. */
	finish(source: AudioSource): void {
		this.advance();
		this.#ledger.finish(source);
	}

	/** Silence from the next render quantum on; tells what was cut off, `null` when nothing was left to play. */
	async stop(): Promise<StoppedPlayback | null> {
		const frame = frameNow() + QUANTUM;
		const ledger = this.#ledger;
		await new Promise((resolve) => setTimeout(resolve, msOfFrame(frame) - performance.now() + 1));
		this.#advanceTo(frame);
		const stopped = ledger.stop(this.#played, frame);
		this.#ledger = this.#newLedger(this.#written);
		this.#played = this.#written;
		this.#flow = null;
		return stopped;
	}

	/** What is playing at this moment. */
	position(): PlaybackPosition | null {
		this.advance();
		const located = this.#ledger.locate(this.#played);
		return located ? { ...located, atMs: msOfFrame(frameNow()) } : null;
	}

	/** Plays what is due. To be called every few milliseconds. */
	advance(): void {
		this.#advanceTo(frameNow());
	}

	#advanceTo(frame: number): void {
		if (!this.#flow && this.#written > this.#played) {
			this.#flow = { position: this.#played, frame };
			this.#reportedPosition = this.#played;
			this.#report('flowing', frame);
		}
		const flow = this.#flow;
		if (!flow) return;
		const due = flow.position + frame - flow.frame;
		this.#played = Math.max(this.#played, Math.min(due, this.#written));
		if (due > this.#written) {
			this.#flow = null;
			this.#report('dry', flow.frame + this.#played - flow.position);
		} else if (this.#played - this.#reportedPosition >= REPORT_EVERY_SAMPLES) {
			this.#reportedPosition = this.#played;
			this.#report('playing', flow.frame + this.#played - flow.position);
		}
	}

	#report(kind: PlaybackReport['kind'], frame: number): void {
		this.#ledger.report({ kind, position: this.#played, frame, peak: 0, stopCount: 0 });
	}

	#newLedger(position = 0): PlaybackLedger {
		return new PlaybackLedger(position, msOfFrame, this.#emit);
	}
}

/** The first frame of the render quantum that is under way. */
function frameNow(): number {
	return Math.floor((performance.now() * SAMPLE_RATE) / 1000 / QUANTUM) * QUANTUM;
}

function msOfFrame(frame: number): number {
	return (frame * 1000) / SAMPLE_RATE;
}
