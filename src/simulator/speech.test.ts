import { afterAll, describe, expect, it } from 'vitest';
import { openSpeechEngine } from '#simulator/speech.ts';
import type { SpeechRequest, SpeechSource } from '#simulator/speech.ts';
import { splitClauses } from '#simulator/speech-synthesis.ts';
import { voiceNames } from '#simulator/voices.ts';

const SLOW = { timeout: 60_000 };

function speak(engine: SpeechSource, text: string, more: Partial<SpeechRequest> = {}): Promise<Int16Array[]> {
	return new Promise((resolve, reject) => {
		const chunks: Int16Array[] = [];
		engine.speak(
			{ text, voice: 'marin', speed: 1, ...more },
			{ onAudio: (samples) => chunks.push(samples), onDone: () => resolve(chunks), onError: reject }
		);
	});
}

const secondsOf = (chunks: Int16Array[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0) / 24000;

function levelDb(chunks: Int16Array[]): number {
	let energy = 0;
	let count = 0;
	for (const chunk of chunks) {
		for (const sample of chunk) energy += (sample / 32768) ** 2;
		count += chunk.length;
	}
	return 10 * Math.log10(energy / count);
}

describe('splitClauses', () => {
	it('cuts at sentences, and long sentences at commas or words', () => {
		expect(splitClauses('One. Two! Three?')).toEqual(['One.', 'Two!', 'Three?']);
		const long = splitClauses(`${'word '.repeat(100)}end.`);
		expect(Math.max(...long.map((clause) => clause.length))).toBeLessThanOrEqual(200);
		expect(long.join(' ')).toBe(`${'word '.repeat(100)}end.`);
	});

	it('cuts a word of hundreds of letters', () => {
		const words = splitClauses('x'.repeat(500)).join(' ').split(' ');
		expect(Math.max(...words.map((word) => word.length))).toBe(40);
	});

	it('has nothing to say for nothing', () => {
		expect(splitClauses('  \n ')).toEqual([]);
	});
});

describe('the speech engine', SLOW, () => {
	const engine = openSpeechEngine();
	afterAll(() => engine.dispose());

	it('speaks sentence by sentence, the same every time', async () => {
		const text = 'Hello there. How are you today?';
		const once = await speak(engine, text);
		expect(once).toHaveLength(2);
		expect(secondsOf(once)).toBeGreaterThan(1.5);
		expect(secondsOf(once)).toBeLessThan(4);
		expect(await speak(engine, text)).toEqual(once);
	});

	it('has ten voices that differ, all about as loud', async () => {
		const spoken = await Promise.all(
			voiceNames.map((voice) => speak(engine, 'Hello, I am the local simulator.', { voice }))
		);
		expect(new Set(spoken.map((chunks) => JSON.stringify([...(chunks[0] ?? [])].slice(0, 20_000)))).size).toBe(10);
		for (const chunks of spoken) {
			expect(levelDb(chunks)).toBeGreaterThan(-23);
			expect(levelDb(chunks)).toBeLessThan(-17);
		}
	});

	it('speaks faster and slower', async () => {
		const usual = secondsOf(await speak(engine, 'This is a sentence to measure.'));
		expect(secondsOf(await speak(engine, 'This is a sentence to measure.', { speed: 1.5 })) / usual).toBeCloseTo(
			1 / 1.5,
			1
		);
		expect(secondsOf(await speak(engine, 'This is a sentence to measure.', { speed: 0.5 })) / usual).toBeCloseTo(2, 0);
	});

	it.each(['Привет, мир.', '😀😀😀', '...', '你好'])('has no sound for %s', async (text) => {
		expect(await speak(engine, text)).toEqual([]);
	});

	it('is silent after a cancel and speaks on for others', async () => {
		let heard = 0;
		const noted = { onAudio: () => heard++, onDone: () => heard++, onError: () => heard++ };
		engine.speak({ text: 'Never heard. '.repeat(20), voice: 'ash', speed: 1 }, noted).cancel();
		expect(secondsOf(await speak(engine, 'Another one.'))).toBeGreaterThan(0.5);
		expect(heard).toBe(0);
	});

	it('fails what was asked of a worker that is gone, and again with the next', async () => {
		const broken = openSpeechEngine(new URL('./no-such-worker.ts', import.meta.url));
		await expect(speak(broken, 'Hello')).rejects.toThrow();
		await expect(speak(broken, 'Hello')).rejects.toThrow();
		await broken.dispose();
	});
});
