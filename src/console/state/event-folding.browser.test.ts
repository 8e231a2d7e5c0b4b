// Folded runs in the list of events: what a row stands for, that unfolding loses nothing, and a list that grows.
import fc from 'fast-check';
import { flushSync } from 'svelte';
import { toStore } from 'svelte/store';
import { afterEach, expect, test } from 'vitest';
import { MemoryLog } from '#core/recording/recording-log.ts';
import { EventFilter } from '#core/session/event-filter.ts';
import { deriveEventRow } from '#core/session/event-row.ts';
import { EventRuns } from '#core/session/event-runs.ts';
import { EventList } from './event-list.svelte.ts';
import { HeldSlices } from './testing/held-slices.ts';

/** Events by a letter each: pieces of two texts, caller audio, the end of a text, and something else. */
const BODIES: Readonly<Record<string, object>> = {
	a: { type: 'response.output_text.delta', item_id: 'item_a', content_index: 0, delta: 'one ' },
	b: { type: 'response.output_text.delta', item_id: 'item_b', content_index: 0, delta: 'two ' },
	u: { type: 'input_audio_buffer.append', audio: 'AAAA' },
	A: { type: 'response.output_text.done', item_id: 'item_a', content_index: 0, text: '' },
	x: { type: 'rate_limits.updated', rate_limits: [] }
};

function write(log: MemoryLog, letters: string): void {
	for (const letter of letters) {
		const raw = JSON.stringify(BODIES[letter]);
		log.append({ seq: log.length, at: log.length * 10, from: letter === 'u' ? 'client' : 'server', raw });
	}
}

const opened: EventList[] = [];
afterEach(() => {
	for (const list of opened.splice(0)) list.dispose();
});

function open(letters: string) {
	const log = new MemoryLog();
	write(log, letters);
	const slicing = new HeldSlices();
	const list = new EventList(log, slicing);
	opened.push(list);
	list.update();
	list.setFolding(true);
	return { log, list, slicing };
}

const seqs = (list: EventList) => Array.from({ length: list.length }, (_, index) => list.seq(index));

test('a run is one row, at the place of its first event', () => {
	const { list } = open('xauabuaxA');
	expect(seqs(list)).toEqual([0, 1, 2, 4, 7, 8]);
	expect(list.run(1)).toMatchObject({ firstSeq: 1, lastSeq: 6, count: 3, audioBytes: 0, isUnfolded: false });
	expect(list.run(2)).toMatchObject({ firstSeq: 2, lastSeq: 5, count: 2, audioBytes: 6 });
	expect([list.run(0), list.run(4)]).toEqual([null, null]);
	expect(list.runMs(list.run(1)!)).toBe(50);
	expect(list.runText(list.run(1)!)).toBe('one one one ');
	expect(list.runText(list.run(2)!)).toBe('');
	expect(list.run(1)!.bytes).toBe(3 * list.row(1).size);
	expect([list.passing, list.total]).toEqual([9, 9]);
});

test('it unfolds and folds again without loss, and the others stay', () => {
	const { list } = open('xauabuaxA');
	list.setUnfolded(1, true);
	expect(seqs(list)).toEqual([0, 1, 2, 3, 4, 6, 7, 8]);
	expect(list.run(3)).toMatchObject({ firstSeq: 1, isUnfolded: true });
	list.setUnfolded(2, true);
	expect(seqs(list)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
	list.setUnfolded(6, false);
	expect(seqs(list)).toEqual([0, 1, 2, 4, 5, 7, 8]);
	list.setFolding(false);
	expect(seqs(list)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
	list.setFolding(true);
	expect(seqs(list)).toEqual([0, 1, 2, 4, 5, 7, 8]);
	list.setUnfolded(0, true);
	expect(list.length).toBe(7);
});

test('an event in a folded run is found at the row of the run', () => {
	const { list } = open('xauabuaxA');
	expect([1, 3, 6, 2, 5, 7, 9].map((seq) => list.indexOf(seq))).toEqual([1, 1, 1, 2, 2, 4, -1]);
	expect([list.neighbour(3, 1), list.neighbour(3, -1), list.neighbour(1, 1)]).toEqual([4, 2, 2]);
	list.setUnfolded(1, true);
	expect([list.indexOf(3), list.indexOf(5)]).toEqual([3, 2]);
});

test('with a filter a run holds what passes', () => {
	const { list } = open('xauabuaxA');
	list.setFilter('after:30ms');
	expect(seqs(list)).toEqual([3, 4, 5, 7, 8]);
	expect(list.run(3)).toMatchObject({ firstSeq: 3, lastSeq: 6, count: 2 });
	expect(list.runText(list.run(3)!)).toBe('one one ');
	expect(list.run(5)).toBe(null);
	expect(list.indexOf(1)).toBe(-1);
	list.setUnfolded(3, true);
	expect(seqs(list)).toEqual([3, 4, 5, 6, 7, 8]);
	list.setFilter('');
	expect(seqs(list)).toEqual([0, 1, 2, 3, 4, 6, 7, 8]);
	expect(list.gapMs(4)).toBe(10);
});

test('a run that grows is shown as it is, in the same row, or event by event where it is unfolded', () => {
	const { log, list } = open('xau');
	const shown: string[] = [];
	const stop = toStore(() => `${list.run(1)?.count ?? 1} ${list.run(1) ? list.runText(list.run(1)!) : ''}`).subscribe(
		(text) => shown.push(text)
	);
	write(log, 'a');
	list.update();
	flushSync();
	write(log, 'xa');
	list.update();
	flushSync();
	expect(shown).toEqual(['1 ', '2 one one ', '3 one one one ']);
	expect(seqs(list)).toEqual([0, 1, 2, 4]);
	list.setUnfolded(1, true);
	write(log, 'auA');
	list.update();
	expect(seqs(list)).toEqual([0, 1, 2, 3, 4, 5, 6, 8]);
	stop();
});

test('a long log is folded in slices, and unfolded at once', async () => {
	const { list, slicing } = open('xuau'.repeat(5000));
	expect(list.scanned).toBeLessThan(20_000);
	await slicing.finish();
	expect(list.length).toBe(5002);
	expect(list.run(1)).toMatchObject({ count: 10_000, audioBytes: 30_000 });
	list.setUnfolded(1, true);
	expect(list.length).toBe(15_001);
	expect(seqs(list)).toEqual([...seqs(list)].sort((a, b) => a - b));
	list.setUnfolded(1, false);
	expect(list.length).toBe(5002);
});

test('the text of a run is read no further than a line shows it, however many of its pieces are empty', () => {
	const log = new MemoryLog();
	const piece = (seq: number, delta: string) => {
		const body = { type: 'response.output_text.delta', item_id: 'item_a', content_index: 0, delta };
		log.append({ seq, at: 0, from: 'server', raw: JSON.stringify(body) });
	};
	for (let seq = 0; seq < 1000; seq++) piece(seq, seq < 500 ? '' : 'late');
	let reads = 0;
	const read = log.entry.bind(log);
	const list = new EventList(log);
	opened.push(list);
	list.update();
	list.setFolding(true);
	log.entry = (index) => {
		reads++;
		return read(index);
	};
	expect(list.runText(list.run(0)!)).toBe('');
	expect(reads).toBeLessThanOrEqual(400);
});

test('whatever is in it, whatever the filter, whatever is unfolded: no event is lost, and all are in order', () => {
	const letters = fc.array(fc.constantFrom(...Object.keys(BODIES)), { maxLength: 40 }).map((all) => all.join(''));
	const steps = fc.array(
		fc.oneof(
			fc.record({ unfold: fc.nat(40), isUnfolded: fc.boolean() }),
			fc.record({ filter: fc.constantFrom('', 'delta', '-append', 'after:100ms', 'item:item_a', 'from:client') }),
			fc.record({ more: letters })
		),
		{ maxLength: 6 }
	);
	fc.assert(
		fc.property(letters, steps, (first, all) => {
			const { log, list } = open(first);
			for (const step of all) {
				if ('filter' in step) list.setFilter(step.filter);
				else if ('more' in step) write(log, step.more);
				else if (step.unfold < log.length) list.setUnfolded(step.unfold, step.isUnfolded);
				list.update();
				expectComplete(log, list);
			}
			list.dispose();
		}),
		{ numRuns: 200 }
	);
});

/** The rows, with the events of the folded ones, are the events that pass. */
function expectComplete(log: MemoryLog, list: EventList): void {
	const filter = new EventFilter(list.filter);
	const all = Array.from({ length: log.length }, (_, seq) => seq);
	const passing = all.filter((seq) => filter.matches(log.entry(seq)));
	const runs = new EventRuns();
	for (const seq of all) runs.add(log.entry(seq));
	const rows = seqs(list);
	expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
	const held = rows.flatMap((seq) => {
		const run = list.run(seq);
		if (!run || run.isUnfolded) return [seq];
		const members = passing.filter((other) => runs.runOf(other) === runs.runOf(seq));
		expect(members).toHaveLength(run.count);
		expect(run.bytes).toBe(members.reduce((sum, other) => sum + deriveEventRow(log.entry(other)).size, 0));
		return members;
	});
	expect(held.sort((a, b) => a - b)).toEqual(passing);
	expect(list.passing).toBe(passing.length);
	for (const seq of passing) expect(list.indexOf(seq)).toBeGreaterThanOrEqual(0);
}
