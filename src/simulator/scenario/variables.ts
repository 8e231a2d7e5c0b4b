/** Variables in the texts of a scenario: what they are called, what they stand for, how they are put in. */
import { isJsonObject } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import type { ToolOutput, TurnFacts } from '#simulator/scenario/turn-facts.ts';

/** Speech of minutes for a long text said back would help nobody. */
const LONGEST_SPOKEN = 160;

/** What the chosen rule adds to the facts. */
export interface VariableSources {
	facts: TurnFacts;
	/** The output that the rule matched; else the newest. */
	output: ToolOutput | undefined;
	mentionedTool: string | undefined;
	/** Of the session: what named groups found and `set` steps made. */
	session: ReadonlyMap<string, unknown>;
	/** Of the scenario. */
	scenario: Readonly<Record<string, unknown>>;
}

const dbfsOf = ({ facts }: VariableSources): number => facts.measureCaller()?.dbfs ?? -96;

const builtIns: Record<string, (sources: VariableSources) => string | number> = {
	callerSeconds: ({ facts }) => (facts.measureCaller()?.seconds ?? 0).toFixed(1),
	callerDbfs: (sources) => Math.round(dbfsOf(sources)),
	callerDbBelow: (sources) => Math.round(-dbfsOf(sources)),
	callerLoudness: (sources) => nameLoudness(dbfsOf(sources)),
	typed: ({ facts }) => facts.typed ?? '',
	transcript: ({ facts }) => facts.transcript ?? '',
	text: ({ facts }) => facts.text ?? '',
	turn: ({ facts }) => facts.request.turn,
	spokenTurn: ({ facts }) => facts.spokenTurns,
	model: ({ facts }) => facts.request.model,
	voice: ({ facts }) => facts.request.voice,
	output: ({ output }) => output?.output ?? '',
	outputInWords: ({ output }) => (output ? putInWords(parseJson(output.output)) : ''),
	tool: ({ output }) => output?.tool ?? '',
	mentionedTool: ({ mentionedTool }) => mentionedTool ?? ''
};

/** Names that are always there, and that nothing else may have. */
export const builtInNames: readonly string[] = Object.keys(builtIns);

function nameLoudness(dbfs: number): string {
	if (dbfs < -60) return 'almost silent';
	if (dbfs < -40) return 'quiet';
	return dbfs < -14 ? 'clear' : 'loud';
}

/** Deeper JSON is nobody's data, and what walks through it would run out of stack. */
const DEEPEST_JSON = 200;

function isTooDeep(json: string): boolean {
	let depth = 0;
	for (let i = 0; i < json.length && depth <= DEEPEST_JSON; i++) {
		const sign = json[i];
		if (sign === '[' || sign === '{') depth++;
		else if (sign === ']' || sign === '}') depth--;
	}
	return depth > DEEPEST_JSON;
}

/** A text that is no JSON stands for itself. */
function parseJson(text: string): unknown {
	if (isTooDeep(text)) return text;
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return text;
	}
}

/** JSON as one would say it: `{"sky_now": "clear", "rain": false}` is "sky now clear, rain no". */
function putInWords(value: unknown): string {
	if (Array.isArray(value)) return value.length === 0 ? 'nothing' : value.map(putInWords).join(', ');
	if (isJsonObject(value)) {
		const words = Object.entries(value).map(([name, part]) => `${name.replace(/[_-]+/g, ' ')} ${putInWords(part)}`);
		return words.length === 0 ? 'nothing' : words.join(', ');
	}
	if (typeof value === 'boolean') return value ? 'yes' : 'no';
	return value === null || value === '' ? 'nothing' : String(value);
}

/** What stands between braces. Quotes, colons and commas show that it is something else, such as JSON. */
const PLACE = /\{([^{}"',:]+)\}/g;

/** The names of the variables in a text, with their paths: `output.items.0`. */
export function findVariables(text: string): string[] {
	return [...text.matchAll(PLACE)].map(([, name = '']) => name);
}

function followPath(value: unknown, path: readonly string[]): unknown {
	let found = value;
	for (const name of path) {
		if (typeof found === 'string') found = parseJson(found);
		if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
		found = (found as JsonObject)[name];
	}
	return found;
}

/** The value of a variable such as `turn` or `output.items.0`; undefined when there is none. */
export function lookUp(name: string, sources: VariableSources): unknown {
	const [head = '', ...path] = name.split('.');
	if (Object.hasOwn(builtIns, head)) return followPath(builtIns[head]?.(sources), path);
	if (sources.session.has(head)) return followPath(sources.session.get(head), path);
	return Object.hasOwn(sources.scenario, head) ? followPath(sources.scenario[head], path) : undefined;
}

/** A value inside a text. */
export function toText(value: unknown): string {
	if (typeof value === 'string') return value;
	return value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function shorten(text: string): string {
	const line = text.replace(/\s+/g, ' ').trim();
	return line.length <= LONGEST_SPOKEN ? line : `${line.slice(0, LONGEST_SPOKEN).trimEnd()} and so on`;
}

/** Puts variables into a text. What has no value stays as it is. What is put in is not looked at again. */
export function fillText(text: string, sources: VariableSources): string {
	return text.replace(PLACE, (place, name: string) => {
		const value = lookUp(name, sources);
		return value === undefined ? place : toText(value);
	});
}

/** The same for a text that is said: long values are cut after 160 characters. */
export function fillSpeech(text: string, sources: VariableSources): string {
	return text.replace(PLACE, (place, name: string) => {
		const value = lookUp(name, sources);
		return value === undefined ? place : shorten(toText(value));
	});
}

/** The same for a value: a text that is one variable and nothing else becomes its value, of whatever type. */
export function fillValue(text: string, sources: VariableSources): unknown {
	const [, only] = /^\{([^{}"',:]+)\}$/.exec(text) ?? [];
	if (only === undefined) return fillText(text, sources);
	const value = lookUp(only, sources);
	return value === undefined ? text : value;
}
