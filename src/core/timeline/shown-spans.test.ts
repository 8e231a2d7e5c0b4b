import { expect, test } from 'vitest';
import type { Span } from './lanes.ts';
import { deriveShownSpans } from './shown-spans.ts';
import { TimeScale } from './time-scale.ts';

const span = (startMs: number, endMs: number, tone: Span['tone'] = 'caller'): Span => ({
	startMs,
	endMs,
	label: `${endMs - startMs}`,
	tone
});

test('what is out of sight is left out, and what is in sight stays as it is', () => {
	const spans = [span(0, 90), span(80, 150), span(200, 400), span(1100, 1200), span(1201, 1300)];
	expect(deriveShownSpans(spans, new TimeScale(100, 1, 1000))).toEqual(spans.slice(1, 4));
});

test('narrow spans that nobody can tell apart are one', () => {
	const spans = [span(0, 100), span(110, 210), span(220, 260), span(500, 560), span(565, 600)];
	expect(deriveShownSpans(spans, new TimeScale(0, 100, 1000))).toEqual([
		{ startMs: 0, endMs: 260, label: '3 together', tone: 'caller' },
		{ startMs: 500, endMs: 600, label: '2 together', tone: 'caller' }
	]);
});

test('wide spans, and those of different tones, stay apart however near they are', () => {
	const spans = [span(0, 1000), span(1000, 2000), span(2000, 2010), span(2010, 2020, 'error'), span(2020, 2030)];
	expect(deriveShownSpans(spans, new TimeScale(0, 100, 1000))).toEqual(spans);
});

test('a day of them is no more than a lane has room for', () => {
	const spans = Array.from({ length: 50_000 }, (_, n) =>
		span(n * 1700, n * 1700 + 1200, n % 7 === 0 ? 'error' : 'caller')
	);
	const shown = deriveShownSpans(spans, new TimeScale(0, 86_400, 1000));
	expect(shown.length).toBeLessThan(15_000);
	const alike = deriveShownSpans(
		spans.map((each) => ({ ...each, tone: 'caller' as const })),
		new TimeScale(0, 86_400, 1000)
	);
	expect(alike).toHaveLength(1);
	expect(alike[0]).toMatchObject({ startMs: 0, endMs: 49_999 * 1700 + 1200, label: '50000 together' });
});
