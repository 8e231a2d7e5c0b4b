import { describe, expect, it } from 'vitest';
import { readWebhookConfig } from './webhook-config.ts';
import { parseWebhookSecret, signWebhook } from './webhook-signature.ts';

const EARSHOT_WEBHOOK_URL = 'http://127.0.0.1:3000/hook';
const EARSHOT_WEBHOOK_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

describe('readWebhookConfig', () => {
	it('takes both, without the spaces around them, or neither', () => {
		const read = readWebhookConfig({
			EARSHOT_WEBHOOK_URL: ` ${EARSHOT_WEBHOOK_URL} `,
			EARSHOT_WEBHOOK_SECRET
		});
		expect(read).toEqual({ ok: true, value: { url: EARSHOT_WEBHOOK_URL, secret: EARSHOT_WEBHOOK_SECRET } });
		for (const empty of [{}, { EARSHOT_WEBHOOK_URL: '', EARSHOT_WEBHOOK_SECRET: ' ' }]) {
			expect(readWebhookConfig(empty)).toEqual({ ok: true, value: undefined });
		}
	});

	it.each([
		[{ EARSHOT_WEBHOOK_URL }, /URL is set, but EARSHOT_WEBHOOK_SECRET is not.*EARSHOT_WEBHOOK_SECRET=whsec_/],
		[{ EARSHOT_WEBHOOK_SECRET }, /SECRET is set, but EARSHOT_WEBHOOK_URL is not.*EARSHOT_WEBHOOK_URL=http/],
		[{ EARSHOT_WEBHOOK_URL: 'ftp://a.test', EARSHOT_WEBHOOK_SECRET }, /URL must begin with http/],
		[{ EARSHOT_WEBHOOK_URL: 'http://', EARSHOT_WEBHOOK_SECRET }, /URL is not a URL/],
		[{ EARSHOT_WEBHOOK_URL: 'http://me:hidden@a.test', EARSHOT_WEBHOOK_SECRET }, /URL must not hold a name/],
		[{ EARSHOT_WEBHOOK_URL, EARSHOT_WEBHOOK_SECRET: 'hidden' }, /SECRET must begin with whsec_/],
		[{ EARSHOT_WEBHOOK_URL, EARSHOT_WEBHOOK_SECRET: 'whsec_' }, /SECRET must have base64 after whsec_/],
		[{ EARSHOT_WEBHOOK_URL, EARSHOT_WEBHOOK_SECRET: 'whsec_hidden!' }, /SECRET must have base64 after whsec_/]
	])('refuses %j and shows no value', (env, says) => {
		const read = readWebhookConfig(env);
		expect(read.ok).toBe(false);
		if (!read.ok) expect(read.error).toMatch(says);
		expect(JSON.stringify(read)).not.toMatch(/hidden|MfKQ9r8/);
	});

	it('gives an example that it takes itself', () => {
		const read = readWebhookConfig({ EARSHOT_WEBHOOK_URL });
		const example = read.ok ? '' : /whsec_\S+$/.exec(read.error)?.[0];
		expect(readWebhookConfig({ EARSHOT_WEBHOOK_URL, EARSHOT_WEBHOOK_SECRET: example }).ok).toBe(true);
	});
});

describe('signWebhook', () => {
	it('signs the reference vector of Standard Webhooks as it is signed there', () => {
		const key = parseWebhookSecret(EARSHOT_WEBHOOK_SECRET);
		if (!key.ok) throw new Error(key.error);
		const content = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestampS: 1614265330, body: '{"test": 2432232314}' };
		expect(signWebhook(content, key.value)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
	});
});
