/** The four conversation.item.* client events. */
import { itemShape, parseClientItem } from '#simulator/client-items.ts';
import { describeItem } from '#simulator/conversation.ts';
import { itemErrors } from '#simulator/errors.ts';
import type { HandlerTable, SessionContext } from '#simulator/session-context.ts';
import { nullable, object, text } from '#simulator/shapes.ts';
import type { JsonObject } from '#simulator/shapes.ts';

function createItem(context: SessionContext, event: JsonObject): void {
	const parsed = parseClientItem(event['item'] as JsonObject, 'item', context.newId);
	if ('error' in parsed) return context.fail(parsed.error);
	const { item } = parsed;
	if (item.kind === 'function_call_output' && !context.conversation.hasCall(item.callId)) {
		return context.fail(itemErrors.unknownCall(item.callId));
	}
	const placement = context.conversation.insert(item, event['previous_item_id'] as string | null | undefined);
	if ('error' in placement) return context.fail(placement.error);
	const fields = { previous_item_id: placement.previousItemId, item: describeItem(item) };
	context.emit('conversation.item.added', fields);
	context.emit('conversation.item.done', fields);
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
	context.emit('conversation.item.retrieved', { item: describeItem(item, true) });
}

function truncateItem(context: SessionContext, event: JsonObject): void {
	const id = event['item_id'] as string;
	const contentIndex = event['content_index'] as number;
	const audioEndMs = event['audio_end_ms'] as number;
	const error = context.conversation.truncate(id, contentIndex, audioEndMs);
	if (error) return context.fail(error);
	context.emit('conversation.item.truncated', { item_id: id, content_index: contentIndex, audio_end_ms: audioEndMs });
}

export function createConversationHandlers(context: SessionContext): HandlerTable {
	const itemId = object({ item_id: text }, ['item_id']);
	return {
		'conversation.item.create': {
			shape: object({ previous_item_id: nullable(text), item: itemShape }, ['item']),
			apply: (event) => createItem(context, event)
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
