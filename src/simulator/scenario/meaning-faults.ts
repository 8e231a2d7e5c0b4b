/** What a schema cannot see in a scenario: regular expressions, variables, rules and steps that could not work. */
import { isJsonObject } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import { joinPath } from '#simulator/scenario/schema-faults.ts';
import type { ScenarioFault } from '#simulator/scenario/schema-faults.ts';
import { builtInNames, findVariables } from '#simulator/scenario/variables.ts';

/** Of every regular expression in a scenario: any case, and letters of every alphabet. */
export const REGEX_FLAGS = 'iu';

/** A text of the file and where it stands. */
interface Placed {
	where: string;
	text: string;
}

type Rule = JsonObject & { when?: JsonObject; do?: JsonObject[] };

/** Conditions that are regular expressions, and those that hold some. */
const REGEX_CONDITIONS = ['typed', 'transcript', 'text', 'instructions', 'model'];
const REGEX_TABLES = ['metadata', 'variables'];

function listRegexes(rules: readonly Rule[], notice: readonly string[]): Placed[] {
	const found: Placed[] = notice.map((text, index) => ({ where: joinPath('notice', index), text }));
	for (const [index, { when = {} }] of rules.entries()) {
		const where = `rules[${index}].when`;
		for (const name of REGEX_CONDITIONS) {
			if (name in when) found.push({ where: joinPath(where, name), text: when[name] as string });
		}
		for (const name of REGEX_TABLES) {
			for (const [key, text] of Object.entries((when[name] ?? {}) as Record<string, string>)) {
				found.push({ where: joinPath(joinPath(where, name), key), text });
			}
		}
		const output = when['toolOutput'];
		if (isJsonObject(output) && 'matches' in output) {
			found.push({ where: `${where}.toolOutput.matches`, text: output['matches'] as string });
		}
	}
	return found;
}

/** All texts inside a value. */
function listTexts(value: unknown, where: string): Placed[] {
	if (typeof value === 'string') return [{ where, text: value }];
	if (Array.isArray(value)) return value.flatMap((entry, index) => listTexts(entry, joinPath(where, index)));
	if (!isJsonObject(value)) return [];
	return Object.entries(value).flatMap(([name, entry]) => listTexts(entry, joinPath(where, name)));
}

/** The names of the named groups, or why it is no regular expression. An empty alternative makes every group known. */
function readGroups(source: string): { names: string[] } | { error: string } {
	try {
		new RegExp(source, REGEX_FLAGS);
		return { names: Object.keys(new RegExp(`${source}|`, REGEX_FLAGS).exec('')?.groups ?? {}) };
	} catch (error) {
		return { error: (error as Error).message };
	}
}

function checkRegexes(regexes: readonly Placed[]): { faults: ScenarioFault[]; groups: Placed[] } {
	const faults: ScenarioFault[] = [];
	const groups: Placed[] = [];
	for (const { where, text } of regexes) {
		const read = readGroups(text);
		if ('error' in read) {
			const what = `is not a regular expression (${read.error}); put \\\\ before special signs that mean themselves`;
			faults.push({ where, what });
			continue;
		}
		groups.push(...read.names.map((name) => ({ where, text: name })));
		if (where.startsWith('notice[') && read.names.length === 0) {
			faults.push({ where, what: 'remembers nothing: put (?<name>...) around what is to become the variable {name}' });
		}
	}
	return { faults, groups };
}

/** Names that the file gives to variables. */
function listNames(value: JsonObject, rules: readonly Rule[], groups: readonly Placed[]): Placed[] {
	const own = Object.keys((value['variables'] ?? {}) as JsonObject);
	const set = rules.flatMap((rule, index) =>
		(rule.do ?? []).flatMap((step, at) =>
			Object.keys((step['set'] ?? {}) as JsonObject).map((text) => ({
				where: joinPath(`rules[${index}].do[${at}].set`, text),
				text
			}))
		)
	);
	return [...own.map((text) => ({ where: joinPath('variables', text), text })), ...set, ...groups];
}

function checkVariables(rules: readonly Rule[], names: readonly Placed[]): ScenarioFault[] {
	const faults = names
		.filter(({ text }) => builtInNames.includes(text))
		.map(({ where, text }) => ({ where, what: `{${text}} is the simulator's own variable; take another name` }));
	const known = new Set([...builtInNames, ...names.map(({ text }) => text)]);
	const listed = `{${[...known].join('}, {')}}`;
	for (const [index, rule] of rules.entries()) {
		for (const part of ['say', 'do'] as const) {
			for (const { where, text } of listTexts(rule[part], `rules[${index}].${part}`)) {
				for (const name of findVariables(text)) {
					if (known.has(name.split('.')[0] ?? '')) continue;
					faults.push({ where, what: `there is no variable {${name}}; there can be ${listed}` });
				}
			}
		}
		for (const name of Object.keys((rule.when?.['variables'] ?? {}) as JsonObject)) {
			if (known.has(name) && !builtInNames.includes(name)) continue;
			const where = joinPath(`rules[${index}].when.variables`, name);
			const what = 'no "variables", "set" or named group makes this variable';
			faults.push({ where, what: `${what}; built-in ones have conditions of their own` });
		}
	}
	return faults;
}

const ENDING_STEPS = ['fail', 'refuse', 'silent'];

const kindOf = (step: JsonObject): string => Object.keys(step)[0] ?? '';

function checkSteps(steps: readonly JsonObject[], where: string): ScenarioFault[] {
	const kinds = steps.map(kindOf);
	const end = kinds.findIndex((kind) => ENDING_STEPS.includes(kind));
	if (end >= 0 && end < kinds.length - 1) {
		const what = `comes after "${kinds[end]}", which ends the answer; put it before, or leave it out`;
		return [{ where: `${where}[${end + 1}]`, what }];
	}
	const hasOutput = kinds.some((kind) => kind === 'say' || kind === 'call');
	if (kinds.at(-1) === 'silent' && hasOutput) {
		return [{ where: `${where}[${end}]`, what: 'an answer that says or calls something is not silent; leave it out' }];
	}
	if (end < 0 && !hasOutput) {
		return [{ where, what: 'nothing is said or done; add {"silent": true} when that is what you mean' }];
	}
	return [];
}

function checkLast(rule: Rule, where: string): ScenarioFault[] {
	const so = 'so that there is always an answer';
	if (Object.keys(rule.when ?? {}).length > 0) return [{ where, what: `the last rule must have no "when", ${so}` }];
	if (rule['once'] === true) return [{ where: `${where}.once`, what: `the last rule must not be used up, ${so}` }];
	const at = (rule.do ?? []).findIndex(({ call }) => isJsonObject(call) && call['optional'] !== true);
	if (at < 0) return [];
	const what = `the last rule must not depend on a tool, ${so}; add "optional": true to the call, or a rule below`;
	return [{ where: `${where}.do[${at}].call`, what }];
}

function checkRules(rules: readonly Rule[]): ScenarioFault[] {
	const faults = rules.flatMap((rule, index) => {
		const turn = rule.when?.['turn'];
		const { min, max } = isJsonObject(turn) ? (turn as { min?: number; max?: number }) : {};
		const where = `rules[${index}]`;
		return [
			...(min !== undefined && max !== undefined && min > max
				? [{ where: `${where}.when.turn`, what: '"min" must not be more than "max"' }]
				: []),
			...(rule.do ? checkSteps(rule.do, `${where}.do`) : [])
		];
	});
	const last = rules.at(-1);
	return last ? [...faults, ...checkLast(last, `rules[${rules.length - 1}]`)] : faults;
}

/** Faults in a value that has the shape of a scenario. */
export function findMeaningFaults(value: JsonObject): ScenarioFault[] {
	const rules = value['rules'] as Rule[];
	const { faults, groups } = checkRegexes(listRegexes(rules, (value['notice'] ?? []) as string[]));
	return [...faults, ...checkVariables(rules, listNames(value, rules, groups)), ...checkRules(rules)];
}
