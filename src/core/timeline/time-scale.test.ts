import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deriveTicks, TimeScale } from './time-scale.ts';

const msPerPx = () => fc.double({ min: 0.01, max: 30_000, noNaN: true });
const scales = () =>
	fc
		.tuple(fc.double({ min: 0, max: 3_600_000, noNaN: true }), msPerPx(), fc.integer({ min: 1, max: 4000 }))
		.map(([startMs, perPx, widthPx]) => new TimeScale(startMs, perPx, widthPx));

describe('time and pixels', () => {
	test('are each other’s inverse', () => {
		fc.assert(
			fc.property(scales(), fc.double({ min: -5000, max: 5000, noNaN: true }), (scale, xPx) => {
				expect(scale.xPx(scale.msAt(xPx))).toBeCloseTo(xPx, 3);
				expect(scale.xPx(scale.startMs)).toBe(0);
				expect(scale.xPx(scale.endMs)).toBeCloseTo(scale.widthPx, 3);
			})
		);
	});
});

describe('ticks', () => {
	test('are at round times, in order, evenly apart and not too close', () => {
		fc.assert(
			fc.property(scales(), fc.integer({ min: 20, max: 200 }), (scale, minGapPx) => {
				const ticks = deriveTicks(scale, minGapPx);
				const gaps = ticks.slice(1).map((tick, i) => tick.ms - ticks[i]!.ms);
				for (const gap of gaps) {
					expect(gap).toBeCloseTo(gaps[0]!, 6);
					expect(gap / scale.msPerPx).toBeGreaterThanOrEqual(minGapPx * 0.999);
				}
				for (const { ms } of ticks) {
					expect(ms).toBeGreaterThanOrEqual(scale.startMs - 1e-6);
					expect(ms).toBeLessThanOrEqual(scale.endMs);
					expect(ms % 1).toBe(0);
					if (gaps[0]) expect(ms % gaps[0]).toBe(0);
				}
			})
		);
	});

	test('are few, however absurd the scale', () => {
		const any = () => fc.oneof(fc.double(), fc.constantFrom(0, -1, 1e15, 1e300, -1e300, 1e-300, Infinity, NaN));
		fc.assert(
			fc.property(any(), any(), fc.integer({ min: -5, max: 5000 }), fc.integer({ min: -5, max: 200 }), (...of) => {
				const [startMs, perPx, widthPx, minGapPx] = of;
				const ticks = deriveTicks(new TimeScale(startMs, perPx, widthPx), minGapPx);
				expect(ticks.length).toBeLessThanOrEqual(Math.max(0, widthPx) / Math.max(1, minGapPx) + 2);
				for (const { ms } of ticks) expect(Number.isFinite(ms)).toBe(true);
			}),
			{ numRuns: 500 }
		);
		expect(deriveTicks(new TimeScale(0, 1e9, 1000), 90).length).toBeGreaterThan(2);
	});

	test('have labels that tell them apart and can be read back', () => {
		fc.assert(
			fc.property(scales(), (scale) => {
				const ticks = deriveTicks(scale, 60);
				expect(ticks.length).toBeLessThanOrEqual(scale.widthPx / 60 + 2);
				expect(new Set(ticks.map((tick) => tick.label)).size).toBe(ticks.length);
				for (const { ms, label } of ticks) {
					const seconds = label.split(':').reduce((total, digits) => total * 60 + Number(digits), 0);
					expect(seconds * 1000).toBeCloseTo(ms, 3);
				}
			})
		);
	});

	test.each<[number, number, string[]]>([
		[0, 1, ['0:00.000', '0:00.100', '0:00.200'].map((label) => label.slice(0, 6))],
		[59_000, 20, ['1:00', '1:02', '1:04']],
		[3_599_900, 1, ['59:59.9', '1:00:00.0', '1:00:00.1']],
		[0, 0.05, ['0:00.000', '0:00.005', '0:00.010']],
		[0, 1000, ['0:00', '2:00', '4:00']],
		[0, 50_000, ['0:00', '2:00:00', '4:00:00']],
		[0, 100_000, ['0:00', '5:00:00', '10:00:00']],
		[0, 400_000, ['0:00', '10:00:00', '20:00:00']],
		[0, 500_000, ['0:00', '20:00:00', '40:00:00']]
	])('from %d ms on at %d ms a pixel', (startMs, perPx, labels) => {
		expect(
			deriveTicks(new TimeScale(startMs, perPx, 1000), 90)
				.slice(0, 3)
				.map((t) => t.label)
		).toEqual(labels);
	});
});
