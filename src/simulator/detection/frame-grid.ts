/** Which caller samples it takes to judge a frame: known to both sides of the worker thread, so that only whole frames go there. */
import { Resampler } from '#core/audio/resample.ts';
import { FRAME_SAMPLES } from '#simulator/detection/silero-graph.ts';
import type { InputRateHz } from '#simulator/session/ports.ts';

export const MODEL_RATE_HZ = 16000;

export class FrameGrid {
	/** Caller samples in a frame of 32 ms. */
	readonly frameSamples: number;
	/** Samples after the end of a frame that the resampler must see before the frame is complete. */
	readonly delaySamples: number;

	constructor(rateHz: InputRateHz) {
		this.frameSamples = (FRAME_SAMPLES * rateHz) / MODEL_RATE_HZ;
		const { lookAheadSamples } = new Resampler(rateHz, MODEL_RATE_HZ);
		// The last output of a frame sits this much before its end.
		this.delaySamples = lookAheadSamples + 1 - Math.ceil(rateHz / MODEL_RATE_HZ);
	}

	/** How many frames are complete when `samples` have come since the stream began. */
	framesIn(samples: number): number {
		return Math.max(0, Math.floor((samples - this.delaySamples) / this.frameSamples));
	}

	/** How many samples complete the first `frames` frames. */
	samplesFor(frames: number): number {
		return frames === 0 ? 0 : frames * this.frameSamples + this.delaySamples;
	}
}
