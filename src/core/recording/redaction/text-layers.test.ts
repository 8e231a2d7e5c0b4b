import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeBase64 } from '../../audio/base64.ts';
import { beginsAsText, decodeBase64Text, decodePercent, escapePercent, findBase64Texts } from './text-layers.ts';

const utf8 = (text: string) => encodeBase64(new TextEncoder().encode(text));
/** UTF-8, each byte as one character. */
const bytesOf = (text: string) => atob(utf8(text));

test('base64 of a text is told from that of anything else by how it begins', () => {
	for (const text of [
		'{"type":"session.update"}',
		'Grüße aus der Bücherei',
		'図書館の受付です。',
		'two\r\n\tlines, and more'
	]) {
		expect(beginsAsText(utf8(text), 0), text).toBe(true);
		expect(beginsAsText(utf8(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''), 0)).toBe(true);
		expect(decodeBase64Text(utf8(text))).toBe(bytesOf(text));
	}
	const noTexts = [[0, 1, 2], [0xff, 0x41], [0xc3, 0x28], [0xe2, 0x82, 0x41], [0x80, 0x41], [0xc0, 0x80], [0x7f]];
	for (const bytes of noTexts) {
		const base64 = encodeBase64(Uint8Array.of(...bytes, ...new TextEncoder().encode('a text that goes on')));
		expect(beginsAsText(base64, 0), String(bytes)).toBe(false);
		expect(decodeBase64Text(base64)).toBeUndefined();
	}
	expect(beginsAsText(utf8('too short'), 0)).toBe(false);
});

test('base64 is found after what only looks like it', () => {
	const base64 = utf8('the words in it?>~ and more of them').replaceAll('+', '-').replaceAll('/', '_');
	for (const before of ['', 'data:text/plain;base64,', 'id_', 'a/folder/', 'x-', '"']) {
		const text = `${before}${base64}, and so on`;
		const found = [...findBase64Texts(text)].map((each) => [text.slice(each.start, each.end), each.text]);
		expect(found).toContainEqual([base64, 'the words in it?>~ and more of them']);
	}
});

test('percent-encoding: what it says, and where each character stands', () => {
	fc.assert(
		fc.property(fc.string({ unit: fc.constantFrom('a', '%', ' ', 'ü', '"', '2') }), (text): void => {
			const spelled = encodeURIComponent(text);
			const decoded = decodePercent(spelled);
			if (!decoded) {
				expect(spelled).not.toMatch(/%[0-7]/);
				return;
			}
			expect(decoded.text).toBe(bytesOf(text));
			for (let index = 0; index < decoded.text.length; index++) {
				const unit = spelled.slice(decoded.sourceIndex(index), decoded.sourceIndex(index + 1));
				expect(unit).toMatch(/^(?:[a-z0-9]|%[0-9A-F]{2})$/);
			}
		})
	);
	expect(decodePercent('100%, %zz and %')).toBeUndefined();
	expect(decodePercent('%41%zz%4')?.text).toBe('A%zz%4');
	expect(decodeURIComponent(escapePercent('"[redacted: api key]"'))).toBe('"[redacted: api key]"');
});
