/** Client secrets, the short-lived keys (`ek_...`) that a server hands to a browser: made over REST, used to connect. */
import { randomBytes } from 'node:crypto';

/** What a secret was made for: the session that a connection with it starts as. */
export interface ClientSecret<Config> {
	/** `ek_` and 32 hex digits. Source: the length of recorded responses. */
	value: string;
	/** Unix time. */
	expiresAtS: number;
	config: Config;
}

export type SecretUse<Config> =
	{ kind: 'found'; secret: ClientSecret<Config> } | { kind: 'expired'; expiresAtS: number } | { kind: 'unknown' };

/** What is kept at most. Beyond it the oldest secrets are forgotten. */
export interface ClientSecretLimits {
	/** Default 1000. */
	count?: number;
	/** The settings of all secrets together, as characters of JSON. Default 32 Mi. */
	totalChars?: number;
}

/** Seconds that a secret may live. Source: openai 7.55 types (ClientSecretCreateParams.ExpiresAfter). */
export const SECRET_LIFETIME_S = { min: 10, max: 7200, default: 600 };

/** Whether a key is a client secret, ours or another's. */
export function isClientSecret(key: string): boolean {
	return key.startsWith('ek_');
}

/** The secrets that one simulator has made. They end with it. */
export class ClientSecrets<Config> {
	/** Oldest first: a Map keeps the order of insertion. */
	readonly #secrets = new Map<string, { secret: ClientSecret<Config>; chars: number }>();
	readonly #limits: Required<ClientSecretLimits>;
	#totalChars = 0;

	constructor({ count = 1000, totalChars = 32 * 1024 * 1024 }: ClientSecretLimits = {}) {
		this.#limits = { count, totalChars };
	}

	/**
	 * Makes a secret, from real random numbers even where a seed makes ids reproducible. `config` is kept as it is: do not
	 * change it afterwards. `lifetimeS` is counted from the whole second of `nowMs`.
	 */
	mint(config: Config, lifetimeS: number, nowMs: number): ClientSecret<Config> {
		const value = `ek_${randomBytes(16).toString('hex')}`;
		const secret = { value, expiresAtS: Math.floor(nowMs / 1000) + lifetimeS, config };
		const chars = JSON.stringify(config).length;
		this.#secrets.set(value, { secret, chars });
		this.#totalChars += chars;
		this.#forgetOldest();
		return secret;
	}

	/**
	 * Looks a key up. A secret can start many sessions until it expires (source: openai 7.55 types); those that it started
	 * go on after that.
	 */
	use(value: string, nowMs: number): SecretUse<Config> {
		const secret = this.#secrets.get(value)?.secret;
		if (!secret) return { kind: 'unknown' };
		if (nowMs >= secret.expiresAtS * 1000) return { kind: 'expired', expiresAtS: secret.expiresAtS };
		return { kind: 'found', secret };
	}

	/** Expired ones go like the others, by age, so that for a while a late client is told what is wrong. */
	#forgetOldest(): void {
		for (const [value, { chars }] of this.#secrets) {
			const isLast = this.#secrets.size === 1;
			if (isLast || (this.#secrets.size <= this.#limits.count && this.#totalChars <= this.#limits.totalChars)) return;
			this.#secrets.delete(value);
			this.#totalChars -= chars;
		}
	}
}
