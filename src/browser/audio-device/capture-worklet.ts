import { floatToPcm16, SAMPLE_RATE } from '#core/audio/pcm16.ts';
import {
	CAPTURE_PROCESSOR,
	type CaptureOptions,
	type FromCaptureWorklet,
	type ToCaptureWorklet
} from './capture-protocol.ts';
import { workletScope } from './worklet-scope.ts';

const LEVEL_EVERY_SAMPLES = SAMPLE_RATE / 20;
const SILENCE = new Float32Array(128);

/** Cuts what flows into it (the browser mixes what is connected) into frames of PCM16. */
class CaptureProcessor extends workletScope.AudioWorkletProcessor {
	readonly #frame: Float32Array;
	#filled = 0;
	/** The context's frame of the first sample in `#frame`. */
	#firstFrame = 0;
	#isSending = false;
	#peak = 0;
	#metered = 0;

	constructor({ processorOptions: { frameSamples } }: { processorOptions: CaptureOptions }) {
		super();
		this.#frame = new Float32Array(frameSamples);
		this.port.onmessage = ({ data }: MessageEvent<ToCaptureWorklet>) => this.#switch(data);
	}

	process([input]: readonly (readonly Float32Array[])[]): boolean {
		// Nothing connected, or nothing playing: that is silence, and silence is sent.
		const samples = input?.[0] ?? SILENCE;
		this.#meter(samples);
		if (this.#isSending) this.#take(samples);
		return true;
	}

	#switch({ isSending, switchCount }: ToCaptureWorklet): void {
		if (!isSending) this.#deliver();
		this.#isSending = isSending;
		this.#post({ kind: 'switched', switchCount });
	}

	#take(samples: Float32Array): void {
		let taken = 0;
		while (taken < samples.length) {
			if (this.#filled === 0) this.#firstFrame = workletScope.currentFrame + taken;
			const count = Math.min(samples.length - taken, this.#frame.length - this.#filled);
			this.#frame.set(samples.subarray(taken, taken + count), this.#filled);
			this.#filled += count;
			taken += count;
			if (this.#filled === this.#frame.length) this.#deliver();
		}
	}

	#deliver(): void {
		if (this.#filled === 0) return;
		const pcm16 = floatToPcm16(this.#frame.subarray(0, this.#filled)) as Uint8Array<ArrayBuffer>;
		this.#filled = 0;
		this.#post({ kind: 'audio', pcm16, frame: this.#firstFrame }, [pcm16.buffer]);
	}

	#meter(samples: Float32Array): void {
		for (const sample of samples) this.#peak = Math.max(this.#peak, Math.abs(sample));
		this.#metered += samples.length;
		if (this.#metered < LEVEL_EVERY_SAMPLES) return;
		this.#post({ kind: 'level', peak: this.#peak });
		this.#metered = 0;
		this.#peak = 0;
	}

	#post(message: FromCaptureWorklet, transfer: Transferable[] = []): void {
		this.port.postMessage(message, transfer);
	}
}

workletScope.registerProcessor(CAPTURE_PROCESSOR, CaptureProcessor);
