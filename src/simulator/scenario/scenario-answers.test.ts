import { describe, expect, it } from 'vitest';
import { createScenarioAnswers } from '#simulator/scenario/scenario-answers.ts';
import {
	readScenario,
	ScenarioConversation,
	scenarioOf,
	toolOf
} from '#simulator/scenario/testing/scenario-conversation.ts';

const doing = (...steps: unknown[]): ScenarioConversation => new ScenarioConversation(scenarioOf({ do: steps }));

/** A rule with these steps, with tools a and b. */
function calling(...steps: unknown[]): ScenarioConversation {
	return new ScenarioConversation(scenarioOf({ when: { typed: '.' }, do: steps }, { say: 'else' }), [
		toolOf('a'),
		toolOf('b')
	]).type('go');
}

describe('say', () => {
	it('says its texts in turn, for each session anew', () => {
		const scenario = scenarioOf({ say: ['a', 'b'] });
		const conversation = new ScenarioConversation(scenario);
		expect([1, 2, 3].flatMap(() => conversation.answer().messages)).toEqual(['a', 'b', 'a']);
		expect(new ScenarioConversation(scenario).answer().messages).toEqual(['a']);
	});

	it('makes one message of texts that follow each other, and completes it', () => {
		const answer = doing({ say: 'One.' }, { wait: 500 }, { set: { a: 'x' } }, { say: 'Two.' }).answer();
		expect(answer.log).toEqual(['text One.', 'text  Two.', 'message end', 'completed']);
		expect(answer.phases).toEqual(['final_answer']);
		expect(answer.tookMs).toBe(500);
	});

	it('completes the message before it waits with nothing more to say', () => {
		const conversation = calling({ say: 'One moment.' }, { wait: 500 }, { call: { tool: 'a' } }, { say: 'Done.' });
		expect(conversation.answer()).toMatchObject({
			log: ['text One moment.', 'message end', 'call a {}', 'text Done.', 'message end', 'completed'],
			phases: ['commentary', 'final_answer']
		});
	});

	it('says nothing where a variable has nothing', () => {
		expect(doing({ say: '{typed}' }, { say: 'Well.' }).answer().log).toEqual([
			'text Well.',
			'message end',
			'completed'
		]);
	});
});

describe('call', () => {
	it('fills variables into the arguments, and keeps the type of what is one variable', () => {
		const scenario = readScenario({
			scenario: 1,
			variables: { size: 4, label: 'big' },
			rules: [
				{
					when: { typed: '(?<count>\\d+)' },
					do: [
						{
							call: {
								tool: 'a',
								arguments: {
									size: '{size}',
									text: 'size {size}',
									list: ['{label}', { turn: '{turn}' }],
									count: '{count}'
								}
							}
						}
					]
				},
				{ say: 'else' }
			]
		});
		const conversation = new ScenarioConversation(scenario, [toolOf('a')]).type('7');
		expect(conversation.answer().calls).toEqual([
			{
				name: 'a',
				arguments: '{"size":4,"text":"size 4","list":["big",{"turn":1}],"count":"7"}'
			}
		]);
	});

	it('fits words to what the schema of the tool asks for', () => {
		const parameters = {
			type: 'object',
			properties: {
				planet: { type: 'string', enum: ['Mars', 'Venus'] },
				count: { type: 'integer' },
				price: { type: ['number', 'null'] },
				size: { type: 'string' },
				isOn: { type: 'boolean' },
				other: { type: 'integer' },
				fixed: { type: 'integer' }
			}
		};
		const regex = '(?<planet>mars) (?<count>\\d+) (?<price>\\S+) (?<on>true|false) (?<other>\\w+)';
		const args = {
			planet: '{planet}',
			count: '{count}',
			price: '{price}',
			size: '{turn}',
			isOn: '{on}',
			other: '{other}',
			fixed: '5'
		};
		const conversation = new ScenarioConversation(
			scenarioOf({ when: { typed: regex }, do: [{ call: { tool: 'a', arguments: args } }] }, { say: 'else' }),
			[toolOf('a', parameters)]
		);
		const [call] = conversation.type('mars 4 2.5 true four').answer().calls;
		expect(JSON.parse(call?.arguments ?? '')).toEqual({
			planet: 'Mars',
			count: 4,
			price: 2.5,
			size: '1',
			isOn: true,
			other: 'four',
			fixed: '5' // what the scenario itself wrote is left alone
		});
	});

	it('leaves the rule out when a tool is not offered, and only the call when it is optional', () => {
		const steps = [{ say: 'x' }, { call: { tool: 'a' } }, { call: { tool: 'c' } }];
		expect(calling(...steps).answer().messages).toEqual(['else']);
		const optional = [{ say: 'x' }, { call: { tool: 'a' } }, { call: { tool: 'c', optional: true } }];
		expect(calling(...optional).answer()).toMatchObject({ messages: ['x'], calls: [{ name: 'a' }] });
		const none = [{ call: { tool: 'c', optional: true } }, { say: 'x' }];
		expect(calling(...none).answer()).toMatchObject({ messages: ['x'], phases: ['final_answer'], calls: [] });
	});

	it('calls what a variable names, on the server it names', () => {
		const tools = [toolOf('a'), { ...toolOf('a'), serverLabel: 'one' }, { ...toolOf('a'), serverLabel: 'two' }];
		const call = { tool: '{which}', server: '{where}' };
		const scenario = scenarioOf(
			{ when: { typed: '(?<which>a) on (?<where>\\w+)' }, do: [{ call }] },
			{ when: { typed: '^(?<which>a)$' }, do: [{ call: { tool: '{which}' } }] },
			{ say: 'else' }
		);
		const conversation = new ScenarioConversation(scenario, tools);
		expect(conversation.type('a on two').answer().calls).toEqual([{ name: 'a', arguments: '{}', serverLabel: 'two' }]);
		expect(conversation.type('a').answer().calls).toEqual([{ name: 'a', arguments: '{}' }]);
		expect(conversation.ask('a on three')).toBe('else');
	});

	it('calls nothing when no tool may be called', () => {
		const answer = calling({ call: { tool: 'a' } }).answer({ toolDemand: { kind: 'none' } });
		expect(answer).toMatchObject({ messages: ['else'], calls: [] });
	});

	it('makes only the first call when one is allowed', () => {
		const steps = [{ call: { tool: 'a' } }, { say: 'and' }, { call: { tool: 'b' } }];
		expect(calling(...steps).answer({ allowsSeveralCalls: false }).log).toEqual([
			'call a {}',
			'text and',
			'message end',
			'completed'
		]);
		expect(calling(...steps).answer().calls).toHaveLength(2);
	});
});

describe('a tool that must be called', () => {
	const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
	const tools = [toolOf('a', parameters), { ...toolOf('b'), serverLabel: 'one' }];
	const scenario = scenarioOf(
		{ when: { typed: 'b' }, do: [{ call: { tool: 'b', arguments: { by: 'rule' } } }] },
		{ when: { typed: 'both' }, do: [{ call: { tool: 'a' } }, { call: { tool: 'b' } }] },
		{ do: [{ call: { tool: 'c', optional: true } }, { say: 'else' }] }
	);
	const ask = (text: string, toolDemand: Parameters<ScenarioConversation['request']>[0]): unknown =>
		new ScenarioConversation(scenario, tools).type(text).answer(toolDemand).log;

	it('is called by the rule that calls one', () => {
		expect(ask('b', { toolDemand: { kind: 'required' } })).toEqual(['call b {"by":"rule"}', 'completed']);
		expect(ask('b', { toolDemand: { kind: 'tool', name: 'b' } })).toEqual(['call b {"by":"rule"}', 'completed']);
		expect(ask('b', { toolDemand: { kind: 'tool', serverLabel: 'one' } })).toEqual([
			'call b {"by":"rule"}',
			'completed'
		]);
	});

	it('is called with example arguments when no rule calls it', () => {
		const example = ['call a {"city":"example city"}', 'completed'];
		expect(ask('x', { toolDemand: { kind: 'required' } })).toEqual(example);
		expect(ask('b', { toolDemand: { kind: 'tool', name: 'a' } })).toEqual(example);
		expect(ask('x', { toolDemand: { kind: 'tool', name: 'b', serverLabel: 'one' } })).toEqual([
			'call b {}',
			'completed'
		]);
	});

	it('is the one on the server that is named', () => {
		const both = [{ ...toolOf('b'), serverLabel: 'two' }, ...tools];
		const toolDemand = { kind: 'tool', name: 'b', serverLabel: 'one' } as const;
		const { calls } = new ScenarioConversation(scenario, both).type('x').answer({ toolDemand });
		expect(calls).toEqual([{ name: 'b', arguments: '{}', serverLabel: 'one' }]);
	});

	it('is not called when it is not there', () => {
		const said = ['text else', 'message end', 'completed'];
		expect(ask('x', { toolDemand: { kind: 'tool', name: 'z' } })).toEqual(said);
		expect(ask('x', { toolDemand: { kind: 'required' }, tools: [] })).toEqual(said);
	});
});

describe('wait, set, fail, refuse and silent', () => {
	it('waits on the clock of the session', () => {
		expect(doing({ wait: 300 }, { say: 'x' }, { wait: 40 }, { say: 'y' }).answer().tookMs).toBe(340);
	});

	it('sets what later texts and answers use, and forgets with an empty text', () => {
		const conversation = new ScenarioConversation(
			scenarioOf(
				{ when: { typed: 'forget' }, do: [{ set: { a: '' } }, { say: '[{a}]' }] },
				{ when: { typed: 'remember (?<what>\\w+)' }, do: [{ set: { a: '{what}!', n: 3 } }, { say: '[{a}{n}]' }] },
				{ say: '[{a}]' }
			)
		);
		expect(['x', 'remember me', 'x', 'forget', 'x'].map((text) => conversation.ask(text))).toEqual([
			'[{a}]',
			'[me!3]',
			'[me!]',
			'[]',
			'[]'
		]);
	});

	it('fails with what it is told, or as a server error', () => {
		const message = 'The server had an error while processing your request. Sorry about that!';
		expect(doing({ fail: {} }).answer().end).toEqual({
			kind: 'failed',
			error: { type: 'server_error', code: 'server_error', message }
		});
		const fail = { type: 'insufficient_quota', code: 'quota', message: 'Turn {turn} was too much.' };
		expect(doing({ say: 'Well' }, { fail }).answer()).toMatchObject({
			log: ['text Well', 'failed'],
			end: { kind: 'failed', error: { ...fail, message: 'Turn 1 was too much.' } }
		});
	});

	it('refuses, with or without words', () => {
		expect(doing({ refuse: true }).answer().log).toEqual(['filtered']);
		expect(doing({ say: 'So,' }, { refuse: 'no, {voice}.' }).answer().log).toEqual([
			'text So,',
			'text  no, alloy.',
			'filtered'
		]);
	});

	it('stays silent', () => {
		expect(doing({ silent: true }).answer().log).toEqual(['completed']);
	});
});

describe('once', () => {
	it('is used once in a session', () => {
		const conversation = new ScenarioConversation(scenarioOf({ say: 'first', once: true }, { say: 'then' }));
		expect([1, 2, 3].flatMap(() => conversation.answer().messages)).toEqual(['first', 'then', 'then']);
	});
});

describe('notice', () => {
	it('remembers from all that is typed and heard, and a later entry counts more', () => {
		const conversation = new ScenarioConversation(
			readScenario({
				scenario: 1,
				variables: { day: 'no day' },
				notice: ['(?<day>monday|friday)', 'to (?<day>monday|friday)', '(?<name>ann)'],
				rules: [{ when: { variables: { name: '.' } }, say: '{day} for {name}' }, { say: '{day}' }]
			})
		);
		expect(conversation.ask('hello')).toBe('no day');
		expect(conversation.ask('from monday to friday')).toBe('friday');
		expect(conversation.speak('I am Ann').answer().messages).toEqual(['friday for Ann']);
	});
});

describe('an answer out of band', () => {
	it('sees what is remembered and leaves it as it is', () => {
		const conversation = new ScenarioConversation(
			scenarioOf(
				{ when: { typed: 'i am (?<name>\\w+)' }, do: [{ set: { greeted: 'yes' } }, { say: 'Hello {name}' }] },
				{ say: '{name} {greeted}' }
			)
		);
		expect(conversation.ask('I am Ann')).toBe('Hello Ann');
		const { items } = new ScenarioConversation(conversation.scenario).type('I am Bob');
		expect(conversation.answer({ isOutOfBand: true, items }).messages).toEqual(['Hello Bob']);
		expect(conversation.ask('who')).toBe('Ann yes');
	});
});

describe('cancel', () => {
	it('ends it at once, also from inside a callback', () => {
		const conversation = calling({ say: 'a' }, { wait: 100 }, { say: 'b' }, { call: { tool: 'a' } });
		const heard: string[] = [];
		const listener = {
			onText: (text: string) => heard.push(text),
			onMessageEnd: () => heard.push('message end'),
			onCall: () => heard.push('call'),
			onEnd: () => heard.push('end')
		};
		const { answers, clock } = conversation;
		const first = answers.answer(conversation.request(), listener);
		clock.advance(50);
		first.cancel();
		expect(clock.pendingCount).toBe(0);
		const second = answers.answer(conversation.request(), { ...listener, onText: () => second.cancel() });
		answers.answer(conversation.request(), listener).cancel();
		clock.advance(1000);
		expect(heard).toEqual(['a']);
		expect(clock.pendingCount).toBe(0);
	});
});

describe('a scenario that is read again', () => {
	it('counts from the next answer on, and what was remembered stays', () => {
		const conversation = new ScenarioConversation(
			scenarioOf({ when: { typed: '(?<name>ann)' }, say: 'a' }, { say: ['b', 'c'] })
		);
		conversation.ask('ann');
		conversation.ask('x');
		conversation.scenario = scenarioOf({ when: { typed: '(?<name>bob)' }, say: 'a' }, { say: ['d {name}', 'e'] });
		expect(conversation.ask('x')).toBe('d ann');
	});

	it('lets a once rule be used again', () => {
		const rules = [{ say: 'first', once: true }, { say: 'then' }];
		const conversation = new ScenarioConversation(scenarioOf(...rules));
		expect([conversation.ask('x'), conversation.ask('x')]).toEqual(['first', 'then']);
		const { scenario } = conversation;
		// The same rules in a scenario that was put together anew.
		conversation.scenario = { ...scenario };
		expect(conversation.ask('x')).toBe('first');
	});

	it('decides anew whether the words of the caller matter', () => {
		let scenario = scenarioOf({ say: 'x' });
		const answers = createScenarioAnswers({ scenario: () => scenario, schedule: () => () => {} });
		expect(answers.wantsWords).toBe(false);
		scenario = scenarioOf({ say: '{transcript}' });
		expect(answers.wantsWords).toBe(true);
	});
});
