import { expect, test } from 'vitest';
import { ClientSecrets, isClientSecret } from './client-secrets.ts';

const NOW_MS = 1_790_000_000_400;
const NOW_S = 1_790_000_000;

test('a secret is found until it expires, as often as it is used', () => {
	const secrets = new ClientSecrets<{ voice: string }>();
	const secret = secrets.mint({ voice: 'ash' }, 60, NOW_MS);
	expect(secret).toEqual({
		value: expect.stringMatching(/^ek_[0-9a-f]{32}$/) as string,
		expiresAtS: NOW_S + 60,
		config: { voice: 'ash' }
	});
	expect(isClientSecret(secret.value)).toBe(true);
	for (const atMs of [NOW_MS, NOW_MS, (NOW_S + 60) * 1000 - 1])
		expect(secrets.use(secret.value, atMs)).toEqual({ kind: 'found', secret });
	for (const atMs of [(NOW_S + 60) * 1000, NOW_MS + 1e9])
		expect(secrets.use(secret.value, atMs)).toEqual({ kind: 'expired', expiresAtS: NOW_S + 60 });
});

test('what was not made here is unknown, and no two secrets are the same', () => {
	const secrets = new ClientSecrets<object>();
	const values = Array.from({ length: 100 }, () => secrets.mint({}, 10, NOW_MS).value);
	expect(new Set(values).size).toBe(100);
	expect(secrets.use(`ek_${'0'.repeat(32)}`, NOW_MS)).toEqual({ kind: 'unknown' });
	expect(new ClientSecrets().use(values[0] ?? '', NOW_MS)).toEqual({ kind: 'unknown' });
});

test('the oldest are forgotten when there are too many, expired or not', () => {
	const secrets = new ClientSecrets<object>({ count: 2 });
	const [first, second, third] = [10, 7200, 10].map((lifetimeS) => secrets.mint({}, lifetimeS, NOW_MS).value);
	expect(secrets.use(first ?? '', NOW_MS).kind).toBe('unknown');
	expect(secrets.use(second ?? '', NOW_MS).kind).toBe('found');
	expect(secrets.use(third ?? '', NOW_MS).kind).toBe('found');
});

test('and when their settings take too much room, but never the newest', () => {
	const secrets = new ClientSecrets<string>({ totalChars: 100 });
	const values = ['x'.repeat(60), 'x'.repeat(60), 'x'.repeat(30), 'x'.repeat(500)].map((config) => {
		return secrets.mint(config, 10, NOW_MS).value;
	});
	const kinds = () => values.map((value) => secrets.use(value, NOW_MS).kind);
	expect(kinds()).toEqual(['unknown', 'unknown', 'unknown', 'found']);
	values.push(secrets.mint('y', 10, NOW_MS).value, secrets.mint('z', 10, NOW_MS).value);
	expect(kinds().slice(3)).toEqual(['unknown', 'found', 'found']);
});
