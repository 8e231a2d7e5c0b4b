import { SAMPLE_RATE } from '#core/audio/pcm16.ts';
import {
	PLAYBACK_PROCESSOR,
	type PlaybackOptions,
	type PlaybackReport,
	type ToPlaybackWorklet
} from './playback-protocol.ts';
import { SampleRing } from './sample-ring.ts';
import { workletScope } from './worklet-scope.ts';

const REPORT_EVERY_SAMPLES = SAMPLE_RATE / 10;

/**
 * Plays the ring. It knows nothing of items: it reports positions, and the page knows what lies there. A ring that runs
 * dry is silence, and what comes later is played from its first sample.
 */
class PlaybackProcessor extends workletScope.AudioWorkletProcessor {
	readonly #ring: SampleRing;
	#isFlowing = false;
	#stopsAnswered = 0;
	#reportedPosition = 0;
	#peak = 0;

	constructor({ processorOptions: { ringSamples, shared } }: { processorOptions: PlaybackOptions }) {
		super();
		const samples = shared?.samples ?? new ArrayBuffer(ringSamples * Int16Array.BYTES_PER_ELEMENT);
		this.#ring = new SampleRing(samples, shared?.control ?? new ArrayBuffer(SampleRing.controlBytes));
		this.port.onmessage = ({ data }: MessageEvent<ToPlaybackWorklet>) => this.#receive(data, shared !== undefined);
	}

	process(_inputs: unknown, [output]: readonly (readonly Float32Array[])[]): boolean {
		this.#obeyStop();
		const channel = output?.[0];
		if (channel) this.#fill(channel);
		return true;
	}

	#receive(message: ToPlaybackWorklet, isShared: boolean): void {
		if (message.kind === 'samples') this.#ring.write(message.samples);
		else {
			if (!isShared) this.#ring.requestStop(message.discardTo, message.stopCount);
			// A suspended context renders nothing, but it does receive messages.
			this.#obeyStop();
		}
	}

	#obeyStop(): void {
		const { stopCount } = this.#ring;
		if (stopCount === this.#stopsAnswered) return;
		this.#stopsAnswered = stopCount;
		const position = this.#ring.played;
		this.#ring.advanceTo(Math.max(position, this.#ring.discardTo));
		this.#isFlowing = false;
		this.#peak = 0;
		this.#report('stopped', position, workletScope.currentFrame, stopCount);
	}

	#fill(channel: Float32Array): void {
		const ring = this.#ring;
		const position = ring.played;
		const count = Math.min(channel.length, ring.written - position);
		if (count > 0 && !this.#isFlowing) {
			this.#isFlowing = true;
			this.#reportedPosition = position;
			this.#report('flowing', position, workletScope.currentFrame);
		}
		for (let index = 0; index < count; index++) {
			const sample = ring.sampleAt(position + index) / 32768;
			channel[index] = sample;
			this.#peak = Math.max(this.#peak, Math.abs(sample));
		}
		ring.advanceTo(position + count);
		this.#reportProgress(position + count, workletScope.currentFrame + count, count < channel.length);
	}

	#reportProgress(position: number, frame: number, isDry: boolean): void {
		if (this.#isFlowing && isDry) {
			this.#isFlowing = false;
			this.#report('dry', position, frame);
			this.#peak = 0;
		} else if (position - this.#reportedPosition >= REPORT_EVERY_SAMPLES) {
			this.#reportedPosition = position;
			this.#report('playing', position, frame);
			this.#peak = 0;
		}
	}

	#report(kind: PlaybackReport['kind'], position: number, frame: number, stopCount = 0): void {
		const report: PlaybackReport = { kind, position, frame, peak: this.#peak, stopCount };
		this.port.postMessage(report);
	}
}

workletScope.registerProcessor(PLAYBACK_PROCESSOR, PlaybackProcessor);
