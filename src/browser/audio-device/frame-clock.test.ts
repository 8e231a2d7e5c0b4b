import { describe, expect, it } from 'vitest';
import { FrameClock } from './frame-clock.ts';

describe('FrameClock', () => {
	it('trusts the observation with the smallest delay', () => {
		const clock = new FrameClock();
		// Frame 24,000 is rendered at 5,000 ms; it is seen 40, then 3, then 200 ms late.
		clock.observe(24_000, 5_040);
		clock.observe(48_000, 6_003);
		clock.observe(72_000, 7_200);
		expect(clock.msOf(72_000)).toBe(7_003);
	});

	it('never runs backwards', () => {
		const clock = new FrameClock();
		clock.observe(0, 500);
		expect(clock.msOf(0)).toBe(500);
		clock.observe(240, 110);
		expect(clock.msOf(240)).toBe(500);
		expect(clock.msOf(24_000)).toBe(1_100);
	});

	it('follows a sound card that drifts', () => {
		const clock = new FrameClock();
		for (let second = 0; second <= 3_600; second++) clock.observe(second * 24_000, second * 1_000.1);
		expect(clock.msOf(3_600 * 24_000)).toBeGreaterThan(3_600_350);
	});

	it('begins anew after a pause', () => {
		const clock = new FrameClock();
		clock.observe(24_000, 1_000);
		clock.reset();
		expect(clock.isSet).toBe(false);
		clock.observe(24_000, 9_000);
		expect(clock.msOf(24_000)).toBe(9_000);
	});
});
