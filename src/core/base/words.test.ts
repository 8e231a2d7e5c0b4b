import { expect, test } from 'vitest';
import { formatBytes, formatCount } from './words.ts';

test('sizes are written as people write them, at every edge of a unit', () => {
	const sizes = [0, 999, 1000, 9_949, 9_950, 999_499, 999_500, 2_340_000, 999_949_999, 999_950_000, 1_200_000_000];
	expect(sizes.map(formatBytes)).toEqual([
		'0 B',
		'999 B',
		'1.0 kB',
		'9.9 kB',
		'10 kB',
		'999 kB',
		'1.0 MB',
		'2.3 MB',
		'999.9 MB',
		'1.0 GB',
		'1.2 GB'
	]);
});

test('a count has its noun in the right number', () => {
	expect([formatCount(0, 'message'), formatCount(1, 'message'), formatCount(2300, 'entry', 'entries')]).toEqual([
		'0 messages',
		'1 message',
		'2,300 entries'
	]);
});
