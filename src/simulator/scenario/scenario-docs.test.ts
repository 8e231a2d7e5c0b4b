/** The page about scenarios: what it shows works, and it leaves nothing out. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import type { CallableTool } from '#simulator/session/ports.ts';
import { parseScenario } from '#simulator/scenario/parse-scenario.ts';
import { loadScenario, shippedFolder } from '#simulator/scenario/scenario-files.ts';
import { readScenario, ScenarioConversation } from '#simulator/scenario/testing/scenario-conversation.ts';
import { builtInNames } from '#simulator/scenario/variables.ts';
import schema from './scenario.schema.json' with { type: 'json' };

const page = readFileSync(new URL('../../../docs/scenarios.md', import.meta.url), 'utf8');

interface Block {
	heading: string;
	value: unknown;
}

/** The JSON blocks of the page, each with the heading above it. */
const blocks: Block[] = [...page.matchAll(/^```json\n([^]*?)^```/gm)].map((found) => ({
	heading: [...page.slice(0, found.index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? '',
	value: JSON.parse(found[1] ?? '') as unknown
}));
const tools = blocks.filter(({ value }) => Array.isArray(value));
const others = blocks.filter(({ value }) => !Array.isArray(value));

/** The tools that the page defines under a heading. */
const toolsUnder = (heading: string): CallableTool[] =>
	(tools.find((block) => block.heading === heading)?.value ?? []) as CallableTool[];

describe('the examples', () => {
	it.each(others)('under "$heading" are scenarios or rules that are right', ({ value }) => {
		const isScenario = typeof value === 'object' && value !== null && 'scenario' in value;
		const parsed = parseScenario(isScenario ? value : { scenario: 1, rules: [value, { say: 'else' }] });
		expect('error' in parsed ? parsed.error : undefined).toBeUndefined();
	});

	it.each(tools)('under "$heading" are tools with a schema', ({ value }) => {
		for (const { parameters } of value as CallableTool[]) new Ajv().compile(parameters);
	});

	it('are as many as there seem to be', () => {
		expect([others.length, tools.length]).toEqual([6, 5]);
	});

	it('answer as the table says', () => {
		const example = others.find(({ heading }) => heading === 'An example')?.value;
		const conversation = new ScenarioConversation(readScenario(example), toolsUnder('An example'));
		const done: string[] = [];
		const rows = page.split('| the client sends ')[1]?.split('\n').slice(2) ?? [];
		for (const row of rows.slice(0, rows.indexOf(''))) {
			const [, sent = '', expected = ''] = /^\| (.*?) *\| (.*?) *\|$/.exec(row) ?? [];
			const [, output] = /^the output `(.*)`$/.exec(sent) ?? [];
			if (output === undefined) conversation.type(sent.slice(1, -1));
			else conversation.giveOutput('book_table', output);
			const { messages, calls } = conversation.answer();
			const called = calls.map((call) => ` and calls \`${call.arguments}\``).join('');
			expect(`says "${messages.join()}"${called}`).toBe(expected);
			done.push(sent);
		}
		expect(done).toHaveLength(4);
	});
});

describe('the tables', () => {
	const rowNames = [...page.matchAll(/^\| (`.*?)\|/gm)].flatMap(([, cell = '']) =>
		[...cell.matchAll(/`\{?(\w+)[^`]*`/g)].map(([, name]) => name)
	);

	it.each([
		['fields', Object.keys(schema.properties).filter((name) => name !== '$schema')],
		['fields of a rule', Object.keys(schema.definitions.rule.properties)],
		['conditions', Object.keys(schema.definitions.when.properties)],
		['steps', Object.keys(schema.definitions.step.properties)],
		['variables', builtInNames]
	])('name all %s', (_what, names) => {
		expect(names.filter((name) => !rowNames.includes(name))).toEqual([]);
	});

	it('name every field of a call', () => {
		const fields = Object.keys(schema.definitions.call.properties);
		expect(fields.filter((name) => !page.includes(`\`${name}\``) && !page.includes(`"${name}"`))).toEqual([]);
	});
});

describe('the tools that the shipped scenarios expect', () => {
	it.each<[name: string, says: string[]]>([
		[
			'receptionist',
			['I need to book a check-up on Friday at 3 pm, my name is Ann Lee', 'cancel it', 'move it to Monday at 4 pm']
		],
		['language-tutor', ['Please save the word lovely']],
		[
			'solar-system',
			['mars', 'the sun', 'how big', 'how far', 'which moons', 'made of what', 'orbits', 'thanks', 'pluto', 'venus']
		],
		['support-agent', ['Where is order 48213?', 'a person, please', 'I want a refund', 'it is broken']]
	])('are called by %s with arguments that fit their schema', (name, says) => {
		const offered = toolsUnder(name);
		const conversation = new ScenarioConversation(loadScenario(`${shippedFolder}${name}.json`), offered);
		const called = new Set<string>();
		for (const text of says) {
			for (const call of conversation.type(text).answer().calls) {
				const tool = offered.find((one) => one.name === call.name);
				const validate = new Ajv().compile({ ...tool?.parameters, additionalProperties: false });
				expect(validate(JSON.parse(call.arguments)), JSON.stringify([call, validate.errors])).toBe(true);
				called.add(call.name);
				conversation.giveOutput(call.name, 'ok');
			}
			if (conversation.items.at(-1)?.kind === 'function_call_output') conversation.answer();
		}
		expect([...called].sort()).toEqual(offered.map((tool) => tool.name).sort());
	});
});
