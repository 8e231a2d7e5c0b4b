import { afterAll, describe, expect, it } from 'vitest';
import type { SpeechRequest, SpeechSource } from '#simulator/session/ports.ts';
import { voiceNames } from '#simulator/session/voice-names.ts';
import { compileFlite } from '#simulator/speech/flite-wasi.ts';
import { openSpeechEngine } from '#simulator/speech/speech.ts';
import { synthesizeClause } from '#simulator/speech/speech-synthesis.ts';

const SLOW = { timeout: 60_000 };

function speak(
	engine: SpeechSource,
	clauses: string | string[],
	more: Partial<SpeechRequest> = {}
): Promise<Int16Array[]> {
	return new Promise((resolve, reject) => {
		const chunks: Int16Array[] = [];
		const utterance = engine.speak(
			{ voice: 'marin', speed: 1, ...more },
			{ onAudio: (samples) => chunks.push(samples), onDone: () => resolve(chunks), onError: reject }
		);
		for (const clause of [clauses].flat()) utterance.say(clause);
		utterance.end();
	});
}

const secondsOf = (chunks: Int16Array[]): number => chunks.reduce((sum, chunk) => sum + chunk.length, 0) / 24000;
const joined = (chunks: Int16Array[]): Int16Array => Int16Array.from(chunks.flatMap((chunk) => [...chunk]));
const isQuiet = (sample: number): boolean => Math.abs(sample) < 200;

function levelDb(chunks: Int16Array[]): number {
	let energy = 0;
	let count = 0;
	for (const chunk of chunks) {
		for (const sample of chunk) energy += (sample / 32768) ** 2;
		count += chunk.length;
	}
	return 10 * Math.log10(energy / count);
}

/** The longest stretch without sound inside some speech, ms. */
function longestPauseMs(chunks: Int16Array[]): number {
	let longest = 0;
	let since = 0;
	const samples = joined(chunks);
	const end = samples.findLastIndex((sample) => !isQuiet(sample));
	for (let i = 0; i < end; i++) {
		if (!isQuiet(samples[i] ?? 0)) since = i;
		else if (i > 2400) longest = Math.max(longest, i - since);
	}
	return longest / 24;
}

describe('the speech engine', SLOW, () => {
	const engine = openSpeechEngine();
	afterAll(() => engine.dispose());

	it('speaks piece by piece, the same every time', async () => {
		const text = 'Hello there. How are you today?';
		const once = await speak(engine, text);
		expect(once).toHaveLength(2);
		expect(secondsOf(once)).toBeGreaterThan(1.5);
		expect(secondsOf(once)).toBeLessThan(4);
		expect(await speak(engine, text)).toEqual(once);
	});

	it('says the same in one go and clause by clause', async () => {
		const whole = await speak(engine, 'Good morning. It is nine. Shall we, by the way, begin?');
		expect(await speak(engine, ['Good morning.', 'It is nine.', 'Shall we, by the way, begin?'])).toEqual(whole);
	});

	it('sounds at once: no silence before the first word', async () => {
		for (const voice of voiceNames) {
			const [first = new Int16Array(0)] = await speak(engine, 'Maybe, maybe not.', { voice });
			expect(first.findIndex((sample) => !isQuiet(sample)) / 24).toBeLessThan(60);
		}
	});

	it('pauses no longer where it cut a sentence than a comma takes', async () => {
		const text = 'Hello there, how are you feeling today?';
		const flite = compileFlite();
		for (const voice of ['marin', 'ash', 'cedar', 'echo']) {
			const cut = await speak(engine, text, { voice });
			expect(cut).toHaveLength(2);
			const whole = synthesizeClause(flite, text, voice, 1) ?? new Int16Array(0);
			expect(longestPauseMs(cut)).toBeLessThan(Math.max(200, longestPauseMs([whole]) + 60));
			expect(secondsOf(cut)).toBeLessThan((1.1 * whole.length) / 24000);
		}
		const unmarked = await speak(engine, 'The weather over Berlin today is mostly sunny with a high of twenty two.');
		expect(unmarked).toHaveLength(2);
		expect(longestPauseMs(unmarked)).toBeLessThan(150);
	});

	it('has ten voices that differ, all about as loud', async () => {
		const spoken = await Promise.all(
			voiceNames.map((voice) => speak(engine, 'Hello, I am the local simulator.', { voice }))
		);
		expect(new Set(spoken.map((chunks) => JSON.stringify([...joined(chunks)].slice(0, 20_000)))).size).toBe(10);
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

	it.each(['Привет, мир.', '😀😀😀', '...', '你好', ''])('has no sound for %j', async (text) => {
		expect(await speak(engine, text)).toEqual([]);
	});

	it('is done when nothing was to be said', async () => {
		expect(await speak(engine, [])).toEqual([]);
	});

	it('goes on when more is said after a silence of the speaker', async () => {
		const heard: string[] = [];
		await new Promise<void>((resolve, reject) => {
			const utterance = engine.speak(
				{ voice: 'ash', speed: 1 },
				{
					onAudio: () => {
						heard.push('audio');
						if (heard.length === 1) utterance.say('And two.');
						else utterance.end();
					},
					onDone: resolve,
					onError: reject
				}
			);
			utterance.say('One.');
		});
		expect(heard).toEqual(['audio', 'audio']);
	});

	it('is silent after a cancel and speaks on for others', async () => {
		let heard = 0;
		const noted = { onAudio: () => heard++, onDone: () => heard++, onError: () => heard++ };
		const cancelled = engine.speak({ voice: 'ash', speed: 1 }, noted);
		cancelled.say('Never heard. '.repeat(20));
		cancelled.cancel();
		cancelled.say('Nor this.');
		cancelled.end();
		cancelled.cancel();
		expect(secondsOf(await speak(engine, 'Another one.'))).toBeGreaterThan(0.5);
		expect(heard).toBe(0);
	});

	it('serves a new utterance before the rest of a long one', async () => {
		const order: string[] = [];
		const long = engine.speak(
			{ voice: 'ash', speed: 1 },
			{ onAudio: () => order.push('long'), onDone: () => order.push('long done'), onError: () => {} }
		);
		long.say('This is one of many sentences. '.repeat(30));
		long.end();
		await speak(engine, 'Me too.');
		order.push('short done');
		expect(order.filter((entry) => entry === 'long').length).toBeLessThan(10);
		expect(order).not.toContain('long done');
		long.cancel();
	});

	it('fails what was asked of a worker that is gone, and again with the next', async () => {
		const broken = openSpeechEngine(new URL('./no-such-worker.ts', import.meta.url));
		await expect(speak(broken, 'Hello')).rejects.toThrow();
		await expect(speak(broken, 'Hello')).rejects.toThrow();
		await broken.dispose();
	});
});
