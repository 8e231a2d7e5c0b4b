import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
	FILTER_KEYS,
	parseQuery,
	Pattern,
	stanceOf,
	toggleTerm,
	tokenise,
	writeTerm,
	type FilterTerm
} from './event-query.ts';

const texts = (text: string) =>
	parseQuery(text).terms.map((term) => (term.kind === 'text' ? (term.isNot ? '-' : '') + term.text : term.kind));

describe('the terms of a filter', () => {
	test.each<[string, string[]]>([
		['', []],
		['  response   -Delta ', ['response', '-delta']],
		['- --x -', ['-', '--x', '-']],
		['"two words" -"not these"', ['two words', '-not these']],
		[String.raw`"a \"quote\" and \\ more"`, [String.raw`a "quote" and \ more`]],
		['"never closed', ['never closed']],
		['""', []],
		['say"hi', ['say"hi']],
		['bad: 12:30 http://x wss:y a:b', ['bad:', '12:30', 'http://x', 'wss:y', 'a:b']],
		['TYPE:response.done -from:client type:"a b"', ['type', 'from', 'type']]
	])('of %j', (text, expected) => {
		expect(texts(text)).toEqual(expected);
		expect(parseQuery(text).problems).toEqual([]);
	});

	test.each<[string, number]>([
		['1:20', 80_000],
		['1:20.5', 80_500],
		['1:02:07.350', 3_727_350],
		['80', 80_000],
		['0.25', 250],
		['80s', 80_000],
		['900ms', 900],
		['2m', 120_000],
		['1h', 3_600_000]
	])('reads the time %s', (text, ms) => {
		expect(parseQuery(`after:${text} -before:${text}`).terms).toEqual<FilterTerm[]>([
			{ kind: 'after', isNot: false, ms },
			{ kind: 'before', isNot: true, ms }
		]);
	});

	test.each<[string, RegExp]>([
		['type:', /^type: wants a value, such as type:response/],
		['from:martian', /^from: is client, server or console, and not martian\.$/],
		['after:soon', /^after: takes a time .* and not soon\.$/],
		['before:1:99', /^before: takes a time/],
		['before:-5', /^before: takes a time/],
		['tpye:error', /^There is no key tpye:, perhaps type: was meant\. .* "tpye:error"/],
		['items:x', /perhaps item: was meant/],
		['form:x', /perhaps from: was meant/],
		['-calls:x', /perhaps call: was meant/]
	])('says what is wrong with %s, and leaves it out', (term, message) => {
		const { terms, problems } = parseQuery(`done ${term} -delta`);
		expect(terms).toEqual([
			{ kind: 'text', isNot: false, text: 'done' },
			{ kind: 'text', isNot: true, text: 'delta' }
		]);
		expect(problems).toEqual([{ term, message: expect.stringMatching(message) as string }]);
	});

	test('what is said of a long value is short', () => {
		expect(parseQuery(`after:${'x'.repeat(1e5)}`).problems[0]!.message.length).toBeLessThan(200);
	});

	test('whatever is written: the terms lie in order, and cover all that is no space', () => {
		const piece = fc.oneof(fc.string(), fc.constantFrom('-', '"', '\\', ' ', 'type:', 'from:', 'tpye:', 'after:', 'x'));
		const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
		fc.assert(
			fc.property(text, (written) => {
				let at = 0;
				for (const { start, end } of tokenise(written)) {
					expect(written.slice(at, start).trim()).toBe('');
					expect(end).toBeGreaterThan(start);
					at = end;
				}
				expect(written.slice(at).trim()).toBe('');
				const { terms, problems } = parseQuery(written);
				expect(terms.length + problems.length).toBeLessThanOrEqual(tokenise(written).length);
			}),
			{ numRuns: 500 }
		);
	});

	test('words without quotes and colons mean what they always meant', () => {
		const word = fc.string({ minLength: 1 }).filter((text) => !/[\s":]/.test(text));
		fc.assert(
			fc.property(fc.array(word), (words) => {
				expect(texts(words.join(' '))).toEqual(words.map((each) => each.toLowerCase()));
			})
		);
	});
});

describe('a pattern', () => {
	test.each<[string, string[], string[]]>([
		['response.done', ['response.done', 'RESPONSE.DONE'], ['response.created', 'x_response.done', 'response.done_']],
		['delta', ['response.output_text.delta', 'delta'], ['deltas', 'response.deltas']],
		['response', ['response.done', 'response.output_item.added'], ['responses.done']],
		['response.*.done', ['response.output_text.done', 'response.a.b.done'], ['response.done', 'response.a.done_x']],
		['*audio*', ['input_audio_buffer.append', 'audio'], ['response.done']],
		['resp*', ['response.done', 'a.resp'], ['corresponding']],
		['*', ['anything', ''], []],
		['a*b*a', ['aba', 'a.b.x.a'], ['ab', 'aa', 'ba']]
	])('%s fits whole parts', (pattern, fitting, others) => {
		const read = new Pattern(pattern, '.');
		expect(fitting.filter((text) => !read.matches(text))).toEqual([]);
		expect(others.filter((text) => read.matches(text))).toEqual([]);
	});

	test('agrees with a regular expression', () => {
		const text = fc.array(fc.constantFrom('a', 'b', '.', '*'), { maxLength: 8 }).map((all) => all.join(''));
		fc.assert(
			fc.property(text, text, (pattern, type) => {
				const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*');
				expect(new Pattern(pattern, '.').matches(type)).toBe(new RegExp(`\\.${source}\\.`).test(`.${type}.`));
			}),
			{ numRuns: 2000 }
		);
	});
});

describe('a term that is set by a click', () => {
	test('comes, goes, and is turned round', () => {
		const asked = toggleTerm('hello "two words"', 'type', 'response.done');
		expect(asked).toBe('hello "two words" type:response.done');
		expect(stanceOf(asked, 'type', 'response.done')).toBe(1);
		expect(toggleTerm(asked, 'type', 'response.done')).toBe('hello "two words"');
		const refused = toggleTerm(asked, 'type', 'response.done', true);
		expect(refused).toBe('hello "two words" -type:response.done');
		expect([stanceOf(refused, 'type', 'response.done'), stanceOf(refused, 'type', 'error')]).toEqual([-1, 0]);
	});

	test('is read as it was meant, whatever the value', () => {
		const value = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('a b', '"', '\\', '\\"', '(not JSON)'));
		fc.assert(
			fc.property(fc.constantFrom(...FILTER_KEYS), value, fc.boolean(), (key, text, isNot) => {
				const [token, ...more] = tokenise(writeTerm(key, text, isNot));
				expect(token).toMatchObject({ key, value: text, isNot });
				expect(more).toEqual([]);
			})
		);
	});
});
