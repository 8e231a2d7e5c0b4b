/** Which rule of a scenario answers, and what it may do of what it wants to. */
import type { AnswerRequest, CallableTool } from '#simulator/session/ports.ts';
import { matchConditions } from '#simulator/scenario/conditions.ts';
import type { ConditionMatch } from '#simulator/scenario/conditions.ts';
import type { CallStep, Scenario, ScenarioRule, ScenarioStep } from '#simulator/scenario/scenario.ts';
import type { TurnFacts } from '#simulator/scenario/turn-facts.ts';
import { fillText } from '#simulator/scenario/variables.ts';
import type { VariableSources } from '#simulator/scenario/variables.ts';

export type PlannedStep =
	Exclude<ScenarioStep, { kind: 'call' }> | { kind: 'call'; tool: CallableTool; arguments: CallStep['arguments'] };

export interface Choice {
	/** Undefined when no rule fits and a tool must be called. */
	rule: ScenarioRule | undefined;
	steps: readonly PlannedStep[];
	match: ConditionMatch;
}

/** What a session remembers of its scenario. */
export interface ScenarioMemory {
	/** Values of named groups and `set` steps. */
	variables: ReadonlyMap<string, unknown>;
	/** Rules that are used up. */
	usedUp: ReadonlySet<ScenarioRule>;
}

interface Calling {
	/** Tools that may be called. */
	allowed: readonly CallableTool[];
	isDemanded: boolean;
	allowsSeveral: boolean;
}

/** A demand that no offered tool can meet is none. */
function readDemand({ tools, toolDemand, allowsSeveralCalls }: AnswerRequest): Calling {
	const allowsSeveral = allowsSeveralCalls;
	if (toolDemand.kind === 'none') return { allowed: [], isDemanded: false, allowsSeveral };
	if (toolDemand.kind !== 'tool') {
		return { allowed: tools, isDemanded: toolDemand.kind === 'required' && tools.length > 0, allowsSeveral };
	}
	const { name, serverLabel } = toolDemand;
	const named = tools.filter(
		(tool) =>
			(name === undefined || tool.name === name) && (serverLabel === undefined || tool.serverLabel === serverLabel)
	);
	return named.length > 0
		? { allowed: named, isDemanded: true, allowsSeveral }
		: { allowed: tools, isDemanded: false, allowsSeveral };
}

/** The steps as they will be run, or undefined when the rule cannot be used with the tools there are. */
function planSteps(
	steps: readonly ScenarioStep[],
	calling: Calling,
	sources: VariableSources
): readonly PlannedStep[] | undefined {
	const planned: PlannedStep[] = [];
	let calls = 0;
	for (const step of steps) {
		if (step.kind !== 'call') {
			planned.push(step);
			continue;
		}
		const name = fillText(step.tool, sources);
		const server = step.server === undefined ? undefined : fillText(step.server, sources);
		const tool = calling.allowed.find(
			(candidate) => candidate.name === name && (server === undefined || candidate.serverLabel === server)
		);
		if (!tool && !step.isOptional) return undefined;
		if (!tool || (calls > 0 && !calling.allowsSeveral)) continue;
		calls++;
		planned.push({ kind: 'call', tool, arguments: step.arguments });
	}
	return calls === 0 && calling.isDemanded ? undefined : planned;
}

/** The sources of the variables that a rule with this match can use. */
export function sourcesOf(
	scenario: Scenario,
	facts: TurnFacts,
	session: ReadonlyMap<string, unknown>,
	{ groups, output, mentionedTool }: ConditionMatch
): VariableSources {
	const variables = new Map([...session, ...Object.entries(groups)]);
	return { facts, output, mentionedTool, session: variables, scenario: scenario.variables };
}

/** The first rule that holds. When a tool must be called and no rule calls one, an example call of the first allowed. */
export function chooseRule(scenario: Scenario, facts: TurnFacts, memory: ScenarioMemory): Choice {
	const calling = readDemand(facts.request);
	const context = {
		facts,
		tools: calling.allowed.length > 0 ? calling.allowed : facts.request.tools,
		variable: (name: string): unknown =>
			memory.variables.has(name)
				? memory.variables.get(name)
				: Object.hasOwn(scenario.variables, name)
					? scenario.variables[name]
					: undefined
	};
	for (const rule of scenario.rules) {
		if (memory.usedUp.has(rule)) continue;
		const match = matchConditions(rule.when, context);
		if (!match) continue;
		const steps = planSteps(rule.steps, calling, sourcesOf(scenario, facts, memory.variables, match));
		if (steps) return { rule, steps, match };
	}
	const [tool] = calling.allowed;
	if (!calling.isDemanded || !tool) throw new Error('A scenario always ends with a rule that has no conditions');
	const match = { groups: {}, output: facts.outputs.at(-1), mentionedTool: undefined };
	return { rule: undefined, steps: [{ kind: 'call', tool, arguments: 'example' }], match };
}
