import { expect, test } from 'vitest';
import { beforePaint, notBeforePaint } from './before-paint.ts';

const painted = () => new Promise((resolve) => requestAnimationFrame(resolve));

test('all that asks is done once before the next picture, in order, and what was taken back is not', async () => {
	const done: string[] = [];
	const first = () => done.push('first');
	const second = () => done.push('second');
	const third = () => {
		done.push('third');
		beforePaint(first);
	};
	for (const work of [second, first, third, second]) beforePaint(work);
	notBeforePaint(first);
	expect(done).toEqual([]);
	await painted();
	expect(done).toEqual(['second', 'third']);
	// What is asked for meanwhile comes with the next one.
	await painted();
	expect(done).toEqual(['second', 'third', 'first']);
});
