/**
 * What the simulator's model says, as data. A scenario is a list of rules; the first rule whose conditions all hold
 * speaks, and takes its lines in turn. There is no recogniser, so nothing can depend on words that were spoken.
 */
import { readFileSync } from 'node:fs';
import { audioMs } from '#simulator/conversation.ts';
import type { ConversationItem } from '#simulator/conversation.ts';
import { isJsonObject } from '#simulator/shapes.ts';

export interface ScenarioRule {
	when: {
		/** A regular expression (any case) that the typed text must match somewhere. */
		typed?: RegExp;
		/** True: the caller spoke since the last answer; false: did not. */
		audio?: boolean;
		/** The number of this answer in the session, from 1. */
		turn?: number;
	};
	/** Lines said in turn, with variables in braces. */
	say: string[];
}

export interface Scenario {
	name: string;
	rules: ScenarioRule[];
}

/** What an answer can know. */
export interface TurnFacts {
	/** The number of this answer, from 1. */
	turn: number;
	/** What the caller typed since the last answer, or nothing. */
	typed: string | undefined;
	/** What the caller spoke since the last answer: seconds, and level below full scale, in dB (negative). */
	caller: { seconds: number; dbfs: number } | undefined;
	model: string;
	voice: string;
}

const variables: Record<string, (facts: TurnFacts) => string> = {
	callerSeconds: (facts) => (facts.caller?.seconds ?? 0).toFixed(1),
	callerDbfs: (facts) => String(Math.round(facts.caller?.dbfs ?? -96)),
	callerDbBelow: (facts) => String(Math.round(-(facts.caller?.dbfs ?? -96))),
	callerLoudness: (facts) => nameLoudness(facts.caller?.dbfs ?? -96),
	typed: (facts) => shorten(facts.typed ?? ''),
	turn: (facts) => String(facts.turn),
	model: (facts) => facts.model,
	voice: (facts) => facts.voice
};

function nameLoudness(dbfs: number): string {
	if (dbfs < -60) return 'almost silent';
	if (dbfs < -40) return 'quiet';
	return dbfs < -14 ? 'clear' : 'loud';
}

/** A long text said back in full would be an answer of minutes. */
function shorten(typed: string): string {
	const line = typed.replace(/\s+/g, ' ').trim();
	return line.length <= 160 ? line : `${line.slice(0, 160).trimEnd()} and so on`;
}

class ScenarioFault extends Error {}

function fault(where: string, what: string): never {
	throw new ScenarioFault(`${where}: ${what}`);
}

function parseLine(line: unknown, where: string): string {
	if (typeof line !== 'string' || line.trim() === '') fault(where, 'must be a text that is not empty');
	for (const [, name = ''] of (line as string).matchAll(/\{([^{}]*)\}/g)) {
		if (!Object.hasOwn(variables, name)) {
			fault(where, `there is no variable {${name}}; use one of {${Object.keys(variables).join('}, {')}}`);
		}
	}
	return line as string;
}

function parseCondition(value: unknown, where: string): ScenarioRule['when'] {
	if (value === undefined) return {};
	if (!isJsonObject(value)) fault(where, 'must be an object with "typed", "audio" or "turn"');
	const when: ScenarioRule['when'] = {};
	for (const [name, condition] of Object.entries(value as Record<string, unknown>)) {
		if (name === 'typed') {
			if (typeof condition !== 'string') fault(`${where}.typed`, 'must be a regular expression as a text');
			try {
				when.typed = new RegExp(condition as string, 'iu');
			} catch (error) {
				fault(
					`${where}.typed`,
					`is not a regular expression (${(error as Error).message}); escape special signs with \\\\`
				);
			}
		} else if (name === 'audio') {
			if (typeof condition !== 'boolean') fault(`${where}.audio`, 'must be true (the caller spoke) or false');
			when.audio = condition as boolean;
		} else if (name === 'turn') {
			if (!Number.isInteger(condition) || (condition as number) < 1)
				fault(`${where}.turn`, 'must be a whole number from 1');
			when.turn = condition as number;
		} else fault(`${where}.${name}`, 'is not a condition; use "typed", "audio" or "turn"');
	}
	return when;
}

function parseRule(rule: unknown, where: string): ScenarioRule {
	if (!isJsonObject(rule)) fault(where, 'must be an object with "say" and perhaps "when"');
	for (const name of Object.keys(rule as object)) {
		if (name !== 'when' && name !== 'say') fault(`${where}.${name}`, 'is unknown; a rule has "when" and "say"');
	}
	const { when, say } = rule as { when?: unknown; say?: unknown };
	const lines = typeof say === 'string' ? [say] : say;
	if (!Array.isArray(lines) || lines.length === 0) fault(`${where}.say`, 'must be a text or a list of texts');
	return {
		when: parseCondition(when, `${where}.when`),
		say: (lines as unknown[]).map((line, index) => parseLine(line, `${where}.say[${index}]`))
	};
}

/** Checks a scenario. The error says where the fault is, what it is and what to do. */
export function parseScenario(value: unknown): { scenario: Scenario } | { error: string } {
	try {
		if (!isJsonObject(value)) return { error: 'A scenario must be a JSON object with "scenario": 1 and "rules"' };
		for (const name of Object.keys(value)) {
			if (!['scenario', 'name', 'rules'].includes(name)) fault(name, 'is unknown; use "scenario", "name" and "rules"');
		}
		if (value['scenario'] !== 1) fault('scenario', 'must be 1, the version of the format');
		const rules = value['rules'];
		if (!Array.isArray(rules) || rules.length === 0) fault('rules', 'must be a list with at least one rule');
		const parsed = (rules as unknown[]).map((rule, index) => parseRule(rule, `rules[${index}]`));
		const last = parsed.at(-1);
		if (last && Object.keys(last.when).length > 0) {
			fault(`rules[${parsed.length - 1}]`, 'the last rule must have no "when", so that there is always an answer');
		}
		return { scenario: { name: typeof value['name'] === 'string' ? value['name'] : 'unnamed', rules: parsed } };
	} catch (error) {
		if (error instanceof ScenarioFault) return { error: error.message };
		throw error;
	}
}

/** Reads a scenario file. Throws an Error whose message names the file, the place in it and what to do. */
export function loadScenario(file: string | URL): Scenario {
	let value: unknown;
	try {
		value = JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		throw new Error(`The scenario ${String(file)} cannot be read: ${(error as Error).message}`, { cause: error });
	}
	const parsed = parseScenario(value);
	if ('error' in parsed) throw new Error(`The scenario ${String(file)} is not right. ${parsed.error}`);
	return parsed.scenario;
}

/** The scenario that comes with the simulator: it says back what it noticed. */
export function loadDefaultScenario(): Scenario {
	return loadScenario(new URL('./scenarios/default.json', import.meta.url));
}

/** What the caller did in the given context since the model's last item. */
export function deriveTurnFacts(
	context: readonly ConversationItem[],
	rest: Pick<TurnFacts, 'turn' | 'model' | 'voice'>
): TurnFacts {
	const lastAnswer = context.findLastIndex((item) => item.kind === 'message' && item.role === 'assistant');
	const typed: string[] = [];
	let durationMs = 0;
	let energy = 0;
	let samples = 0;
	for (const item of context.slice(lastAnswer + 1)) {
		if (item.kind !== 'message' || item.role !== 'user') continue;
		for (const part of item.content) {
			if (part.type === 'input_text') typed.push(part.text);
			else if (part.type === 'input_audio') {
				durationMs += audioMs(part.audio);
				for (const chunk of part.audio) {
					for (const sample of chunk) energy += sample * sample;
					samples += chunk.length;
				}
			}
		}
	}
	const dbfs = 10 * Math.log10(Math.max(energy / Math.max(1, samples) / 32768 ** 2, 1e-10));
	return {
		...rest,
		typed: typed.length > 0 ? typed.join(' ') : undefined,
		caller: samples > 0 ? { seconds: durationMs / 1000, dbfs } : undefined
	};
}

export interface ScenarioPlayer {
	/** The next answer for these facts; a rule's lines are taken in turn. */
	answer: (facts: TurnFacts) => string;
}

function holds(when: ScenarioRule['when'], facts: TurnFacts): boolean {
	if (when.turn !== undefined && when.turn !== facts.turn) return false;
	if (when.audio !== undefined && when.audio !== (facts.caller !== undefined)) return false;
	return when.typed === undefined || (facts.typed !== undefined && when.typed.test(facts.typed));
}

/** Plays a scenario for one session: every session begins with each rule's first line. */
export function createScenarioPlayer(scenario: Scenario): ScenarioPlayer {
	const timesUsed = new Map<ScenarioRule, number>();
	return {
		answer: (facts) => {
			const rule = scenario.rules.find((candidate) => holds(candidate.when, facts));
			if (!rule) throw new Error('A scenario always ends with a rule that has no conditions');
			const used = timesUsed.get(rule) ?? 0;
			timesUsed.set(rule, used + 1);
			const line = rule.say[used % rule.say.length] ?? '';
			return line.replace(/\{([^{}]*)\}/g, (whole, name: string) => variables[name]?.(facts) ?? whole);
		}
	};
}
