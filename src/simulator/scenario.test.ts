import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
	createScenarioPlayer,
	deriveTurnFacts,
	loadDefaultScenario,
	loadScenario,
	parseScenario
} from '#simulator/scenario.ts';
import type { Scenario, TurnFacts } from '#simulator/scenario.ts';

const FACTS: TurnFacts = { turn: 1, typed: undefined, caller: undefined, model: 'gpt-realtime', voice: 'alloy' };

function scenarioOf(...rules: unknown[]): Scenario {
	const parsed = parseScenario({ scenario: 1, rules });
	if ('error' in parsed) throw new Error(parsed.error);
	return parsed.scenario;
}

describe('parseScenario', () => {
	it.each([
		[[], 'must be a JSON object'],
		[{ rules: [] }, 'scenario: must be 1'],
		[{ scenario: 1, rules: [] }, 'rules: must be a list with at least one rule'],
		[{ scenario: 1, rules: [{ say: 'x' }], extra: 1 }, 'extra: is unknown; use "scenario", "name" and "rules"'],
		[{ scenario: 1, rules: [{ say: '' }] }, 'rules[0].say[0]: must be a text that is not empty'],
		[{ scenario: 1, rules: [{ say: [] }] }, 'rules[0].say: must be a text or a list of texts'],
		[{ scenario: 1, rules: [{ says: 'x' }] }, 'rules[0].says: is unknown; a rule has "when" and "say"'],
		[
			{ scenario: 1, rules: [{ say: 'You said {words}' }] },
			'rules[0].say[0]: there is no variable {words}; use one of {callerSeconds}'
		],
		[
			{ scenario: 1, rules: [{ when: { typed: '(' }, say: 'x' }, { say: 'y' }] },
			'rules[0].when.typed: is not a regular expression'
		],
		[
			{ scenario: 1, rules: [{ when: { turn: 0 }, say: 'x' }, { say: 'y' }] },
			'rules[0].when.turn: must be a whole number from 1'
		],
		[
			{ scenario: 1, rules: [{ when: { heard: 'hello' }, say: 'x' }, { say: 'y' }] },
			'rules[0].when.heard: is not a condition'
		],
		[{ scenario: 1, rules: [{ when: { turn: 1 }, say: 'x' }] }, 'the last rule must have no "when"']
	])('says what is wrong and where: %j', (value, message) => {
		const parsed = parseScenario(value);
		expect('error' in parsed ? parsed.error : '').toContain(message);
	});

	it('names the file that is wrong', () => {
		const folder = mkdtempSync(join(tmpdir(), 'earshot-scenario-'));
		const file = join(folder, 'mine.json');
		writeFileSync(file, '{"scenario": 1,');
		expect(() => loadScenario(file)).toThrow(/mine\.json cannot be read/);
		writeFileSync(file, '{"scenario": 1}');
		expect(() => loadScenario(file)).toThrow(/mine\.json is not right\. rules: must be a list/);
		rmSync(folder, { recursive: true });
	});
});

describe('createScenarioPlayer', () => {
	it('takes the first rule that holds', () => {
		const player = createScenarioPlayer(
			scenarioOf(
				{ when: { typed: 'order', turn: 2 }, say: 'second' },
				{ when: { typed: '^order \\d+' }, say: 'order' },
				{ when: { audio: true }, say: 'spoken' },
				{ when: { audio: false, turn: 3 }, say: 'third' },
				{ say: 'else' }
			)
		);
		expect(player.answer({ ...FACTS, typed: 'Order 66' })).toBe('order');
		expect(player.answer({ ...FACTS, typed: 'my order', turn: 2 })).toBe('second');
		expect(player.answer({ ...FACTS, caller: { seconds: 1, dbfs: -20 } })).toBe('spoken');
		expect(player.answer({ ...FACTS, turn: 3 })).toBe('third');
		expect(player.answer(FACTS)).toBe('else');
	});

	it('takes the lines in turn, for each session anew', () => {
		const scenario = scenarioOf({ say: ['a', 'b'] });
		const player = createScenarioPlayer(scenario);
		expect([player.answer(FACTS), player.answer(FACTS), player.answer(FACTS)]).toEqual(['a', 'b', 'a']);
		expect(createScenarioPlayer(scenario).answer(FACTS)).toBe('a');
	});

	it('fills variables in, and nothing that the caller typed', () => {
		const player = createScenarioPlayer(
			scenarioOf({
				say: '{turn} {model} {voice} {callerSeconds} {callerDbfs} {callerDbBelow} {callerLoudness} {typed}'
			})
		);
		const facts = { ...FACTS, typed: 'what is {turn}', caller: { seconds: 2.84, dbfs: -20.6 } };
		expect(player.answer(facts)).toBe('1 gpt-realtime alloy 2.8 -21 21 clear what is {turn}');
	});
});

describe('the default scenario', () => {
	it('never makes up what the caller said, and says what was typed', () => {
		const player = createScenarioPlayer(loadDefaultScenario());
		expect(player.answer({ ...FACTS, typed: 'Where is my parcel?' })).toContain('Where is my parcel?');
		expect(player.answer({ ...FACTS, caller: { seconds: 2.8, dbfs: -17 } })).toMatch(/2\.8 seconds, 17 decibels/);
		expect(player.answer({ ...FACTS, typed: 'Hi', caller: { seconds: 1, dbfs: -17 } })).toContain('Hi');
		expect(player.answer(FACTS)).not.toBe('');
	});
});

describe('deriveTurnFacts', () => {
	it('looks at what came after the last answer', () => {
		const user = (text: string) =>
			({
				kind: 'message',
				id: text,
				status: 'completed',
				role: 'user',
				content: [{ type: 'input_text', text }]
			}) as const;
		const facts = deriveTurnFacts(
			[
				{ ...user('old'), content: [{ type: 'input_text', text: 'old' }] },
				{
					kind: 'message',
					id: 'a',
					status: 'completed',
					role: 'assistant',
					content: [{ type: 'output_text', text: 'answer' }]
				},
				{ ...user('one'), content: [{ type: 'input_text', text: 'one' }] },
				{
					...user('two'),
					content: [{ type: 'input_audio', transcript: null, audio: [new Int16Array(24_000).fill(3277)] }]
				}
			],
			{ turn: 2, model: 'm', voice: 'v' }
		);
		expect(facts.typed).toBe('one');
		expect(facts.caller?.seconds).toBe(1);
		expect(facts.caller?.dbfs).toBeCloseTo(-20, 1);
	});
});
