import { workletScope } from '../worklet-scope.ts';

/** All that a tap saw since it was attached. */
export interface Tapped {
	/** The context's frame of each render quantum: of samples 0, 128, 256 and so on. */
	readonly quantumFrames: readonly number[];
	readonly samples: Float32Array<ArrayBuffer>;
}

/** Keeps every sample that flows into it. `frameWord`, where there is one, says which quantum it saw last. */
class TapProcessor extends workletScope.AudioWorkletProcessor {
	readonly #quanta: Float32Array[] = [];
	readonly #frameWord: Int32Array | undefined;
	readonly #quantumFrames: number[] = [];

	constructor({ processorOptions: { frameWord } }: { processorOptions: { frameWord?: SharedArrayBuffer } }) {
		super();
		this.#frameWord = frameWord && new Int32Array(frameWord);
		this.port.onmessage = () => this.#answer();
	}

	process([input]: readonly (readonly Float32Array[])[]): boolean {
		this.#quantumFrames.push(workletScope.currentFrame);
		if (this.#frameWord) Atomics.store(this.#frameWord, 0, workletScope.currentFrame);
		this.#quanta.push(input?.[0]?.slice() ?? new Float32Array(128));
		if (this.#quanta.length === 1) this.port.postMessage('listening');
		return true;
	}

	#answer(): void {
		const samples = new Float32Array(this.#quanta.length * 128);
		this.#quanta.forEach((quantum, index) => samples.set(quantum, index * 128));
		const tapped: Tapped = { quantumFrames: this.#quantumFrames, samples };
		this.port.postMessage(tapped, [samples.buffer]);
	}
}

workletScope.registerProcessor('earshot-test-tap', TapProcessor);
