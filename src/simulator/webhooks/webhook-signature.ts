/** Signs webhooks as Standard Webhooks and the service do, so that the `openai` packages take them for the service's. */
import { createHmac } from 'node:crypto';
import { fail, succeed } from '#core/base/result.ts';
import type { Result } from '#core/base/result.ts';

const PREFIX = 'whsec_';

/** The key in a secret (`whsec_` and base64), or what is wrong with it; no part of it is repeated. */
export function parseWebhookSecret(secret: string): Result<Buffer> {
	if (!secret.startsWith(PREFIX)) return fail(`must begin with ${PREFIX}`);
	const base64 = secret.slice(PREFIX.length);
	const key = Buffer.from(base64, 'base64');
	// Node skips what is no base64, and a receiver need not.
	const isBase64 = key.length > 0 && key.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '');
	return isBase64 ? succeed(key) : fail(`must have base64 after ${PREFIX}`);
}

/** What is signed. */
export interface SignedContent {
	/** `webhook-id`. */
	id: string;
	/** `webhook-timestamp`, unix time. */
	timestampS: number;
	/** The body, byte for byte as it is sent. */
	body: string;
}

/**
 * `webhook-signature`: `v1,` and the base64 of HMAC-SHA256 over id, timestamp and body with dots between them. `key` is
 * what `parseWebhookSecret` gives. Source: the check in openai 7.55.
 */
export function signWebhook({ id, timestampS, body }: SignedContent, key: Uint8Array): string {
	return `v1,${createHmac('sha256', key).update(`${id}.${timestampS}.${body}`).digest('base64')}`;
}
