/** The arguments of a call: those of the scenario with its variables put in, fitted to what the tool asks for. */
import { isJsonObject } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';
import type { CallableTool } from '#simulator/session/ports.ts';
import { exampleArguments } from '#simulator/scenario/example-arguments.ts';
import type { CallStep } from '#simulator/scenario/scenario.ts';
import { fillValue, findVariables } from '#simulator/scenario/variables.ts';
import type { VariableSources } from '#simulator/scenario/variables.ts';

/**
 * Words become what the schema wants where that is plain: "4" a number, "mars" the allowed value "Mars". What people
 * type and say are texts, so a tool with numbers could not be called with them otherwise.
 */
function fit(value: unknown, schema: JsonObject): unknown {
	const types = [schema['type']].flat();
	if (typeof value === 'number' && types.includes('string')) return String(value);
	if (typeof value !== 'string') return value;
	const allowed = Array.isArray(schema['enum']) ? (schema['enum'] as unknown[]) : [];
	if (allowed.length > 0 && !allowed.includes(value)) {
		const lowered = value.toLowerCase();
		return allowed.find((one) => typeof one === 'string' && one.toLowerCase() === lowered) ?? value;
	}
	if (types.includes('string')) return value;
	const isNumber = /^-?\d{1,15}(\.\d{1,15})?$/.test(value);
	if (isNumber && types.includes('number')) return Number(value);
	if (isNumber && types.includes('integer') && Number.isInteger(Number(value))) return Number(value);
	return types.includes('boolean') && (value === 'true' || value === 'false') ? value === 'true' : value;
}

function fill(value: unknown, schema: unknown, sources: VariableSources): unknown {
	const wanted = isJsonObject(schema) ? schema : {};
	if (typeof value === 'string') {
		return findVariables(value).length === 0 ? value : fit(fillValue(value, sources), wanted);
	}
	if (Array.isArray(value)) return value.map((entry: unknown) => fill(entry, wanted['items'], sources));
	if (!isJsonObject(value)) return value;
	const properties = isJsonObject(wanted['properties']) ? wanted['properties'] : {};
	// Own entries only, so that a property named like one of Object's own stays a property.
	return Object.fromEntries(
		Object.entries(value).map(([name, entry]) => [
			name,
			fill(entry, Object.hasOwn(properties, name) ? properties[name] : undefined, sources)
		])
	);
}

/** JSON text of the arguments for a call of this tool. */
export function writeArguments(args: CallStep['arguments'], tool: CallableTool, sources: VariableSources): string {
	return JSON.stringify(args === 'example' ? exampleArguments(tool.parameters) : fill(args, tool.parameters, sources));
}
