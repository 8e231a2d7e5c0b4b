/** Whether the conditions of a rule hold, and what was found on the way. */
import type { CallableTool } from '#simulator/session/ports.ts';
import { findMentionedTool } from '#simulator/scenario/mentioned-tool.ts';
import type { ScenarioConditions } from '#simulator/scenario/scenario.ts';
import type { ToolOutput, TurnFacts } from '#simulator/scenario/turn-facts.ts';
import { toText } from '#simulator/scenario/variables.ts';

/** What conditions that hold have found. */
export interface ConditionMatch {
	/** Of the named groups that took part. */
	groups: Record<string, string>;
	/** The output that `toolOutput` asked for; else the newest. */
	output: ToolOutput | undefined;
	mentionedTool: string | undefined;
}

/** What conditions look at besides the facts. */
export interface ConditionContext {
	facts: TurnFacts;
	/** Tools that may be called, or all of them where none may. */
	tools: readonly CallableTool[];
	/** The value of a variable of the session or the scenario. */
	variable: (name: string) => unknown;
}

/** Matches, and keeps what named groups found. */
function find(regex: RegExp, text: string | undefined, match: ConditionMatch): boolean {
	const found = text === undefined ? null : regex.exec(text);
	if (!found) return false;
	for (const [name, value] of Object.entries(found.groups ?? {})) {
		// A group that took no part has no value, whatever the types say.
		if ((value as string | undefined) !== undefined) match.groups[name] = value;
	}
	return true;
}

function findOutput(
	condition: NonNullable<ScenarioConditions['toolOutput']>,
	{ outputs }: TurnFacts,
	match: ConditionMatch
): boolean {
	if (typeof condition === 'boolean') return outputs.length > 0 === condition;
	const { tool, matches } = condition;
	const found = outputs.findLast(
		(candidate) =>
			(tool === undefined || candidate.tool === tool) &&
			(matches === undefined || find(matches, candidate.output, match))
	);
	if (found) match.output = found;
	return found !== undefined;
}

function findMention(isAsked: boolean, { facts, tools }: ConditionContext, match: ConditionMatch): boolean {
	const tool = findMentionedTool(facts.text, tools);
	match.mentionedTool = tool?.name;
	return (tool !== undefined) === isAsked;
}

type Check<Name extends keyof ScenarioConditions> = (
	condition: NonNullable<ScenarioConditions[Name]>,
	context: ConditionContext,
	match: ConditionMatch
) => boolean;

/** One for each condition that there is, the cheap ones first. */
const checks: { [Name in keyof Required<ScenarioConditions>]: Check<Name> } = {
	turn: ({ min, max }, { facts }) => facts.request.turn >= min && facts.request.turn <= max,
	audio: (isAsked, { facts }) => facts.hasAudio === isAsked,
	image: (isAsked, { facts }) => facts.hasImage === isAsked,
	outOfBand: (isAsked, { facts }) => facts.request.isOutOfBand === isAsked,
	tool: (name, { facts }) => facts.request.tools.some((tool) => tool.name === name),
	toolOutput: (condition, { facts }, match) => findOutput(condition, facts, match),
	typed: (regex, { facts }, match) => find(regex, facts.typed, match),
	transcript: (regex, { facts }, match) => find(regex, facts.transcript, match),
	// What was typed and what was said are looked at alone first, so that ^ and $ mean one of them.
	text: (regex, { facts }, match) =>
		[facts.typed, facts.transcript, facts.text].some((text) => find(regex, text, match)),
	mentionsTool: (isAsked, context, match) => findMention(isAsked, context, match),
	model: (regex, { facts }, match) => find(regex, facts.request.model, match),
	instructions: (regex, { facts }, match) => find(regex, facts.request.instructions, match),
	metadata: (entries, { facts }, match) =>
		entries.every(([key, regex]) => {
			const { metadata } = facts.request;
			return metadata !== null && Object.hasOwn(metadata, key) && find(regex, toText(metadata[key]), match);
		}),
	variables: (entries, { variable }, match) =>
		entries.every(([name, regex]) => find(regex, toText(variable(name)), match))
};

function check<Name extends keyof ScenarioConditions>(
	name: Name,
	when: ScenarioConditions,
	context: ConditionContext,
	match: ConditionMatch
): boolean {
	const condition = when[name];
	return condition === undefined || checks[name](condition as NonNullable<ScenarioConditions[Name]>, context, match);
}

/** Undefined when a condition does not hold. */
export function matchConditions(when: ScenarioConditions, context: ConditionContext): ConditionMatch | undefined {
	const match: ConditionMatch = { groups: {}, output: context.facts.outputs.at(-1), mentionedTool: undefined };
	const names = Object.keys(checks) as (keyof ScenarioConditions)[];
	return names.every((name) => check(name, when, context, match)) ? match : undefined;
}

/** What the `notice` regexes find in everything that was typed and heard; a later one replaces what an earlier one found. */
export function noticeGroups(regexes: readonly RegExp[], facts: TurnFacts): Record<string, string> {
	const match: ConditionMatch = { groups: {}, output: undefined, mentionedTool: undefined };
	for (const regex of regexes) find(regex, facts.text, match);
	return match.groups;
}
