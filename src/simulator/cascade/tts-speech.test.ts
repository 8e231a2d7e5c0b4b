import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTtsSpeech } from '#simulator/cascade/tts-speech.ts';
import { configFrom, freezeTimeLimits, noteSpeech, samplesOf } from '#simulator/cascade/testing/listeners.ts';
import type { Heard, SpeechEntry } from '#simulator/cascade/testing/listeners.ts';
import { findClosedPort, startOpenAiStub, wavOf } from '#simulator/cascade/testing/openai-stub.ts';
import type { OpenAiStub, StubCall } from '#simulator/cascade/testing/openai-stub.ts';
import type { SpeechRequest, Utterance } from '#simulator/session/ports.ts';

const KEY = 'sk-local-4711';

let stub: OpenAiStub;
beforeEach(async () => {
	stub = await startOpenAiStub();
});
afterEach(async () => {
	vi.useRealTimers();
	await stub.dispose();
});

interface Speaking {
	heard: Heard<SpeechEntry>;
	utterance: Utterance;
}

function speak(clauses: string[], env: Record<string, string> = {}, request: Partial<SpeechRequest> = {}): Speaking {
	const { tts } = configFrom({ EARSHOT_TTS_URL: stub.url, EARSHOT_TTS_KEY: KEY, ...env });
	const { listener, heard } = noteSpeech();
	const utterance = createTtsSpeech(tts).speak({ voice: 'marin', speed: 1, ...request }, listener);
	for (const clause of clauses) utterance.say(clause);
	return { heard, utterance };
}

function replyWith(call: StubCall, ...samples: number[]): void {
	call.reply(200, 'audio/wav', wavOf(Int16Array.from(samples), 24_000));
}

/** Something that was told after a cancel would have been told by then. */
async function speakAnother(): Promise<void> {
	const { heard, utterance } = speak(['Another.']);
	utterance.end();
	replyWith(await stub.next(), 1);
	await heard.ended;
}

describe('the request', () => {
	it('asks for WAV in the voice of the session, with the key in one header', async () => {
		const { heard, utterance } = speak([' Hello there. ']);
		utterance.end();
		const call = await stub.next();
		replyWith(call, 1, 2);
		await heard.ended;
		expect(call.url).toBe('/v1/audio/speech');
		expect(call.json).toEqual({ model: 'tts-1', input: 'Hello there.', voice: 'marin', response_format: 'wav' });
		expect(call.headers.authorization).toBe(`Bearer ${KEY}`);
		expect(call.body.toString('utf8')).not.toContain('4711');
		expect(samplesOf(heard)).toEqual([1, 2]);
		expect(heard.told.at(-1)).toEqual({ done: true });
	});

	it('has the model and voice of the configuration, and the speed', async () => {
		const { heard, utterance } = speak(
			['Hello.'],
			{ EARSHOT_TTS_MODEL: 'kokoro', EARSHOT_TTS_VOICE: 'af_heart' },
			{ speed: 1.25 }
		);
		utterance.end();
		const call = await stub.next();
		replyWith(call, 1);
		await heard.ended;
		expect(call.json).toMatchObject({ model: 'kokoro', voice: 'af_heart', speed: 1.25 });
	});
});

describe('clauses', () => {
	it('are told in order, the next one asked for while the one before is told', async () => {
		const { heard, utterance } = speak(['One.', 'Two.', 'Three.']);
		utterance.end();
		const one = await stub.next();
		const two = await stub.next();
		expect([one.json['input'], two.json['input']]).toEqual(['One.', 'Two.']);
		// The second is ready first, and has to wait.
		replyWith(two, 2, 2);
		one.begin('audio/wav').send(wavOf(Int16Array.from([1, 1]), 24_000, 1, 0));
		await heard.hasTold(1);
		expect(samplesOf(heard)).toEqual([1, 1]);
		expect(stub.calls).toHaveLength(2);
		one.end();
		const three = await stub.next();
		await heard.hasTold(2);
		expect(samplesOf(heard)).toEqual([1, 1, 2, 2]);
		replyWith(three, 3);
		await heard.ended;
		expect(samplesOf(heard)).toEqual([1, 1, 2, 2, 3]);
		expect(heard.told.at(-1)).toEqual({ done: true });
	});

	it('are told chunk by chunk', async () => {
		const { heard, utterance } = speak(['One.']);
		utterance.end();
		const call = await stub.next();
		const wav = wavOf(Int16Array.from([1, 2, 3, 4]), 24_000, 1, 0xffffffff);
		call.begin('audio/wav').send(wav.subarray(0, 47));
		await heard.hasTold(1);
		expect(samplesOf(heard)).toEqual([1]);
		call.send(wav.subarray(47)).end();
		await heard.ended;
		expect(samplesOf(heard)).toEqual([1, 2, 3, 4]);
	});

	it('may come later, and after a pause in which nothing is left to say', async () => {
		const { heard, utterance } = speak(['One.']);
		replyWith(await stub.next(), 1);
		await heard.hasTold(1);
		utterance.say('Two.');
		replyWith(await stub.next(), 2);
		await heard.hasTold(2);
		utterance.end();
		await heard.ended;
		expect(samplesOf(heard)).toEqual([1, 2]);
	});

	it('without a letter or a number are silent, and ask nobody', async () => {
		const { heard, utterance } = speak(['...', ' ', '😀!']);
		utterance.end();
		expect(heard.told).toEqual([]);
		await heard.ended;
		expect(heard.told).toEqual([{ done: true }]);
		expect(stub.calls).toEqual([]);
	});

	it('may have no sound', async () => {
		const { heard, utterance } = speak(['Привет.']);
		utterance.end();
		replyWith(await stub.next());
		await heard.ended;
		expect(heard.told).toEqual([{ done: true }]);
	});

	it('may be raw PCM, or at another rate', async () => {
		const { heard, utterance } = speak(['One.', 'Two.']);
		utterance.end();
		const raw = Int16Array.from({ length: 20 }, (_, i) => i);
		(await stub.next()).reply(200, 'application/octet-stream', new Uint8Array(raw.buffer));
		(await stub.next()).reply(200, 'audio/wav', wavOf(new Int16Array(1600), 16_000));
		await heard.ended;
		const samples = samplesOf(heard);
		expect(samples.slice(0, 20)).toEqual([...raw]);
		expect(samples.length - 20).toBeCloseTo(2400, -2);
	});
});

describe('failures', () => {
	it('name the variable, the address and the cause, after what came before them', async () => {
		const { heard, utterance } = speak(['One.', 'Two.', 'Three.']);
		utterance.end();
		const one = await stub.next();
		const two = await stub.next();
		two.replyJson({ error: { message: `no ${KEY}` } }, 401);
		one.begin('audio/wav').send(wavOf(Int16Array.from([1]), 24_000, 1, 0));
		await heard.hasTold(1);
		one.end();
		await heard.ended;
		expect(heard.told.slice(1)).toEqual([
			{ error: `The speech server (EARSHOT_TTS_URL, ${stub.url}) answered 401: no ***. Check EARSHOT_TTS_KEY.` }
		]);
		// Harmless now.
		utterance.say('Four.');
		utterance.cancel();
		await speakAnother();
		expect(heard.told).toHaveLength(2);
	});

	it('come after the sound that was there before them, and call off the clause behind', async () => {
		const { heard } = speak(['One.', 'Two.', 'Three.']);
		const one = await stub.next();
		const two = await stub.next();
		one.begin('audio/wav').send(wavOf(Int16Array.from([1]), 24_000, 1, 0));
		await heard.hasTold(1);
		two.begin('audio/wav').send(wavOf(Int16Array.from([2]), 24_000, 1, 0));
		one.end();
		const three = await stub.next();
		await heard.hasTold(2);
		two.break();
		await three.closed;
		await heard.ended;
		expect(samplesOf(heard)).toEqual([1, 2]);
		expect(heard.told.at(-1)).toEqual({ error: expect.stringMatching(/broke its answer off/) });
	});

	it('of a port where nobody listens are told, also without an end', async () => {
		const port = await findClosedPort();
		const { heard } = speak(['One.'], { EARSHOT_TTS_URL: `http://127.0.0.1:${port}` });
		await heard.ended;
		expect(heard.told).toEqual([
			{ error: expect.stringMatching(/EARSHOT_TTS_URL, .*cannot be reached: connect ECONNREFUSED/) }
		]);
	});

	it.each<[string, (call: StubCall) => void, RegExp]>([
		['MP3', (call) => call.reply(200, 'audio/mpeg', 'ID3'), /sent audio\/mpeg, but was asked for WAV\.$/],
		['nothing', (call) => call.reply(200, 'audio/wav', ''), /sent no sound\.$/],
		['a page', (call) => call.reply(200, 'text/html', '<p>'), /sent text\/html/],
		[
			'a break',
			(call) => setImmediate(() => call.break()) && call.begin('audio/wav').send('RIFF'),
			/broke its answer off/
		]
	])('by %s are explained', async (_title, play, says) => {
		const { heard } = speak(['One.']);
		play(await stub.next());
		await heard.ended;
		expect(heard.told).toEqual([{ error: expect.stringMatching(says) }]);
	});

	it('by silence call off the clause behind', async () => {
		freezeTimeLimits();
		const { heard } = speak(['One.', 'Two.']);
		const one = await stub.next();
		const two = await stub.next();
		one.begin('audio/wav').send(wavOf(Int16Array.from([1]), 24_000, 1, 0));
		await heard.hasTold(1);
		two.begin('audio/wav');
		vi.advanceTimersByTime(30_000);
		await heard.ended;
		expect(heard.told.slice(1)).toEqual([
			{ error: expect.stringMatching(/nothing for 30 s\. EARSHOT_TTS_TIMEOUT_MS/) }
		]);
		await one.closed;
		await two.closed;
	});
});

describe('cancel', () => {
	it('closes the connections of both clauses under way, and nothing more is told', async () => {
		const { heard, utterance } = speak(['One.', 'Two.', 'Three.']);
		const one = await stub.next();
		const two = await stub.next();
		one.begin('audio/wav').send(wavOf(Int16Array.from([1]), 24_000, 1, 0));
		await heard.hasTold(1);
		utterance.cancel();
		await one.closed;
		await two.closed;
		utterance.say('Four.');
		utterance.end();
		await speakAnother();
		expect(heard.told).toHaveLength(1);
		expect(stub.calls).toHaveLength(3);
	});

	it('works from inside the listener', async () => {
		const { tts } = configFrom({ EARSHOT_TTS_URL: stub.url });
		const { listener, heard } = noteSpeech();
		const utterance = createTtsSpeech(tts).speak(
			{ voice: 'marin', speed: 1 },
			{
				...listener,
				onAudio: (samples) => {
					listener.onAudio(samples);
					utterance.cancel();
				}
			}
		);
		utterance.say('One.');
		utterance.say('Two.');
		utterance.end();
		const one = await stub.next();
		const two = await stub.next();
		replyWith(two, 2);
		replyWith(one, 1);
		await heard.hasTold(1);
		await speakAnother();
		expect(heard.told).toHaveLength(1);
	});
});
