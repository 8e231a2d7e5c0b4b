import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parseScenario } from '#simulator/scenario/parse-scenario.ts';
import { shippedFolder } from '#simulator/scenario/scenario-files.ts';
import schema from './scenario.schema.json' with { type: 'json' };

const last = { say: 'else' };
const ruled = (...rules: unknown[]): unknown => ({ scenario: 1, rules });
const doing = (...steps: unknown[]): unknown => ruled({ do: steps });
const when = (conditions: unknown): unknown => ruled({ when: conditions, say: 'x' }, last);

/** Faults of shape: the schema alone finds them, also in an editor. */
const shapeFaults: [value: unknown, message: string][] = [
	[{ rules: [last] }, 'scenario: must be 1, the version of the format'],
	[{ scenario: 2, rules: [last] }, 'scenario: must be 1, the version of the format'],
	[{ scenario: 1 }, 'rules: must be a list with at least one rule'],
	[{ scenario: 1, rules: [] }, 'rules: must be a list with at least one rule'],
	[{ scenario: 1, rules: {} }, 'rules: must be a list with at least one rule'],
	[{ scenario: 1, rules: [last], extra: 1 }, 'extra: is unknown; there can be "$schema", "scenario", "name", '],
	[{ scenario: 1, rules: [last], 'odd name': 1 }, '["odd name"]: is unknown'],
	[{ scenario: 1, rules: [last], name: 5 }, 'name: must be a text'],
	[{ scenario: 1, rules: [last], caller: 'Hello' }, 'caller: must be a list'],
	[{ scenario: 1, rules: [last], caller: ['Hello', ''] }, 'caller[1]: must be a text that is not empty'],
	[{ scenario: 1, rules: [last], caller: [7] }, 'caller[0]: must be a text or null'],
	[
		{ scenario: 1, rules: [last], translations: [{ hear: 'Hola' }] },
		'translations[0].say: is missing. The translation.'
	],
	[{ scenario: 1, rules: [last], variables: { shop: [] } }, 'variables.shop: must be a text or a number'],
	[
		{ scenario: 1, rules: [last], variables: { 'my shop': 'x' } },
		'variables["my shop"]: is not a name for a variable; use letters, digits and _'
	],
	[{ scenario: 1, rules: [last], faults: ['delay'] }, 'faults[0]: must be an object'],
	[{ scenario: 1, rules: [last], notice: '(?<a>b)' }, 'notice: must be a list'],
	[ruled('x'), 'rules[0]: must be an object with either "say" or "do"'],
	[ruled({}), 'rules[0]: must be an object with either "say" or "do", and not both'],
	[ruled({ say: 'x', do: [{ say: 'y' }] }), 'rules[0]: must be an object with either "say" or "do", and not both'],
	[ruled({ say: '' }), 'rules[0].say: must be a text that is not empty'],
	[ruled({ say: [] }), 'rules[0].say: must not be empty'],
	[ruled({ say: ['a', 5] }), 'rules[0].say[1]: must be a text'],
	[ruled({ say: 7 }), 'rules[0].say: must be a text or a list'],
	[ruled({ says: 'x', say: 'x' }), 'rules[0].says: is unknown; there can be "name", "when", "say", "do" and "once"'],
	[ruled({ say: 'x', once: 'yes' }, last), 'rules[0].once: must be true or false'],
	[doing(), 'rules[0].do: must not be empty'],
	[doing('hello'), 'rules[0].do[0]: must be an object with one of "say", "call"'],
	[doing({}), 'rules[0].do[0]: must be an object with one of "say", "call"'],
	[doing({ say: 'x', wait: 5 }), 'rules[0].do[0]: must be an object with one of "say", "call"'],
	[doing({ shout: 'x' }), 'rules[0].do[0].shout: is unknown; there can be "say", "call", "wait"'],
	[doing({ wait: -1 }, { say: 'x' }), 'rules[0].do[0].wait: must be milliseconds: a whole number from 0 to 600000'],
	[doing({ wait: '5' }, { say: 'x' }), 'rules[0].do[0].wait: must be milliseconds'],
	[doing({ set: { a: true } }, { say: 'x' }), 'rules[0].do[0].set.a: must be a text or a number'],
	[doing({ set: {} }, { say: 'x' }), 'rules[0].do[0].set: must not be empty'],
	[doing({ fail: { message: 5 } }), 'rules[0].do[0].fail.message: must be a text'],
	[
		doing({ fail: { status: 500 } }),
		'rules[0].do[0].fail.status: is unknown; there can be "type", "code" and "message"'
	],
	[doing({ refuse: false }), 'rules[0].do[0].refuse: must be true or a text'],
	[doing({ silent: false }), 'rules[0].do[0].silent: must be true'],
	[doing({ call: {} }), 'rules[0].do[0].call.tool: is missing. The name of the tool'],
	[doing({ call: { tool: 5 } }), 'rules[0].do[0].call.tool: must be a text'],
	[
		doing({ call: { tool: 'a', arguments: 'some' } }),
		'rules[0].do[0].call.arguments: must be an object, or "example" for arguments that fit'
	],
	[when([]), 'rules[0].when: must be an object'],
	[when({ heard: 'hello' }), 'rules[0].when.heard: is unknown; there can be "typed", "transcript"'],
	[when({ typed: 5 }), 'rules[0].when.typed: must be a text'],
	[when({ audio: 'yes' }), 'rules[0].when.audio: must be true or false'],
	[when({ turn: 0 }), 'rules[0].when.turn: must be a whole number from 1, or an object with "min", "max" or both'],
	[when({ turn: {} }), 'rules[0].when.turn: must be a whole number from 1'],
	[when({ turn: { from: 1 } }), 'rules[0].when.turn.from: is unknown; there can be "min" and "max"'],
	[when({ turn: { min: 1.5 } }), 'rules[0].when.turn.min: must be a whole number'],
	[when({ toolOutput: 'x' }), 'rules[0].when.toolOutput: must be true, false, or an object with "tool", "matches"'],
	[when({ metadata: { kind: 5 } }), 'rules[0].when.metadata.kind: must be a text']
];

/** What only somebody who understands it can find. */
const meaningFaults: [value: unknown, message: string][] = [
	[when({ typed: '(' }), 'rules[0].when.typed: is not a regular expression'],
	[when({ toolOutput: { matches: '[' } }), 'rules[0].when.toolOutput.matches: is not a regular expression'],
	[when({ metadata: { kind: '*' } }), 'rules[0].when.metadata.kind: is not a regular expression'],
	[{ scenario: 1, notice: ['a('], rules: [last] }, 'notice[0]: is not a regular expression'],
	[{ scenario: 1, notice: ['monday'], rules: [last] }, 'notice[0]: remembers nothing: put (?<name>...)'],
	[ruled({ say: 'You said {words}' }), 'rules[0].say: there is no variable {words}; there can be {callerSeconds}'],
	[ruled({ say: ['a', '{ typed }'] }), 'rules[0].say[1]: there is no variable { typed }'],
	[doing({ say: '{outputs.a}' }), 'rules[0].do[0].say: there is no variable {outputs.a}'],
	[
		ruled({ when: { turn: 1 }, do: [{ call: { tool: 'a', arguments: { list: ['{nothing}'] } } }] }, last),
		'rules[0].do[0].call.arguments.list[0]: there is no variable {nothing}'
	],
	[doing({ set: { a: '{b}' } }, { say: 'x' }), 'rules[0].do[0].set.a: there is no variable {b}'],
	[doing({ fail: { message: '{b}' } }), 'rules[0].do[0].fail.message: there is no variable {b}'],
	[doing({ set: { turn: 'x' } }, { say: 'x' }), "rules[0].do[0].set.turn: {turn} is the simulator's own variable"],
	[
		{ scenario: 1, variables: { voice: 'x' }, rules: [last] },
		"variables.voice: {voice} is the simulator's own variable"
	],
	[when({ typed: '(?<text>a)' }), "rules[0].when.typed: {text} is the simulator's own variable; take another name"],
	[when({ variables: { mood: 'good' } }), 'rules[0].when.variables.mood: no "variables", "set" or named group makes'],
	[when({ variables: { typed: 'good' } }), 'rules[0].when.variables.typed: no "variables", "set" or named group'],
	[when({ turn: { min: 3, max: 2 } }), 'rules[0].when.turn: "min" must not be more than "max"'],
	[doing({ silent: true }, { say: 'x' }), 'rules[0].do[1]: comes after "silent", which ends the answer'],
	[doing({ fail: {} }, { wait: 5 }), 'rules[0].do[1]: comes after "fail", which ends the answer'],
	[doing({ say: 'x' }, { silent: true }), 'rules[0].do[1]: an answer that says or calls something is not silent'],
	[doing({ wait: 100 }), 'rules[0].do: nothing is said or done; add {"silent": true}'],
	[ruled({ when: { turn: 1 }, say: 'x' }), 'rules[0]: the last rule must have no "when", so that there is always'],
	[ruled({ say: 'x', once: true }), 'rules[0].once: the last rule must not be used up'],
	[
		ruled(last, { do: [{ say: 'x' }, { call: { tool: 'a' } }] }),
		'rules[1].do[1].call: the last rule must not depend on a tool'
	]
];

describe('parseScenario', () => {
	it.each([...shapeFaults, ...meaningFaults])('says what is wrong and where: %j', (value, message) => {
		const parsed = parseScenario(value);
		expect('error' in parsed ? parsed.error.slice(0, message.length) : 'no error').toBe(message);
	});

	it.each([[null], [[]], ['scenario'], [1]])('takes nothing but an object: %j', (value) => {
		expect(parseScenario(value)).toEqual({
			error: 'A scenario must be a JSON object with "scenario": 1 and "rules"'
		});
	});

	it('says how many more faults there are', () => {
		const parsed = parseScenario(ruled({ say: '' }, { say: 5 }, { say: [] }));
		expect(parsed).toEqual({ error: 'rules[0].say: must be a text that is not empty (and 2 more faults)' });
		expect(parseScenario({ scenario: 1, rules: [last], variables: { '1st': 'x' } })).toEqual({
			error: 'variables["1st"]: is not a name for a variable; use letters, digits and _, and begin with a letter'
		});
	});

	it('reads everything there can be', () => {
		const parsed = parseScenario({
			$schema: './scenario.schema.json',
			scenario: 1,
			name: 'all',
			description: 'All of it.',
			caller: ['Hello', null],
			translations: [{ hear: null, say: 'Hello' }],
			variables: { shop: 'Corner', size: 4 },
			notice: ['(?<day>monday)'],
			faults: [{ anything: true }],
			rules: [
				{
					name: 'first',
					once: true,
					when: {
						typed: 'a',
						turn: { max: 3 },
						toolOutput: { tool: 'b', matches: 'c' },
						variables: { shop: 'd' },
						metadata: { kind: 'e' },
						audio: false
					},
					do: [
						{ say: ['{shop}', '{day}'] },
						{ wait: 5 },
						{ set: { mood: 'good' } },
						{ call: { tool: 't', server: 's', arguments: { n: '{size}' }, optional: true } },
						{ call: { tool: 't' } },
						{ refuse: true }
					]
				},
				{ when: { turn: 4 }, do: [{ fail: { type: 'insufficient_quota' } }] },
				{ when: { turn: 5 }, do: [{ silent: true }] },
				{ say: 'else' }
			]
		});
		expect(parsed).toEqual({
			scenario: {
				name: 'all',
				description: 'All of it.',
				caller: ['Hello', null],
				translations: [{ hear: null, say: 'Hello' }],
				variables: { shop: 'Corner', size: 4 },
				notice: [/(?<day>monday)/iu],
				faults: [{ anything: true }],
				wantsWords: true,
				rules: [
					{
						name: 'first',
						isOnce: true,
						when: {
							typed: /a/iu,
							turn: { min: 1, max: 3 },
							toolOutput: { tool: 'b', matches: /c/iu },
							variables: [['shop', /d/iu]],
							metadata: [['kind', /e/iu]],
							audio: false
						},
						steps: [
							{ kind: 'say', texts: ['{shop}', '{day}'] },
							{ kind: 'wait', ms: 5 },
							{ kind: 'set', values: { mood: 'good' } },
							{ kind: 'call', tool: 't', server: 's', arguments: { n: '{size}' }, isOptional: true },
							{ kind: 'call', tool: 't', arguments: 'example', isOptional: false },
							{ kind: 'refuse', text: undefined }
						]
					},
					{
						when: { turn: { min: 4, max: 4 } },
						isOnce: false,
						steps: [
							{
								kind: 'fail',
								type: 'insufficient_quota',
								code: 'insufficient_quota',
								message: 'The server had an error while processing your request. Sorry about that!'
							}
						]
					},
					{ when: { turn: { min: 5, max: 5 } }, isOnce: false, steps: [{ kind: 'silent' }] },
					{ when: {}, isOnce: false, steps: [{ kind: 'say', texts: ['else'] }] }
				]
			}
		});
	});

	it('leaves braces alone that hold no name', () => {
		const parsed = parseScenario(doing({ say: 'As JSON: {"a": 1} and {}' }));
		expect('error' in parsed ? parsed.error : undefined).toBeUndefined();
	});

	it.each<[wants: boolean, rest: object]>([
		[false, { rules: [{ when: { typed: 'a' }, say: 'You typed {typed}, {callerSeconds}' }, last] }],
		[true, { rules: [{ when: { transcript: 'a' }, say: 'x' }, last] }],
		[true, { rules: [{ when: { text: 'a' }, say: 'x' }, last] }],
		[true, { rules: [{ when: { mentionsTool: true }, say: 'x' }, last] }],
		[true, { rules: [{ say: 'You said {transcript}' }] }],
		[true, { rules: [{ do: [{ set: { a: '{text}' } }, { say: 'x' }] }] }],
		[true, { notice: ['(?<a>b)'], rules: [last] }]
	])('knows whether the words of the caller matter: %s for %j', (wants, rest) => {
		const parsed = parseScenario({ scenario: 1, ...rest });
		expect('scenario' in parsed && parsed.scenario.wantsWords).toBe(wants);
	});
});

describe('the committed schema', () => {
	// As an editor reads it: without our keywords.
	const ajv = new Ajv({ strict: false });
	const validate = ajv.compile(schema);

	it('is a schema', () => {
		expect(ajv.validateSchema(schema)).toBe(true);
	});

	it.each(shapeFaults)('refuses what the parser refuses for its shape: %j', (value) => {
		expect(validate(value)).toBe(false);
	});

	it.each(meaningFaults)('lets through what only the parser can judge: %j', (value) => {
		expect(validate(value)).toBe(true);
	});

	it.each(readdirSync(shippedFolder))('takes %s, which comes with the simulator', (file) => {
		const value: unknown = JSON.parse(readFileSync(join(shippedFolder, file), 'utf8'));
		expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
		const parsed = parseScenario(value);
		expect('error' in parsed ? parsed.error : undefined).toBeUndefined();
	});

	it('describes every field, so that an editor can show what it is for', () => {
		const silent = Object.entries(schema.definitions.when.properties)
			.concat(Object.entries(schema.properties) as never, Object.entries(schema.definitions.rule.properties) as never)
			.filter(([, node]) => !('description' in node) && !('$ref' in node));
		expect(silent).toEqual([]);
	});

	it('takes a file as they were written before there were tools', () => {
		const old = {
			scenario: 1,
			name: 'default',
			rules: [
				{ when: { audio: true, typed: '.' }, say: ['You typed: {typed} And you spoke for {callerSeconds} seconds.'] },
				{
					when: { audio: true },
					say: ['{callerSeconds} {callerDbBelow} {callerLoudness} {callerDbfs}', '{turn} {voice}']
				},
				{ when: { typed: '^\\s*(hi|hello|hey|good (morning|afternoon|evening))\\b', turn: 2 }, say: 'Hello, {model}' },
				{ say: ['Nobody has said anything to me yet.'] }
			]
		};
		expect(validate(old)).toBe(true);
		expect(parseScenario(old)).toHaveProperty('scenario.rules.length', 4);
	});
});
