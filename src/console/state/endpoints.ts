import { isObject, type JsonObject } from '#core/base/json.ts';
import { fail, succeed, type Result } from '#core/base/result.ts';
import { deriveSessionChanges } from '#core/protocol/session-differences.ts';

/** A place that speaks the Realtime API. */
export interface Endpoint {
	readonly id: string;
	readonly name: string;
	/** The WebSocket address for a model. */
	url(model: string): string;
}

/** The simulator that this page's host carries. */
export const SIMULATOR: Endpoint = {
	id: 'simulator',
	name: 'Simulator',
	url: (model) => {
		const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
		return `${scheme}//${location.host}/v1/realtime?model=${encodeURIComponent(model)}`;
	}
};

export const ENDPOINTS: readonly Endpoint[] = [SIMULATOR];

/** Models that the simulator knows the defaults of; it takes all of the Realtime families. Source: model names of the openai package. */
export const MODELS: readonly string[] = ['gpt-realtime', 'gpt-realtime-2.1', 'gpt-realtime-mini'];

/** How a `session.update` is made of the drafts. */
export interface SessionUpdateOptions {
	/** By which an error names the event. */
	readonly eventId?: string;
	/** The session in force: only what differs from it is asked for. Without it, all of the draft is. */
	readonly inForce?: JsonObject | null;
}

/**
 * The `session.update` that applies the drafts. Tools from their own editor win over tools inside the session text when
 * there are any.
 */
export function buildSessionUpdate(
	sessionText: string,
	toolsText: string,
	{ eventId, inForce = null }: SessionUpdateOptions = {}
): Result<Record<string, unknown>> {
	const draft = parseDraft(sessionText, 'The session');
	if (!draft.ok) return draft;
	if (!isObject(draft.value)) return fail('The session must be a JSON object.');
	const tools = parseDraft(toolsText, 'The tools');
	if (!tools.ok) return tools;
	if (!Array.isArray(tools.value)) return fail('The tools must be a JSON array.');
	const whole: JsonObject = tools.value.length > 0 ? { ...draft.value, tools: tools.value } : draft.value;
	const session = inForce ? deriveSessionChanges(whole, inForce) : whole;
	if (!session) return fail('There is nothing to send: all that the draft asks for is in force.');
	return succeed({ type: 'session.update', ...(eventId !== undefined && { event_id: eventId }), session });
}

function parseDraft(text: string, name: string): Result<unknown> {
	try {
		return succeed(JSON.parse(text) as unknown);
	} catch (error) {
		return fail(
			`${name} cannot be sent, because it is not JSON: ${error instanceof Error ? error.message : String(error)}`
		);
	}
}
