/** The MCP servers of one session: their tools are listed once, when the client first names them. */
import type { McpListToolsItem } from '#simulator/session/conversation.ts';
import { checkNesting } from '#simulator/session/client-event.ts';
import { itemErrors } from '#simulator/session/errors.ts';
import { describeItem } from '#simulator/session/conversation.ts';
import type { CallableTool, Cancellable, McpCallError, McpServerConfig, McpTool } from '#simulator/session/ports.ts';
import type { SessionContext } from '#simulator/session/session-context.ts';
import { isJsonObject } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

interface KnownServer {
	/** The tool of the session that names it, as JSON: with another address or key it is another server. */
	key: string;
	tools: McpTool[];
	listing: Cancellable | undefined;
	/** Ends a listing that nobody needs any more. */
	giveUp?: () => void;
}

type Filter = { tool_names?: string[]; read_only?: boolean };

/** Whether a tool is in an `allowed_tools` or `require_approval` filter. Source: openai 7.55 types. */
function matches(filter: Filter, tool: McpTool): boolean {
	if (filter.tool_names && !filter.tool_names.includes(tool.name)) return false;
	return filter.read_only === undefined || (tool.annotations?.['readOnlyHint'] === true) === filter.read_only;
}

function isAllowed(config: JsonObject, tool: McpTool): boolean {
	const allowed = config['allowed_tools'];
	if (Array.isArray(allowed)) return allowed.includes(tool.name);
	return isJsonObject(allowed) ? matches(allowed as Filter, tool) : true;
}

/** Without a word of the client every call is asked about. Source: openai 7.55 types (require_approval). */
function needsApproval(config: JsonObject, tool: McpTool): boolean {
	const rule = config['require_approval'] ?? 'always';
	if (typeof rule === 'string') return rule === 'always';
	const { always, never } = rule as { always?: Filter; never?: Filter };
	if (never && matches(never, tool)) return false;
	return always ? matches(always, tool) : true;
}

const isMcp = (tool: JsonObject): boolean => tool['type'] === 'mcp';

export class McpServers {
	readonly #context: SessionContext;
	readonly #known = new Map<string, KnownServer>();
	readonly #waiting = new Set<() => void>();

	constructor(context: SessionContext) {
		this.#context = context;
	}

	/** Lists the servers among `tools` that are new. Call it after session.updated, and before a response with its own tools. */
	list(tools: readonly JsonObject[]): void {
		for (const tool of tools.filter(isMcp)) {
			const label = tool['server_label'] as string;
			const { server_url, connector_id, tunnel_id, authorization, headers } = tool;
			const key = JSON.stringify([server_url, connector_id, tunnel_id, authorization, headers]);
			const known = this.#known.get(label);
			if (known?.key === key) continue;
			known?.giveUp?.();
			this.#begin(label, key, tool);
		}
	}

	/** Calls back once no listing is under way: at once, or later. Returns how to call it off. */
	whenListed(action: () => void): () => void {
		if (![...this.#known.values()].some(({ listing }) => listing)) {
			action();
			return () => {};
		}
		this.#waiting.add(action);
		return () => void this.#waiting.delete(action);
	}

	/** What a model may call: functions as they are, and the tools that the servers listed. */
	describeCallable(tools: readonly JsonObject[]): CallableTool[] {
		return tools.flatMap((tool): CallableTool[] => {
			if (!isMcp(tool)) {
				const { name, description, parameters } = tool;
				return [
					{ name: name as string, description: description as string | null, parameters: parameters as JsonObject }
				];
			}
			const serverLabel = tool['server_label'] as string;
			const listed = this.#known.get(serverLabel)?.tools ?? [];
			return listed
				.filter((one) => isAllowed(tool, one))
				.map(({ name, description, input_schema: parameters }) => ({ name, description, parameters, serverLabel }));
		});
	}

	/** How to call a tool, or undefined when no server of these has it. */
	findCall(
		tools: readonly JsonObject[],
		name: string,
		serverLabel: string | undefined
	): { server: McpServerConfig; needsApproval: boolean } | undefined {
		for (const config of tools.filter(isMcp)) {
			const label = config['server_label'] as string;
			if (serverLabel !== undefined && serverLabel !== label) continue;
			const tool = this.#known.get(label)?.tools.find((one) => one.name === name && isAllowed(config, one));
			if (tool) return { server: readServer(config), needsApproval: needsApproval(config, tool) };
		}
		return undefined;
	}

	dispose(): void {
		for (const { listing } of this.#known.values()) listing?.cancel();
		this.#waiting.clear();
	}

	#begin(serverLabel: string, key: string, tool: JsonObject): void {
		const server: KnownServer = { key, tools: [], listing: undefined };
		this.#known.set(serverLabel, server);
		const item: McpListToolsItem = {
			kind: 'mcp_list_tools',
			id: this.#context.newId('item'),
			serverLabel,
			tools: []
		};
		const { previousItemId } = this.#context.conversation.append(item);
		const added = { previous_item_id: previousItemId, item: describeItem(item) };
		this.#context.emit('conversation.item.added', added);
		this.#context.emit('mcp_list_tools.in_progress', { item_id: item.id });
		const finish = (state: 'completed' | 'failed'): void => {
			server.listing = undefined;
			this.#context.emit(`mcp_list_tools.${state}`, { item_id: item.id });
			this.#context.emit('conversation.item.done', { previous_item_id: previousItemId, item: describeItem(item) });
			this.#wake();
		};
		server.giveUp = () => {
			if (!server.listing) return;
			server.listing.cancel();
			finish('failed');
		};
		const fail = (error: McpCallError): void => {
			finish('failed');
			// Ours: neither the event of a failure nor the item has room for the reason.
			this.#context.fail(itemErrors.toolsNotListed(serverLabel, error.message));
		};
		if (tool['server_url'] === undefined) {
			const message =
				'Connectors and tunnels live at the service. The simulator reaches MCP servers by server_url only.';
			const cancel = this.#context.dependencies.schedule(0, () => fail({ type: 'http_error', code: 501, message }));
			server.listing = { cancel };
			return;
		}
		server.listing = this.#context.dependencies.mcp.listTools(readServer(tool), {
			onTools: (tools) => {
				const nesting = checkNesting(tools, 'Its list of tools');
				if (nesting) return fail({ type: 'protocol_error', code: -32600, message: nesting.message });
				server.tools = item.tools = tools;
				finish('completed');
			},
			onError: fail
		});
	}

	#wake(): void {
		if ([...this.#known.values()].some(({ listing }) => listing)) return;
		const ready = [...this.#waiting];
		this.#waiting.clear();
		for (const action of ready) action();
	}
}

function readServer(tool: JsonObject): McpServerConfig {
	const { server_label, server_url, authorization, headers } = tool;
	return {
		server_label: server_label as string,
		server_url: server_url as string,
		...(typeof authorization === 'string' ? { authorization } : {}),
		...(isJsonObject(headers) ? { headers: headers as Record<string, string> } : {})
	};
}
