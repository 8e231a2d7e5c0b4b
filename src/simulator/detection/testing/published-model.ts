/** For tests: Silero v6 run as its authors published it, frame by frame, to compare ours with. */
import { createRequire } from 'node:module';
import type { Tensor } from 'onnxruntime-web';
import { Resampler } from '#core/audio/resample.ts';
import { readPublishedModel } from '#simulator/detection/silero-model.ts';
import { compileFlite } from '#simulator/speech/flite-wasi.ts';
import { synthesizeClause } from '#simulator/speech/speech-synthesis.ts';

const ort = createRequire(import.meta.url)('onnxruntime-web') as typeof import('onnxruntime-web');

/** Speech between silences of half a second, 16-bit mono at 24 kHz. */
export function spokenAudio(): Int16Array {
	const speech = synthesizeClause(compileFlite(), 'Good morning, is anybody there?', 'ash', 1) ?? new Int16Array(0);
	const audio = new Int16Array(24_000 + speech.length);
	audio.set(speech, 12_000);
	return audio;
}

/** Audio at 24 kHz as frames of 576 samples at 16 kHz, the last 64 of the frame before in front. */
export function cutFrames(audio: Int16Array): Float32Array[] {
	const samples = new Resampler(24000, 16000).process(Float32Array.from(audio, (sample) => sample / 32768));
	const padded = new Float32Array(64 + samples.length);
	padded.set(samples, 64);
	return Array.from({ length: Math.floor(samples.length / 512) }, (_, i) => padded.slice(i * 512, i * 512 + 576));
}

/** How likely each frame is speech, by the published graph. */
export async function judgeWithPublished(frames: Float32Array[]): Promise<number[]> {
	const session = await ort.InferenceSession.create(readPublishedModel());
	let state = new ort.Tensor('float32', new Float32Array(256), [2, 1, 128]) as Tensor;
	const found: number[] = [];
	for (const frame of frames) {
		const input = new ort.Tensor('float32', frame, [1, 576]);
		const output = await session.run({ input, state, sr: new ort.Tensor('int64', BigInt64Array.of(16000n)) });
		state = output['stateN'] as Tensor;
		found.push(((output['output'] as Tensor).data as Float32Array)[0] ?? -1);
	}
	return found;
}
