import { expect, test } from 'vitest';
import { keepAlike } from './keep-alike.ts';

const turn = (number: number, ...itemIds: string[]) => ({ number, itemIds, delay: null });

test('what says the same stays the same object, and so does a list in which all do', () => {
	const before = [turn(1, 'a'), turn(2, 'b', 'c')];
	expect(keepAlike(before, [turn(1, 'a'), turn(2, 'b', 'c')])).toBe(before);
	const grown = [turn(1, 'a'), turn(2, 'b', 'd'), turn(3)];
	const kept = keepAlike(before, grown);
	expect(kept).toEqual(grown);
	expect(kept[0]).toBe(before[0]);
	expect(kept[1]).toBe(grown[1]);
});

test('a list that only became shorter is another list', () => {
	const before = [turn(1), turn(2)];
	const kept = keepAlike(before, [turn(1)]);
	expect(kept).toHaveLength(1);
	expect(kept[0]).toBe(before[0]);
});

test('fields that are absent, null or of another kind are not alike', () => {
	for (const [a, b] of [
		[{ x: 1 }, { y: 1 }],
		[{ x: null }, { x: {} }],
		[{ x: 1 }, { x: '1' }],
		[{ x: 1 }, { x: 1, y: undefined }]
	]) {
		expect(keepAlike([a], [b])[0]).toBe(b);
	}
});
