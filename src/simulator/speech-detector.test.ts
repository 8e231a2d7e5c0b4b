/** The real detector: on our own synthetic speech, and on the recorded clip where the corpus is there. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileFlite } from '#simulator/flite-wasi.ts';
import { synthesizeClause } from '#simulator/speech-synthesis.ts';
import { openSpeechDetector } from '#simulator/speech-detector.ts';
import type { SpeechDetectorEngine } from '#simulator/speech-detector.ts';
import { detectAll, findCorpusFile, readRawAudio } from '#simulator/testing/corpus.ts';
import { applyFrame, initialTurnState } from '#simulator/turn-detection.ts';

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

	it('keeps the streams of two sessions apart', async () => {
		const other = audio.map((sample, i) => (i % 7 === 0 ? 0 : sample));
		const alone = await detectAll(audio, 2400, detector);
		const found = await Promise.all([detectAll(audio, 2400, detector), detectAll(other, 2400, detector)]);
		expect(found[0]).toEqual(alone);
		expect(found[1]).not.toEqual(alone);
	});
});

describe('the recorded clip', SLOW, () => {
	const clip = findCorpusFile('audio', 'marcelo_24khz_s16le_mono.pcm');

	it.skipIf(!clip)('gives the offsets that the service gave, three times with two seconds between', async () => {
		const once = readRawAudio(clip ?? '');
		const periodSamples = 7488 * 24;
		const audio = new Int16Array(periodSamples * 3);
		for (let i = 0; i < 3; i++) audio.set(once, i * periodSamples);
		expect(findTurns(await detectAll(audio, 2400, detector))).toEqual([1460, 4256, 8948, 11744, 16436, 19232]);
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
				broken.openStream({ onProbabilities: () => {}, onError: resolve }).push(new Int16Array(768));
			});
			expect(error.message).not.toBe('');
		}
	});
});
