/** The list of models, for clients that look there before they connect. */
import { fail, succeed } from '#simulator/rest/answers.ts';
import type { Answer } from '#simulator/rest/answers.ts';
import { invalidRequest } from '#simulator/session/errors.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

/**
 * The models of the Realtime API. Source: openai 7.55 types (RealtimeSessionCreateRequest.model) and, the last two,
 * its documentation of translation and transcription. The dates are those in the names of their first snapshots; ours
 * where no snapshot has one.
 */
const models: readonly (readonly [id: string, created: string])[] = [
	['gpt-realtime', '2025-08-28'],
	['gpt-realtime-2025-08-28', '2025-08-28'],
	['gpt-realtime-1.5', '2026-01-01'],
	['gpt-realtime-2', '2026-01-01'],
	['gpt-realtime-2.1', '2026-01-01'],
	['gpt-realtime-2.1-mini', '2026-01-01'],
	['gpt-realtime-mini', '2025-10-06'],
	['gpt-realtime-mini-2025-10-06', '2025-10-06'],
	['gpt-realtime-mini-2025-12-15', '2025-12-15'],
	['gpt-4o-realtime-preview', '2024-10-01'],
	['gpt-4o-realtime-preview-2024-10-01', '2024-10-01'],
	['gpt-4o-realtime-preview-2024-12-17', '2024-12-17'],
	['gpt-4o-realtime-preview-2025-06-03', '2025-06-03'],
	['gpt-4o-mini-realtime-preview', '2024-12-17'],
	['gpt-4o-mini-realtime-preview-2024-12-17', '2024-12-17'],
	['gpt-audio-1.5', '2026-01-01'],
	['gpt-audio-mini', '2025-10-06'],
	['gpt-audio-mini-2025-10-06', '2025-10-06'],
	['gpt-audio-mini-2025-12-15', '2025-12-15'],
	['gpt-realtime-translate', '2026-01-01'],
	['gpt-realtime-whisper', '2026-01-01']
];

/** Source: public issue threads (the keys and their order). */
function describeModel([id, created]: readonly [string, string]): JsonObject {
	return { id, object: 'model', created: Date.parse(created) / 1000, owned_by: 'system' };
}

export function listModels(): Answer {
	return succeed({ object: 'list', data: models.map(describeModel) });
}

export function retrieveModel(id: string): Answer {
	const model = models.find(([name]) => name === id);
	if (model) return succeed(describeModel(model));
	const message = `The model \`${id}\` does not exist or you do not have access to it.`;
	return fail(404, invalidRequest('model_not_found', message, 'model'));
}
