import { describe, expect, it } from 'vitest';
import type { ConversationItem } from '#simulator/session/conversation.ts';
import {
	readScenario,
	ScenarioConversation,
	scenarioOf,
	toolOf
} from '#simulator/scenario/testing/scenario-conversation.ts';

/** What a scenario of one text says after these events. */
function say(text: string, prepare: (conversation: ScenarioConversation) => void = () => {}): string | undefined {
	const conversation = new ScenarioConversation(scenarioOf({ say: text }));
	prepare(conversation);
	return conversation.answer().messages[0];
}

/** What it says after a tool gave that output. */
function sayOutput(text: string, output: unknown): string {
	const first = { when: { turn: 1 }, do: [{ call: { tool: 'a' } }] };
	const conversation = new ScenarioConversation(scenarioOf(first, { say: text }), [toolOf('a')]);
	conversation.type('go').answer();
	return conversation.giveOutput('a', output).answer().messages.join(' ');
}

describe('built-in variables', () => {
	it('tell of the answer and of what was typed', () => {
		expect(say('{turn} {model} {voice} {typed}|{transcript}|{text}', (to) => to.type('one').type('two'))).toBe(
			'1 gpt-realtime alloy one two||one two'
		);
	});

	it('tell of the sound of the caller, whatever its rate', () => {
		const text = '{callerSeconds} {callerDbfs} {callerDbBelow} {callerLoudness} {spokenTurn}';
		expect(say(text, (to) => to.speak(undefined, 68_160))).toBe('2.8 -20 20 clear 1');
		expect(say(text)).toBe('0.0 -96 96 almost silent 0');
		const audio = [new Int16Array(16_000).fill(20_000)];
		const part = { type: 'input_audio', transcript: null, audio, rateHz: 8000 } as const;
		const item: ConversationItem = { kind: 'message', id: 'i', status: 'completed', role: 'user', content: [part] };
		expect(say(text, (to) => to.items.push(item))).toBe('2.0 -4 4 loud 1');
	});

	it('tell of the words of the caller, and the number of spoken turns', () => {
		const conversation = new ScenarioConversation(scenarioOf({ say: '{spokenTurn}: {transcript} {text}' }));
		conversation.speak('One.').answer();
		expect(conversation.speak('Two.').type('three').answer().messages).toEqual(['2: Two. Two. three']);
	});

	it('take a transcript that came with the item for its words', () => {
		const audio = [new Int16Array(10)];
		const part = { type: 'input_audio', transcript: 'Given.', audio, rateHz: 24_000 } as const;
		const item: ConversationItem = { kind: 'message', id: 'i', status: 'completed', role: 'user', content: [part] };
		expect(say('{transcript}', (to) => to.items.push(item))).toBe('Given.');
	});

	it('tell of the output of a tool, and of what is in it', () => {
		const output = { status: 'taken', slots: ['9 am', '11 am'], count: 2, free: false, none: null };
		expect(
			sayOutput('{tool}: {output.status} {output.slots.1} {output.count} {output.free}[{output.none}]', output)
		).toBe('a: taken 11 am 2 false[]');
		expect(sayOutput('{output}', { a: 1 })).toBe('{"a":1}');
		expect(sayOutput('{output.slots}', output)).toBe('["9 am","11 am"]');
		expect(sayOutput('{output.missing} {output.status.more}', output)).toBe('{output.missing} {output.status.more}');
		expect(sayOutput('{output.toString} {output.slots.length}', output)).toBe('{output.toString} 2');
		expect(sayOutput('{output.length} {output.a}', 'no JSON')).toBe('{output.length} {output.a}');
	});

	it('put an output in words', () => {
		const output = { sky_now: 'clear', rain: false, hours: [9, 10], wind: null, more: {} };
		expect(sayOutput('{outputInWords}', output)).toBe(
			'sky now clear, rain no, hours 9, 10, wind nothing, more nothing'
		);
		expect(sayOutput('{outputInWords}', 'It is sunny.')).toBe('It is sunny.');
	});

	it('do not follow JSON to its end when it has none', () => {
		const deep = '['.repeat(100_000) + ']'.repeat(100_000);
		expect(sayOutput('{outputInWords}', deep)).toMatch(/^\[{160} and so on$/);
		expect(sayOutput('{output.0}', deep)).toBe('{output.0}');
	});
});

describe('texts', () => {
	it('fill in nothing that the caller wrote', () => {
		expect(say('{typed}', (to) => to.type('what is {turn}'))).toBe('what is {turn}');
	});

	it('cut what is long and said, but not what goes to a tool', () => {
		const long = 'word '.repeat(100).trim();
		expect(say('You typed: {typed}', (to) => to.type(long))).toBe(`You typed: ${'word '.repeat(32).trim()} and so on`);
		const scenario = scenarioOf(
			{ when: { turn: 1 }, do: [{ call: { tool: 'a', arguments: { all: '{typed}' } } }] },
			{ say: 'x' }
		);
		const [call] = new ScenarioConversation(scenario, [toolOf('a')]).type(long).answer().calls;
		expect(call?.arguments).toBe(JSON.stringify({ all: long }));
	});

	it('take variables of the scenario until the session has one of that name', () => {
		const conversation = new ScenarioConversation(
			readScenario({
				scenario: 1,
				variables: { name: 'nobody', size: 4 },
				rules: [{ when: { typed: 'i am (?<name>\\w+)' }, say: 'Hello {name}' }, { say: '{name} {size}' }]
			})
		);
		expect([conversation.ask('x'), conversation.ask('I am Ann'), conversation.ask('x')]).toEqual([
			'nobody 4',
			'Hello Ann',
			'Ann 4'
		]);
	});

	it('keep values of any type that a set step took from an output', () => {
		const conversation = new ScenarioConversation(
			scenarioOf(
				{ when: { toolOutput: true }, do: [{ set: { slots: '{output.slots}' } }, { say: 'Saved.' }] },
				{ when: { turn: 1 }, do: [{ call: { tool: 'a' } }] },
				{
					do: [{ call: { tool: 'a', arguments: { slots: '{slots}' }, optional: true } }, { say: 'First: {slots.0.at}' }]
				}
			),
			[toolOf('a')]
		);
		conversation.type('go').answer();
		conversation.giveOutput('a', { slots: [{ at: '9 am' }] }).answer();
		expect(conversation.answer().log).toEqual([
			'call a {"slots":[{"at":"9 am"}]}',
			'text First: 9 am',
			'message end',
			'completed'
		]);
	});
});
