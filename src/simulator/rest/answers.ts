/** How the REST API answers: JSON in two-space lines, the service's headers, errors in its shape, CORS for browsers. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { invalidRequest } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';
import type { JsonObject } from '#simulator/session/shapes.ts';

/** What a request came to: a status and the value to send as JSON. */
export interface Answer {
	status: number;
	body: JsonObject;
	headers?: Record<string, string>;
}

export function succeed(body: JsonObject): Answer {
	return { status: 200, body };
}

/** Keys in the order of the service. Source: public issue threads. */
export function fail(status: number, { message, type, param, code }: ApiError): Answer {
	return { status, body: { error: { message, type, param, code } } };
}

/** Source: public issue threads. */
export function notFound(method: string, pathname: string): Answer {
	return fail(404, invalidRequest(null, `Invalid URL (${method} ${pathname})`));
}

/** The text of an answer. Source: the lengths of recorded answers are those of JSON that is indented by two spaces. */
export function formatBody({ body }: Answer): string {
	return JSON.stringify(body, null, 2);
}

/**
 * For browser apps on other origins. Which of them may connect at all is the host's business. Sent only to those who ask:
 * other clients make no use of it. Source of the first two: a recorded call from a WebRTC client.
 */
export function corsHeaders({ headers }: IncomingMessage): Record<string, string> {
	if (headers.origin === undefined) return {};
	return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Location, X-Request-Id' };
}

/** What clients of the API send: the openai package names its runtime in x-stainless-*, the agents SDK itself. */
const USUAL_HEADERS =
	'authorization, content-type, openai-beta, openai-organization, openai-project, x-openai-agents-sdk, ' +
	['arch', 'lang', 'os', 'package-version', 'retry-count', 'runtime', 'runtime-version', 'timeout']
		.map((name) => `x-stainless-${name}`)
		.join(', ');

/**
 * Answers a preflight: every header that is asked for is allowed. They are named, because a browser takes `*` for all
 * headers but `authorization`.
 */
export function sendPreflight(request: IncomingMessage, response: ServerResponse): void {
	const asked = request.headers['access-control-request-headers'] ?? '';
	response.writeHead(204, {
		...corsHeaders(request),
		'Access-Control-Allow-Methods': 'GET, POST, OPTIONS',
		'Access-Control-Allow-Headers': /^[\w!#$%&'*+.^`|~, -]+$/.test(asked) ? asked : USUAL_HEADERS,
		Vary: 'Access-Control-Request-Headers'
	});
	response.end();
}

/** Sends an answer, and nothing when the client has gone. `processingMs` is what it took. */
export function sendAnswer(
	request: IncomingMessage,
	response: ServerResponse,
	answer: Answer,
	processingMs: number
): void {
	if (response.headersSent || response.destroyed) return;
	const body = formatBody(answer);
	response.writeHead(answer.status, {
		'Content-Type': 'application/json',
		'Content-Length': Buffer.byteLength(body),
		...corsHeaders(request),
		'openai-processing-ms': Math.max(0, Math.round(processingMs)),
		'openai-version': '2020-10-01',
		'x-request-id': `req_${randomBytes(16).toString('hex')}`,
		...answer.headers
	});
	response.end(body);
}
