/** Reads a scenario from JSON. Faults are told with their place, what is wrong and what to do. */
import { isJsonObject } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { findMeaningFaults, REGEX_FLAGS } from '#simulator/scenario/meaning-faults.ts';
import type { Scenario, ScenarioConditions, ScenarioRule, ScenarioStep } from '#simulator/scenario/scenario.ts';
import { findShapeFaults } from '#simulator/scenario/schema-faults.ts';
import type { ScenarioFault } from '#simulator/scenario/schema-faults.ts';

const FAIL_MESSAGE = 'The server had an error while processing your request. Sorry about that!';

const regex = (source: string): RegExp => new RegExp(source, REGEX_FLAGS);

const entries = (regexes: Record<string, string>): [string, RegExp][] =>
	Object.entries(regexes).map(([name, source]) => [name, regex(source)]);

type RawTurn = number | { min?: number; max?: number };
type RawOutput = boolean | { tool?: string; matches?: string };

function readTurn(turn: RawTurn): { min: number; max: number } {
	if (typeof turn === 'number') return { min: turn, max: turn };
	return { min: turn.min ?? 1, max: turn.max ?? Infinity };
}

function readOutput(output: RawOutput): NonNullable<ScenarioConditions['toolOutput']> {
	if (typeof output === 'boolean') return output;
	const { tool, matches } = output;
	return { ...(tool === undefined ? {} : { tool }), ...(matches === undefined ? {} : { matches: regex(matches) }) };
}

/** How a condition that is not kept as it stands is read. */
const readers: { [Name in keyof Required<ScenarioConditions>]?: (value: never) => ScenarioConditions[Name] } = {
	typed: regex,
	transcript: regex,
	text: regex,
	instructions: regex,
	model: regex,
	turn: readTurn,
	toolOutput: readOutput,
	metadata: entries,
	variables: entries
};

function readConditions(when: JsonObject): ScenarioConditions {
	return Object.fromEntries(
		Object.entries(when).map(([name, value]) => {
			const reader = readers[name as keyof ScenarioConditions] as ((value: unknown) => unknown) | undefined;
			return [name, reader ? reader(value) : value];
		})
	);
}

const readTexts = (texts: unknown): string[] => (Array.isArray(texts) ? (texts as string[]) : [texts as string]);

function readStep(step: JsonObject): ScenarioStep {
	const [kind = '', value] = Object.entries(step)[0] ?? [];
	switch (kind) {
		case 'say':
			return { kind, texts: readTexts(value) };
		case 'call': {
			const {
				tool,
				server,
				arguments: args = 'example',
				optional = false
			} = value as {
				tool: string;
				server?: string;
				arguments?: JsonObject | 'example';
				optional?: boolean;
			};
			return { kind, tool, arguments: args, isOptional: optional, ...(server === undefined ? {} : { server }) };
		}
		case 'wait':
			return { kind, ms: value as number };
		case 'set':
			return { kind, values: value as Record<string, string | number> };
		case 'fail': {
			const { type = 'server_error', code = type, message = FAIL_MESSAGE } = value as Record<string, string>;
			return { kind, type, code, message };
		}
		case 'refuse':
			return { kind, text: typeof value === 'string' ? value : undefined };
		default:
			return { kind: 'silent' };
	}
}

function readRule({ name, when = {}, say, do: steps, once = false }: JsonObject): ScenarioRule {
	return {
		...(typeof name === 'string' ? { name } : {}),
		when: readConditions(when as JsonObject),
		steps: say === undefined ? (steps as JsonObject[]).map(readStep) : [{ kind: 'say', texts: readTexts(say) }],
		isOnce: once as boolean
	};
}

const WORDS_IN_TEXT = /\{(transcript|text)[.}]/;

/** Whether an answer could differ with the words that the caller spoke. */
function looksAtWords({ rules, notice }: JsonObject): boolean {
	if (Array.isArray(notice) && notice.length > 0) return true;
	return (rules as JsonObject[]).some((rule) => {
		const when = (rule['when'] ?? {}) as JsonObject;
		const isAsked = 'transcript' in when || 'text' in when || 'mentionsTool' in when;
		return isAsked || WORDS_IN_TEXT.test(JSON.stringify([rule['say'], rule['do']]));
	});
}

/** Reads what passed both checks. */
function readScenario(value: JsonObject): Scenario {
	const { name, description, caller, translations, variables, notice, faults, rules } = value;
	return {
		name: (name as string | undefined) ?? 'unnamed',
		...(typeof description === 'string' ? { description } : {}),
		caller: (caller ?? []) as (string | null)[],
		translations: (translations ?? []) as Scenario['translations'],
		variables: (variables ?? {}) as Scenario['variables'],
		notice: ((notice ?? []) as string[]).map(regex),
		faults: (faults ?? []) as unknown[],
		rules: (rules as JsonObject[]).map(readRule),
		wantsWords: looksAtWords(value)
	};
}

function describe(faults: readonly ScenarioFault[]): string {
	const [first, ...others] = faults;
	if (!first) throw new Error('There is nothing to describe when nothing is wrong');
	const rest = others.length === 0 ? '' : ` (and ${others.length} more ${others.length === 1 ? 'fault' : 'faults'})`;
	return `${first.where}: ${first.what}${rest}`;
}

/** Checks a scenario. The error says where the first fault is, what it is and what to do, and how many more there are. */
export function parseScenario(value: unknown): { scenario: Scenario } | { error: string } {
	if (!isJsonObject(value)) return { error: 'A scenario must be a JSON object with "scenario": 1 and "rules"' };
	const shapeFaults = findShapeFaults(value);
	if (shapeFaults.length > 0) return { error: describe(shapeFaults) };
	const faults = findMeaningFaults(value);
	if (faults.length > 0) return { error: describe(faults) };
	return { scenario: readScenario(value) };
}
