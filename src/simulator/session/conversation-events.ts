/** The four conversation.item.* client events. */
import { itemShape, parseClientItem } from '#simulator/session/client-items.ts';
import { describeItem } from '#simulator/session/conversation.ts';
import type { McpApprovalRequestItem, McpApprovalResponseItem } from '#simulator/session/conversation.ts';
import { itemErrors } from '#simulator/session/errors.ts';
import type { HandlerTable, SessionContext } from '#simulator/session/session-context.ts';
import { nullable, object, text } from '#simulator/session/shapes.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

type ApprovalListener = (request: McpApprovalRequestItem, approval: McpApprovalResponseItem) => void;

function createItem(context: SessionContext, event: JsonObject, onApproval: ApprovalListener): void {
	const itemContext = { newId: context.newId, inputFormat: context.config.audio.input.format };
	const parsed = parseClientItem(event['item'] as JsonObject, 'item', itemContext);
	if ('error' in parsed) return context.fail(parsed.error);
	const { item } = parsed;
	const request =
		item.kind === 'mcp_approval_response'
			? context.conversation.findApprovalRequest(item.approvalRequestId)
			: undefined;
	if (item.kind === 'mcp_approval_response' && !request) {
		return context.fail(itemErrors.unknownApproval(item.approvalRequestId));
	}
	if (item.kind === 'mcp_approval_response' && context.conversation.isDecided(item.approvalRequestId)) {
		return context.fail(itemErrors.alreadyDecided(item.approvalRequestId));
	}
	if (item.kind === 'function_call_output' && !context.conversation.hasCall(item.callId)) {
		return context.fail(itemErrors.unknownCall(item.callId));
	}
	const placement = context.conversation.insert(item, event['previous_item_id'] as string | null | undefined);
	if ('error' in placement) return context.fail(placement.error);
	const fields = { previous_item_id: placement.previousItemId, item: describeItem(item) };
	context.emit('conversation.item.added', fields);
	context.emit('conversation.item.done', fields);
	if (item.kind === 'mcp_approval_response' && request) onApproval(request, item);
}

function deleteItem(context: SessionContext, event: JsonObject): void {
	const id = event['item_id'] as string;
	if (!context.conversation.remove(id)) return context.fail(itemErrors.noItemToDelete(id));
	context.emit('conversation.item.deleted', { item_id: id });
}

function retrieveItem(context: SessionContext, event: JsonObject): void {
	const id = event['item_id'] as string;
	const item = context.conversation.find(id);
	if (!item) return context.fail(itemErrors.noItemToRetrieve(id));
	const { config } = context;
	const input = config.audio.input.format;
	const output = config.type === 'realtime' ? config.audio.output.format : input;
	context.emit('conversation.item.retrieved', { item: describeItem(item, { input, output }) });
}

function truncateItem(context: SessionContext, event: JsonObject): void {
	const id = event['item_id'] as string;
	const contentIndex = event['content_index'] as number;
	const audioEndMs = event['audio_end_ms'] as number;
	const error = context.conversation.truncate(id, contentIndex, audioEndMs);
	if (error) return context.fail(error);
	context.emit('conversation.item.truncated', { item_id: id, content_index: contentIndex, audio_end_ms: audioEndMs });
}

/** `onApproval` is told of each answer to a request to call a tool of an MCP server. */
export function createConversationHandlers(context: SessionContext, onApproval: ApprovalListener): HandlerTable {
	const itemId = object({ item_id: text }, ['item_id']);
	return {
		'conversation.item.create': {
			shape: object({ previous_item_id: nullable(text), item: itemShape }, ['item']),
			apply: (event) => createItem(context, event, onApproval)
		},
		'conversation.item.truncate': {
			shape: object(
				{
					item_id: text,
					content_index: { kind: 'integer', min: 0 },
					audio_end_ms: { kind: 'integer', min: 0 }
				},
				['item_id', 'content_index', 'audio_end_ms']
			),
			apply: (event) => truncateItem(context, event)
		},
		'conversation.item.delete': { shape: itemId, apply: (event) => deleteItem(context, event) },
		'conversation.item.retrieve': { shape: itemId, apply: (event) => retrieveItem(context, event) }
	};
}
