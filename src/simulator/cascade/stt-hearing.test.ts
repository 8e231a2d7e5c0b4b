import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSttHearing } from '#simulator/cascade/stt-hearing.ts';
import { configFrom, freezeTimeLimits, hearingRequest, noteHearing } from '#simulator/cascade/testing/listeners.ts';
import type { Heard, HearingEntry } from '#simulator/cascade/testing/listeners.ts';
import { findClosedPort, startOpenAiStub, wavOf } from '#simulator/cascade/testing/openai-stub.ts';
import type { OpenAiStub, StubCall } from '#simulator/cascade/testing/openai-stub.ts';
import type { Cancellable, Hearing, HearingRequest } from '#simulator/session/ports.ts';

const KEY = 'sk-local-4711';

let stub: OpenAiStub;
let log: string[];
beforeEach(async () => {
	stub = await startOpenAiStub();
	log = [];
});
afterEach(async () => {
	vi.useRealTimers();
	await stub.dispose();
});

function ears(fallback?: Hearing, env: Record<string, string> = {}): Hearing {
	const config = configFrom({ EARSHOT_STT_URL: `${stub.url}/v1`, EARSHOT_STT_KEY: KEY, ...env });
	return createSttHearing(config.stt, fallback, (line) => log.push(line));
}

function hear(
	hearing: Hearing,
	request: Partial<HearingRequest> = {}
): { heard: Heard<HearingEntry>; running: Cancellable } {
	const { listener, heard } = noteHearing();
	return { heard, running: hearing.hear(hearingRequest(request), listener) };
}

async function told(
	play: (call: StubCall) => void,
	hearing = ears(),
	request: Partial<HearingRequest> = {}
): Promise<HearingEntry[]> {
	const { heard } = hear(hearing, request);
	play(await stub.next());
	await heard.ended;
	return heard.told;
}

/** What a scenario knows: the words of turn 1. */
const scenario: Hearing = {
	expectedWords: (spokenTurn) => (spokenTurn === 1 ? 'From the scenario.' : undefined),
	hear: ({ spokenTurn }, listener) => {
		let isOpen = true;
		queueMicrotask(() => {
			if (!isOpen) return;
			if (spokenTurn !== 1) return listener.onError({ code: 'no_words', message: 'No words in the scenario.' });
			listener.onWords('From the scenario.');
			listener.onDone('From the scenario.');
		});
		return { cancel: () => void (isOpen = false) };
	}
};

describe('the request', () => {
	it.each([24_000, 8000] as const)('is a WAV file at %i Hz, with the key in one header', async (rateHz) => {
		const { heard } = hear(ears(), { rateHz });
		const call = await stub.next();
		const form = await call.form();
		const file = form.get('file') as File;
		call.replyJson({ text: 'Hi' });
		await heard.ended;
		expect(call.url).toBe('/v1/audio/transcriptions');
		expect(call.headers.authorization).toBe(`Bearer ${KEY}`);
		expect(call.body.toString('latin1')).not.toContain('4711');
		expect([...form.keys()].sort()).toEqual(['file', 'model', 'response_format', 'stream']);
		expect([form.get('model'), form.get('response_format'), form.get('stream')]).toEqual(['whisper-1', 'json', 'true']);
		expect([file.name, file.type]).toEqual(['turn.wav', 'audio/wav']);
		expect(new Uint8Array(await file.arrayBuffer())).toEqual(wavOf(hearingRequest().samples, rateHz));
	});

	it('has the model, language and prompt of the session, or the model of the configuration', async () => {
		const session = { model: 'gpt-4o-transcribe', language: 'de', prompt: 'Names: Grün' };
		await told((call) => call.replyJson({ text: 'Hi' }), ears(), session);
		await told((call) => call.replyJson({ text: 'Hi' }), ears(undefined, { EARSHOT_STT_MODEL: 'small' }), session);
		const [first, second] = await Promise.all(stub.calls.map((call) => call.form()));
		expect([first?.get('model'), first?.get('language'), first?.get('prompt')]).toEqual([
			'gpt-4o-transcribe',
			'de',
			'Names: Grün'
		]);
		expect(second?.get('model')).toBe('small');
	});
});

describe('words', () => {
	const delta = (text: string): unknown => ({ type: 'transcript.text.delta', delta: text });
	const done = (text: string): unknown => ({ type: 'transcript.text.done', text });

	it('are told as they are streamed, and complete with the last event', async () => {
		const { heard } = hear(ears());
		const call = await stub.next();
		call.begin().event(delta(' Hello'));
		await heard.hasTold(1);
		expect(heard.told).toEqual([{ words: 'Hello' }]);
		// The stream stays open.
		call.event(delta(' there.')).event(done(' Hello there.'));
		await heard.ended;
		expect(heard.told).toEqual([{ words: 'Hello' }, { words: ' there.' }, { done: 'Hello there.' }]);
		await call.closed;
	});

	it('may be in the last event alone, or end differently there', async () => {
		expect(await told((call) => call.begin().event(done('Hello.')).end())).toEqual([
			{ words: 'Hello.' },
			{ done: 'Hello.' }
		]);
		expect(await told((call) => call.begin().event(delta('Hell')).event(done('Hello.')).end())).toEqual([
			{ words: 'Hell' },
			{ words: 'o.' },
			{ done: 'Hello.' }
		]);
		expect(await told((call) => call.begin().event(delta('Yellow')).event(done('Hello there.')).end())).toEqual([
			{ words: 'Yellow' },
			{ done: 'Yellow' }
		]);
	});

	it('may come as chat chunks or as segments, ended by the end of the stream', async () => {
		const chunk = (content: string): unknown => ({ object: 'transcription.chunk', choices: [{ delta: { content } }] });
		expect(
			await told((call) => call.begin().event(chunk(' Hello')).event(chunk(' there.')).send('data: [DONE]\n\n'))
		).toEqual([{ words: 'Hello' }, { words: ' there.' }, { done: 'Hello there.' }]);
		expect(await told((call) => call.begin().event({ text: ' Hello' }).event({ text: ' there.' }).end())).toEqual([
			{ words: 'Hello' },
			{ words: ' there.' },
			{ done: 'Hello there.' }
		]);
	});

	it('may come at once, from a server that does not stream', async () => {
		expect(await told((call) => call.replyJson({ text: ' Hello there.\n' }))).toEqual([
			{ words: 'Hello there.' },
			{ done: 'Hello there.' }
		]);
		expect(await told((call) => call.reply(200, 'text/plain; charset=utf-8', 'Hello.\n'))).toEqual([
			{ words: 'Hello.' },
			{ done: 'Hello.' }
		]);
	});

	it('may be none', async () => {
		expect(await told((call) => call.replyJson({ text: '' }))).toEqual([{ done: '' }]);
		expect(await told((call) => call.begin().event(done('')).end())).toEqual([{ done: '' }]);
	});

	it('are asked for again, unstreamed, of a server that refuses the field, and from then on', async () => {
		const hearing = ears();
		const { heard } = hear(hearing);
		(await stub.next()).replyJson({ detail: 'stream is not supported' }, 422);
		const again = await stub.next();
		expect((await again.form()).has('stream')).toBe(false);
		again.replyJson({ text: 'Hello.' });
		await heard.ended;
		expect(heard.told).toEqual([{ words: 'Hello.' }, { done: 'Hello.' }]);
		await told((call) => call.replyJson({ text: 'Again.' }), hearing);
		expect(stub.calls).toHaveLength(3);
		expect((await stub.calls[2]?.form())?.has('stream')).toBe(false);
	});
});

describe('failures', () => {
	it('name the variable, the address and the cause', async () => {
		const port = await findClosedPort();
		const { heard } = hear(ears(undefined, { EARSHOT_STT_URL: `http://127.0.0.1:${port}` }));
		await heard.ended;
		const message =
			`The transcription server (EARSHOT_STT_URL, http://127.0.0.1:${port}) cannot be reached: ` +
			`connect ECONNREFUSED 127.0.0.1:${port}. Is it running?`;
		expect(heard.told).toEqual([{ error: { code: 'transcription_failed', message } }]);
	});

	it.each<[string, (call: StubCall) => void, RegExp]>([
		[
			'a wrong key',
			(call) => call.replyJson({ error: `no ${KEY}` }, 401),
			/answered 401: no \*\*\*\. Check EARSHOT_STT_KEY\.$/
		],
		['JSON without words', (call) => call.replyJson({ words: [] }), /answered without a "text"\.$/],
		['a page', (call) => call.reply(200, 'text/html', '<p>Hi</p>'), /answered without a "text"\.$/],
		['an empty stream', (call) => call.begin().end(), /ended its stream without a transcript\.$/],
		[
			'an error in the stream',
			(call) => call.begin().event({ error: { message: 'no memory' } }),
			/reported: no memory\.$/
		],
		['a stream that is not JSON', (call) => call.begin().send('data: {\n\n').end(), /sent what is not JSON\.$/],
		['a break', (call) => call.break(), /cannot be reached: /]
	])('by %s are explained', async (_title, play, says) => {
		expect(await told(play)).toEqual([
			{ error: { code: 'transcription_failed', message: expect.stringMatching(says) } }
		]);
	});

	it('write nothing on the terminal', async () => {
		const error = vi.spyOn(console, 'error');
		await told((call) => call.begin().send('data: {\n\n').end());
		expect(error).not.toHaveBeenCalled();
	});

	it('by silence close the connection', async () => {
		freezeTimeLimits();
		const { heard } = hear(ears());
		const call = await stub.next();
		vi.advanceTimersByTime(30_000);
		await heard.ended;
		expect(heard.told).toEqual([
			{
				error: {
					code: 'transcription_failed',
					message: expect.stringMatching(/nothing for 30 s\. EARSHOT_STT_TIMEOUT_MS/)
				}
			}
		]);
		await call.closed;
	});
});

describe('the scenario', () => {
	it('knows words before they are spoken', () => {
		expect(ears(scenario).expectedWords(1)).toBe('From the scenario.');
		expect(ears(scenario).expectedWords(2)).toBeUndefined();
		expect(ears().expectedWords(1)).toBeUndefined();
	});

	it('does not answer for a server that does', async () => {
		expect(await told((call) => call.replyJson({ text: 'Really said.' }), ears(scenario))).toEqual([
			{ words: 'Really said.' },
			{ done: 'Really said.' }
		]);
		expect(log).toEqual([]);
	});

	it('gives its words where the server fails, and the log says so', async () => {
		expect(await told((call) => call.replyJson({}, 500), ears(scenario))).toEqual([
			{ words: 'From the scenario.' },
			{ done: 'From the scenario.' }
		]);
		expect(log).toEqual([expect.stringMatching(/answered 500: .*The scenario's words for this turn are used\.$/)]);
	});

	it('leaves the error of the server where it has no words', async () => {
		expect(await told((call) => call.replyJson({}, 500), ears(scenario), { spokenTurn: 2 })).toEqual([
			{ error: { code: 'transcription_failed', message: expect.stringMatching(/answered 500/) } }
		]);
		expect(log).toEqual([]);
	});

	it('is not mixed with words that were told already', async () => {
		const entries = await told((call) => {
			call.begin().event({ type: 'transcript.text.delta', delta: 'Really' });
			setImmediate(() => call.break());
		}, ears(scenario));
		expect(entries).toEqual([
			{ words: 'Really' },
			{ error: { code: 'transcription_failed', message: expect.stringMatching(/broke its answer off/) } }
		]);
	});

	it('is cancelled with the rest', async () => {
		const asked = Promise.withResolvers<void>();
		const cancelled = Promise.withResolvers<void>();
		const slow: Hearing = {
			expectedWords: () => undefined,
			hear: () => {
				asked.resolve();
				return { cancel: () => cancelled.resolve() };
			}
		};
		const { heard, running } = hear(ears(slow));
		(await stub.next()).replyJson({}, 500);
		await asked.promise;
		running.cancel();
		await cancelled.promise;
		expect(heard.told).toEqual([]);
	});
});

describe('cancel', () => {
	it('closes the connection, and nothing more is told', async () => {
		const { heard, running } = hear(ears());
		const call = await stub.next();
		call.begin().event({ type: 'transcript.text.delta', delta: 'Hello' });
		await heard.hasTold(1);
		running.cancel();
		await call.closed;
		await told((next) => next.replyJson({ text: 'Hi' }));
		expect(heard.told).toEqual([{ words: 'Hello' }]);
	});

	it('before the first byte closes the connection as well', async () => {
		const { heard, running } = hear(ears());
		const call = await stub.next();
		running.cancel();
		await call.closed;
		await told((next) => next.replyJson({ text: 'Hi' }));
		expect(heard.told).toEqual([]);
	});
});
