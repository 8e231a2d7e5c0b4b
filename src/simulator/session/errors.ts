/**
 * The errors that the API answers with. Codes and messages are the service's own where a source has them word for
 * word (public issue threads and a live probe of 2026-09-18); those marked "ours" are worded in the same style because no
 * source shows them.
 */

/** The error object of an `error` event, without the echoed client event id. */
export interface ApiError {
	type: string;
	code: string | null;
	message: string;
	param: string | null;
}

export function invalidRequest(code: string | null, message: string, param: string | null = null): ApiError {
	return { type: 'invalid_request_error', code, message, param };
}

function quoteList(values: readonly string[]): string {
	const quoted = values.map((value) => `'${value}'`);
	const last = quoted.pop() ?? '';
	if (quoted.length === 0) return last;
	if (quoted.length === 1) return `${quoted[0]} and ${last}`;
	return `${quoted.join(', ')}, and ${last}`;
}

export function invalidValue(value: string, supported: readonly string[], param: string): ApiError {
	const expectation =
		supported.length === 1
			? `Value must be ${quoteList(supported)}.`
			: `Supported values are: ${quoteList(supported)}.`;
	return invalidRequest('invalid_value', `Invalid value: '${value}'. ${expectation}`, param);
}

export function unknownParameter(param: string): ApiError {
	return invalidRequest('unknown_parameter', `Unknown parameter: '${param}'.`, param);
}

export function missingParameter(param: string): ApiError {
	return invalidRequest('missing_required_parameter', `Missing required parameter: '${param}'.`, param);
}

/** The service's REST wording; not seen on the socket. */
export function invalidType(param: string, expected: string, value: unknown): ApiError {
	return invalidRequest(
		'invalid_type',
		`Invalid type for '${param}': expected ${expected}, but got ${nameType(value)} instead.`,
		param
	);
}

export function nameType(value: unknown): string {
	if (value === null) return 'null';
	if (Array.isArray(value)) return 'an array';
	if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal number';
	return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** `kind` is `integer` or `decimal`. The code of the lower bound is the service's; the sentence is its REST wording. */
export function outOfRange(param: string, kind: string, value: number, bound: 'min' | 'max', limit: number): ApiError {
	const isLow = bound === 'min';
	return invalidRequest(
		`${kind}_${isLow ? 'below_min' : 'above_max'}_value`,
		`Invalid '${param}': ${kind} ${isLow ? 'below minimum' : 'above maximum'} value. ` +
			`Expected a value ${isLow ? '>=' : '<='} ${limit}, but got ${value} instead.`,
		param
	);
}

export function tooLong(param: string, maximum: number, length: number): ApiError {
	return invalidRequest(
		'string_above_max_length',
		`Invalid '${param}': string too long. Expected a string with maximum length ${maximum}, ` +
			`but got a string with length ${length} instead.`,
		param
	);
}

/** Ours: something of the service's that cannot be here, because it lives in an account of theirs. */
export function notInSimulator(param: string | null, what: string): ApiError {
	return invalidRequest(
		'unsupported_by_simulator',
		`The Earshot simulator does not have ${what}. The event was rejected and nothing of it was applied.`,
		param
	);
}

/** Ours: a part of the simulator failed. */
export function simulatorFailure(code: string, message: string): ApiError {
	return { type: 'server_error', code, message, param: null };
}

export const sessionErrors = {
	invalidJson: (): ApiError =>
		invalidRequest(
			'invalid_json',
			'Invalid event: failed to parse JSON value. Please check the value to ensure it is valid JSON.'
		),
	notAnObject: (value: unknown): ApiError =>
		invalidRequest('invalid_type', `Invalid event: expected an object, but got ${nameType(value)} instead.`),
	binaryFrame: (): ApiError =>
		invalidRequest('invalid_event', 'Expected a text WebSocket message; binary frames are not supported.'),
	voiceLocked: (): ApiError =>
		invalidRequest('cannot_update_voice', "Cannot update a conversation's voice if assistant audio is present."),
	/** Ours. */
	modelFixed: (model: string): ApiError =>
		invalidRequest(
			'invalid_value',
			`The model of a session cannot be changed: this session was opened with '${model}'.`,
			'session.model'
		),
	/** The sentence is quoted by users of the service; the code is ours. */
	otherKind: (sent: string, kind: string): ApiError =>
		invalidRequest(
			'invalid_value',
			`Passing a ${sent} session update event to a ${kind} session is not allowed.`,
			'session.type'
		),
	/** Ours. */
	notInThisSession: (type: string, kind: string): ApiError =>
		invalidRequest('invalid_value', `'${type}' is not supported in a ${kind} session.`, 'type'),
	commitTooSmall: (bufferMs: number): ApiError =>
		invalidRequest(
			'input_audio_buffer_commit_empty',
			'Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, ' +
				`but buffer only has ${bufferMs.toFixed(2)}ms of audio.`
		),
	/** Ours. */
	badAudio: (param = 'audio'): ApiError =>
		invalidRequest(
			'invalid_value',
			`Invalid '${param}'. Expected base64-encoded audio bytes in the input format of the session.`,
			param
		),
	/** Ours: the limit is documented, its error is not. */
	audioTooLong: (chars: number): ApiError =>
		invalidRequest(
			'invalid_value',
			`Invalid 'audio': expected at most 15 MiB of base64 per event, but got ${chars} characters.`,
			'audio'
		)
};

export const responseErrors = {
	alreadyActive: (responseId: string): ApiError =>
		invalidRequest(
			'conversation_already_has_active_response',
			`Conversation already has an active response in progress: ${responseId}. ` +
				'Wait until the response is finished before creating a new one.'
		),
	/** Ours. */
	contextTooLong: (): ApiError =>
		invalidRequest(
			'context_length_exceeded',
			"The conversation is longer than the model's context, and the session's 'truncation' is 'disabled'."
		),
	notActive: (): ApiError =>
		invalidRequest('response_cancel_not_active', 'Cancellation failed: no active response found')
};

export const itemErrors = {
	noItemToDelete: (id: string): ApiError =>
		invalidRequest('item_delete_invalid_item_id', `Error deleting item: the item with id '${id}' does not exist.`),
	noItemToRetrieve: (id: string): ApiError =>
		invalidRequest('item_retrieve_invalid_item_id', `Error retrieving item: the item with id '${id}' does not exist.`),
	noItemToTruncate: (id: string): ApiError =>
		invalidRequest('item_truncate_invalid_item_id', `Error truncating item: the item with id '${id}' does not exist.`),
	notModelAudio: (): ApiError =>
		invalidRequest('unsupported_content_type', 'Only model output audio messages can be truncated'),
	audioShorter: (audioMs: number, askedMs: number): ApiError =>
		invalidRequest('invalid_value', `Audio content of ${audioMs}ms is already shorter than ${askedMs}ms`),
	/** The code was seen in a client, the sentence is ours. */
	alreadyTruncated: (id: string): ApiError =>
		invalidRequest('item_already_truncated', `Error truncating item: the item with id '${id}' is already truncated.`),
	/** Ours. */
	noItemBefore: (id: string): ApiError =>
		invalidRequest(
			'item_create_invalid_previous_item_id',
			`Error creating item: the previous item with id '${id}' does not exist.`,
			'previous_item_id'
		),
	/** Ours. */
	noItemToReference: (id: string, param: string): ApiError =>
		invalidRequest('item_reference_invalid_item_id', `The referenced item with id '${id}' does not exist.`, param),
	/** Ours. */
	toolsNotListed: (serverLabel: string, reason: string): ApiError =>
		invalidRequest(
			'mcp_list_tools_failed',
			`The tools of the MCP server '${serverLabel}' could not be listed: ${reason}`
		),
	/** Ours. */
	unknownApproval: (id: string): ApiError =>
		invalidRequest(
			'invalid_approval_request_id',
			`MCP approval request with id '${id}' not found in conversation.`,
			'item.approval_request_id'
		),
	/** Ours. */
	alreadyDecided: (id: string): ApiError =>
		invalidRequest(
			'mcp_approval_request_already_decided',
			`MCP approval request with id '${id}' has been decided already.`,
			'item.approval_request_id'
		),
	/** Ours. */
	badImage: (param: string): ApiError =>
		invalidRequest(
			'invalid_value',
			`Invalid '${param}'. Expected a data URI of a PNG or JPEG image, such as 'data:image/png;base64,...'.`,
			param
		),
	unknownCall: (callId: string): ApiError =>
		invalidRequest('invalid_tool_call_id', `Tool call ID '${callId}' not found in conversation.`)
};

export const connectionErrors = {
	betaShape: (): ApiError =>
		invalidRequest(
			'beta_api_shape_disabled',
			'The Realtime Beta API is no longer supported. Please use /v1/realtime for the GA API.'
		),
	/** The end of the sentence is ours: the source elides it. */
	invalidModel: (model: string): ApiError =>
		invalidRequest(
			'invalid_model',
			`Model "${model}" is not supported in realtime mode. Use a realtime model, for example gpt-realtime.`,
			'model'
		),
	missingModel: (): ApiError =>
		invalidRequest(
			'missing_model',
			'You must provide a model parameter, for example wss://api.openai.com/v1/realtime?model=gpt-realtime-1.5'
		)
};
