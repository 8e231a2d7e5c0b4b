import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyMessage } from '../../../tests/fixtures/arbitrary.ts';
import { bargeIn } from '../../../tests/fixtures/make-fixtures.ts';
import { MemoryLog } from '../recording/recording-log.ts';
import { EventFilter } from './event-filter.ts';
import { deriveEventRow, matchesFilter, parseFilter } from './event-row.ts';

/** The events that pass, read as rows one by one. */
function plainly(log: MemoryLog, text: string): number[] {
	const words = parseFilter(text);
	return Array.from({ length: log.length }, (_, index) => deriveEventRow(log.entry(index)))
		.filter((row) => matchesFilter(row, words))
		.map((row) => row.seq);
}

function filtered(log: MemoryLog, text: string): number[] {
	const filter = new EventFilter(text);
	return Array.from({ length: log.length }, (_, index) => index).filter((index) => filter.matches(log.entry(index)));
}

test('a filter lets through what its words let through, audio and all else', () => {
	const { log } = bargeIn();
	for (const text of ['', 'append', '-append', 'delta -audio', 'client', '1,920', 'SERVER done', '-', 'no such word']) {
		expect(filtered(log, text), text).toEqual(plainly(log, text));
	}
	expect(filtered(log, 'append').length).toBeGreaterThan(5);
});

test('the same audio event from another sender is another row', () => {
	const log = new MemoryLog();
	const audio = { track: 'caller', index: 3, offset: 0, length: 4 } as const;
	for (const from of ['client', 'server', 'client'] as const)
		log.restore({ at: 0, from, text: '{"type":"media"}', audio });
	expect(filtered(log, 'client')).toEqual([0, 2]);
	expect(filtered(log, 'server')).toEqual([1]);
});

test('whatever a log holds', () => {
	const word = fc.constantFrom('append', '-append', 'delta', 'client', '-server', 'bytes', '3', 'audio', 'broken', 'é');
	const words = fc.array(word, { maxLength: 3 }).map((all) => all.join(' '));
	fc.assert(
		fc.property(fc.array(anyMessage(), { maxLength: 30 }), words, (messages, text) => {
			const log = new MemoryLog();
			messages.forEach((message, seq) => log.append({ ...message, seq }));
			expect(filtered(log, text)).toEqual(plainly(log, text));
		}),
		{ numRuns: 300 }
	);
});
