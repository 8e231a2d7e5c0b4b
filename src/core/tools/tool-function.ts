/** The functions of a tools array: those of the draft, and those that are in force. */
import { isObject, listAt, objectAt, stringAt, type JsonObject } from '../base/json.ts';
import { fail, succeed, type Result } from '../base/result.ts';

export interface ToolFunction {
	readonly name: string;
	readonly description: string;
	/** The JSON Schema of its arguments; `null` when it has none. */
	readonly parameters: JsonObject | null;
}

/** A tools array as it is written. Entries that are no function, or have no name, are other people's business. */
export function parseToolFunctions(text: string): Result<ToolFunction[]> {
	let tools: unknown;
	try {
		tools = JSON.parse(text.trim() === '' ? '[]' : text);
	} catch (error) {
		return fail(error instanceof Error ? error.message : String(error));
	}
	if (!Array.isArray(tools)) return fail('It is not a JSON array.');
	const byName = new Map<string, ToolFunction>();
	for (const tool of tools as unknown[]) {
		const found = readFunction(tool);
		if (found && !byName.has(found.name)) byName.set(found.name, found);
	}
	return succeed([...byName.values()]);
}

/** The function of that name in a session's configuration, which is what the model was told. */
export function findFunction(config: JsonObject | null, name: string): ToolFunction | undefined {
	for (const tool of listAt(config, 'tools')) {
		if (stringAt(tool, 'name') === name) return readFunction(tool);
	}
	return undefined;
}

/** Adds a function to a tools array as it is written. Gives the new text, or why the text cannot take it. */
export function addFunction(text: string, tool: JsonObject): Result<string> {
	const known = parseToolFunctions(text);
	if (!known.ok) return fail(`A function can be added once the array is right: ${known.error}`);
	const tools = JSON.parse(text.trim() === '' ? '[]' : text) as unknown[];
	return succeed(`${JSON.stringify([...tools, tool], null, 2)}\n`);
}

/** What is wrong with a name, or `null`. Source: `FunctionDefinition.name` in the types of the openai package. */
export function findNameProblem(name: string, taken: readonly string[]): string | null {
	if (name === '') return 'Give the function a name.';
	if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) return 'A name has 1 to 64 letters, digits, _ or -.';
	return taken.includes(name) ? `There is a function ${name} already.` : null;
}

function readFunction(tool: unknown): ToolFunction | undefined {
	const name = stringAt(tool, 'name');
	if (!isObject(tool) || tool['type'] !== 'function' || !name) return undefined;
	return {
		name,
		description: stringAt(tool, 'description') ?? '',
		parameters: objectAt(tool, 'parameters') ?? null
	};
}
