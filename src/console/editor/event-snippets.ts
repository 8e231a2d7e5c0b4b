/** A starting point for each client event. Source of the shapes: `RealtimeClientEvent` of the openai package, 7.55.0. */
const SNIPPETS: Readonly<Record<string, object>> = {
	'session.update': { session: { type: 'realtime', instructions: 'Answer in one sentence.' } },
	'input_audio_buffer.append': { audio: '' },
	'conversation.item.create': {
		item: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hello' }] }
	},
	'conversation.item.retrieve': { item_id: '' },
	'conversation.item.truncate': { item_id: '', content_index: 0, audio_end_ms: 0 },
	'conversation.item.delete': { item_id: '' },
	'response.create': { response: { output_modalities: ['audio'] } }
};

/** The text of a client event of this type, ready to be edited. */
export function eventSnippet(type: string): string {
	return `${JSON.stringify({ type, ...SNIPPETS[type] }, null, 2)}\n`;
}
