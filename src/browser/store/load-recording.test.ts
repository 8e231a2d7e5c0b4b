import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordingSummary } from '#core/recording/recorded-event.ts';
import { EMPTY_STATE, planFlush } from './flush-plan.ts';
import { RecordingRestorer } from './load-recording.ts';
import type { EventChunk } from './schema.ts';
import { LiveRecording, countingBytes, rawsOf } from './testing/live-recording.ts';
import type { AppendedEntry } from '#core/recording/recording-log.ts';

const SUMMARY: RecordingSummary = {
	header: {
		earshot: 1,
		id: 'id',
		startedAt: '',
		title: '',
		endpoint: '',
		transport: '',
		model: '',
		redacted: []
	},
	status: 'closed',
	lengthMs: 0,
	eventCount: 40,
	callerBytes: 0,
	modelBytes: 100_000,
	turns: 0,
	interruptions: 0,
	errors: 0
};

/** 40 events, half of them with 5,000 bytes of audio: one chunk of events, three of audio. */
function makeRecords() {
	const appended: AppendedEntry[] = [];
	const live = new LiveRecording({ append: (entry, audio) => appended.push(audio ? { entry, audio } : { entry }) });
	for (let round = 0; round < 20; round++) {
		live.recordTexts(1);
		live.recordAudio('model', countingBytes(5_000, round));
	}
	return { live, ...planFlush('id', EMPTY_STATE, appended) };
}

describe('RecordingRestorer', () => {
	it('takes any damage: it never throws, every event that is left can be read, and the loss is named', () => {
		const { live, events, audio } = makeRecords();
		const chunk = events[0]!.value;
		const whole = rawsOf(live.log);
		const hit = fc.record({ at: fc.nat(chunk.bytes.length - 1), byte: fc.nat(255) });
		fc.assert(
			fc.property(
				fc.array(hit, { maxLength: 5 }),
				fc.nat(chunk.bytes.length),
				fc.array(fc.tuple(fc.boolean(), fc.nat(48_000)), { minLength: 3, maxLength: 3 }),
				(hits, keptBytes, kept) => {
					const bytes = chunk.bytes.slice();
					for (const { at, byte } of hits) bytes[at] = byte;
					const restorer = new RecordingRestorer(SUMMARY);
					audio.forEach(({ key, value }, index) => {
						const [isKept, length] = kept[index]!;
						if (isKept) restorer.addAudio(key, value.slice(0, length));
					});
					restorer.addEvents(['id', 0], { bytes: bytes.slice(0, keptBytes), count: chunk.count });
					const { log, damage } = restorer.finish();
					const raws = rawsOf(log);
					if (raws.length < whole.length) expect(damage.length).toBeGreaterThan(0);
				}
			),
			{ numRuns: 500 }
		);
	});

	it('takes records of a wrong kind', () => {
		const restorer = new RecordingRestorer(SUMMARY);
		restorer.addAudio(['id', 'model', 1e15], new ArrayBuffer(10));
		restorer.addAudio(['id', 'model', 0], 'no bytes' as unknown as ArrayBuffer);
		restorer.addEvents(['id', 0], { bytes: 'no bytes', count: 3 } as unknown as EventChunk);
		const { log, damage } = restorer.finish();
		expect(log.length).toBe(0);
		expect(damage).toEqual([
			"A piece of the model's audio (at byte 1000000000000000) could not be read.",
			"A piece of the model's audio (at byte 0) could not be read.",
			'Events 0 to 2 are missing.',
			"The model's audio ends at 0.000 s instead of 2.083 s.",
			'Events 3 to 39 are missing.'
		]);
	});
});
