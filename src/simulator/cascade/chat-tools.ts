/** Realtime tools as chat tools: nested, with names that are unique, and the way back. */
import type { ChatCompletionFunctionTool, ChatCompletionToolChoiceOption } from 'openai/resources/chat/completions';
import type { CallableTool, ToolDemand } from '#simulator/session/ports.ts';

/** Source: openai 7.55 types (FunctionDefinition.name). */
const LONGEST_NAME_CHARS = 64;

function toChatName(name: string): string {
	return name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, LONGEST_NAME_CHARS);
}

/**
 * The names under which a language model knows the tools. A name stays as it is, but for signs that chat names may not
 * have; tools that share one get their MCP server's label in front.
 */
export class ToolNames {
	readonly #tools = new Map<string, CallableTool>();
	readonly #names = new Map<CallableTool, string>();

	constructor(tools: readonly CallableTool[]) {
		const counts = Map.groupBy(tools, (tool) => toChatName(tool.name));
		for (const tool of tools) {
			const plain = toChatName(tool.name);
			const isShared = (counts.get(plain)?.length ?? 0) > 1;
			const wanted =
				isShared && tool.serverLabel !== undefined ? toChatName(`${tool.serverLabel}_${tool.name}`) : plain;
			let name = wanted;
			for (let i = 2; this.#tools.has(name); i++) name = `${wanted.slice(0, LONGEST_NAME_CHARS - 4)}_${i}`;
			this.#tools.set(name, tool);
			this.#names.set(tool, name);
		}
	}

	/** The tool that the model means, or undefined when it was given none of that name. */
	find(chatName: string): CallableTool | undefined {
		return this.#tools.get(chatName);
	}

	/** The name of a tool that the conversation mentions; it need not be among the tools any more. */
	nameOf(name: string, serverLabel?: string): string {
		for (const [tool, chatName] of this.#names) {
			if (tool.name === name && tool.serverLabel === serverLabel) return chatName;
		}
		return toChatName(name);
	}
}

function describeTool(tool: CallableTool, name: string): ChatCompletionFunctionTool {
	// Some servers want the schema of an object even where there are no arguments.
	const hasSchema = Object.keys(tool.parameters).length > 0;
	return {
		type: 'function',
		function: {
			name,
			...(tool.description === null ? {} : { description: tool.description }),
			parameters: hasSchema ? tool.parameters : { type: 'object', properties: {} }
		}
	};
}

export interface ToolSettings {
	tools?: ChatCompletionFunctionTool[];
	tool_choice?: ChatCompletionToolChoiceOption;
	parallel_tool_calls?: false;
}

/**
 * The tool fields of a chat request, or what makes the demand impossible. With `none` the model gets no tools at all: that
 * means the same to every server, also to those that do not know `tool_choice`. All tools of an MCP server (a demand without
 * a name) become those tools alone, with `required`.
 */
export function buildToolSettings(
	tools: readonly CallableTool[],
	demand: ToolDemand,
	allowsSeveralCalls: boolean,
	names: ToolNames
): ToolSettings | { problem: string } {
	if (demand.kind === 'none') return {};
	const isDemanded = (tool: CallableTool): boolean =>
		demand.kind !== 'tool' ||
		((demand.name === undefined || tool.name === demand.name) && tool.serverLabel === demand.serverLabel);
	const demanded = tools.filter(isDemanded);
	if (demand.kind === 'tool' && demanded.length === 0) {
		const wanted = demand.name ?? `any tool of ${demand.serverLabel ?? 'the session'}`;
		return { problem: `cannot be asked to call ${wanted}: tool_choice demands it, but it is not among the tools` };
	}
	if (demanded.length === 0) return {};
	const [first] = demanded as [CallableTool];
	const isNamed = demand.kind === 'tool' && demand.name !== undefined;
	const offered = isNamed ? tools : demanded;
	return {
		tools: offered.map((tool) => describeTool(tool, names.nameOf(tool.name, tool.serverLabel))),
		tool_choice: isNamed
			? { type: 'function', function: { name: names.nameOf(first.name, first.serverLabel) } }
			: demand.kind === 'tool'
				? 'required'
				: demand.kind,
		...(allowsSeveralCalls ? {} : { parallel_tool_calls: false })
	};
}
