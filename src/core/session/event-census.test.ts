import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMessage } from '../../../tests/fixtures/arbitrary.ts';
import { bargeIn } from '../../../tests/fixtures/make-fixtures.ts';
import { MemoryLog } from '../recording/recording-log.ts';
import { deriveCompletion } from './event-completion.ts';
import { EventCensus } from './event-census.ts';
import { EventFilter } from './event-filter.ts';
import { SENDERS, writeTerm } from './event-query.ts';

function censusOf(log: MemoryLog): EventCensus {
	const census = new EventCensus();
	for (let seq = 0; seq < log.length; seq++) census.add(log.entry(seq));
	return census;
}

function passing(log: MemoryLog, text: string): number {
	const filter = new EventFilter(text);
	return Array.from({ length: log.length }, (_, seq) => filter.matches(log.entry(seq))).filter(Boolean).length;
}

describe('the census of a log', () => {
	test('counts types, senders and ids, and finds them again', () => {
		const { log } = bargeIn();
		const census = censusOf(log);
		expect(census.types()[0]).toMatchObject({ value: 'input_audio_buffer.append', family: 'audio' });
		expect(census.types().reduce((sum, { count }) => sum + count, 0)).toBe(log.length);
		expect(SENDERS.reduce((sum, from) => sum + census.countOf(from), 0)).toBe(log.length);
		expect(census.ids('response').map(({ value }) => value)).toEqual(['resp_2', 'resp_1']);
		for (const kind of ['item', 'response', 'call'] as const) {
			for (const { value, count } of census.ids(kind)) {
				expect(passing(log, writeTerm(kind, value)), value).toBe(count);
			}
		}
	});

	test('of whatever a log holds, each count is what the filter lets through', () => {
		fc.assert(
			fc.property(fc.array(anyMessage(), { maxLength: 30 }), (messages) => {
				const log = new MemoryLog();
				messages.forEach((message, seq) => log.append({ ...message, seq }));
				const census = censusOf(log);
				for (const from of SENDERS) expect(passing(log, `from:${from}`)).toBe(census.countOf(from));
				// A type may be a part of another, and hold the sign that stands for anything.
				for (const { value, count } of census.types()) {
					expect(value === '' || passing(log, writeTerm('type', value)) >= count, JSON.stringify(value)).toBe(true);
				}
			}),
			{ numRuns: 200 }
		);
	});

	test('takes no more room than a choice needs', () => {
		const log = new MemoryLog();
		for (let seq = 0; seq < 2100; seq++) log.append({ seq, at: 0, from: 'server', raw: `{"type":"t${seq}"}` });
		log.append({
			seq: 2100,
			at: 0,
			from: 'server',
			raw: `{"type":"${'x'.repeat(500)}","item_id":"${'i'.repeat(500)}"}`
		});
		const census = censusOf(log);
		expect([census.types().length, census.otherTypes, census.ids('item')]).toEqual([2000, 101, []]);
	});
});

describe('what can be written at the caret', () => {
	const census = censusOf(bargeIn().log);
	const offered = (text: string, caret = text.length) => {
		const { start, end, suggestions } = deriveCompletion(text, caret, census);
		return suggestions.map((each) => text.slice(0, start) + each.text + text.slice(end));
	};

	test.each<[string, string[]]>([
		['', ['type:', 'from:', 'item:', 'response:', 'call:', 'after:', 'before:']],
		[
			'done ',
			['done type:', 'done from:', 'done item:', 'done response:', 'done call:', 'done after:', 'done before:']
		],
		['a', ['after:']],
		['done -R', ['done -response:']],
		['"a', []],
		['from:', ['from:client', 'from:server', 'from:console']],
		['x -from:s', ['x -from:server', 'x -from:console']],
		['response:', ['response:resp_2', 'response:resp_1']],
		['item:*model', ['item:item_model2', 'item:item_model1']],
		['type:truncate', ['type:conversation.item.truncate', 'type:conversation.item.truncated']],
		['type:response.d', ['type:response.done']],
		['type:conversation.item.t', ['type:conversation.item.truncate', 'type:conversation.item.truncated']],
		['after:', []],
		['nothing:', []]
	])('after %j', (text, expected) => {
		expect(offered(text)).toEqual(expected);
	});

	test('in the middle of a filter its own term alone is written anew', () => {
		expect(offered('re done', 2)).toEqual(['response: done']);
		expect(offered('from:xx done', 5)).toEqual([]);
		expect(offered('-from:co type:x', 8)).toEqual(['-from:console type:x']);
	});

	test('what begins as it is written comes before what holds it', () => {
		const labels = deriveCompletion('type:re', 7, census).suggestions.map(({ label }) => label);
		const begins = labels.map((label) => label.startsWith('re'));
		expect(begins).toEqual([...begins].sort((a, b) => Number(b) - Number(a)));
		expect(new Set(begins).size).toBe(2);
	});

	test('values come with how many events they let through', () => {
		const { suggestions, hint } = deriveCompletion('response:resp_1', 15, census);
		expect(suggestions.map(({ about }) => about)).toEqual([String(passing(bargeIn().log, 'response:resp_1'))]);
		expect(hint).toContain('*');
		expect(deriveCompletion('after:', 6, census).hint).toContain('after:80s');
	});
});
