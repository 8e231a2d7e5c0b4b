/** Function calls: how they are streamed, chosen, limited and answered. */
import { describe, expect, it } from 'vitest';
import type { AnswerRequest } from '#simulator/session/ports.ts';
import { ScriptedAnswers } from '#simulator/testing/virtual-edges.ts';
import type { ScriptStep } from '#simulator/testing/virtual-edges.ts';
import { sessionUpdate, summarize, typedMessage, VirtualSession } from '#simulator/testing/virtual-session.ts';
import type { VirtualOptions } from '#simulator/testing/virtual-session.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

const weather = { type: 'function', name: 'get_weather', parameters: { type: 'object' } };
const call = (city: string): ScriptStep => ({
	call: { name: 'get_weather', arguments: JSON.stringify({ city }) }
});

interface World {
	world: VirtualSession;
	answers: ScriptedAnswers;
}

function open(script: (request: AnswerRequest) => ScriptStep[], options: VirtualOptions = {}): World {
	let answers: ScriptedAnswers | undefined;
	const world = new VirtualSession({
		...options,
		answers: (clock) => (answers = new ScriptedAnswers(clock, script))
	});
	world.exchange([sessionUpdate({ output_modalities: ['text'], tools: [weather] })]);
	return { world, answers: answers as ScriptedAnswers };
}

const ask = [typedMessage('What is the weather?'), { type: 'response.create' }];

describe('a function call', () => {
	it('is streamed as recorded, and its arguments add up', () => {
		const { world } = open(() => [call('London')]);
		const events = world.exchange(ask, 3000);
		expect(summarize(events)).toEqual([
			'conversation.item.added',
			'conversation.item.done',
			'response.created',
			'response.output_item.added',
			'conversation.item.added',
			'response.function_call_arguments.delta',
			'response.function_call_arguments.done',
			'conversation.item.done',
			'response.output_item.done',
			'response.done',
			'rate_limits.updated'
		]);
		const deltas = events.filter(({ type }) => type === 'response.function_call_arguments.delta');
		expect(deltas.map((event) => event['delta'])).toEqual(['{"', 'city', '":"', 'London', '"}']);
		for (const event of deltas) {
			expect(String(event['delta']).length + String(event['obfuscation']).length).toBe(16);
			expect(Object.keys(event).join()).toBe(
				'type,event_id,response_id,item_id,output_index,call_id,delta,obfuscation'
			);
		}
		const done = world.last('response.function_call_arguments.done');
		expect(done).toMatchObject({ name: 'get_weather', arguments: '{"city":"London"}' });
		expect(done['call_id']).toMatch(/^call_\w{16}$/);
		expect(world.last('response.done')).toMatchObject({
			response: { status: 'completed', output: [{ type: 'function_call', status: 'completed' }] }
		});
	});

	it('takes its output and goes on; an output for no call is refused', () => {
		const { world, answers } = open(({ items }) =>
			items.some(({ kind }) => kind === 'function_call_output') ? [{ text: 'It is foggy.' }] : [call('London')]
		);
		world.exchange(ask, 3000);
		const { call_id: callId } = world.last('response.function_call_arguments.done');
		const output = { type: 'function_call_output', call_id: callId, output: 'Fog' };
		const events = world.exchange(
			[{ type: 'conversation.item.create', item: output }, { type: 'response.create' }],
			3000
		);
		expect(events[0]?.['item']).toEqual({ id: expect.stringMatching(/^item_/), ...output });
		expect(world.last('response.output_text.done')['text']).toBe('It is foggy.');
		expect(answers.requests[1]?.items.map(({ kind }) => kind)).toEqual([
			'message',
			'function_call',
			'function_call_output'
		]);
	});

	it('comes several at once, each at its index, unless the client wants one at a time', () => {
		const { world } = open(() => [call('London'), call('Paris'), call('Rome')]);
		world.exchange(ask, 3000);
		const { output } = world.last('response.done')['response'] as { output: { arguments: string }[] };
		expect(output.map((item) => item.arguments)).toEqual(['{"city":"London"}', '{"city":"Paris"}', '{"city":"Rome"}']);
		const indexes = world.events.filter(({ type }) => type === 'response.function_call_arguments.done');
		expect(indexes.map((event) => event['output_index'])).toEqual([0, 1, 2]);
		world.exchange([{ type: 'response.create', response: { parallel_tool_calls: false } }], 3000);
		const one = world.last('response.done')['response'] as { output: unknown[] };
		expect(one.output).toHaveLength(1);
	});

	it('closes the message before it after its own arguments, with a model that has phases', () => {
		const { world } = open(() => [{ text: 'I will look.', phase: 'commentary' }, call('London')], {
			model: 'gpt-realtime-2.1'
		});
		const events = world.exchange(ask, 3000);
		expect(summarize(events).slice(3)).toEqual([
			'response.output_item.added',
			'conversation.item.added',
			'response.content_part.added',
			'response.output_text.delta',
			'response.output_item.added',
			'conversation.item.added',
			'response.function_call_arguments.delta',
			'response.output_text.done',
			'response.content_part.done',
			'conversation.item.done',
			'response.output_item.done',
			'response.function_call_arguments.done',
			'conversation.item.done',
			'response.output_item.done',
			'response.done',
			'rate_limits.updated'
		]);
		expect(world.last('response.done')).toMatchObject({ response: { output: [{ phase: 'commentary' }, {}] } });
	});

	it('is cut off by a cancel and by its token budget, each once', () => {
		const { world, answers } = open(() => [call('London'), { waitMs: 5000 }, { text: 'Never said.' }]);
		world.exchange(ask, 260);
		const events = world.exchange([{ type: 'response.cancel' }], 3000);
		expect(events.filter(({ type }) => type === 'response.done')).toHaveLength(1);
		expect(world.last('response.done')).toMatchObject({ response: { status: 'cancelled' } });
		expect(answers.cancelledCount).toBe(1);
		const item = world.last('response.output_item.done')['item'] as { status: string };
		expect(['completed', 'incomplete']).toContain(item.status);
		world.exchange([{ type: 'response.create', response: { max_output_tokens: 3 } }], 3000);
		expect(world.last('response.done')).toMatchObject({
			response: {
				status: 'incomplete',
				status_details: { reason: 'max_output_tokens' },
				output: [{ status: 'incomplete', arguments: '{"city":"' }]
			}
		});
	});
});

describe('tool_choice', () => {
	const lastDemand = ({ answers }: World): unknown => answers.requests.at(-1)?.toolDemand;

	it.each<[string, JsonObject, unknown]>([
		['none', { tool_choice: 'none' }, { kind: 'none' }],
		['auto', { tool_choice: 'auto' }, { kind: 'auto' }],
		['required', { tool_choice: 'required' }, { kind: 'required' }],
		['a function', { tool_choice: { type: 'function', name: 'get_weather' } }, { kind: 'tool', name: 'get_weather' }],
		['a bare name', { tool_choice: 'get_weather' }, { kind: 'tool', name: 'get_weather' }]
	])('%s reaches the answer, from the session and from response.create', (_name, params, demand) => {
		const fromResponse = open(() => []);
		fromResponse.world.exchange([{ type: 'response.create', response: params }], 1000);
		expect(lastDemand(fromResponse)).toEqual(demand);
		const fromSession = open(() => []);
		fromSession.world.exchange([sessionUpdate(params), { type: 'response.create' }], 1000);
		expect(lastDemand(fromSession)).toEqual(demand);
	});

	it('none keeps the model from calling', () => {
		const { world } = open(() => [call('London'), { text: 'No call.' }]);
		world.exchange([{ type: 'response.create', response: { tool_choice: 'none' } }], 3000);
		expect(world.last('response.done')).toMatchObject({ response: { output: [{ type: 'message' }] } });
	});

	it('says so when the tool is not offered', () => {
		const { world } = open(() => []);
		const [error] = world.exchange([{ type: 'response.create', response: { tool_choice: 'get_time' } }]);
		expect(error).toMatchObject({ error: { code: 'invalid_value', param: 'response.tool_choice' } });
	});
});

describe('settings of one response', () => {
	it('are its own tools and instructions, and the session keeps its', () => {
		const { world, answers } = open(() => [{ text: 'Yes.' }]);
		const tools = [{ type: 'function', name: 'other', description: 'x', parameters: {} }];
		world.exchange([{ type: 'response.create', response: { tools, instructions: 'Be brief.' } }], 2000);
		world.exchange([{ type: 'response.create' }], 2000);
		expect(answers.requests.map((request) => request.tools.map(({ name }) => name))).toEqual([
			['other'],
			['get_weather']
		]);
		expect(answers.requests[0]?.instructions).toBe('Be brief.');
		expect(answers.requests[1]?.instructions).toContain('helpful');
	});

	it('do not change under it when the session is updated', () => {
		const { world } = open(() => [{ text: 'One two three four five six seven eight nine ten.' }]);
		world.exchange([{ type: 'response.create' }], 260);
		world.exchange([sessionUpdate({ max_output_tokens: 1, output_modalities: ['audio'] })], 3000);
		expect(world.last('response.done')).toMatchObject({
			response: { status: 'completed', output_modalities: ['text'], max_output_tokens: 'inf' }
		});
	});
});

describe('a response out of band', () => {
	it('does not count as what the conversation has cached', () => {
		const cached = (world: VirtualSession): number => {
			const { response } = world.last('response.done') as {
				response?: { usage: { input_token_details: { cached_tokens: number } } };
			};
			return response?.usage.input_token_details.cached_tokens ?? 0;
		};
		const { world } = open(() => [{ text: 'Yes.' }]);
		world.exchange([{ type: 'response.create' }], 2000);
		world.exchange(
			[{ type: 'response.create', response: { conversation: 'none', input: [], instructions: 'x' } }],
			2000
		);
		world.exchange([{ type: 'response.create' }], 2000);
		expect(cached(world)).toBeGreaterThan(64);
	});
});

describe('answers that do not come', () => {
	it.each<[string, ScriptStep[], JsonObject]>([
		['nothing at all', [], { status: 'completed', status_details: null, output: [] }],
		[
			'a refusal',
			[{ text: 'I cannot say that.' }, { end: { kind: 'filtered' } }],
			{
				status: 'incomplete',
				status_details: { type: 'incomplete', reason: 'content_filter' },
				output: [{ status: 'incomplete' }]
			}
		],
		[
			'a failure',
			[{ end: { kind: 'failed', error: { type: 'server_error', code: 'x', message: 'y' } } }],
			{ status: 'failed', output: [], usage: { total_tokens: 0 } }
		]
	])('%s', (_name, steps, response) => {
		const { world } = open(() => steps);
		world.exchange(ask, 3000);
		expect(world.last('response.done')).toMatchObject({ response });
	});

	it('a fault on demand fails the response that it is for', () => {
		const error = { type: 'tokens', code: 'rate_limit_exceeded', message: 'Rate limit reached' };
		const { world } = open(() => [{ text: 'Fine.' }], {
			faults: { nextResponse: (number) => (number === 2 ? error : undefined) }
		});
		const statuses = [1, 2, 3].map(() => {
			world.exchange([{ type: 'response.create' }], 3000);
			return (world.last('response.done')['response'] as { status: string }).status;
		});
		expect(statuses).toEqual(['completed', 'failed', 'completed']);
	});
});
