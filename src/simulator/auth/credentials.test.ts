import { describe, expect, test } from 'vitest';
import { ClientSecrets } from './client-secrets.ts';
import { checkCredentials, closeReason, maskKey, readKey } from './credentials.ts';

const NOW_MS = 1_790_000_000_000;
const requiredKey = 'sk-proj-0123456789abcdefAAAA';

describe('readKey', () => {
	test.each([
		[{ authorization: 'Bearer sk-a' }, 'sk-a'],
		[{ authorization: 'bearer   sk-a ' }, 'sk-a'],
		[{ 'sec-websocket-protocol': 'realtime, openai-insecure-api-key.sk-a.b' }, 'sk-a.b'],
		[{ 'sec-websocket-protocol': 'openai-insecure-api-key.ek_1,realtime,openai-project.p' }, 'ek_1'],
		[{ authorization: 'Bearer sk-a', 'sec-websocket-protocol': 'openai-insecure-api-key.sk-b' }, 'sk-a'],
		[{}, undefined],
		[{ authorization: 'Bearer' }, undefined],
		[{ authorization: 'Bearer ' }, undefined],
		[{ authorization: 'Basic c2s6' }, undefined],
		[{ authorization: 'sk-a' }, undefined],
		[{ authorization: 'Bearer a b' }, undefined],
		[{ 'sec-websocket-protocol': 'realtime' }, undefined],
		[{ 'sec-websocket-protocol': 'realtime, openai-insecure-api-key.' }, undefined],
		[{ 'sec-websocket-protocol': 'x-openai-insecure-api-key.sk-a' }, undefined]
	])('of %j is %s', (headers, key) => {
		expect(readKey({ headers })).toBe(key);
	});
});

describe('checkCredentials', () => {
	const secrets = new ClientSecrets<{ voice: string }>();
	const check = (key: string | undefined, required?: string, nowMs = NOW_MS) =>
		checkCredentials({ key, requiredKey: required, secrets, nowMs });

	test('without a required key any key is good, and none', () => {
		for (const key of [undefined, 'x', 'sk-local', requiredKey]) expect(check(key)).toEqual({ isGood: true });
	});

	test('a required key is the only one', () => {
		expect(check(requiredKey, requiredKey)).toEqual({ isGood: true });
		for (const key of [`${requiredKey}x`, requiredKey.slice(1), requiredKey.toUpperCase(), 'x']) {
			expect(check(key, requiredKey), key).toMatchObject({ isGood: false, error: { code: 'invalid_api_key' } });
		}
	});

	test('the messages are those of the service', () => {
		expect(check('sk-proj-wrong0123456789wrongBBBB', requiredKey)).toEqual({
			isGood: false,
			error: {
				type: 'invalid_request_error',
				code: 'invalid_api_key',
				message:
					'Incorrect API key provided: sk-proj-********************BBBB. ' +
					'You can find your API key at https://platform.openai.com/account/api-keys.',
				param: null
			}
		});
		expect(check(undefined, requiredKey)).toEqual({
			isGood: false,
			error: {
				type: 'invalid_request_error',
				code: null,
				message: 'Missing bearer or basic authentication in header',
				param: null
			}
		});
	});

	test('a client secret of ours is good with its settings, whether a key is required or not', () => {
		const secret = secrets.mint({ voice: 'ash' }, 10, NOW_MS);
		for (const required of [undefined, requiredKey])
			expect(check(secret.value, required, NOW_MS + 9_999)).toEqual({ isGood: true, secret });
	});

	test('one that expired or is not ours is refused, whether a key is required or not', () => {
		const { value } = secrets.mint({ voice: 'ash' }, 10, NOW_MS);
		for (const required of [undefined, requiredKey]) {
			expect(check(value, required, NOW_MS + 10_000)).toEqual({
				isGood: false,
				error: {
					type: 'invalid_request_error',
					code: 'client_secret_expired',
					message:
						'The client secret expired at 2026-09-21T14:13:30Z. Create another one with POST ' +
						"/v1/realtime/client_secrets; its lifetime is 'expires_after.seconds', 10 to 7200.",
					param: null
				}
			});
			expect(check(`ek_${'a'.repeat(32)}`, required)).toMatchObject({
				isGood: false,
				error: { code: 'invalid_api_key', message: expect.stringContaining('ek_aaaaa***') as string }
			});
		}
	});

	test('a required key may itself look like a client secret', () => {
		expect(check('ek_mine', 'ek_mine')).toEqual({ isGood: true });
	});
});

test('a close frame names type and code', () => {
	const error = { type: 'invalid_request_error', message: '', param: null };
	expect(closeReason({ ...error, code: 'invalid_api_key' })).toBe('invalid_request_error.invalid_api_key');
	expect(closeReason({ ...error, code: null })).toBe('invalid_request_error');
});

test('a mask never shows more than half of a key', () => {
	expect(maskKey('sk-proj-0123456789abcdefAAAA')).toBe('sk-proj-****************AAAA');
	expect(maskKey('sk-local-key')).toBe('sk-*******ey');
	for (let length = 0; length <= 60; length++) {
		const key = 'abcdefghij'.repeat(6).slice(0, length);
		const masked = maskKey(key);
		expect(masked).toHaveLength(length);
		expect(masked.replaceAll('*', '').length, key).toBeLessThanOrEqual(length / 2);
	}
	expect(maskKey('k'.repeat(1e6)).length).toBeLessThan(300);
});
