import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EntryBlock } from '#core/recording/entry-block.ts';
import type { LogEntry } from '#core/recording/recorded-event.ts';
import type { AppendedEntry } from '#core/recording/recording-log.ts';
import { AudioIndex } from './audio-index.ts';
import { EntryRestorer } from './entry-restorer.ts';
import { EMPTY_STATE, planFlush } from './flush-plan.ts';
import { FIRST_ENTRY } from './recording-store.ts';
import type { EventChunk } from './schema.ts';
import { LiveRecording, countingBytes } from './testing/live-recording.ts';

const COUNT = 40;
const MODEL_BYTES = 100_000;

/** 40 events, half of them with 5,000 bytes of audio: one chunk of events, three of audio. */
function makeRecords() {
	const appended: AppendedEntry[] = [];
	const live = new LiveRecording({ append: (entry, audio) => appended.push(audio ? { entry, audio } : { entry }) });
	for (let round = 0; round < COUNT / 2; round++) {
		live.recordTexts(1);
		live.recordAudio('model', countingBytes(MODEL_BYTES / (COUNT / 2), round));
	}
	return { live, ...planFlush('id', EMPTY_STATE, appended) };
}

function emptyIndexes() {
	return { caller: new AudioIndex('caller', 48_000, 0), model: new AudioIndex('model', 48_000, MODEL_BYTES) };
}

/** All audio is there. */
function fullIndexes() {
	const indexes = emptyIndexes();
	for (const first of [0, 48_000, 96_000]) indexes.model.addChunk(first);
	return indexes;
}

function entriesOf(restorer: EntryRestorer): LogEntry[] {
	return restorer.takeBlocks().flatMap((data) => {
		const block = EntryBlock.of(data);
		return Array.from({ length: data.count }, (_, index) => block.entry(index, 0));
	});
}

const textsOf = (entries: readonly LogEntry[]) => entries.map(({ text }) => text);

describe('EntryRestorer', () => {
	it('takes any damage: it never throws, every event that is left can be read, and the loss is named', () => {
		const { events } = makeRecords();
		const chunk = events[0]!.value;
		const hit = fc.record({ at: fc.nat(chunk.bytes.length - 1), byte: fc.nat(255) });
		fc.assert(
			fc.property(
				fc.array(hit, { maxLength: 5 }),
				fc.nat(chunk.bytes.length),
				fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
				(hits, keptBytes, kept) => {
					const bytes = chunk.bytes.slice();
					for (const { at, byte } of hits) bytes[at] = byte;
					const indexes = emptyIndexes();
					kept.forEach((isKept, index) => isKept && indexes.model.addChunk(index * 48_000));
					indexes.model.finish();
					const restorer = new EntryRestorer(FIRST_ENTRY, COUNT, indexes);
					restorer.addChunk(0, { bytes: bytes.slice(0, keptBytes), count: chunk.count });
					restorer.finish();
					const entries = entriesOf(restorer);
					expect(restorer.cursor.index).toBe(COUNT);
					if (entries.length < COUNT) expect(restorer.damage.length).toBeGreaterThan(0);
					if (kept.includes(false)) expect(indexes.model.damage.length).toBeGreaterThan(0);
					entries.reduce((last, { at }) => {
						expect(at).toBeGreaterThanOrEqual(last);
						return at;
					}, 0);
				}
			),
			{ numRuns: 500 }
		);
	});

	it('takes records of a wrong kind', () => {
		const indexes = emptyIndexes();
		indexes.model.addChunk(0, 0);
		indexes.model.addChunk(1e15);
		indexes.model.addChunk('no number' as unknown as number);
		indexes.model.finish();
		const restorer = new EntryRestorer(FIRST_ENTRY, COUNT, indexes);
		restorer.addChunk(0, { bytes: 'no bytes', count: 3 } as unknown as EventChunk);
		restorer.finish();
		expect(entriesOf(restorer)).toEqual([]);
		expect([...indexes.model.damage, ...restorer.damage]).toEqual([
			"A piece of the model's audio (at byte 1000000000000000) could not be read.",
			"A piece of the model's audio (at byte no number) could not be read.",
			"The model's audio ends at 0.000 s instead of 2.083 s.",
			'Events 0 to 2 are missing.',
			'Events 3 to 39 are missing.'
		]);
	});

	it('goes on where an earlier reading ended, wherever that was', () => {
		const { live, events } = makeRecords();
		const chunk = events[0]!.value;
		fc.assert(
			fc.property(fc.nat(COUNT), (middle) => {
				const before = new EntryRestorer(FIRST_ENTRY, middle, fullIndexes());
				before.addChunk(0, chunk);
				before.finish();
				const behind = new EntryRestorer(before.cursor, COUNT, fullIndexes());
				behind.addChunk(0, chunk);
				behind.finish();
				const [first, second] = [entriesOf(before), entriesOf(behind)];
				expect([first.length, second.length]).toEqual([middle, COUNT - middle]);
				const expected = Array.from({ length: COUNT }, (_, index) => live.log.entry(index));
				expect(textsOf([...first, ...second])).toEqual(textsOf(expected));
				expect([...first, ...second].map(({ at }) => at)).toEqual(expected.map(({ at }) => at));
				expect([...before.damage, ...behind.damage]).toEqual([]);
			})
		);
	});

	it('never lets time run backwards', () => {
		const lines = [5, 3, 9].map((at) => `{"seq":0,"at":${at},"from":"client","text":""}\n`).join('');
		const restorer = new EntryRestorer({ index: 0, at: 4 }, 3, fullIndexes());
		restorer.addChunk(0, { bytes: new TextEncoder().encode(lines), count: 3 });
		expect(entriesOf(restorer).map(({ at }) => at)).toEqual([5, 5, 9]);
		expect(restorer.cursor).toEqual({ index: 3, at: 9 });
	});
});
