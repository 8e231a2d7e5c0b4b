import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMessage, anyRaw, anyText } from '../../../../tests/fixtures/arbitrary.ts';
import { encodeBase64 } from '../../audio/base64.ts';
import { walkJson } from './json-strings.ts';
import { parsePathPattern } from './path-pattern.ts';
import { createRedactor } from './redactor.ts';
import { makeSecret, Random, SECRET_KINDS } from './testing/made-secrets.ts';
import { plantSecrets } from './testing/planted-secrets.ts';
import { TextSweep, type SweepRules } from './text-sweep.ts';

const ALL = { emails: true, phones: true, cards: true };

const NAMES = [
	'token',
	'client_secret',
	'headers',
	'tools',
	'authorization',
	'value',
	'expires_at',
	'name',
	'delta',
	'type'
];
const secret = fc
	.tuple(fc.constantFrom(...SECRET_KINDS), fc.nat())
	.map(([kind, seed]) => makeSecret(kind, new Random(seed)).text);
const word = fc.oneof(
	{ weight: 3, arbitrary: anyText() },
	{ weight: 2, arbitrary: secret },
	fc.tuple(anyText(), secret, anyText()).map((parts) => parts.join('')),
	fc.constantFrom(
		'Bearer abc123def',
		'api_key=abcdef12',
		'https://a:b@c',
		'ada@example.com',
		'%41%42sk%2D',
		'[redacted: token]'
	),
	fc.json().map((text) => JSON.stringify(text)),
	fc.tuple(fc.constantFrom('', 'id_', 'a/b/', 'x-', '\n', '\0', '\\'), anyText(), secret).map(hideInBase64)
);

function hideInBase64([before, ...parts]: [string, string, string]): string {
	return before + encodeBase64(new TextEncoder().encode(parts.join(' '))).replaceAll('+', '-');
}
const key = fc.oneof(fc.constantFrom(...NAMES), word);
const value = fc.letrec<{ value: unknown }>((tie) => ({
	value: fc.oneof(
		{ maxDepth: 4 },
		word,
		fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
		fc.array(tie('value'), { maxLength: 4 }),
		fc.dictionary(key, tie('value'), { maxKeys: 4 })
	)
})).value;
const message = value
	.chain((tree) => fc.constantFrom(JSON.stringify(tree), JSON.stringify(tree, null, ' ')))
	.map((text) => text ?? 'null');

/** The text with nothing in its strings, and a number at the place of one that became a string. */
function skeleton(text: string): string {
	let bare = '';
	let from = 0;
	const empty = (start: number, end: number) => {
		bare += text.slice(from, start);
		from = end;
	};
	walkJson(text, 0, {
		key: empty,
		string: (start, end) => (text.startsWith('[redacted', start) ? empty(start - 1, end + 1) : empty(start, end)),
		primitive: (start, end) => (/^-?\d/.test(text.slice(start, end)) ? empty(start, end) : undefined)
	});
	return (bare + text.slice(from)).replace(/""/g, '');
}

describe('whatever a message holds', () => {
	test('only what stands in strings changes, and the shape stays', () => {
		fc.assert(
			fc.property(message, (raw) => {
				const redacted = createRedactor(ALL).message('server', raw);
				JSON.parse(redacted);
				expect(skeleton(redacted)).toBe(skeleton(raw));
			}),
			{ numRuns: 600 }
		);
	});

	test('a second redaction changes nothing more', () => {
		fc.assert(
			fc.property(fc.oneof(message, anyRaw(), word), (raw) => {
				const once = createRedactor(ALL).message('server', raw);
				expect(createRedactor(ALL).message('server', once)).toBe(once);
			}),
			{ numRuns: 800 }
		);
	});

	test('none stops the redactor, of any kind and in any order', () => {
		fc.assert(
			fc.property(fc.array(anyMessage(), { maxLength: 8 }), anyText(), (messages, text) => {
				const redactor = createRedactor({ ...ALL, paths: ['**.transcript', 'item.*'] });
				for (const { from, raw } of messages) redactor.message(from, raw);
				for (const method of [(t: string) => redactor.url(t), (t: string) => redactor.text(t, 'note')]) method(text);
				redactor.headerValue(text, text);
			}),
			{ numRuns: 300 }
		);
	});
});

/** Takes everything apart, whether it looks worth while or not. */
class ThoroughSweep extends TextSweep {
	override mayHold(): boolean {
		return true;
	}
}

describe('the quick look before', () => {
	const rules: SweepRules = { personal: ALL, paths: [] };
	const expectSame = (raw: string) => {
		expect(new TextSweep(raw, rules).findings()).toEqual(new ThoroughSweep(raw, rules).findings());
	};

	test('misses nothing that was planted', () => {
		const { messages, headers, urls, title } = plantSecrets(7);
		for (const { raw } of messages) expectSame(raw);
		for (const text of [...headers.map(({ name, value }) => `${name}: ${value}`), ...urls, title]) expectSame(text);
	});

	test('misses nothing in any message', () => {
		fc.assert(fc.property(fc.oneof(message, anyRaw(), word), expectSame), { numRuns: 1000 });
	});
});

test('a pattern of any text is read or refused, and never hangs', () => {
	const sign = fc.constantFrom('*', '**', '.', '[', ']', 'a', '0', '"', ' ');
	const path = fc.array(fc.oneof(fc.constantFrom('a', '0', 'b'), fc.nat(2)), { maxLength: 8 });
	fc.assert(
		fc.property(fc.array(sign, { maxLength: 12 }), path, (signs, keys) => {
			const parsed = parsePathPattern(signs.join(''));
			if (parsed.ok) parsed.value.fits(keys);
			else expect(parsed.error).toContain('Write');
		})
	);
});
