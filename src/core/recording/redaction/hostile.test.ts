import { expect, test } from 'vitest';
import { createRedactor } from './redactor.ts';

const MEGABYTE = 1_000_000;
const fill = (text: string) => text.repeat(MEGABYTE / text.length);

/** Texts that would keep a pattern busy for hours whose time grows faster than the text. */
const TEXTS: Readonly<Record<string, string>> = {
	'dashes after a beginning': `sk${'-'.repeat(MEGABYTE)}`,
	'beginnings of keys': fill('sk-'),
	'the beginning of a token': `eyJ${'a'.repeat(MEGABYTE)}`,
	'many beginnings of tokens': fill('-eyJa'),
	'parts of tokens': fill('eyJxxxxxx.a '),
	'e-mails without an end': fill('aaaa@'),
	'domains without an end': fill(`@${'a.'.repeat(120)}`),
	'a long row of digits': '1'.repeat(MEGABYTE),
	'digits and spaces': fill('1 '),
	'digits and brackets': fill('+1 ('),
	quotes: '"'.repeat(MEGABYTE),
	'escaped quotes': fill('\\"'),
	'beginnings of JSON': fill('[{"'),
	objects: fill('{"a":'),
	'names without values': fill('key='),
	'names with quotes that stay open': fill('api_key="'),
	'names with either quote': fill(`api_key:'"`),
	'cookies without values': fill('cookie: '),
	'schemes without values': fill('bearer '),
	'addresses without hosts': fill('://a:b'),
	'percent-encoding of percent-encoding': fill('%2541'),
	'escapes of letters': fill('\\u0041'),
	'base64 of words': btoa(fill('hello world, ')),
	'pieces of base64': fill('aGVsbG8gd29ybGQgaGVsbG8g/'),
	candidates: fill('candidate:'),
	'beginnings of private keys': fill('-----BEGIN PRIVATE KEY'),
	'many secrets': '{"a":["sk-proj-AbCdEf123456"]},'.repeat(5000),
	'many secrets, deep': '{"a":[{"b":"sk-proj-AbCdEf123456"},'.repeat(5000)
};
const ALL = { emails: true, phones: true, cards: true, paths: ['**.none'] };

test.each(Object.entries(TEXTS))('very much of %s', { timeout: 60_000 }, (_name, text) => {
	const redactor = createRedactor(ALL);
	redactor.message('server', text);
	redactor.message('server', JSON.stringify({ type: 'response.output_text.delta', item_id: 'a', delta: text }));
	redactor.url(text);
	expect(redactor.found.length).toBeLessThanOrEqual(500);
});

test('a secret under a nesting of 100,000, and in JSON in JSON beyond all depth', () => {
	const redactor = createRedactor({});
	const key = 'sk-proj-AbCdEf123456';
	expect(redactor.message('server', `${'[{"a":'.repeat(1e5)}"${key}"${'}]'.repeat(1e5)}`)).not.toContain(key);
	let text = key;
	for (let depth = 0; depth < 14; depth++) text = JSON.stringify(text);
	expect(redactor.message('server', text)).not.toContain('AbCdEf');
});

test('names that objects inherit are names like any other', () => {
	const raw = '{"__proto__":{"constructor":"x"},"toString":{"hasOwnProperty":1,"headers":{"__proto__":"y"}}}';
	expect(createRedactor({ paths: ['**.valueOf'] }).message('server', raw)).toBe(raw);
});
