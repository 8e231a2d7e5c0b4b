import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConnectionClock, epochMsOf, timeInText, timeOfNumber, withoutTime, type MessageTime } from './message-time.ts';

const MS = Date.parse('2026-11-20T11:14:47Z');

test.each([
	['2026-11-20T11:14:47Z', MS],
	['2026-11-20T11:14:47.630889Z', MS + 630.889],
	['2026-11-20 12:14:47,630 +0100 INFO', MS + 630],
	['[2026-11-20T06:14:47.5-05:00]', MS + 500],
	['at 2026-11-20 11:14:47 UTC:', MS],
	['2026-11-20T11:14:47 no zone', MS]
])('%s is on the wall', (text, ms) => {
	expect(timeInText(text)).toEqual({ kind: 'wall', ms: expect.closeTo(ms, 3) as number });
	expect(withoutTime(text)).not.toMatch(/\d\d:\d\d/);
});

test.each([
	['10:02:11 AM', 10, 2, 11_000],
	['12:00:01\u202fam', 0, 0, 1000],
	['(11:59:59 p.m.)', 23, 59, 59_000],
	['09:05:07.123456 x.js', 9, 5, 7123.456],
	['x 23:00:00,5', 23, 0, 500]
])('%s is a time of day', (text, hours, minutes, ms) => {
	const expected = (hours * 60 + minutes) * 60_000 + ms;
	expect(timeInText(text)).toEqual({ kind: 'day', ms: expect.closeTo(expected, 3) as number });
});

test.each(['', 'app.js:10:02:111', '25:00:00', '1:2:3', '2026-11-20', '99:99:99', '2026-99-99T00:00'])(
	'%j holds no time',
	(text) => {
		expect(timeInText(text)).toBeUndefined();
	}
);

test('numbers tell their unit by their size', () => {
	for (const number of [1795173287.63, 1795173287630, 1795173287630000, 1.79517328763e18]) {
		expect(epochMsOf(number)).toBeCloseTo(1795173287630, 0);
	}
	expect([-1, 0, 12.5, 1e20, Number.NaN, Infinity].map(epochMsOf)).toEqual(Array(6).fill(undefined));
	expect(timeOfNumber(12.5)).toEqual({ kind: 'relative', ms: 12.5 });
	expect([-1, 1e20, Number.NaN].map(timeOfNumber)).toEqual([undefined, undefined, undefined]);
});

describe('a connection’s clock', () => {
	const wall = (ms: number): MessageTime => ({ kind: 'wall', ms: MS + ms });

	test('begins with its first message', () => {
		const clock = new ConnectionClock();
		expect([wall(5), wall(7.5), undefined, wall(6), wall(8)].map((time) => clock.next(time))).toEqual([
			0, 2.5, 2.5, 2.5, 3
		]);
		expect(clock.startedAt).toBe('2026-11-20T11:14:47.005Z');
	});

	test('counts messages until one has a time', () => {
		const clock = new ConnectionClock();
		expect([undefined, undefined].map((time) => clock.next(time))).toEqual([0, 1]);
		expect([clock.hasTime, clock.startedAt]).toEqual([false, null]);
		expect([wall(10), wall(20)].map((time) => clock.next(time))).toEqual([2, 12]);
		expect([clock.hasTime, clock.startedAt]).toEqual([true, '2026-11-20T11:14:47.008Z']);
	});

	test('goes past midnight', () => {
		const clock = new ConnectionClock();
		const day = (text: string) => clock.next(timeInText(text));
		expect(['23:59:59', '00:00:01', '00:00:00', '00:00:02'].map(day)).toEqual([0, 2000, 2000, 3000]);
		expect(clock.startedAt).toBeNull();
	});

	test('never runs back, nor further than a week, whatever it is told', () => {
		const kind = fc.constantFrom('wall', 'day', 'relative');
		const time = fc.option(
			fc.record({ kind, ms: fc.oneof(fc.double({ min: 0, max: 1e14, noNaN: true }), fc.nat(1e9)) }),
			{
				nil: undefined
			}
		);
		fc.assert(
			fc.property(fc.array(time), (times) => {
				const clock = new ConnectionClock();
				let last = 0;
				for (const each of times) {
					const at = clock.next(each as MessageTime | undefined);
					expect(at).toBeGreaterThanOrEqual(last);
					expect(at).toBeLessThanOrEqual(7 * 86_400_000);
					last = at;
				}
			})
		);
	});
});
