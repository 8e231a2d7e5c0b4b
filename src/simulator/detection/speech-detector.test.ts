/** The real detector: on our own synthetic speech, and on the recorded clip where the corpus is there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFlite } from '#simulator/speech/flite-wasi.ts';
import { synthesizeClause } from '#simulator/speech/speech-synthesis.ts';
import { cutFrames, judgeWithPublished } from '#simulator/detection/testing/published-model.ts';
import { openSpeechDetector } from '#simulator/detection/speech-detector.ts';
import type { SpeechDetectorEngine } from '#simulator/detection/speech-detector.ts';
import type { DetectionStream, InputRateHz } from '#simulator/session/ports.ts';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '#core/audio/g711.ts';
import { Resampler } from '#core/audio/resample.ts';
import { detectAll, findCorpusFile, readRawAudio } from '#simulator/testing/corpus.ts';
import { applyFrame, initialTurnState } from '#simulator/session/turn-detection.ts';

function findTurns(probabilities: number[]): number[] {
	const state = initialTurnState();
	return probabilities.flatMap((probability) => {
		const change = applyFrame(state, probability, { threshold: 0.5, prefixPaddingMs: 300, silenceDurationMs: 200 });
		if (!change) return [];
		return [change.kind === 'started' ? change.audioStartMs : change.audioEndMs];
	});
}

const LEAD_MS = 1000;
/** Loading the model takes a second, and more on a busy machine. */
const SLOW = { timeout: 60_000 };

let detector: SpeechDetectorEngine;
beforeAll(() => {
	detector = openSpeechDetector();
	detector.warmUp();
});
afterAll(() => detector.dispose());

describe('speech made by our own voice, with silence around it', SLOW, () => {
	let speech: Int16Array;
	let audio: Int16Array;

	beforeAll(() => {
		speech = synthesizeClause(compileFlite(), 'Good morning, this is a test.', 'marin', 1) ?? new Int16Array(0);
		audio = new Int16Array(LEAD_MS * 24 + speech.length + 24_000);
		audio.set(speech, LEAD_MS * 24);
	});

	it('is found where it is', async () => {
		const [startMs = -1, stopMs = -1, ...more] = findTurns(await detectAll(audio, 2400, detector));
		expect(more).toEqual([]);
		const firstSoundMs = LEAD_MS + speech.findIndex((sample) => Math.abs(sample) > 600) / 24;
		expect(startMs + 300).toBeGreaterThan(firstSoundMs - 96);
		expect(startMs + 300).toBeLessThan(firstSoundMs + 96);
		expect((startMs + 300) % 32).toBe(0);
		const lastSoundMs = LEAD_MS + speech.findLastIndex((sample) => Math.abs(sample) > 600) / 24;
		expect(stopMs % 32).toBe(0);
		expect(stopMs).toBeGreaterThan(lastSoundMs + 96);
		expect(stopMs).toBeLessThan(lastSoundMs + 224 + 320);
	});

	it('gives the same probabilities however it is cut', async () => {
		const whole = await detectAll(audio, audio.length, detector);
		expect(whole.length).toBeGreaterThan(60);
		for (const chunkMs of [20, 40, 100, 250]) expect(await detectAll(audio, chunkMs * 24, detector)).toEqual(whole);
	});

	it('finds what the published model finds, to 0.00001', async () => {
		const published = await judgeWithPublished(cutFrames(audio));
		const found = await detectAll(audio, 480, detector);
		expect(found).toHaveLength(published.length);
		for (const [i, probability] of found.entries())
			expect(Math.abs(probability - (published[i] ?? -1))).toBeLessThan(1e-5);
	});

	it('keeps the streams of two sessions apart', async () => {
		const other = audio.map((sample, i) => (i % 7 === 0 ? 0 : sample));
		const alone = await detectAll(audio, 2400, detector);
		const found = await Promise.all([detectAll(audio, 2400, detector), detectAll(other, 2400, detector)]);
		expect(found[0]).toEqual(alone);
		expect(found[1]).not.toEqual(alone);
	});
});

describe('the answers', SLOW, () => {
	/** Opens a stream that notes how many frames each answer has. */
	function openNoted(
		rateHz: InputRateHz,
		onAnswer: () => void = () => {}
	): { stream: DetectionStream; counts: number[] } {
		const counts: number[] = [];
		const stream = detector.openStream(rateHz, {
			onProbabilities: (probabilities) => {
				counts.push(probabilities.length);
				onAnswer();
			},
			onError: (error) => expect.fail(error.message)
		});
		return { stream, counts };
	}

	it.each<[InputRateHz, number]>([
		[24000, 768 + 26],
		[8000, 256 + 18]
	])('at %i Hz come once for each push, in order, with the frames that it completed', async (rateHz, firstSamples) => {
		const frameSamples = rateHz * 0.032;
		const pushes: [samples: number, frames: number][] = [
			[0, 0],
			[firstSamples - 1, 0],
			[1, 1],
			[3 * frameSamples, 3],
			[frameSamples - 1, 0],
			[0, 0],
			[40 * frameSamples + 1, 41],
			[10, 0]
		];
		const counts = await new Promise<number[]>((resolve) => {
			const noted = openNoted(rateHz, () => {
				if (noted.counts.length === pushes.length) resolve(noted.counts);
			});
			for (const [samples] of pushes) noted.stream.push(new Int16Array(samples));
			expect(noted.counts).toEqual([]);
		});
		expect(counts).toEqual(pushes.map(([, frames]) => frames));
	});

	it('come for a push that is made from inside an answer', async () => {
		await new Promise<void>((resolve) => {
			const noted = openNoted(24000, () => {
				if (noted.counts.length < 5) noted.stream.push(new Int16Array(480));
				else resolve();
			});
			noted.stream.push(new Int16Array(480));
		});
	});

	it('end with the stream', async () => {
		const disposed = openNoted(24000, () => disposed.stream.dispose());
		const never = openNoted(24000);
		for (const { stream } of [disposed, never]) for (let i = 0; i < 5; i++) stream.push(new Int16Array(480));
		never.stream.dispose();
		never.stream.push(new Int16Array(480));
		await new Promise<void>((resolve) => openNoted(24000, resolve).stream.push(new Int16Array(24_000)));
		expect(disposed.counts).toEqual([0]);
		expect(never.counts).toEqual([]);
	});

	it('are the same when fifty streams come together', async () => {
		const noise = Int16Array.from({ length: 20_000 }, (_, i) => 9000 * Math.sin(i * i * 0.0003));
		const alone = await detectAll(noise, 480, detector);
		const together = await Promise.all(Array.from({ length: 50 }, (_, i) => detectAll(noise, 480 + i, detector)));
		expect(new Set(together.map((found) => JSON.stringify(found)))).toEqual(new Set([JSON.stringify(alone)]));
	});
});

describe('the recorded clip', SLOW, () => {
	const clip = findCorpusFile('audio', 'marcelo_24khz_s16le_mono.pcm');

	const offsetsMs = [1460, 4256, 8948, 11744, 16436, 19232];

	/** Three times with two seconds between. */
	function threeTimes(): Int16Array {
		const once = readRawAudio(clip ?? '');
		const periodSamples = 7488 * 24;
		const audio = new Int16Array(periodSamples * 3);
		for (let i = 0; i < 3; i++) audio.set(once, i * periodSamples);
		return audio;
	}

	it.skipIf(!clip)('gives the offsets that the service gave', async () => {
		expect(findTurns(await detectAll(threeTimes(), 2400, detector))).toEqual(offsetsMs);
	});

	it.skipIf(!clip).each([
		['mu-law', encodeMuLaw, decodeMuLaw],
		['A-law', encodeALaw, decodeALaw]
	] as const)('gives the same over the telephone, in %s', async (_, encode, decode) => {
		const floats = new Resampler(24000, 8000).process(Float32Array.from(threeTimes(), (sample) => sample / 32768));
		const heard = decode(encode(Int16Array.from(floats, (sample) => Math.round(sample * 32767))));
		expect(findTurns(await detectAll(heard, 160, detector, 8000))).toEqual(offsetsMs);
	});
});

describe('a detector that cannot work', () => {
	let broken: SpeechDetectorEngine;
	beforeAll(() => {
		broken = openSpeechDetector(new URL('./no-such-worker.ts', import.meta.url));
	});
	afterAll(() => broken.dispose());

	it('says so to every stream, and to the next one again', async () => {
		for (let i = 0; i < 2; i++) {
			const error = await new Promise<Error>((resolve) => {
				broken.openStream(24000, { onProbabilities: () => {}, onError: resolve }).push(new Int16Array(768));
			});
			expect(error.message).not.toBe('');
		}
	});
});
