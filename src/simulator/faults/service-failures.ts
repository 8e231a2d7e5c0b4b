/** How the service words its own failures. */
import { randomBase62 } from '#simulator/session/ids.ts';
import type { RandomSource } from '#simulator/session/ids.ts';

/** `status_details.error` of a response that failed, and the core of an `error` event. */
export interface ServiceFailure {
	type: string;
	code: string | null;
	message: string;
}

/** Tokens per minute. Source: a recorded session of the beta, 18 times. */
const LIMIT = 20_000;

/**
 * Too many tokens in a minute. The wording is recorded (beta, 18 responses), and so is the rule that the wait is what was
 * asked for beyond the limit, as a part of a minute; the numbers are drawn.
 */
export function rateLimitReached(model: string, random: RandomSource): ServiceFailure {
	const used = Math.floor(LIMIT * (0.6 + 0.35 * random()));
	const requested = LIMIT - used + 400 + Math.floor(5000 * random());
	const waitMs = Math.round(((used + requested - LIMIT) / LIMIT) * 60_000);
	return {
		type: 'tokens',
		code: 'rate_limit_exceeded',
		message:
			`Rate limit reached for ${model} in organization org-${randomBase62(random, 24)} on tokens per min (TPM): ` +
			`Limit ${LIMIT}, Used ${used}, Requested ${requested}. Please try again in ${waitMs / 1000}s. ` +
			'Visit https://platform.openai.com/account/rate-limits to learn more.'
	};
}

/** Source: public issue threads, where it ends a response and where it is an event, with `code` null. */
export function serverFailed(sessionId: string): ServiceFailure {
	return {
		type: 'server_error',
		code: null,
		message:
			'The server had an error while processing your request. Sorry about that! Please contact us through our help ' +
			`center at help.openai.com if the error persists. (include session ID in your message: ${sessionId}). ` +
			'We recommend you retry your request.'
	};
}

/** Source: the API of 2024, with today's length of a session. */
export function sessionExpired(message: string): ServiceFailure {
	return { type: 'invalid_request_error', code: 'session_expired', message };
}

/** What a proxy in front of a service answers when the service is gone. Ours. */
export const PROXY_PAGE =
	'<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n';
