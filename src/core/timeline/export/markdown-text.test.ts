import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyText } from '../../../../tests/fixtures/arbitrary.ts';
import { codeBlock, escapeLine, linesOf } from './markdown-text.ts';

describe('a line', () => {
	test.each([
		['Hello, how are you?', 'Hello, how are you?'],
		['  it’s   5.5 % - fine!  ', 'it’s 5.5 % - fine!'],
		['# heading', '\\# heading'],
		['a # b #', 'a \\# b \\#'],
		['- item', '\\- item'],
		['+ item', '\\+ item'],
		['* item', '\\* item'],
		['---', '\\---'],
		['===', '\\==='],
		['1. one', '1\\. one'],
		['12) twelve', '12\\) twelve'],
		['> quote', '&gt; quote'],
		['    code', 'code'],
		['```js', '\\`\\`\\`js'],
		['~~~ ~x', '&#126;&#126;&#126; &#126;x'],
		['*a* _b_ **c**', '\\*a\\* \\_b\\_ \\*\\*c\\*\\*'],
		['[a](b) ![c](d) [^1] [e]: f', '\\[a\\](b) !\\[c\\](d) \\[^1\\] \\[e\\]: f'],
		['<img src=x onerror=y> &lt; </b>', '&lt;img src=x onerror=y&gt; &amp;lt; &lt;/b&gt;'],
		['a | b', 'a \\| b'],
		['{: onclick=x} {::nomarkdown}', '\\{: onclick=x\\} \\{::nomarkdown\\}'],
		['$x$', '\\$x\\$'],
		['C:\\dir\\', 'C:\\\\dir\\\\'],
		['see https://evil.example/x now', 'see `https://evil.example/x` now'],
		['//evil.example www.evil.example', '`//evil.example` `www.evil.example`'],
		['mail me@evil.example or mailto:me', 'mail `me@evil.example` or `mailto:me`'],
		['@someone evil.com, e.g. 3.5 U.S.A.', '`@someone` `evil.com,` e.g. 3.5 U.S.A.'],
		['x`y@z`', '`` x`y@z` ``'],
		['https://a.b/~c ~~x@y.z~', '`https://a.b/`&#126;c &#126;&#126;`x@y.z`&#126;'],
		['[a](https://evil.example)', '`[a](https://evil.example)`'],
		['nul\0 and \u007F', 'nul\uFFFD and \uFFFD'],
		['half \uD800', 'half \uFFFD'],
		['one\ntwo\u2028three', 'one two three']
	])('%j is %j', (text, line) => expect(escapeLine(text)).toBe(line));
});

/** What is left when everything is taken away that Markdown shows as it is. */
function active(line: string): string {
	return line
		.replace(/(^| |;)(`+)(?!`)(.*?[^`])\2(?!`)(?= |&|$)/g, '$1') // code
		.replace(/\\[!-/:-@[-`{-~]/g, '') // a mark after a backslash
		.replace(/&(amp|lt|gt|#126);/g, '');
}

const marks = fc.array(
	fc.oneof(
		fc.constantFrom(
			...'\\`*_{}[]()<>#+-.!|~=:&$^"\'/@ \n\t',
			'```',
			'~~~',
			'1.',
			'http://a.b',
			'www.a.b',
			'a@b.c',
			'---',
			'[a](b)'
		),
		fc.string({ maxLength: 2 })
	),
	{ maxLength: 14 }
);
const hostile = fc.oneof(
	marks.map((parts) => parts.join('')),
	anyText()
);

test('no text keeps a mark that means something', () => {
	fc.assert(
		fc.property(hostile, (text) => {
			const line = escapeLine(text);
			expect(line).not.toMatch(/[\n\r\t]|^ | $/);
			const left = active(line);
			expect(left).not.toMatch(/[\\`*_[\]{}<>|~$&@]|:\/\/|www\./);
			expect(line).not.toMatch(/^(#|[-+=:>]|\d+[.)]| )/);
		}),
		{ numRuns: 3000 }
	);
});

test('no word is lost: with the marks undone, the line is the text', () => {
	const shown = (text: string) => text.replaceAll('`', '');
	fc.assert(
		fc.property(hostile, (text) => {
			const undone = escapeLine(text)
				// Odd pieces are code, of which a space may pad the ends.
				.split(/(?:(?<=^|[ ;])(`+)(?!`)(.*?[^`])\1(?!`)(?=[ &]|$))/)
				.map((piece, index) => (index % 3 === 0 ? unescape(piece) : index % 3 === 2 ? piece.trim() : ''))
				.join('');
			const expected = text
				.toWellFormed()
				.replace(/\s+/g, ' ')
				.trim()
				.replace(/\p{Cc}/gu, '\uFFFD');
			expect(shown(undone)).toBe(shown(expected));
		}),
		{ numRuns: 2000 }
	);
});

function unescape(text: string): string {
	const marks = text.replace(/\\(.)/g, '$1').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&#126;', '~');
	return marks.replaceAll('&amp;', '&');
}

test('lines are told apart by every kind of line end', () => {
	expect(linesOf(' a \r\n\r\nb\rc\u2028d\u0085\v\f  \n')).toEqual(['a', 'b', 'c', 'd']);
	expect(linesOf(' \n ')).toEqual([]);
});

describe('a block of code', () => {
	test('has a fence that is longer than any in the text', () => {
		expect(codeBlock('{"a":1}', 'json')).toBe('```json\n{"a":1}\n```');
		expect(codeBlock('```\n# x\n`````')).toBe('``````\n```\n# x\n`````\n``````');
		expect(codeBlock('a\r\nb\rc\0\n')).toBe('```\na\nb\nc\uFFFD\n```');
	});

	test('is not ended by any text', () => {
		fc.assert(
			fc.property(hostile, (text) => {
				const lines = codeBlock(text).split('\n');
				const fence = lines[0]!;
				expect(fence).toMatch(/^`{3,}$/);
				expect(lines.at(-1)).toBe(fence);
				for (const line of lines.slice(1, -1)) expect(line).not.toContain(fence);
			})
		);
	});
});
