/**
 * What an answer does with tools of MCP servers: it calls one, or asks the client whether it may. No recording shows the
 * order of these events; it is our reading of the openai 7.55 types and of what a client of the service waits for.
 */
import { ArgumentStream } from '#simulator/session/call-output.ts';
import type { ItemStatus, McpApprovalRequestItem, McpCallItem } from '#simulator/session/conversation.ts';
import type { Cancellable, McpCallError, McpConnector, McpServerConfig } from '#simulator/session/ports.ts';
import { ResponseOutput } from '#simulator/session/response-output.ts';
import type { OutputOptions, OutputTokens } from '#simulator/session/response-output.ts';

export interface McpCallPlan {
	server: McpServerConfig;
	name: string;
	arguments: string;
	/** The request that allowed it, if it had to be allowed. */
	approvalRequestId: string | null;
}

export class McpCallOutput extends ResponseOutput {
	readonly item: McpCallItem;
	readonly #plan: McpCallPlan;
	readonly #connector: McpConnector;
	readonly #arguments: ArgumentStream;
	#areArgumentsDone = false;
	#call: Cancellable | undefined;

	constructor(options: OutputOptions, plan: McpCallPlan) {
		super(options);
		this.#plan = plan;
		this.#connector = options.context.dependencies.mcp;
		this.#arguments = new ArgumentStream(plan.arguments);
		this.item = {
			kind: 'mcp_call',
			id: options.context.newId('item'),
			serverLabel: plan.server.server_label,
			name: plan.name,
			arguments: '',
			output: null,
			error: null,
			approvalRequestId: plan.approvalRequestId
		};
	}

	get tokens(): OutputTokens {
		// What the client approved was counted with the request.
		return { text: this.#plan.approvalRequestId === null ? this.#arguments.sentCount : 0, audio: 0 };
	}

	override dispose(): void {
		super.dispose();
		this.#call?.cancel();
	}

	protected send(): void {
		this.later(0, () => this.#pump());
	}

	/** A call that was cut off has failed. */
	protected settle(status: ItemStatus): void {
		if (!this.#areArgumentsDone) this.#finishArguments();
		if (status === 'completed' || this.item.output !== null || this.item.error) return;
		const message = this.#call
			? 'The response ended before the tool answered.'
			: 'The response ended before the tool was called.';
		this.item.error = { type: 'tool_execution_error', message };
		if (this.#call) this.#emitState('failed');
	}

	#pump(): void {
		if (!this.canSpend(1)) return;
		const delta = this.#arguments.next();
		if (delta === undefined) return this.#run();
		const { context } = this.options;
		const obfuscation = context.obfuscate(delta);
		this.emitInItem('response.mcp_call_arguments.delta', { delta, obfuscation });
		this.later(context.dependencies.pace.argumentsMs, () => this.#pump());
	}

	#finishArguments(): void {
		this.#areArgumentsDone = true;
		this.item.arguments = this.#arguments.sentText;
		this.emitInItem('response.mcp_call_arguments.done', { arguments: this.item.arguments });
	}

	#run(): void {
		this.#finishArguments();
		this.#emitState('in_progress');
		const { server, name } = this.#plan;
		this.#call = this.#connector.callTool(server, name, this.item.arguments, {
			onOutput: (output) => {
				this.item.output = output;
				this.#emitState('completed');
				this.end({ kind: 'completed' });
			},
			onError: (error) => this.#fail(error)
		});
	}

	#fail(error: McpCallError): void {
		this.item.error = error;
		this.#emitState('failed');
		this.end({ kind: 'completed' });
	}

	/** These three events name no response. Source: openai 7.55 types. */
	#emitState(state: 'in_progress' | 'completed' | 'failed'): void {
		const { context, outputIndex } = this.options;
		context.emit(`response.mcp_call.${state}`, { item_id: this.item.id, output_index: outputIndex });
	}
}

/** Asks the client; its answer is an `mcp_approval_response` item. */
export class McpApprovalOutput extends ResponseOutput {
	readonly item: McpApprovalRequestItem;
	readonly #tokens: number;

	constructor(options: OutputOptions, plan: McpCallPlan) {
		super(options);
		this.#tokens = splitCount(plan.arguments);
		this.item = {
			kind: 'mcp_approval_request',
			id: options.context.newId('mcpr'),
			serverLabel: plan.server.server_label,
			name: plan.name,
			arguments: plan.arguments
		};
	}

	get tokens(): OutputTokens {
		return { text: this.hasBegun ? this.#tokens : 0, audio: 0 };
	}

	protected send(): void {
		this.later(0, () => this.end({ kind: 'completed' }));
	}

	protected settle(): void {}
}

function splitCount(json: string): number {
	const stream = new ArgumentStream(json);
	while (stream.next() !== undefined);
	return stream.sentCount;
}
