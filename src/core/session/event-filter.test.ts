import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyMessage } from '../../../tests/fixtures/arbitrary.ts';
import { bargeIn } from '../../../tests/fixtures/make-fixtures.ts';
import { MemoryLog } from '../recording/recording-log.ts';
import { EventFilter } from './event-filter.ts';
import { deriveEventRow } from './event-row.ts';

/** The events that pass, read as rows one by one. */
function plainly(log: MemoryLog, text: string): number[] {
	const words = text.toLowerCase().split(/\s+/).filter(Boolean);
	return Array.from({ length: log.length }, (_, index) => deriveEventRow(log.entry(index)))
		.filter((row) => {
			const shown = `${row.type} ${row.from} ${row.summary}`.toLowerCase();
			return words.every((word) =>
				word.startsWith('-') && word.length > 1 ? !shown.includes(word.slice(1)) : shown.includes(word)
			);
		})
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

/** The types of the events that pass, each once and in order. */
function types(log: MemoryLog, text: string): string[] {
	return [...new Set(filtered(log, text).map((seq) => deriveEventRow(log.entry(seq)).type))];
}

test('a key looks in its place alone', () => {
	const { log } = bargeIn();
	expect(types(log, 'type:response.done')).toEqual(['response.done']);
	expect(types(log, 'type:output_audio.*')).toEqual(['response.output_audio.delta', 'response.output_audio.done']);
	expect(types(log, 'type:response.done type:response.created')).toEqual(['response.created', 'response.done']);
	expect(types(log, 'type:response -type:*delta -type:done -added')).toEqual(['response.created']);
	expect(types(log, 'from:client')).toEqual(['input_audio_buffer.append', 'conversation.item.truncate']);
	expect(filtered(log, 'from:client from:console')).toEqual(filtered(log, '-from:server'));
	expect(types(log, 'item:item_model1 from:client')).toEqual(['conversation.item.truncate']);
	expect(types(log, 'item:item_model1 type:output_audio.delta')).toEqual(['response.output_audio.delta']);
	expect(filtered(log, 'item:item_model')).toEqual([]);
	expect(filtered(log, 'item:item_model*').length).toBeGreaterThan(filtered(log, 'item:item_model1').length);
	expect(types(log, 'response:resp_2').slice(0, 2)).toEqual(['response.created', 'response.output_item.added']);
	expect(types(log, 'response:RESP_2')).toEqual(types(log, 'response:resp_2'));
	expect(filtered(log, 'response:resp_2').every((seq) => log.entry(seq).text.includes('resp_2'))).toBe(true);
});

test('a function call is found by its id, wherever it is named', () => {
	const log = new MemoryLog();
	const bodies = [
		{ type: 'response.function_call_arguments.delta', call_id: 'call_1', delta: '{' },
		{ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: 'call_1' } },
		{ type: 'response.done', response: { output: [{ call_id: 'call_0' }, { call_id: 'call_1' }] } },
		{ type: 'response.done', response: { output: 'call_1' }, item: 'call_1' },
		{ type: 'error', error: { message: 'No call call_1' } }
	];
	bodies.forEach((body, seq) => log.append({ seq, at: seq, from: 'server', raw: JSON.stringify(body) }));
	expect(filtered(log, 'call:call_1')).toEqual([0, 1, 2]);
	expect(filtered(log, '-call:call_1')).toEqual([3, 4]);
	expect(filtered(log, '"no call"')).toEqual([4]);
});

test('times are those of the list, to its millisecond', () => {
	const log = new MemoryLog();
	[999.4, 999.6, 1000, 1500, 1999.4, 1999.6].forEach((at, seq) => log.append({ seq, at, from: 'server', raw: '{}' }));
	expect(filtered(log, 'after:1s')).toEqual([1, 2, 3, 4, 5]);
	expect(filtered(log, 'before:2')).toEqual([0, 1, 2, 3, 4]);
	expect(filtered(log, 'after:0:01.500 before:0:02')).toEqual([3, 4]);
	expect(filtered(log, '-after:1.5')).toEqual([0, 1, 2]);
	expect(filtered(log, '-before:1.5 -after:2')).toEqual([3, 4]);
	expect(filtered(log, 'after:1 after:1.5')).toEqual([3, 4, 5]);
});

test('a term that means nothing takes nothing away', () => {
	const { log } = bargeIn();
	expect(filtered(log, 'done from:nobody after:soon tpye:x call: -item:')).toEqual(filtered(log, 'done'));
	expect(new EventFilter('type: from:').isEmpty).toBe(true);
});
