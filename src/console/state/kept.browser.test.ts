import { beforeEach, expect, test, vi } from 'vitest';
import { KeptTexts, readKept, withoutKeys, writeKept } from './kept.ts';
import { notices } from './notices.svelte.ts';

const KEY = 'earshot.test-kept';
const SECRET = 'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH';
const stored = () => localStorage.getItem(KEY) ?? '';

beforeEach(() => localStorage.removeItem(KEY));

test('what is kept is read again, and what is no JSON is nothing', () => {
	expect(readKept(KEY)).toBeUndefined();
	expect(writeKept(KEY, { a: [1] })).toBe(true);
	expect(readKept(KEY)).toEqual({ a: [1] });
	localStorage.setItem(KEY, '{"a":');
	expect(readKept(KEY)).toBeUndefined();
});

test('a text without keys is kept at once, and found by the next page', () => {
	new KeptTexts(KEY).write('session', '{ "instructions": "Be brief." }');
	const next = new KeptTexts(KEY);
	expect(next.read('session')).toBe('{ "instructions": "Be brief." }');
	expect(next.read('tools')).toBeUndefined();
	next.write('tools', '[]');
	expect(new KeptTexts(KEY).read('session')).toBe('{ "instructions": "Be brief." }');
});

test('a key is never kept: not in a text, not as the authorization of a tool, not while it is typed', async () => {
	const texts = new KeptTexts(KEY);
	const tools = `[{ "type": "mcp", "server_label": "x", "authorization": "Bearer ${SECRET}" }]`;
	for (let end = tools.indexOf('sk-'); end <= tools.length; end++) {
		texts.write('tools', tools.slice(0, end));
		expect(stored()).not.toContain(SECRET.slice(0, 20));
	}
	texts.write('session', `{ "instructions": "Use ${SECRET} for it." }`);
	await vi.waitFor(() => expect(texts.read('session')).toContain('[redacted: api key]'));
	await vi.waitFor(() => expect(texts.read('tools')).toContain('"server_label": "x"'));
	expect(stored()).not.toContain(SECRET.slice(0, 20));
	expect(notices.list.filter(({ title }) => title === 'A key is not kept')).toHaveLength(1);
});

test('of several texts in a hurry the newest is kept', async () => {
	const texts = new KeptTexts(KEY);
	texts.write('event', `"${SECRET}"`);
	texts.write('event', '"nothing of it"');
	expect(await withoutKeys(`"${SECRET}"`)).toBe('"[redacted: api key]"');
	expect(texts.read('event')).toBe('"nothing of it"');
});
