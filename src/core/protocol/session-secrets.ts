import { isObject } from '../base/json.ts';

/** Members of an MCP tool that let somebody in. Source: `RealtimeToolsConfigUnion.Mcp`, openai 7.55. */
const SECRET_MEMBERS: readonly string[] = ['authorization', 'headers'];

/**
 * A session, or a list of tools, without what lets somebody in at the servers of its tools, and without a client secret.
 * The value itself when it holds none.
 */
export function withoutSecrets(value: unknown): unknown {
	if (Array.isArray(value)) {
		const safe = value.map((tool: unknown) => without(tool, SECRET_MEMBERS));
		return safe.some((tool, index) => tool !== value[index]) ? safe : value;
	}
	const safe = without(value, ['client_secret']);
	if (!isObject(safe) || !Array.isArray(safe['tools'])) return safe;
	const tools = withoutSecrets(safe['tools']);
	return tools === safe['tools'] ? safe : { ...safe, tools };
}

function without(value: unknown, names: readonly string[]): unknown {
	if (!isObject(value) || !names.some((name) => Object.hasOwn(value, name))) return value;
	return Object.fromEntries(Object.entries(value).filter(([key]) => !names.includes(key)));
}
