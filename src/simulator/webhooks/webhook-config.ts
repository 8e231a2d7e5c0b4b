/** Where webhooks go: read from the environment at the start, and never from a request. */
import { fail, succeed } from '#core/base/result.ts';
import type { Result } from '#core/base/result.ts';
import { parseWebhookSecret } from '#simulator/webhooks/webhook-signature.ts';

/** It holds a secret: never log it as a whole. */
export interface WebhookTarget {
	/** `http:` or `https:`. */
	url: string;
	/** `whsec_` and base64: what the receiver checks the signature with. */
	secret: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const EXAMPLE = {
	url: 'EARSHOT_WEBHOOK_URL=http://127.0.0.1:3000/webhook',
	secret: `EARSHOT_WEBHOOK_SECRET=whsec_${Buffer.from('a secret for tests only').toString('base64')}`
};

/** What is wrong with an address; it is not repeated, because it may hold a password. */
function judgeUrl(text: string): string | undefined {
	if (!/^https?:\/\//i.test(text)) return 'must begin with http:// or https://';
	if (!URL.canParse(text)) return 'is not a URL';
	const { username, password } = new URL(text);
	return username === '' && password === '' ? undefined : 'must not hold a name or a password';
}

/**
 * Reads `EARSHOT_WEBHOOK_URL` and `EARSHOT_WEBHOOK_SECRET`; undefined when neither is set. The error names the variable, what
 * is wrong with it and an example, and repeats no value.
 */
export function readWebhookConfig(env: Environment): Result<WebhookTarget | undefined> {
	const url = env['EARSHOT_WEBHOOK_URL']?.trim() || undefined;
	const secret = env['EARSHOT_WEBHOOK_SECRET']?.trim() || undefined;
	if (url === undefined && secret === undefined) return succeed(undefined);
	if (url === undefined) {
		return fail(`EARSHOT_WEBHOOK_SECRET is set, but EARSHOT_WEBHOOK_URL is not: say where webhooks go, ${EXAMPLE.url}`);
	}
	const fault = judgeUrl(url);
	if (fault !== undefined) return fail(`EARSHOT_WEBHOOK_URL ${fault}; give the address of your server, ${EXAMPLE.url}`);
	if (secret === undefined) {
		return fail(
			'EARSHOT_WEBHOOK_URL is set, but EARSHOT_WEBHOOK_SECRET is not: webhooks are signed with it, and your server ' +
				`needs the same, ${EXAMPLE.secret}`
		);
	}
	const key = parseWebhookSecret(secret);
	return key.ok ? succeed({ url, secret }) : fail(`EARSHOT_WEBHOOK_SECRET ${key.error}, for example ${EXAMPLE.secret}`);
}
