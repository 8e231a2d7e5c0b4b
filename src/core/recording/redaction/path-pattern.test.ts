import { expect, test } from 'vitest';
import { parsePathPattern } from './path-pattern.ts';

const fits = (pattern: string, path: readonly (string | number)[]) => {
	const parsed = parsePathPattern(pattern);
	return parsed.ok && parsed.value.fits(path);
};

test.each([
	['session.instructions', ['session', 'instructions']],
	['$.session.instructions', ['session', 'instructions']],
	['item.content[*].text', ['item', 'content', 3, 'text']],
	['item.content[3].text', ['item', 'content', 3, 'text']],
	['item.*.*.text', ['item', 'content', 3, 'text']],
	['**.transcript', ['transcript']],
	['**.transcript', ['a', 0, 'b', 'transcript']],
	['a.**.b.**.c', ['a', 'b', 'b', 'x', 'c', 'c']],
	['a.**', ['a', 'b', 'c']],
	['a.**', ['a']],
	['**', ['a']],
	['a["b.c"].d', ['a', 'b.c', 'd']],
	["a['b c']", ['a', 'b c']],
	['__proto__.x', ['__proto__', 'x']]
])('%s fits %j', (pattern, path) => expect(fits(pattern, path)).toBe(true));

test.each([
	['session.instructions', ['session']],
	['session.instructions', ['session', 'instructions', 'x']],
	['session.instructions', ['x', 'session', 'instructions']],
	['item.content[3].text', ['item', 'content', 4, 'text']],
	['**.transcript', ['transcript', 'x']],
	['a.**.b.**.c', ['a', 'x', 'c']],
	['a.**.b', ['b']]
])('%s does not fit %j', (pattern, path) => expect(fits(pattern, path)).toBe(false));

test('a short look tells where a path leads nowhere, and never errs', () => {
	const mayFit = (pattern: string, text: string) => {
		const parsed = parsePathPattern(pattern);
		return parsed.ok && parsed.value.mayFitIn(text);
	};
	expect(mayFit('**.transcript', '{"type":"x","transcripts":[]}')).toBe(true);
	expect(mayFit('**.transcript', '{"type":"x","text":"y"}')).toBe(false);
	expect(mayFit('**.transcript', '{"\\u0074ranscript":"y"}')).toBe(true);
	expect(mayFit('**.a"b', '{"a\\"b":"y"}')).toBe(true);
	for (const open of ['a.*', 'a.**', 'a[*]', 'a[3]']) expect(mayFit(open, '{"a":[]}')).toBe(true);
});

test('many steps of any depth take no more than a pass each', () => {
	const path = Array.from({ length: 2000 }, () => 'a');
	expect(fits('**.a'.repeat(20) + '.b', path)).toBe(false);
});

test.each(['', '  ', '$', 'a..b', 'a[', 'a[x]', 'a[*', '.'])('"%s" is refused with a reason', (text) => {
	const parsed = parsePathPattern(text);
	expect(parsed.ok).toBe(false);
	if (!parsed.ok) expect(parsed.error).toMatch(/path.*Write/);
});
