import type { Tapped } from './tap-worklet.ts';
import tapWorkletUrl from './tap-worklet.ts?worker&url';

/** Listens, in the audio thread, to what leaves a node. */
export interface Tap {
	/** The frame at which the quantum began that the tap saw last; needs shared memory. */
	lastFrame(): number;
	/** All samples so far. */
	read(): Promise<Tapped>;
}

/** Attaches a tap to a node of a running context; when this resolves, it listens. */
export async function attachTap(context: AudioContext, node: AudioNode): Promise<Tap> {
	await context.audioWorklet.addModule(tapWorkletUrl);
	const frameWord = globalThis.crossOriginIsolated ? new SharedArrayBuffer(4) : undefined;
	const tap = new AudioWorkletNode(context, 'earshot-test-tap', { processorOptions: { frameWord } });
	const listening = new Promise((resolve) => (tap.port.onmessage = resolve));
	node.connect(tap).connect(context.destination);
	await listening;
	const view = new Int32Array(frameWord ?? new ArrayBuffer(4));
	return {
		lastFrame: () => Atomics.load(view, 0),
		read: () =>
			new Promise((resolve) => {
				tap.port.onmessage = ({ data }: MessageEvent<Tapped>) => resolve(data);
				tap.port.postMessage('read');
			})
	};
}

/** Noise without a zero sample, so that silence can be told from it; the same for the same seed. */
export function noise(length: number, seed = 1): Int16Array<ArrayBuffer> {
	let state = seed;
	return Int16Array.from({ length }, () => {
		state = (Math.imul(state, 1664525) + 1013904223) | 0;
		return state >> 16 || 1;
	});
}

/** The samples as the bytes that cross the wire. */
export function bytesOf(samples: Int16Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
	return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

/** Samples of a worklet (-1 to 1) as 16-bit numbers; every one must be a whole one. */
export function toInt16(samples: Float32Array): Int16Array<ArrayBuffer> {
	return Int16Array.from(samples, (sample) => {
		const value = sample * 32768;
		if (!Number.isInteger(value)) throw new Error(`${sample} is no 16-bit sample`);
		return value;
	});
}

/** Joined, in order. */
export function joinSamples(...parts: readonly Int16Array[]): Int16Array<ArrayBuffer> {
	return Int16Array.from(parts.flatMap((part) => [...part]));
}

/** The context's frame of a sample that was tapped. */
export function frameOf({ quantumFrames }: Tapped, index: number): number {
	return quantumFrames[Math.floor(index / 128)]! + (index % 128);
}
