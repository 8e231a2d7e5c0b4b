import { CLIENT_EVENT_TYPES } from '#core/protocol/catalog.ts';

/** A starting point that the composer offers. */
export interface EventSnippet {
	/** What it is called in the menu, and its key. */
	readonly name: string;
	readonly event: Readonly<Record<string, unknown>>;
}

/** What stands in each client event besides its type. Source of the shapes: `RealtimeClientEvent`, openai 7.55.0. */
const FIELDS: Readonly<Record<string, object>> = {
	'session.update': { session: { type: 'realtime', instructions: 'Answer in one sentence.' } },
	'input_audio_buffer.append': { audio: '' },
	'conversation.item.create': {
		item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }
	},
	'conversation.item.retrieve': { item_id: '{{last.item_id}}' },
	'conversation.item.truncate': {
		item_id: '{{last.assistant_item_id}}',
		content_index: 0,
		audio_end_ms: '{{last.played_ms}}'
	},
	'conversation.item.delete': { item_id: '{{last.item_id}}' },
	'response.create': { response: { output_modalities: ['audio'] } }
};

/** Other uses of the same events. */
const VARIANTS: readonly EventSnippet[] = [
	{
		name: 'conversation.item.create, function output',
		event: {
			type: 'conversation.item.create',
			item: { type: 'function_call_output', call_id: '{{last.call_id}}', output: '{"ok":true}' }
		}
	},
	{
		name: 'conversation.item.create, MCP approval',
		event: {
			type: 'conversation.item.create',
			item: {
				type: 'mcp_approval_response',
				id: 'mcpa_{{now.ms}}',
				approval_request_id: '{{last.approval_request_id}}',
				approve: true
			}
		}
	},
	{
		name: 'conversation.item.create, system message',
		event: {
			type: 'conversation.item.create',
			item: { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'The caller is in a hurry.' }] }
		}
	},
	{
		name: 'response.create, out of band',
		event: {
			type: 'response.create',
			response: {
				conversation: 'none',
				output_modalities: ['text'],
				metadata: { topic: 'summary' },
				instructions: 'Sum up the conversation in one sentence.'
			}
		}
	}
];

/** One for each client event, in the order of the catalog, then the others. */
export const EVENT_SNIPPETS: readonly EventSnippet[] = [
	...CLIENT_EVENT_TYPES.map((type) => ({ name: type, event: { type, ...FIELDS[type] } })),
	...VARIANTS
];

/** Steps that only a script has. */
export const WAIT_SNIPPETS: readonly EventSnippet[] = [
	{ name: 'wait', event: { wait_ms: 500 } },
	{ name: 'wait for an event', event: { wait_for: 'response.done', timeout_ms: 10_000 } }
];

/** A variable as it is written at a place: inside a string bare, elsewhere as a string of its own. */
export function writeVariable(name: string, lineBefore: string): string {
	const quotes = lineBefore.replace(/\\./g, '').split('"').length - 1;
	return quotes % 2 === 1 ? `{{${name}}}` : `"{{${name}}}"`;
}
