import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyText } from '../../../../tests/fixtures/arbitrary.ts';
import { exportFileName } from './file-name.ts';

test.each([
	['Opening hours, interrupted', '.har', 'Opening-hours-interrupted.har'],
	['Öffnungszeiten: 9–18 Uhr', '.har', 'Öffnungszeiten-9-18-Uhr.har'],
	['営業時間', '-caller.wav', '営業時間-caller.wav'],
	['हिन्दी में', '.md', 'हिन्दी-में.md'],
	['../../etc/passwd', '.har', 'etc-passwd.har'],
	['C:\\Windows\\x', '.har', 'C-Windows-x.har'],
	['.hidden.', '.har', 'hidden.har'],
	['a\u202Egnp.exe', '.har', 'a-gnp-exe.har'],
	['   ', '.har', 'recording.har'],
	['', '.har', 'recording.har'],
	['con', '.earshot.jsonl', 'recording-con.earshot.jsonl'],
	['COM¹', '.har', 'recording-COM¹.har'],
	['Lpt9', '.har', 'recording-Lpt9.har'],
	['console', '.har', 'console.har'],
	['\u0301x', '.har', 'x.har'],
	['e\u0301', '.har', 'é.har']
])('%j is %j', (title, suffix, name) => expect(exportFileName(title, suffix)).toBe(name));

test('a long title is cut, the suffix is not, and no character is cut in half', () => {
	const name = exportFileName('ab '.repeat(60), '.turns.csv');
	expect(name).toHaveLength(80);
	expect(name).toMatch(/^ab-.*[ab]\.turns\.csv$/);
	expect(exportFileName(`x${'𝔄'.repeat(60)}`, '.har')).toBe(`x${'𝔄'.repeat(37)}.har`);
	expect(exportFileName('x', 's'.repeat(90))).toBe(`recording${'s'.repeat(90)}`);
});

test('any title makes a name that every file system takes', () => {
	fc.assert(
		fc.property(fc.oneof(anyText(), fc.string({ unit: 'grapheme', maxLength: 120 })), (title) => {
			const name = exportFileName(title, '.har');
			expect(name).toMatch(/^[\p{L}\p{N}][\p{L}\p{N}\p{M}-]*\.har$/u);
			expect(name.length).toBeLessThanOrEqual(80);
			expect(new TextEncoder().encode(name).length).toBeLessThanOrEqual(255);
			expect(name.isWellFormed()).toBe(true);
		})
	);
});
