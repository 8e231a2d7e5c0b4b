import { expect, test } from 'vitest';
import type { RecordingSummary } from '#core/recording/recorded-event.ts';
import {
	NEWEST_FIRST,
	nextOrder,
	parseClock,
	parseStretches,
	parseTags,
	sizeOf,
	sortRecordings
} from './library-order.ts';

function recording(title: string, startedAt: string, figures: Partial<RecordingSummary> = {}): RecordingSummary {
	return {
		header: {
			earshot: 1,
			id: title,
			startedAt,
			title,
			endpoint: 'Simulator',
			transport: 'websocket',
			model: 'm',
			redacted: []
		},
		status: 'closed',
		lengthMs: 0,
		eventCount: 0,
		callerBytes: 0,
		modelBytes: 0,
		turns: 0,
		interruptions: 0,
		errors: 0,
		...figures
	};
}

const some = [
	recording('take 10', '2026-11-20T10:00:00.000Z', { turns: 3, callerBytes: 5, modelBytes: 6, eventBytes: 7 }),
	recording('Take 9', '2026-11-21T10:00:00.000Z', { turns: 3 }),
	recording('answer', '2026-11-19T10:00:00.000Z', { turns: 8 })
];
const titles = (list: readonly RecordingSummary[]) => list.map(({ header }) => header.title);

test('the newest comes first, and a column turns round when it is asked for again', () => {
	expect(titles(sortRecordings(some, NEWEST_FIRST))).toEqual(['Take 9', 'take 10', 'answer']);
	const byTitle = nextOrder(NEWEST_FIRST, 'title');
	expect(titles(sortRecordings(some, byTitle))).toEqual(['answer', 'Take 9', 'take 10']);
	expect(titles(sortRecordings(some, nextOrder(byTitle, 'title')))).toEqual(['take 10', 'Take 9', 'answer']);
});

test('figures begin with the largest, and equal ones stand with the newest first', () => {
	const byTurns = nextOrder(NEWEST_FIRST, 'turns');
	expect(titles(sortRecordings(some, byTurns))).toEqual(['answer', 'Take 9', 'take 10']);
	expect(titles(sortRecordings(some, nextOrder(NEWEST_FIRST, 'bytes')))[0]).toBe('take 10');
	expect(sizeOf(some[0]!)).toBe(18);
});

test('tags and times are read as people write them', () => {
	expect(parseTags(' demo, barge-in,, demo ')).toEqual(['demo', 'barge-in']);
	expect(['65.2', '1:05.2', '1:01:05', '0', 'soon', '1:2:3:4', '0:99'].map(parseClock)).toEqual([
		65_200,
		65_200,
		3_665_000,
		0,
		undefined,
		undefined,
		undefined
	]);
	expect(parseStretches('0:12 - 0:15.5\n\n20–21\n9 - 3\nsoon')).toEqual({
		stretches: [
			{ startMs: 12_000, endMs: 15_500 },
			{ startMs: 20_000, endMs: 21_000 }
		],
		bad: ['9 - 3', 'soon']
	});
	expect(parseStretches('0:12 - 0:15\n1:00 - 1:05', 20_000).bad).toEqual(['1:00 - 1:05']);
});
