import { describe, expect, it } from 'vitest';
import type { AnswerRequest } from '#simulator/session/ports.ts';
import { findMentionedTool } from '#simulator/scenario/mentioned-tool.ts';
import { ScenarioConversation, scenarioOf, toolOf } from '#simulator/scenario/testing/scenario-conversation.ts';

/** Whether a rule with these conditions is used after these events. */
function holds(
	conditions: unknown,
	prepare: (conversation: ScenarioConversation) => void = () => {},
	rest: Partial<AnswerRequest> = {}
): boolean {
	const rule = { when: conditions, say: 'holds' };
	const unset = { when: { turn: 999 }, do: [{ set: { mood: 'good' } }, { say: 'x' }] };
	const conversation = new ScenarioConversation(scenarioOf(rule, unset, { say: 'else' }));
	prepare(conversation);
	return conversation.answer(rest).messages[0] === 'holds';
}

describe('typed, transcript and text', () => {
	it('look at what was typed, at what was heard, and at both', () => {
		const typed = (to: ScenarioConversation): unknown => to.type('Where is order 66?');
		const spoken = (to: ScenarioConversation): unknown => to.speak('Where is order 66?');
		expect([holds({ typed: 'ORDER \\d+' }, typed), holds({ typed: 'order' }, spoken)]).toEqual([true, false]);
		expect([holds({ transcript: 'order' }, typed), holds({ transcript: 'order' }, spoken)]).toEqual([false, true]);
		expect([holds({ text: 'order' }, typed), holds({ text: 'order' }, spoken)]).toEqual([true, true]);
		expect(holds({ typed: 'parcel' }, typed)).toBe(false);
	});

	it('anchor at what was typed, at what was heard, and at both together', () => {
		const both = (to: ScenarioConversation): unknown => to.type('one').speak('two').type('three');
		expect(holds({ text: '^one three$' }, both)).toBe(true);
		expect(holds({ text: '^two$' }, both)).toBe(true);
		expect(holds({ text: '^one two three$' }, both)).toBe(true);
		expect(holds({ text: '^three$' }, both)).toBe(false);
	});

	it('never hold for speech whose words nobody knows', () => {
		const spoken = (to: ScenarioConversation): unknown => to.speak();
		expect(holds({ transcript: '.*' }, spoken)).toBe(false);
		expect(holds({ text: '.*' }, spoken)).toBe(false);
		expect(holds({ audio: true }, spoken)).toBe(true);
	});

	it('forget what came before the last answer', () => {
		const conversation = new ScenarioConversation(scenarioOf({ when: { text: 'old' }, say: 'old' }, { say: 'new' }));
		expect(conversation.ask('old')).toBe('old');
		expect(conversation.ask('something')).toBe('new');
	});

	it('do not read what the system or the model wrote', () => {
		const conversation = new ScenarioConversation(
			scenarioOf({ when: { text: '.' }, say: 'heard' }, { say: 'nothing' })
		);
		const message = { kind: 'message', id: 'system', status: 'completed', role: 'system' } as const;
		conversation.items.push({ ...message, content: [{ type: 'input_text', text: 'Be kind.' }] });
		expect(conversation.answer().messages).toEqual(['nothing']);
	});
});

describe('audio, image and turn', () => {
	it('ask for what came, and for what did not', () => {
		expect([holds({ audio: true }), holds({ audio: false })]).toEqual([false, true]);
		expect([holds({ image: true }), holds({ image: false })]).toEqual([false, true]);
		expect(holds({ image: true }, (to) => to.showPicture())).toBe(true);
	});

	it.each<[turn: unknown, numbers: number[]]>([
		[2, [2]],
		[{ min: 3 }, [3, 4]],
		[{ max: 2 }, [1, 2]],
		[{ min: 2, max: 3 }, [2, 3]]
	])('counts answers: %j', (turn, numbers) => {
		expect([1, 2, 3, 4].filter((number) => holds({ turn }, undefined, { turn: number }))).toEqual(numbers);
	});
});

describe('tool and mentionsTool', () => {
	const tools = [toolOf('get_weather'), toolOf('cancelOrder')];

	it('look at the tools that are offered', () => {
		expect(holds({ tool: 'get_weather' }, undefined, { tools })).toBe(true);
		expect(holds({ tool: 'get_weather' })).toBe(false);
		const asks = (to: ScenarioConversation): unknown => to.type('What is the weather?');
		expect(holds({ mentionsTool: true }, asks, { tools })).toBe(true);
		expect(holds({ mentionsTool: false }, asks, { tools })).toBe(false);
		expect(holds({ mentionsTool: false }, (to) => to.type('Hello'), { tools })).toBe(true);
		expect(holds({ mentionsTool: true }, asks, { tools, toolDemand: { kind: 'none' } })).toBe(true);
	});

	it.each([
		['What is the weather like?', 'get_weather'],
		['please call get_weather', 'get_weather'],
		['Cancel my orders, please.', 'cancelOrder'],
		['Cancel it.', undefined],
		['I want to get something', undefined],
		['Look at the HTML page', 'loadHTMLPage'],
		['run do', 'do'],
		['How do you do?', 'do'],
		['What about the weather forecast?', 'weather_forecast'],
		['Wetter', undefined],
		['cancel the order and tell me the weather', 'cancelOrder'],
		['post the letter', 'post_letter'],
		['', undefined]
	])('finds the tool in %j', (text, name) => {
		const names = [
			'get_weather',
			'cancelOrder',
			'loadHTMLPage',
			'do',
			'weather_forecast',
			'post_letter',
			'letter_post',
			''
		];
		expect(
			findMentionedTool(
				text,
				names.map((one) => toolOf(one))
			)?.name
		).toBe(name);
	});
});

describe('toolOutput', () => {
	const call = { do: [{ call: { tool: 'a' } }, { call: { tool: 'b' } }] };
	const tools = [toolOf('a'), toolOf('b')];

	function afterCalls(...rules: unknown[]): ScenarioConversation {
		const first = { ...call, when: { turn: 1 } };
		const conversation = new ScenarioConversation(scenarioOf(first, ...rules, { say: 'else' }), tools);
		conversation.type('go').answer();
		return conversation;
	}

	it('looks at the outputs since the last call', () => {
		const conversation = afterCalls({ when: { toolOutput: true }, say: '{tool}: {output}' });
		expect(conversation.answer().messages).toEqual(['else']);
		expect(conversation.giveOutput('a', 'one').giveOutput('b', 'two').answer().messages).toEqual(['b: two']);
		expect(conversation.answer().messages).toEqual(['else']);
	});

	it('can ask for a tool and for what its output says', () => {
		const conversation = afterCalls(
			{ when: { toolOutput: { tool: 'a', matches: 'taken by (?<who>\\w+)' } }, say: '{who} has {tool}, says {output}' },
			{ when: { toolOutput: { matches: 'free' } }, say: '{tool} is free' },
			{ when: { toolOutput: { tool: 'b' } }, say: 'b' }
		);
		conversation.giveOutput('a', 'taken by Ann').giveOutput('b', 'free');
		expect(conversation.answer().messages).toEqual(['Ann has a, says taken by Ann']);
		conversation.type('again').giveOutput('b', 'free');
		expect(conversation.answer().messages).toEqual(['b is free']);
		expect(conversation.giveOutput('b', 'full').answer().messages).toEqual(['b']);
	});

	it('takes the newest of several that fit', () => {
		const conversation = afterCalls({ when: { toolOutput: { matches: '\\d' } }, say: '{output} of {tool}' });
		conversation.giveOutput('a', '1').giveOutput('b', '2').giveOutput('a', 'three');
		expect(conversation.answer().messages).toEqual(['2 of b']);
	});

	it('false asks that none came', () => {
		const conversation = afterCalls({ when: { toolOutput: false }, say: 'none' });
		expect(conversation.answer().messages).toEqual(['none']);
		expect(conversation.giveOutput('a', '').answer().messages).toEqual(['else']);
	});

	it('takes an output whose call is not among the items', () => {
		const conversation = new ScenarioConversation(
			scenarioOf({ when: { toolOutput: true }, say: 'got {output}{tool}' }, { say: 'else' })
		);
		conversation.items.push({ kind: 'function_call_output', id: 'o', callId: 'gone', output: 'one' });
		expect(conversation.answer().messages).toEqual(['got one']);
	});

	it('takes finished MCP calls, each for one answer', () => {
		const conversation = new ScenarioConversation(
			scenarioOf({ when: { toolOutput: { tool: 'roll' } }, say: 'rolled {output}' }, { say: 'else' })
		);
		conversation.type('roll').addMcpCall('roll', { output: '4' });
		expect(conversation.answer({ isOutOfBand: true }).messages).toEqual(['rolled 4']);
		expect(conversation.answer().messages).toEqual(['rolled 4']);
		conversation.addMcpCall('other', { output: '5' });
		expect(conversation.answer().messages).toEqual(['else']);
		const failed = { type: 'http_error', code: 500, message: 'no dice' } as const;
		conversation.addMcpCall('roll', { error: failed }).addMcpCall('roll', {});
		expect(conversation.answer().messages).toEqual(['rolled no dice']);
		expect(conversation.addMcpCall('roll', {}).answer().messages).toEqual(['else']);
	});

	it('takes an MCP call after which the same answer spoke', () => {
		const conversation = new ScenarioConversation(
			scenarioOf({ when: { toolOutput: true }, say: 'got {output}' }, { say: 'else' })
		);
		conversation.type('roll').addMcpCall('roll', { output: '4' });
		const spoken = { kind: 'message', id: 'spoken', status: 'completed', role: 'assistant' } as const;
		conversation.items.push({ ...spoken, content: [{ type: 'output_text', text: 'Rolling.' }] });
		expect(conversation.answer().messages).toEqual(['got 4']);
	});

	it('does not take an MCP call of before the caller spoke', () => {
		const conversation = new ScenarioConversation(
			scenarioOf({ when: { toolOutput: true }, say: 'got {output}' }, { say: 'else' })
		);
		conversation.addMcpCall('roll', { output: '4' }).type('hm');
		const spoken = { kind: 'message', id: 'spoken', status: 'completed', role: 'assistant' } as const;
		conversation.items.push({ ...spoken, content: [{ type: 'output_text', text: 'Well.' }] });
		expect(conversation.type('hello').answer().messages).toEqual(['else']);
	});

	it('does not take an MCP call of an answer that had nothing to say for a new one', () => {
		const conversation = new ScenarioConversation(
			scenarioOf({ when: { toolOutput: { tool: 'one' } }, do: [{ silent: true }] }, { say: 'else' })
		);
		conversation.addMcpCall('one', { output: '1' });
		expect(conversation.answer().messages).toEqual([]);
		expect(conversation.addMcpCall('two', { output: '2' }).answer().messages).toEqual(['else']);
	});
});

describe('what the response and the session say', () => {
	it('outOfBand, metadata, instructions and model', () => {
		expect(holds({ outOfBand: true }, undefined, { isOutOfBand: true })).toBe(true);
		expect(holds({ outOfBand: false }, undefined, { isOutOfBand: true })).toBe(false);
		expect(holds({ metadata: { topic: '^class' } }, undefined, { metadata: { topic: 'Classification' } })).toBe(true);
		expect(holds({ metadata: { topic: 'class', more: '.' } }, undefined, { metadata: { topic: 'class' } })).toBe(false);
		expect(holds({ metadata: { toString: '.' } }, undefined, { metadata: {} })).toBe(false);
		expect(holds({ metadata: { topic: '.' } })).toBe(false);
		expect(holds({ instructions: 'pirate' }, undefined, { instructions: 'You are a pirate.' })).toBe(true);
		expect(holds({ instructions: 'pirate' })).toBe(false);
		expect(holds({ model: 'mini$' }, undefined, { model: 'gpt-realtime-mini' })).toBe(true);
		expect(holds({ model: 'mini$' })).toBe(false);
	});

	it('variables, with an empty text for what has none', () => {
		expect(holds({ variables: { mood: '^$' } })).toBe(true);
		expect(holds({ variables: { mood: '.' } })).toBe(false);
		const conversation = new ScenarioConversation(
			scenarioOf(
				{ when: { variables: { mood: '^go' } }, say: 'a {mood} mood' },
				{ when: { typed: 'set' }, do: [{ set: { mood: 'good' } }, { say: 'set' }] },
				{ say: 'else' }
			)
		);
		expect([conversation.ask('hello'), conversation.ask('set'), conversation.ask('x')]).toEqual([
			'else',
			'set',
			'a good mood'
		]);
	});

	it('all of them must hold', () => {
		const typed = (to: ScenarioConversation): unknown => to.type('order');
		expect(holds({ typed: 'order', audio: false, turn: 1, model: 'gpt' }, typed)).toBe(true);
		expect(holds({ typed: 'order', audio: true }, typed)).toBe(false);
	});
});

describe('named groups', () => {
	it('become variables that stay, and only those of the rule that is used', () => {
		const conversation = new ScenarioConversation(
			scenarioOf(
				{ when: { typed: '(?<day>monday)', turn: 99 }, say: 'never' },
				{ when: { typed: 'at (?<time>\\d+ ?(am|pm))(?: for (?<guest>\\w+))?' }, say: '{time} on {day}, {guest}' },
				{ say: 'still {time}, {guest}' }
			)
		);
		expect(conversation.ask('monday')).toBe('still {time}, {guest}');
		expect(conversation.ask('monday at 3 pm for Ann')).toBe('3 pm on {day}, Ann');
		expect(conversation.ask('at 4pm')).toBe('4pm on {day}, Ann');
		expect(conversation.ask('hm')).toBe('still 4pm, Ann');
	});
});
