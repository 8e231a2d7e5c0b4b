/** Who may use the simulator: reads the key of a request or of a WebSocket, and says whether it is good. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isClientSecret } from '#simulator/auth/client-secrets.ts';
import type { ClientSecret, ClientSecrets } from '#simulator/auth/client-secrets.ts';
import { invalidRequest } from '#simulator/session/errors.ts';
import type { ApiError } from '#simulator/session/errors.ts';

/**
 * A connection without a good key is accepted, told why, and closed with this. A request gets 401. Source: live probe of
 * 2026-09-18.
 */
export const CLOSE_UNAUTHORIZED = 3000;

const KEY_PROTOCOL = 'openai-insecure-api-key.';

/**
 * The key that a client sent: as `Authorization: Bearer ...`, or in the subprotocol that browsers use, who cannot set
 * headers on a WebSocket. The header wins.
 */
export function readKey({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
	const bearer = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '');
	if (bearer) return bearer[1];
	const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
	return protocols.find((name) => name.startsWith(KEY_PROTOCOL))?.slice(KEY_PROTOCOL.length) || undefined;
}

export interface CredentialCheck<Config> {
	/** What `readKey` found. */
	key: string | undefined;
	/** The only key that is good, besides client secrets. Without it any key is, and none. */
	requiredKey?: string | undefined;
	secrets: ClientSecrets<Config>;
	nowMs: number;
}

export type Credentials<Config> =
	/** `secret` is there when the key is a client secret; its settings are what the session starts with. */
	{ isGood: true; secret?: ClientSecret<Config> } | { isGood: false; error: ApiError };

/** Judges a key. The settings that come with a client secret are shared by all who use it: copy before changing. */
export function checkCredentials<Config>(check: CredentialCheck<Config>): Credentials<Config> {
	const { key, requiredKey, secrets, nowMs } = check;
	if (key !== undefined && isClientSecret(key) && !isSameKey(key, requiredKey)) {
		const use = secrets.use(key, nowMs);
		if (use.kind === 'found') return { isGood: true, secret: use.secret };
		return { isGood: false, error: use.kind === 'expired' ? expiredSecret(use.expiresAtS) : wrongKey(key) };
	}
	if (requiredKey === undefined || (key !== undefined && isSameKey(key, requiredKey))) return { isGood: true };
	return { isGood: false, error: key === undefined ? noKey() : wrongKey(key) };
}

/** The reason that a close frame gives for an error. Source: live probe: `type.code`, the type alone where no code is. */
export function closeReason({ type, code }: ApiError): string {
	return code === null ? type : `${type}.${code}`;
}

/** Source: live probe, on the socket; REST says the same here. */
function noKey(): ApiError {
	return invalidRequest(null, 'Missing bearer or basic authentication in header');
}

/** Source: live probe, and public issue threads for the mask. */
function wrongKey(key: string): ApiError {
	return invalidRequest(
		'invalid_api_key',
		`Incorrect API key provided: ${maskKey(key)}. ` +
			'You can find your API key at https://platform.openai.com/account/api-keys.'
	);
}

/** Ours, code and words: no source shows what an expired secret gets. */
function expiredSecret(expiresAtS: number): ApiError {
	const when = new Date(expiresAtS * 1000).toISOString().replace('.000Z', 'Z');
	return invalidRequest(
		'client_secret_expired',
		`The client secret expired at ${when}. Create another one with POST /v1/realtime/client_secrets; its lifetime is ` +
			"'expires_after.seconds', 10 to 7200."
	);
}

/** The most stars that a mask has: what a client sends may be very long. */
const MAX_STARS = 200;

/**
 * A key that can be shown, as the service masks it: the first 8 and the last 4 characters, a star for each between them
 * (source: public issue threads, `sk-proj-****SJh4`). Ours: of short keys less is shown, never more than a half.
 */
export function maskKey(key: string): string {
	const [head, tail] = key.length >= 24 ? [8, 4] : key.length >= 10 ? [3, 2] : [0, 0];
	const stars = '*'.repeat(Math.min(key.length - head - tail, MAX_STARS));
	return `${key.slice(0, head)}${stars}${key.slice(key.length - tail)}`;
}

/** In a time that does not tell how much of it was right. */
function isSameKey(key: string, requiredKey: string | undefined): boolean {
	if (requiredKey === undefined) return false;
	const [a, b] = [key, requiredKey].map((text) => createHash('sha256').update(text).digest());
	return timingSafeEqual(a as Buffer, b as Buffer);
}
