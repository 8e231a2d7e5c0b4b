/**
 * The trigger of an incoming call, for developers of telephone agents: `POST /v1/earshot/incoming_call` sends the webhook
 * that the service sends when somebody calls. Only the webhook is real: there is no call behind it that could be accepted,
 * and `/v1/realtime/calls/{call_id}/accept` does not exist here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientSecrets } from '#simulator/auth/client-secrets.ts';
import { checkCredentials, readKey } from '#simulator/auth/credentials.ts';
import { fail, succeed } from '#simulator/rest/answers.ts';
import type { Answer } from '#simulator/rest/answers.ts';
import { readJsonBody } from '#simulator/rest/request-body.ts';
import { serve } from '#simulator/rest/serve.ts';
import { invalidRequest, invalidType, simulatorFailure } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import { checkShape, custom, isJsonObject, list, object, oneOf } from '#simulator/session/shapes.ts';
import type { Shape } from '#simulator/session/shapes.ts';
import { newHexId } from '#simulator/webhooks/hex-id.ts';
import { describeIncomingCall } from '#simulator/webhooks/incoming-call.ts';
import type { IncomingCall, SipHeader } from '#simulator/webhooks/incoming-call.ts';
import type { WebhookTarget } from '#simulator/webhooks/webhook-config.ts';
import { createWebhookSender } from '#simulator/webhooks/webhook-sender.ts';
import type { WebhookSender } from '#simulator/webhooks/webhook-sender.ts';

export const INCOMING_CALL_PATH = '/v1/earshot/incoming_call';

export interface WebhookRouteOptions {
	/** Where webhooks go. Without it the trigger says how to set it. */
	webhook?: WebhookTarget;
	secrets: ClientSecrets<unknown>;
	/** The only key that is accepted. Without it any key is, and none. */
	requiredKey?: string;
	nowMs: () => number;
	/** One line each; neither keys nor the secret are in it. */
	log: (line: string) => void;
}

export interface WebhookRoute {
	/** Answers a request for the trigger and returns true; leaves others alone and returns false. */
	handle: (request: IncomingMessage, response: ServerResponse, url: URL) => boolean;
	/** Calls off webhooks that are being sent. */
	dispose: () => void;
}

export function createWebhookRoute(options: WebhookRouteOptions): WebhookRoute {
	const { webhook, nowMs, log } = options;
	const sender = webhook && createWebhookSender({ ...webhook, nowMs, log });
	return {
		handle: (request, response, { pathname }) => {
			if (pathname !== INCOMING_CALL_PATH) return false;
			const failure = (): ApiError =>
				simulatorFailure('webhook_failed', 'The simulator failed to send a webhook; see its log.');
			const served = { path: INCOMING_CALL_PATH, nowMs, log, failure };
			serve(request, response, served, () => answerRequest(request, sender, options));
			return true;
		},
		dispose: () => sender?.dispose()
	};
}

async function answerRequest(
	request: IncomingMessage,
	sender: WebhookSender | undefined,
	{ requiredKey, secrets, nowMs }: WebhookRouteOptions
): Promise<Answer | 'gone'> {
	const { method = 'GET' } = request;
	if (method !== 'POST') return { ...fail(405, wrongMethod(method)), headers: { Allow: 'POST' } };
	const credentials = checkCredentials({ key: readKey(request), requiredKey, secrets, nowMs: nowMs() });
	if (!credentials.isGood) return fail(401, credentials.error);
	if (credentials.secret) return fail(403, notWithClientSecret());
	if (!sender) return fail(400, notConfigured());
	const body = await readJsonBody(request);
	if (body === 'gone') return 'gone';
	if ('refusal' in body) return body.refusal;
	const call = readCall(body.value ?? {});
	if ('error' in call) return fail(400, call.error);
	const callId = newHexId('rtc', nowMs());
	const delivery = await sender.send(describeIncomingCall(call.call, callId, nowMs()));
	return succeed({
		call_id: callId,
		webhook_id: delivery.webhookId,
		delivered: delivery.delivered,
		status: delivery.status,
		error: delivery.error
	});
}

// --- What it takes --------------------------------------------------------------------------------------------------

/** A line of a SIP message has no control characters. */
const line: Shape = custom((value, path) => {
	if (typeof value !== 'string') return invalidType(path, 'a string', value);
	if (value.trim() !== '' && !/\p{Cc}/u.test(value)) return undefined;
	return invalidRequest('invalid_value', `Invalid '${path}': expected text without control characters.`, path);
});

/** Source of what a name is made of: RFC 3261, token. */
const headerName: Shape = custom((value, path) => {
	if (typeof value !== 'string') return invalidType(path, 'a string', value);
	if (/^[\w.!%*+`'~-]{1,100}$/.test(value)) return undefined;
	return invalidRequest('invalid_value', `Invalid '${path}': expected the name of a SIP header, such as 'X-Id'.`, path);
});

const callShape: Shape = object(
	{
		from: line,
		to: line,
		sip_headers: list(object({ name: headerName, value: line }, ['name', 'value'])),
		sip_media_security: oneOf('rtp', 'srtp')
	},
	['from', 'to']
);

function readCall(body: unknown): { call: IncomingCall } | { error: ApiError } {
	if (!isJsonObject(body)) return { error: invalidType('body', 'an object', body) };
	const error = checkShape(callShape, body, '');
	if (error) return { error };
	const mediaSecurity = body['sip_media_security'] as 'rtp' | 'srtp' | undefined;
	return {
		call: {
			from: body['from'] as string,
			to: body['to'] as string,
			sipHeaders: ((body['sip_headers'] ?? []) as SipHeader[]).map(({ name, value }) => ({ name, value })),
			...(mediaSecurity === undefined ? {} : { mediaSecurity })
		}
	};
}

// --- Errors, all ours -----------------------------------------------------------------------------------------------

function wrongMethod(method: string): ApiError {
	return invalidRequest('method_not_supported', `Not allowed to ${method} on ${INCOMING_CALL_PATH}. Use POST.`);
}

function notWithClientSecret(): ApiError {
	const message = 'A client secret (ek_...) cannot trigger a call. Use the API key of your server.';
	return invalidRequest('insufficient_permissions', message);
}

function notConfigured(): ApiError {
	return invalidRequest(
		'webhook_not_configured',
		'The simulator does not know where to send webhooks. Start it with EARSHOT_WEBHOOK_URL set to the address of your ' +
			'server, such as http://127.0.0.1:3000/webhook, and EARSHOT_WEBHOOK_SECRET set to the secret that your server ' +
			'checks signatures with, such as whsec_ and base64.'
	);
}
