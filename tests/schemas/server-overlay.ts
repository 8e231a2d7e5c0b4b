// What the service sends and the types of the `openai` package do not allow, or allow and it never does: the corrections
// of the schema of server events. Each entry names its evidence; "recorded" means recorded sessions of OpenAI's GA
// service. What is in no entry is as the types say, so that an unknown field is a fault.
import { correctDefinitions, discriminate, edit, nullable, present, type Definitions, type Schema } from './overlay.ts';

/** Corrects the definitions in place. A definition or field that the package no longer has stops the generation. */
export function correctServerEvents(definitions: Definitions): void {
	correctDefinitions(definitions);
	dropTexts(definitions);
	for (const [name, fields] of Object.entries(NULLABLE)) {
		for (const field of fields) {
			propertiesOf(definitions, name);
			edit(definitions, name, field, nullable);
		}
	}
	for (const [name, fields] of Object.entries(ADDED)) {
		Object.assign(propertiesOf(definitions, name), fields);
		requireFields(
			definitions,
			name,
			Object.keys(fields).filter((field) => !RARE.includes(field))
		);
	}
	for (const [name, fields] of Object.entries(ABSENT)) {
		for (const field of fields) {
			present(propertiesOf(definitions, name)[field], `${name}.${field}`);
			delete propertiesOf(definitions, name)[field];
		}
	}
	for (const [name, fields] of Object.entries(ALWAYS)) {
		requireFields(definitions, name, fields === 'all' ? Object.keys(propertiesOf(definitions, name)) : fields);
	}
	// They are the client's, said back: whether they are a good JSON Schema is not for this schema to say.
	edit(definitions, 'RealtimeFunctionTool', 'parameters', () => ({ type: 'object' }));
	makeChoices(definitions);
}

/** Null where the types have no null. */
const NULLABLE: Record<string, string[]> = {
	// Recorded: null in response.created, and `status_details` in every response that completed.
	// `conversation_id` of a response outside the conversation: an example of the API's documentation.
	RealtimeResponse: ['status_details', 'usage', 'conversation_id'],
	// Recorded: null in `added` and `done` of spoken items; the words come in events of their own.
	'RealtimeConversationItemUserMessage.Content': ['transcript'],
	// A recorded session of Azure's GA service; none of OpenAI's shows a failed transcription.
	'ConversationItemInputAudioTranscriptionFailedEvent.Error': ['param'],
	// A public question shows a response that failed by a server error so.
	'RealtimeResponseStatus.Error': ['code']
};

const TEXT = { type: 'string' };
const TIME = { type: 'integer', minimum: 0 };

/** Fields that the types do not have. */
const ADDED: Record<string, Record<string, Schema>> = {
	// Recorded in session.created and session.updated; the types know them in answers of REST only.
	RealtimeSessionCreateRequest: { object: { const: 'realtime.session' }, id: TEXT, expires_at: TIME },
	// A live probe of a transcription session.
	RealtimeTranscriptionSessionCreateRequest: {
		object: { const: 'realtime.transcription_session' },
		id: TEXT,
		expires_at: TIME
	},
	// Recorded in every delta of words; the types have it for the arguments of MCP calls only.
	ResponseTextDeltaEvent: { obfuscation: TEXT },
	ResponseAudioTranscriptDeltaEvent: { obfuscation: TEXT },
	ResponseFunctionCallArgumentsDeltaEvent: { obfuscation: TEXT },
	ConversationItemInputAudioTranscriptionDeltaEvent: { obfuscation: TEXT },
	// Recorded in messages of gpt-realtime-2.1, and in no message of gpt-realtime.
	RealtimeConversationItemAssistantMessage: { phase: { enum: ['commentary', 'final_answer'] } }
};
/** Added fields that are not always there. */
const RARE = ['phase'];

/** Fields that the types allow and that no recorded item has. */
const ABSENT: Record<string, string[]> = {
	RealtimeConversationItemSystemMessage: ['object'],
	RealtimeConversationItemUserMessage: ['object'],
	RealtimeConversationItemAssistantMessage: ['object'],
	RealtimeConversationItemFunctionCall: ['object'],
	RealtimeConversationItemFunctionCallOutput: ['object', 'status']
};

/** Fields that the types call optional and that every recorded event has. */
const ALWAYS: Record<string, string[] | 'all'> = {
	RealtimeSessionCreateRequest: [
		...['model', 'output_modalities', 'instructions', 'tools', 'tool_choice', 'max_output_tokens'],
		...['tracing', 'truncation', 'prompt', 'audio', 'include']
	],
	RealtimeAudioConfig: 'all',
	RealtimeAudioConfigInput: 'all',
	RealtimeAudioConfigOutput: 'all',
	'RealtimeAudioInputTurnDetection.ServerVad': 'all',
	AudioTranscription: ['model', 'language', 'prompt'],
	RealtimeFunctionTool: 'all',
	RealtimeResponse: 'all',
	'RealtimeResponse.Audio': 'all',
	'RealtimeResponse.Audio.Output': 'all',
	RealtimeResponseUsage: 'all',
	RealtimeResponseUsageInputTokenDetails: 'all',
	'RealtimeResponseUsageInputTokenDetails.CachedTokensDetails': 'all',
	RealtimeResponseUsageOutputTokenDetails: 'all',
	RealtimeConversationItemSystemMessage: ['id', 'status'],
	RealtimeConversationItemUserMessage: ['id', 'status'],
	RealtimeConversationItemAssistantMessage: ['id', 'status'],
	RealtimeConversationItemFunctionCall: ['id', 'status', 'call_id'],
	RealtimeConversationItemFunctionCallOutput: ['id'],
	ConversationItemAdded: ['previous_item_id'],
	ConversationItemDone: ['previous_item_id'],
	InputAudioBufferCommittedEvent: ['previous_item_id'],
	ConversationItemInputAudioTranscriptionDeltaEvent: ['content_index', 'delta'],
	RealtimeError: 'all', // a live probe: all five, null where there is nothing to say
	'RateLimitsUpdatedEvent.RateLimit': 'all'
};

/** Unions as choices by `type`, so that an event is checked against the one definition that it claims to be. */
function makeChoices(definitions: Definitions): void {
	const usage = propertiesOf(definitions, 'ConversationItemInputAudioTranscriptionCompletedEvent');
	usage['usage'] = discriminate(present(usage['usage'], 'the usage of a transcription'), definitions, null);
	const created = present(propertiesOf(definitions, 'SessionCreatedEvent')['session'], 'session');
	const sessions = [...present(created.anyOf, 'sessions'), { $ref: '#/definitions/RealtimeTranslationSession' }];
	definitions['ServerSession'] = discriminate({ anyOf: sessions }, definitions, null);
	for (const name of ['SessionCreatedEvent', 'SessionUpdatedEvent']) {
		propertiesOf(definitions, name)['session'] = { $ref: '#/definitions/ServerSession' };
	}
	// These two have the same `type` as the ones above, which now take their session too.
	const twins = ['RealtimeTranslationSessionCreatedEvent', 'RealtimeTranslationSessionUpdatedEvent'];
	const events = ['RealtimeServerEvent', 'RealtimeTranslationServerEvent'].flatMap((name) =>
		present(definitions[name]?.anyOf, name).map(({ $ref }) => present($ref, 'a reference'))
	);
	const union = [...new Set(events)].filter(($ref) => !twins.includes($ref.replace('#/definitions/', '')));
	definitions['ServerEvent'] = discriminate({ anyOf: union.map(($ref) => ({ $ref })) }, definitions, null);
	for (const name of [...twins, 'RealtimeServerEvent', 'RealtimeTranslationServerEvent']) delete definitions[name];
}

function propertiesOf(definitions: Definitions, name: string): Record<string, Schema> {
	return present(definitions[name]?.properties, `the properties of ${name}`);
}

function requireFields(definitions: Definitions, name: string, fields: string[]): void {
	const properties = propertiesOf(definitions, name);
	for (const field of fields) present(properties[field], `${name}.${field}`);
	const definition = present(definitions[name], name);
	definition.required = [...new Set([...(definition.required ?? []), ...fields])];
}

/** This schema is for checking: without the documentation it is a quarter of the size. */
function dropTexts(node: unknown): void {
	if (typeof node !== 'object' || node === null) return;
	const schema = node as Record<string, unknown>;
	for (const keyword of ['description', 'deprecated']) {
		if (typeof schema[keyword] !== 'object') delete schema[keyword];
	}
	for (const child of Object.values(schema)) dropTexts(child);
}
