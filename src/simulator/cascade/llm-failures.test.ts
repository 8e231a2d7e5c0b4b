import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerRequest, freezeTimeLimits, noteAnswer, userText } from '#simulator/cascade/testing/listeners.ts';
import type { AnswerEntry, Heard } from '#simulator/cascade/testing/listeners.ts';
import { completed, KEY, LlmAsker, tool } from '#simulator/cascade/testing/llm-asker.ts';
import { findClosedPort, startOpenAiStub } from '#simulator/cascade/testing/openai-stub.ts';
import type { OpenAiStub, StubCall } from '#simulator/cascade/testing/openai-stub.ts';

let stub: OpenAiStub;
let llm: LlmAsker;
beforeEach(async () => {
	stub = await startOpenAiStub();
	llm = new LlmAsker(stub);
});
afterEach(async () => {
	vi.useRealTimers();
	await stub.dispose();
});

describe('cancel', () => {
	/** Something that was told after a cancel would have been told by then. */
	async function nothingMore(heard: Heard<AnswerEntry>, count: number): Promise<void> {
		await llm.told((call) => call.begin().finish());
		expect(heard.told).toHaveLength(count);
	}

	it('closes the connection before the first byte', async () => {
		const { heard, running } = llm.ask();
		const call = await stub.next();
		running.cancel();
		await call.closed;
		await nothingMore(heard, 0);
	});

	it('closes the connection in the middle, and nothing more is told', async () => {
		const { heard, running } = llm.ask();
		const call = await stub.next();
		call.begin().delta({ content: 'Once' });
		await heard.hasTold(1);
		call.delta({ content: ' upon' }).delta({ content: ' a time' });
		running.cancel();
		await call.closed;
		running.cancel();
		await nothingMore(heard, 1);
	});

	it('works from inside the listener', async () => {
		const { listener, heard } = noteAnswer();
		const running = llm.source().answer(answerRequest(), {
			...listener,
			onText: (text) => {
				listener.onText(text);
				running.cancel();
			}
		});
		const call = await stub.next();
		call
			.begin()
			.send('data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: {"choices":[{"delta":{"content":"b"}}]}\n\n');
		await call.closed;
		await nothingMore(heard, 1);
	});

	it('between two calls keeps the second, and the end', async () => {
		const { listener, heard } = noteAnswer();
		const running = llm.source().answer(answerRequest({ tools: [tool('book')] }), {
			...listener,
			onCall: (call) => {
				listener.onCall(call);
				running.cancel();
			}
		});
		const call = { function: { name: 'book', arguments: '{}' } };
		(await stub.next())
			.begin()
			.delta({ tool_calls: [call, call] })
			.finish();
		await heard.hasTold(1);
		await nothingMore(heard, 1);
	});

	it('right away asks nobody', async () => {
		const { heard, running } = llm.ask();
		running.cancel();
		await nothingMore(heard, 0);
		expect(stub.calls).toHaveLength(1);
	});

	it('is harmless after the end', async () => {
		const { heard, running } = llm.ask();
		(await stub.next()).begin().finish();
		await heard.ended;
		running.cancel();
		expect(heard.told).toEqual([completed]);
	});
});

describe('failures', () => {
	it('of a port where nobody listens name the variable, the address and the cause', async () => {
		const port = await findClosedPort();
		const { heard } = llm.ask({}, llm.source({ EARSHOT_LLM_URL: `http://127.0.0.1:${port}/v1?token=secret99` }));
		await heard.ended;
		const message =
			`The language model (EARSHOT_LLM_URL, http://127.0.0.1:${port}) cannot be reached: ` +
			`connect ECONNREFUSED 127.0.0.1:${port}. Is it running?`;
		expect(heard.told).toEqual([
			{ end: { kind: 'failed', error: { type: 'server_error', code: 'llm_unreachable', message } } }
		]);
	});

	it.each([
		[401, `{"error":{"message":"Bad key ${KEY}"}}`, /answered 401: Bad key \*\*\*\. Check EARSHOT_LLM_KEY\.$/],
		[
			404,
			'{"error":"model not found"}',
			/answered 404: model not found\. Check .* EARSHOT_LLM_MODEL is a model it has/
		],
		[404, 'not here', /answered 404: not here\. Check EARSHOT_LLM_URL/],
		[500, '{"error":{"message":"out\\n of memory"}}', /answered 500: out of memory\.$/],
		[503, '', /answered 503: no reason given\.$/],
		[400, '{"detail":[{"loc":["body"]}]}', /answered 400: \[{"loc":\["body"\]}\]\.$/],
		[302, '', /answered 302: .* It redirects: put the address/]
	])('%i with %s are explained', async (status, body, says) => {
		const error = await llm.failure((call) =>
			call.reply(status, 'application/json', body, { location: 'http://127.0.0.1/' })
		);
		expect(error).toMatchObject({ type: 'server_error', code: 'llm_error', message: expect.stringMatching(says) });
		expect(error.message).toContain(`(EARSHOT_LLM_URL, ${stub.url})`);
		expect(error.message).not.toContain('4711');
		expect(stub.calls).toHaveLength(1);
	});

	it.each<[string, (call: StubCall) => void, RegExp]>([
		['JSON that is none', (call) => call.begin().send('data: {"choices":\n\n').end(), /sent what is not JSON/],
		[
			'a break',
			(call) => setImmediate(() => call.break()) && call.begin().delta({ content: 'a' }),
			/broke its answer off: /
		],
		['a break before a byte', (call) => call.break(), /cannot be reached: /],
		[
			'an error in the stream',
			(call) => call.begin().event({ error: { message: 'no memory' } }),
			/reported: no memory\.$/
		],
		['an end without an answer', (call) => call.begin().end(), /ended its stream without an answer/],
		[
			'an answer that is not streamed',
			(call) => call.replyJson({ choices: [{ message: { content: 'Hi' } }] }),
			/Does it stream/
		],
		['data that is no object', (call) => call.begin().send('data: 1\n\ndata: "a"\n\n').end(), /without an answer/]
	])('by %s are explained', async (_title, play, says) => {
		const error = await llm.failure(play);
		expect(error.message).toMatch(says);
		expect(error.message).toContain('EARSHOT_LLM_URL');
	});

	it('by silence close the connection, before the first byte and between two', async () => {
		freezeTimeLimits();
		const failed = (seconds: number): AnswerEntry => ({
			end: {
				kind: 'failed',
				error: {
					type: 'server_error',
					code: 'llm_timeout',
					message:
						`The language model (EARSHOT_LLM_URL, ${stub.url}) sent nothing for ${seconds} s. ` +
						'EARSHOT_LLM_TIMEOUT_MS gives it longer.'
				}
			}
		});
		const silent = llm.ask();
		const first = await stub.next();
		vi.advanceTimersByTime(30_000);
		await silent.heard.ended;
		expect(silent.heard.told).toEqual([failed(30)]);
		await first.closed;

		const stalled = llm.ask({}, llm.source({ EARSHOT_LLM_TIMEOUT_MS: '60000' }));
		const second = await stub.next();
		vi.advanceTimersByTime(59_999);
		second.begin().delta({ content: 'Once' });
		await stalled.heard.hasTold(1);
		vi.advanceTimersByTime(59_999);
		second.delta({ content: ' upon' });
		await stalled.heard.hasTold(2);
		vi.advanceTimersByTime(60_000);
		await stalled.heard.ended;
		expect(stalled.heard.told).toEqual([{ text: 'Once' }, { text: ' upon' }, failed(60)]);
		await second.closed;
	});

	it('leave the next answer alone', async () => {
		await llm.failure((call) => call.break());
		expect(
			await llm.told((call) => call.begin().delta({ content: 'Yes.' }).finish(), { items: [userText('Again')] })
		).toEqual([{ text: 'Yes.' }, completed]);
	});
});
