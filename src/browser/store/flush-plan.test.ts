import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AppendedEntry } from '#core/recording/recording-log.ts';
import { EMPTY_STATE, planFlush } from './flush-plan.ts';
import type { EventChunk } from './schema.ts';
import { LiveRecording, countingBytes } from './testing/live-recording.ts';

/** What the database holds after these plans: a later record replaces one with the same key. */
function storedBy(batches: readonly (readonly AppendedEntry[])[]): Map<string, unknown> {
	const records = new Map<string, unknown>();
	let state = EMPTY_STATE;
	for (const batch of batches) {
		const plan = planFlush('id', state, batch);
		for (const { key, value } of [...plan.events, ...plan.audio]) records.set(key.join(' '), value);
		state = plan.next;
	}
	return records;
}

describe('planFlush', () => {
	/** A recording's appends: 1,100 texts, with audio of odd lengths between them. */
	function makeAppends(): AppendedEntry[] {
		const appended: AppendedEntry[] = [];
		const live = new LiveRecording({
			append: (entry, audio) => appended.push(audio ? { entry, audio } : { entry })
		});
		for (let round = 0; round < 10; round++) {
			live.recordTexts(110);
			live.recordAudio('model', countingBytes(20_001, round));
			if (round % 3 === 0) live.recordAudio('caller', countingBytes(50_000, round));
		}
		return appended;
	}

	it('stores the same, however the entries are cut into flushes', () => {
		const appended = makeAppends();
		const whole = storedBy([appended]);
		expect([...whole.keys()].filter((key) => !/caller|model/.test(key))).toEqual(['id 0', 'id 500', 'id 1000']);
		expect([...whole.keys()].filter((key) => key.includes('model'))).toHaveLength(5);
		const lineCounts = ['id 0', 'id 500', 'id 1000'].map((key) => {
			const { bytes, count } = whole.get(key) as EventChunk;
			return [count, new TextDecoder().decode(bytes).split('\n').length - 1];
		});
		expect(lineCounts).toEqual([500, 500, appended.length - 1000].map((count) => [count, count]));
		fc.assert(
			fc.property(fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 20 }), (lengths) => {
				const batches: AppendedEntry[][] = [];
				let start = 0;
				for (const length of lengths) batches.push(appended.slice(start, (start += length)));
				batches.push(appended.slice(start));
				const cut = storedBy(batches);
				expect(new Map([...cut].sort())).toEqual(new Map([...whole].sort()));
			}),
			{ numRuns: 30 }
		);
	});

	it('changes nothing by itself, so that a failed flush can be planned again', () => {
		const appended = makeAppends();
		const { next } = planFlush('id', EMPTY_STATE, appended.slice(0, 700));
		const once = planFlush('id', next, appended.slice(700));
		const again = planFlush('id', next, appended.slice(700));
		expect(again).toEqual(once);
	});

	it('writes only the chunks that are open or new', () => {
		const appended = makeAppends();
		const { next } = planFlush('id', EMPTY_STATE, appended.slice(0, 1_002));
		const plan = planFlush('id', next, appended.slice(1_002, 1_010));
		expect(plan.events.map(({ key, value }) => [key[1], value.count])).toEqual([[1_000, 10]]);
		expect(plan.audio).toEqual([]);
	});

	it('refuses audio that does not follow its track', () => {
		const [first] = makeAppends().filter(({ audio }) => audio);
		const { next } = planFlush('id', EMPTY_STATE, [first!]);
		expect(() => planFlush('id', next, [first!])).toThrow('does not follow');
		expect(() => planFlush('id', EMPTY_STATE, [{ entry: first!.entry }])).toThrow('without its audio');
	});
});
