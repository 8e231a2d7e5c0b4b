import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePythonBytes, parsePythonString, readPythonLiteral, unescapePython } from './python-repr.ts';

/** `repr()` of a string by CPython's rules, `unicode_repr` in Objects/unicodeobject.c. */
function repr(text: string): string {
	const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
	return quote + [...text].map((char) => escape(char, quote)).join('') + quote;
}

const SHORT: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** `str.isprintable`: no control, format, surrogate, private or unassigned character, and of the spaces only one. */
const UNPRINTABLE = /^[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]$/u;

function escape(char: string, quote: string): string {
	if (char === quote) return `\\${quote}`;
	if (SHORT[char] !== undefined) return SHORT[char];
	if (char === ' ' || !UNPRINTABLE.test(char)) return char;
	const hex = char.codePointAt(0)!.toString(16);
	if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
	return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** `repr()` of bytes, `PyBytes_Repr`: as of a string, but that all above ASCII is hex too. */
function reprOfBytes(bytes: Uint8Array): string {
	const text = String.fromCharCode(...bytes);
	const hex = (char: string) => `\\x${char.charCodeAt(0).toString(16)}`;
	return `b${repr(text).replace(/[\u0080-\u00ff]/g, hex)}`;
}

/** `repr()` of what `json.loads` makes. */
function reprOfJson(value: unknown): string {
	if (typeof value === 'string') return repr(value);
	if (value === null) return 'None';
	if (typeof value === 'boolean') return value ? 'True' : 'False';
	if (typeof value === 'number') return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
	if (Array.isArray(value)) return `[${value.map(reprOfJson).join(', ')}]`;
	const members = Object.entries(value as object).map(([key, member]) => `${repr(key)}: ${reprOfJson(member)}`);
	return `{${members.join(', ')}}`;
}

const anyText = fc
	.array(
		fc.oneof(
			fc.string({ unit: 'binary', maxLength: 4 }),
			fc.constantFrom(
				"'",
				'"',
				'\\',
				'\\n',
				'\n',
				'\u2028',
				'\ud800',
				'\udfff',
				'😀',
				'\u{e0001}',
				'\xa0',
				'é',
				'\\x41',
				'\\'
			)
		)
	)
	.map((parts) => parts.join(''));

/** What CPython 3.11 printed. */
const PRINTED: [repr: string, text: string][] = [
	[`'plain'`, 'plain'],
	[`''`, ''],
	[`"it's"`, `it's`],
	[`'both \\' and "'`, `both ' and "`],
	[`'a\\\\nb'`, 'a\\nb'],
	[`'\\n\\r\\t\\x00\\x7f\\xa0\\xad'`, '\n\r\t\0\x7f\xa0\xad'],
	[`'é 日本 😀 \\u2028 \\ud800 \\U000e0001'`, 'é 日本 😀 \u2028 \ud800 \u{e0001}'],
	[`'{"a":"\\\\"\\\\u00e9"}'`, '{"a":"\\"\\u00e9"}']
];

test.each(PRINTED)('%s is read as it was', (printed, text) => {
	expect(repr(text)).toBe(printed);
	expect(parsePythonString(printed)).toBe(text);
});

test('every string comes back', () => {
	fc.assert(
		fc.property(anyText, (text) => {
			expect(parsePythonString(repr(text))).toBe(text);
		}),
		{ numRuns: 1000 }
	);
});

test('every run of bytes comes back', () => {
	fc.assert(
		fc.property(fc.uint8Array(), (bytes) => {
			expect(parsePythonBytes(reprOfBytes(bytes))).toEqual(bytes);
		})
	);
	expect(parsePythonBytes(`b'\\x00"\\'\\xff'`)).toEqual(Uint8Array.of(0, 34, 39, 255));
});

test('what is no repr is none', () => {
	for (const text of ['', "'", "'a", "a'", "'a'b'", "'a' ", `'a"`, "'\\'", '`a`']) {
		expect(parsePythonString(text)).toBeUndefined();
	}
	for (const text of ["'a'", "b'a", "b'é\u2028'", 'b']) expect(parsePythonBytes(text)).toBeUndefined();
});

test('a piece of a repr is read as far as it goes', () => {
	expect(unescapePython('a\\x4')).toBe('a\\x4');
	expect(unescapePython('a\\')).toBe('a\\');
	expect(unescapePython('\\q\\u12\\UFFFFFFFF\\n')).toBe('\\q\\u12\\UFFFFFFFF\n');
});

describe('a dict', () => {
	const values = fc.jsonValue({ maxDepth: 5 });

	test('becomes the same JSON, whatever follows it', () => {
		fc.assert(
			fc.property(fc.dictionary(anyText, values), anyText, (value, after) => {
				const printed = reprOfJson(value);
				const literal = readPythonLiteral(`>>> ${printed} ${after}`, 4);
				expect(literal?.end).toBe(4 + printed.length);
				expect(JSON.parse(literal!.json)).toEqual(JSON.parse(JSON.stringify(value)));
			}),
			{ numRuns: 500 }
		);
	});

	test('keeps its order and its numbers', () => {
		const printed = `{'b': 1.0, 'a': [True, False, None, -1e-05, 12345678901234567890], '': {}}`;
		expect(readPythonLiteral(printed, 0)?.json).toBe(
			'{"b": 1.0, "a": [true, false, null, -1e-05, 12345678901234567890], "": {}}'
		);
	});

	test('that is cut off, or holds what JSON cannot, is not read', () => {
		const printed = reprOfJson({ type: 'a', list: [1, true, null, { text: "it's" }] });
		for (let end = 0; end < printed.length; end++) expect(readPythonLiteral(printed.slice(0, end), 0)).toBeUndefined();
		for (const text of ["{'a': <Enum.A: 1>}", "{'a': (1, 2)}", "{'a': nan}", "{'a': Truex}", '{]', "{'a': 1.2.3}"]) {
			expect(readPythonLiteral(text, 0)).toBeUndefined();
		}
	});

	test('may be nested 100,000 deep', () => {
		const deep = '['.repeat(100_000) + ']'.repeat(100_000);
		expect(readPythonLiteral(deep, 0)?.json).toBe(deep);
	});
});
