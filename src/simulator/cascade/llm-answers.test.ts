import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { freezeTimeLimits } from '#simulator/cascade/testing/listeners.ts';
import type { AnswerEntry } from '#simulator/cascade/testing/listeners.ts';
import { completed, KEY, LlmAsker, tool } from '#simulator/cascade/testing/llm-asker.ts';
import { startOpenAiStub } from '#simulator/cascade/testing/openai-stub.ts';
import type { OpenAiStub } from '#simulator/cascade/testing/openai-stub.ts';
import type { CallableTool } from '#simulator/session/ports.ts';

let stub: OpenAiStub;
let llm: LlmAsker;
beforeEach(async () => {
	stub = await startOpenAiStub();
	llm = new LlmAsker(stub);
});
afterEach(async () => {
	vi.useRealTimers();
	vi.unstubAllEnvs();
	await stub.dispose();
});

describe('the request', () => {
	it('is a streamed chat completion with the messages and nothing that was not asked for', async () => {
		expect(llm.source().wantsWords).toBe(true);
		const { heard } = llm.ask();
		const call = await stub.next();
		call.begin().finish();
		await heard.ended;
		expect(call.url).toBe('/v1/chat/completions');
		expect(call.json).toEqual({
			model: 'default',
			stream: true,
			messages: [
				{ role: 'system', content: 'Be brief.' },
				{ role: 'user', content: 'Hello' }
			]
		});
	});

	it('has the model, the limit of tokens and the query of the address', async () => {
		const env = { EARSHOT_LLM_URL: `${stub.url}/v1?version=2`, EARSHOT_LLM_MODEL: 'qwen3' };
		expect(await llm.sentBody({ maxOutputTokens: 50 }, env)).toMatchObject({ model: 'qwen3', max_tokens: 50 });
		expect(stub.calls[0]?.url).toBe('/v1/chat/completions?version=2');
	});

	it('has tools in the form of chat', async () => {
		const bare: CallableTool = { name: 'now', description: null, parameters: {} };
		expect(await llm.sentBody({ tools: [tool('book'), bare] })).toMatchObject({
			tools: [
				{
					type: 'function',
					function: {
						name: 'book',
						description: 'Does book',
						parameters: { type: 'object', properties: { a: { type: 'number' } } }
					}
				},
				{ type: 'function', function: { name: 'now', parameters: { type: 'object', properties: {} } } }
			],
			tool_choice: 'auto'
		});
	});

	it('demands what the session demands', async () => {
		const tools = [tool('book'), tool('stock', 'shop'), tool('price', 'shop')];
		expect(await llm.sentBody({ tools, toolDemand: { kind: 'required' } })).toMatchObject({ tool_choice: 'required' });
		const named = await llm.sentBody({ tools, toolDemand: { kind: 'tool', name: 'book' } });
		expect(named).toMatchObject({ tool_choice: { type: 'function', function: { name: 'book' } } });
		expect(named['tools']).toHaveLength(3);
		const server = await llm.sentBody({ tools, toolDemand: { kind: 'tool', serverLabel: 'shop' } });
		expect(server).toMatchObject({
			tool_choice: 'required',
			tools: [{ function: { name: 'stock' } }, { function: { name: 'price' } }]
		});
		const none = await llm.sentBody({ tools, toolDemand: { kind: 'none' } });
		expect(none).not.toHaveProperty('tools');
		expect(none).not.toHaveProperty('tool_choice');
		expect(await llm.sentBody({ tools, allowsSeveralCalls: false })).toMatchObject({ parallel_tool_calls: false });
		expect(await llm.sentBody({ tools })).not.toHaveProperty('parallel_tool_calls');
	});

	it('carries the key in one header, and nothing of what the environment has for other servers', async () => {
		vi.stubEnv('OPENAI_API_KEY', 'sk-other');
		vi.stubEnv('OPENAI_ORG_ID', 'org-other');
		vi.stubEnv('OPENAI_CUSTOM_HEADERS', 'x-other: yes\nauthorization: Bearer sk-other');
		const { heard } = llm.ask();
		const call = await stub.next();
		call.begin().finish();
		await heard.ended;
		expect(call.headers.authorization).toBe(`Bearer ${KEY}`);
		const { authorization: _key, ...rest } = call.headers;
		expect(JSON.stringify([rest, call.url, call.body.toString('utf8')])).not.toMatch(/4711|other|stainless/i);
	});

	it('has a word in place of a key where there is none', async () => {
		await llm.sentBody({}, { EARSHOT_LLM_KEY: '' });
		expect(stub.calls[0]?.headers.authorization).toBe('Bearer none');
	});
});

describe('text', () => {
	it('is told as it comes', async () => {
		const { heard } = llm.ask();
		const call = await stub.next();
		call.begin().delta({ role: 'assistant', content: '' }).delta({ content: 'Good' });
		await heard.hasTold(1);
		expect(heard.told).toEqual([{ text: 'Good' }]);
		call.delta({ content: ' day.' });
		await heard.hasTold(2);
		expect(heard.told).toEqual([{ text: 'Good' }, { text: ' day.' }]);
		call.finish();
		await heard.ended;
		expect(heard.told).toEqual([{ text: 'Good' }, { text: ' day.' }, completed]);
	});

	it('survives CRLF, comments, chunks without choices and letters cut in two', async () => {
		const bytes = Buffer.from(
			': hello\r\n\r\ndata: {"choices":[]}\r\n\r\n: ping\r\ndata: {"choices":[{"delta":{"content":"Grüße"}}]}\r\n\r\n'
		);
		const cut = bytes.indexOf('ü') + 1;
		const entries = await llm.told((call) => {
			call.begin().send(bytes.subarray(0, cut)).send(bytes.subarray(cut));
			call
				.send('data: {"choices":[{"delta":null,"finish_reason":"stop"}],"usage":null}\r\n\r\ndata: [DONE]\r\n\r\n')
				.end();
		});
		expect(entries).toEqual([{ text: 'Grüße' }, completed]);
	});

	it('is complete without [DONE], and with [DONE] on a connection that stays open', async () => {
		expect(await llm.told((call) => call.begin().delta({ content: 'Yes.' }, 'stop').end())).toEqual([
			{ text: 'Yes.' },
			completed
		]);
		const entries = await llm.told((call) => call.begin().delta({ content: 'Yes.' }, 'stop').send('data: [DONE]\n\n'));
		expect(entries).toEqual([{ text: 'Yes.' }, completed]);
	});

	it('is complete when the model said why it stopped, whatever the connection does then', async () => {
		const broken = await llm.told((call) => {
			call.begin().delta({ content: 'Yes.' }, 'stop');
			setImmediate(() => call.break());
		});
		expect(broken).toEqual([{ text: 'Yes.' }, completed]);
	});

	it('is complete when the model said why it stopped, and its server says nothing more', async () => {
		freezeTimeLimits();
		const { heard } = llm.ask();
		(await stub.next()).begin().delta({ content: 'Yes.' }, 'stop');
		await heard.hasTold(1);
		vi.advanceTimersByTime(1000);
		await heard.ended;
		expect(heard.told).toEqual([{ text: 'Yes.' }, completed]);
	});

	it('may be a refusal, may be cut by the limit, may be filtered', async () => {
		expect(await llm.told((call) => call.begin().delta({ refusal: 'I will not.' }).finish())).toEqual([
			{ text: 'I will not.' },
			completed
		]);
		expect(await llm.told((call) => call.begin().delta({ content: 'Once' }).finish('length'))).toEqual([
			{ text: 'Once' },
			completed
		]);
		expect(await llm.told((call) => call.begin().delta({ content: 'Once' }).finish('content_filter'))).toEqual([
			{ text: 'Once' },
			{ end: { kind: 'filtered' } }
		]);
	});

	it('may be nothing', async () => {
		expect(await llm.told((call) => call.begin().finish())).toEqual([completed]);
	});
});

describe('calls', () => {
	const tools = [tool('book'), tool('look')];
	const calls = (...entries: [name: string, args: string][]): AnswerEntry[] =>
		entries.map(([name, args]) => ({ call: { name, arguments: args } }));
	const fragment = (index: number | undefined, args: string, name?: string, id?: string): unknown => ({
		...(index === undefined ? {} : { index }),
		...(id === undefined ? {} : { id, type: 'function' }),
		function: { arguments: args, ...(name === undefined ? {} : { name }) }
	});

	it('come after the words, put together from fragments', async () => {
		const entries = await llm.told(
			(call) =>
				call
					.begin()
					.delta({ content: 'One moment.' })
					.delta({ tool_calls: [fragment(0, '', 'book', 'call_1')] })
					.delta({ tool_calls: [fragment(0, '{"a"')] })
					.delta({ tool_calls: [fragment(0, ':1}')] })
					.finish('tool_calls'),
			{ tools }
		);
		expect(entries).toEqual([{ text: 'One moment.' }, ...calls(['book', '{"a":1}']), completed]);
	});

	it('may be two at once, their fragments mixed', async () => {
		const entries = await llm.told(
			(call) =>
				call
					.begin()
					.delta({ tool_calls: [fragment(1, '{"a"', 'look', 'call_2'), fragment(0, '{"a":', 'book', 'call_1')] })
					.delta({ tool_calls: [fragment(0, '1}'), fragment(1, ':2}')] })
					.finish('tool_calls'),
			{ tools }
		);
		expect(entries).toEqual([...calls(['book', '{"a":1}'], ['look', '{"a":2}']), completed]);
	});

	it.each([
		['all numbered 0, with ids', 0, 'call_1', 'call_2'],
		['all numbered 0, without ids', 0, undefined, undefined],
		['without numbers', undefined, undefined, undefined]
	])('are told apart when they are %s', async (_title, index, first, second) => {
		const entries = await llm.told(
			(call) =>
				call
					.begin()
					.delta({ tool_calls: [fragment(index, '{"a":1}', 'book', first)] })
					.delta({ tool_calls: [fragment(index, '{"a":2}', 'book', second)] })
					.finish('tool_calls'),
			{ tools }
		);
		expect(entries).toEqual([...calls(['book', '{"a":1}'], ['book', '{"a":2}']), completed]);
	});

	it('are not told apart where every fragment repeats the name', async () => {
		const entries = await llm.told(
			(call) =>
				call
					.begin()
					.delta({ tool_calls: [fragment(0, '{"a"', 'book')] })
					.delta({ tool_calls: [fragment(0, ':1}', 'book')] })
					.finish('tool_calls'),
			{ tools }
		);
		expect(entries).toEqual([...calls(['book', '{"a":1}']), completed]);
	});

	it('are complete at the end of the stream, also without a reason', async () => {
		const entries = await llm.told(
			(call) =>
				call
					.begin()
					.delta({ tool_calls: [fragment(0, '{}', 'book')] })
					.end(),
			{
				tools
			}
		);
		expect(entries).toEqual([...calls(['book', '{}']), completed]);
	});

	it('may have no arguments, or have them as an object', async () => {
		const entries = await llm.told(
			(call) =>
				call
					.begin()
					.delta({ tool_calls: [{ index: 0, function: { name: 'book' } }] })
					.delta({ tool_calls: [{ index: 1, function: { name: 'look', arguments: { a: 1 } } }] })
					.finish(),
			{ tools }
		);
		expect(entries).toEqual([...calls(['book', '{}'], ['look', '{"a":1}']), completed]);
	});

	it('are one where only one is allowed', async () => {
		const entries = await llm.told(
			(call) =>
				call
					.begin()
					.delta({ tool_calls: [fragment(0, '{}', 'book'), fragment(1, '{}', 'look')] })
					.finish(),
			{ tools, allowsSeveralCalls: false }
		);
		expect(entries).toEqual([...calls(['book', '{}']), completed]);
	});

	it('find their MCP server, also where two tools share a name', async () => {
		const shared = [
			tool('stock', 'shop'),
			tool('stock', 'depot'),
			tool('stock'),
			tool('a.b', 'shop'),
			tool('price', 'shop')
		];
		const { heard } = llm.ask({ tools: shared });
		const call = await stub.next();
		const names = (call.json['tools'] as { function: { name: string } }[]).map((entry) => entry.function.name);
		expect(names).toEqual(['shop_stock', 'depot_stock', 'stock', 'a_b', 'price']);
		call
			.begin()
			.delta({ tool_calls: names.map((name, index) => fragment(index, '{}', name)) })
			.finish();
		await heard.ended;
		const planned = (name: string, serverLabel?: string): unknown => ({
			call: { name, arguments: '{}', ...(serverLabel === undefined ? {} : { serverLabel }) }
		});
		expect(heard.told).toEqual([
			planned('stock', 'shop'),
			planned('stock', 'depot'),
			planned('stock'),
			planned('a.b', 'shop'),
			planned('price', 'shop'),
			completed
		]);
	});

	it('fail the answer when they are of no tool, or have broken arguments', async () => {
		const calling = async (name: string, args: string, reason: string): Promise<unknown> => {
			const entries = await llm.told(
				(call) =>
					call
						.begin()
						.delta({ tool_calls: [fragment(0, args, name)] })
						.finish(reason),
				{ tools }
			);
			return entries;
		};
		const failed = (says: RegExp): unknown => [
			{
				end: {
					kind: 'failed',
					error: { type: 'server_error', code: 'llm_error', message: expect.stringMatching(says) }
				}
			}
		];
		expect(await calling('fly', '{}', 'tool_calls')).toEqual(failed(/called "fly", which is none of the tools/));
		expect(await calling('book', '{"a":', 'tool_calls')).toEqual(
			failed(/"book" arguments that are not complete JSON\.$/)
		);
		expect(await calling('book', '{"a":', 'length')).toEqual(failed(/JSON: it reached its limit of tokens/));
	});

	it('fail before they are asked for when the demand names no tool', async () => {
		const { heard } = llm.ask({ tools, toolDemand: { kind: 'tool', name: 'fly' } });
		expect(heard.told).toEqual([]);
		await heard.ended;
		expect(heard.told).toMatchObject([
			{ end: { error: { message: expect.stringMatching(/to call fly: tool_choice/) } } }
		]);
		expect(stub.calls).toEqual([]);
	});
});
