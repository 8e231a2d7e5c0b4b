import { expect, test } from 'vitest';
import { CharacterRuns, characterClass } from './character-runs.ts';
import { hintOf, isMark, markOf, mergeFindings, replaceFindings, type Finding } from './finding.ts';

const finding = (start: number, end: number, mark: string): Finding => ({
	start,
	end,
	mark,
	kind: 'api key',
	hint: '',
	path: ''
});

test('findings are put in order, and apart', () => {
	const [outer, inner, over, later] = [
		finding(2, 8, 'a'),
		finding(3, 5, 'b'),
		finding(6, 10, 'c'),
		finding(10, 12, 'd')
	];
	const merged = mergeFindings([later, inner, over, outer, finding(13, 13, 'none')]);
	expect(merged).toEqual([{ ...outer, end: 10 }, later]);
	expect(replaceFindings('0123456789abcd', merged)).toBe('01adcd');
	expect(mergeFindings([inner, finding(3, 9, 'e')])).toEqual([finding(3, 9, 'e')]);
});

test('a hint tells no more than a quarter, and no half of a character', () => {
	expect(hintOf('sk-proj-0123456789')).toBe('sk-p… (18 characters)');
	expect(hintOf('hunter2!')).toBe('hu… (8 characters)');
	expect(hintOf('a')).toBe('… (1 character)');
	expect(hintOf('abc😀abcdefghijklmnop')).toBe('abc\ufffd… (21 characters)');
});

test('marks are known as such', () => {
	for (const text of [markOf('api key'), '[redacted]', '[redacted:%20api%20key]']) expect(isMark(text)).toBe(true);
	for (const text of ['redacted', 'x [redacted: a]', '[redactedly']) expect(isMark(text)).toBe(false);
});

test('runs end where their class does, wherever one begins', () => {
	const text = 'ab12é--cd';
	const runs = new CharacterRuns(text, characterClass(/[a-z0-9]/));
	for (const start of [2, 0, 1, 3, 4, 7, 5, 8, 9]) {
		const expected = start + /^[a-z0-9]*/.exec(text.slice(start))![0].length;
		expect(runs.end(start), String(start)).toBe(expected);
	}
	const others = new CharacterRuns(text, characterClass(/[a-z0-9]/, true));
	expect([others.end(2), others.end(0), others.end(5)]).toEqual([5, 5, 5]);
});
