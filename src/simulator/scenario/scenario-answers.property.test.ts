/** Whatever passes the parser answers whatever comes: nothing is thrown, and every answer ends once. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ConversationItem } from '#simulator/session/conversation.ts';
import type { AnswerRequest, CallableTool, ToolDemand } from '#simulator/session/ports.ts';
import { parseScenario } from '#simulator/scenario/parse-scenario.ts';
import { createScenarioAnswers } from '#simulator/scenario/scenario-answers.ts';
import { VirtualClock } from '#simulator/testing/virtual-clock.ts';

const names = fc.constantFrom('a', 'b', 'get_weather', 'constructor', '__proto__');
const regex = fc.constantFrom('.', '^$', 'a|b', '(?<found>\\w+)', '(?<found>a)|(?<other>b)', '\\d', 'weather');
const text = fc.oneof(
	fc.string(),
	fc.constantFrom(
		'{typed} {turn}',
		'{output.a.0} {outputInWords}',
		'{found}',
		'{mine.toString}',
		'{set}',
		'{callerSeconds} {callerLoudness}',
		'{mentionedTool}{tool}',
		'{text}',
		'{transcript}'
	)
);

const step = fc.oneof(
	fc.record({ say: fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })) }),
	fc.record({ wait: fc.nat(1000) }),
	fc.record({ set: fc.record({ set: fc.oneof(text, fc.integer()) }) }),
	fc.record({
		call: fc.record(
			{
				tool: fc.oneof(names, fc.constantFrom('{mentionedTool}', '{found}')),
				server: fc.constantFrom('one', '{set}'),
				arguments: fc.oneof(fc.constant('example'), fc.dictionary(fc.string(), fc.oneof(text, fc.jsonValue()))),
				optional: fc.boolean()
			},
			{ requiredKeys: ['tool'] }
		)
	})
);
const end = fc.constantFrom({ fail: {} }, { fail: { message: '{typed}' } }, { refuse: true }, { refuse: '{found}' });
const steps = fc
	.tuple(fc.array(step, { maxLength: 4 }), fc.option(end))
	.map(([list, last]) => (last ? [...list, last] : list));

const when = fc.record(
	{
		typed: regex,
		transcript: regex,
		text: regex,
		audio: fc.boolean(),
		image: fc.boolean(),
		turn: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.record({ min: fc.integer({ min: 1, max: 2 }) })),
		tool: names,
		mentionsTool: fc.boolean(),
		toolOutput: fc.oneof(fc.boolean(), fc.record({ tool: names, matches: regex }), fc.record({ matches: regex })),
		outOfBand: fc.boolean(),
		metadata: fc.dictionary(names, regex, { maxKeys: 2 }),
		instructions: regex,
		model: regex,
		variables: fc.constantFrom({ set: '.' }, { found: '^$' })
	},
	{ requiredKeys: [] }
);

const rule = fc.oneof(
	fc.record({ when, do: steps, once: fc.boolean() }, { requiredKeys: ['do'] }),
	fc.record({ when, say: text }, { requiredKeys: ['say'] })
);
const scenarios = fc.record({
	scenario: fc.constant(1),
	variables: fc.constant({ mine: 'x' }),
	notice: fc.constantFrom([], ['(?<found>[ab])', '(?<other>c)']),
	rules: fc
		.tuple(fc.array(rule, { maxLength: 4 }), text)
		// Every name that the texts above use is made somewhere.
		.map(([rules, say]) => [
			{ when: { turn: 99, typed: '(?<found>x)' }, do: [{ set: { set: 'x' } }, { say: 'x' }] },
			...rules,
			{ say: `${say}.` }
		])
});

const id = fc.uuid();
const message = { kind: 'message', status: 'completed' } as const;
const items: fc.Arbitrary<ConversationItem> = fc.oneof(
	fc
		.record({ id, text: text, role: fc.constantFrom('user', 'assistant', 'system') })
		.map(({ id, text, role }): ConversationItem => ({
			...message,
			id,
			role,
			content: [{ type: 'input_text', text } as const]
		})),
	fc
		.record({ id, words: fc.option(text, { nil: undefined }), samples: fc.int16Array() })
		.map(({ id, words, samples }): ConversationItem => ({
			...message,
			id,
			role: 'user',
			content: [
				{
					type: 'input_audio',
					transcript: null,
					audio: [samples],
					rateHz: 8000,
					...(words === undefined ? {} : { heardWords: words })
				},
				{ type: 'input_image', imageUrl: 'data:,', detail: 'auto', tokens: 1 }
			]
		})),
	fc.record({ id, name: names }).map(({ id, name }): ConversationItem => ({
		kind: 'function_call',
		id,
		status: 'completed',
		name,
		callId: 'call',
		arguments: '{}'
	})),
	fc
		.record({ id, output: fc.oneof(text, fc.json()) })
		.map(({ id, output }): ConversationItem => ({ kind: 'function_call_output', id, callId: 'call', output })),
	fc.record({ id, name: names, output: fc.option(fc.json()) }).map(({ id, name, output }): ConversationItem => ({
		kind: 'mcp_call',
		id,
		serverLabel: 'one',
		name,
		arguments: '{}',
		output,
		error: null,
		approvalRequestId: null
	}))
);

const tools: fc.Arbitrary<CallableTool[]> = fc.array(
	fc.record({
		name: names,
		description: fc.constant(null),
		parameters: fc.dictionary(fc.constantFrom('type', 'properties', 'required', 'enum', 'items'), fc.jsonValue())
	}),
	{ maxLength: 3 }
);
const demands = fc.constantFrom<ToolDemand>(
	{ kind: 'none' },
	{ kind: 'auto' },
	{ kind: 'required' },
	{ kind: 'tool', name: 'a' },
	{ kind: 'tool', name: 'nowhere' }
);
const requests: fc.Arbitrary<AnswerRequest> = fc.record({
	turn: fc.integer({ min: 1, max: 5 }),
	model: fc.string(),
	voice: fc.constant('alloy'),
	modality: fc.constant('audio'),
	instructions: fc.string(),
	items: fc.array(items, { maxLength: 8 }),
	tools,
	toolDemand: demands,
	allowsSeveralCalls: fc.boolean(),
	maxOutputTokens: fc.constant('inf'),
	metadata: fc.option(fc.dictionary(names, fc.string())),
	isOutOfBand: fc.boolean()
});

it('answers anything with anything', () => {
	let parsedCount = 0;
	fc.assert(
		fc.property(scenarios, fc.array(requests, { minLength: 1, maxLength: 4 }), (value, list) => {
			const parsed = parseScenario(value);
			if ('error' in parsed) {
				expect(parsed.error).toContain(': ');
				return;
			}
			parsedCount++;
			const clock = new VirtualClock();
			const answers = createScenarioAnswers({ scenario: () => parsed.scenario, schedule: clock.schedule });
			for (const request of list) {
				const ends: string[] = [];
				answers.answer(request, {
					onText: (said) => expect(said.trim()).not.toBe(''),
					onMessageEnd: () => {},
					onCall: ({ arguments: json }) => JSON.parse(json) as unknown,
					onEnd: ({ kind }) => ends.push(kind)
				});
				clock.advance(10_000);
				expect(ends).toHaveLength(1);
			}
		}),
		{ numRuns: 500 }
	);
	expect(parsedCount).toBeGreaterThan(100);
});

it('parses anything, or says what is wrong', () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.jsonValue(), (value, rules) => {
			for (const one of [
				value,
				{ scenario: 1, rules },
				{ scenario: 1, rules: [rules, { say: 'x' }], variables: value }
			]) {
				const parsed = parseScenario(one);
				if ('error' in parsed) expect(parsed.error).not.toBe('');
			}
		})
	);
});
