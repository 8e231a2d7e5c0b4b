/** What goes wrong with an MCP server, as the API shows it in an item. */
import {
	InsufficientScopeError,
	ProtocolError,
	SdkError,
	SdkErrorCode,
	SdkHttpError,
	SseError
} from '@modelcontextprotocol/client';
import type { McpTarget } from '#simulator/mcp/mcp-target.ts';
import type { McpCallError } from '#simulator/session/ports.ts';

/**
 * Codes of `http_error` where no server gave one, in the sense that they have in HTTP: the request cannot be sent, must
 * not be sent, was answered with something that is not MCP, reached nobody, took too long. Ours: no source shows what the
 * service uses.
 */
export const httpCodes = { badRequest: 400, refused: 403, badAnswer: 502, unreachable: 503, timeout: 504 };

export function httpError(code: number, message: string): McpCallError {
	return { type: 'http_error', code, message };
}

/** JSON-RPC's own code for it. */
const INVALID_PARAMS = -32602;

/** For arguments that are no JSON object, which no server would take. */
export function badArguments(): McpCallError {
	return { type: 'protocol_error', code: INVALID_PARAMS, message: 'The arguments of the call are not a JSON object.' };
}

export function timeoutError(target: McpTarget, limitMs: number): McpCallError {
	return httpError(httpCodes.timeout, `${nameServer(target)} did not answer within ${limitMs / 1000} s.`);
}

/** Whether a server answered, though with an error: then the connection is good. */
export function isAnswer(error: unknown): boolean {
	return error instanceof ProtocolError;
}

/**
 * Whether a server does not know the session of a connection any more, as after its restart. It did nothing then, so the
 * request can be made again. Source: MCP specification (404); many servers answer 400.
 */
export function isSessionGone(error: unknown): boolean {
	return error instanceof SdkHttpError && (error.status === 404 || error.status === 400);
}

/** Whether a server refused the present transport in the way that servers of the older one do. Source: MCP specification. */
export function mayBeSseServer(error: unknown): boolean {
	return error instanceof SdkHttpError && [400, 404, 405].includes(error.status);
}

/**
 * Turns what the MCP client threw into what the API shows. No secret of the target is in the message.
 * @param connectMs the time limit of connecting, the only one that the client keeps
 */
export function describeFailure(error: unknown, target: McpTarget, connectMs: number): McpCallError {
	const server = nameServer(target);
	if (error instanceof ProtocolError) {
		return { type: 'protocol_error', code: error.code, message: redact(error.message, target) };
	}
	const status = findStatus(error);
	if (status !== undefined) {
		return httpError(status, `${server} answered with HTTP status ${status}${quoteBody(error, target)}.`);
	}
	if (isTimeout(error)) return timeoutError(target, connectMs);
	const fault = findNetworkFault(error);
	if (fault !== undefined) {
		return httpError(httpCodes.unreachable, `${server} cannot be reached: ${shorten(redact(fault, target))}.`);
	}
	return httpError(
		httpCodes.badAnswer,
		`${server} gave no answer that can be used: ${describeBadAnswer(error, target)}.`
	);
}

/** By its origin only: what comes after it may be a secret. */
function nameServer(target: McpTarget): string {
	return `The MCP server at ${target.url.origin}`;
}

function findStatus(error: unknown): number | undefined {
	if (error instanceof SdkHttpError) return error.status;
	if (error instanceof InsufficientScopeError) return 403;
	if (error instanceof SseError) return error.code;
	// The older transport says it in words only.
	const words = error instanceof Error ? /^Error POSTing to endpoint \(HTTP (\d{3})\)/.exec(error.message) : null;
	return words ? Number(words[1]) : undefined;
}

function isTimeout(error: unknown): boolean {
	return (
		(error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) ||
		(error instanceof DOMException && error.name === 'TimeoutError')
	);
}

/** Why nobody was reached, such as `ECONNREFUSED`: it lies below errors that only say that something failed. */
function findNetworkFault(error: unknown): string | undefined {
	let isFetching = false;
	for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
		const code: unknown = cause instanceof SdkError ? undefined : (cause as NodeJS.ErrnoException).code;
		if (typeof code === 'string') return code;
		if (isFetching) return cause.message;
		isFetching = cause instanceof TypeError && cause.message === 'fetch failed';
	}
	return undefined;
}

function describeBadAnswer(error: unknown, target: McpTarget): string {
	for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
		// A fault of a schema, page by page.
		if (Array.isArray((cause as { issues?: unknown }).issues)) return 'what it sent is not a message of MCP';
	}
	const message = error instanceof Error ? error.message : String(error);
	return shorten(redact(message, target).replace(/^Version negotiation probe failed: /, ''));
}

/** The reason that a server gave in the body of an error: a line of text, or the message of its JSON. */
function quoteBody(error: unknown, target: McpTarget): string {
	if (!(error instanceof SdkHttpError)) return '';
	if (error.status >= 300 && error.status < 400) return ': a redirect, and only those within an origin are followed';
	const { text } = error.data;
	if (typeof text !== 'string') return '';
	const reason = shorten(redact(findMessage(text) ?? text, target));
	return reason === '' || reason.startsWith('<') ? '' : `: ${reason}`;
}

/** One line, not too long, without the full stop at its end. */
function shorten(text: string): string {
	const line = text.replace(/\s+/g, ' ').trim().replace(/\.$/, '');
	return line.length > 200 ? `${line.slice(0, 200)}...` : line;
}

function findMessage(text: string): string | undefined {
	try {
		const body = JSON.parse(text) as { error?: { message?: unknown } | string; message?: unknown } | null;
		const inner = typeof body?.error === 'object' ? body.error?.message : body?.error;
		const message = inner ?? body?.message;
		return typeof message === 'string' ? message : undefined;
	} catch {
		return undefined;
	}
}

/** Servers repeat what they were sent; a key must not come back in an event. */
export function redact(text: string, { secrets }: McpTarget): string {
	return secrets.reduce((redacted, secret) => redacted.replaceAll(secret, '***'), text);
}
