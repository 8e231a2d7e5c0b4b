import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostileLog } from '../../../tests/fixtures/hostile-log.ts';
import { foldLog } from '../../../tests/fixtures/session-script.ts';
import { parseRecordingFile } from '../recording/recording-file.ts';
import { RecordingLog } from '../recording/recording-log.ts';
import { applyEntry } from '../session/apply-event.ts';
import { createSession, type Session } from '../session/session-model.ts';
import { deriveConversation } from './conversation.ts';
import { deriveInterruptionMarkers } from './interruption-markers.ts';
import { deriveLanes } from './lanes.ts';
import { deriveCallerPlacements, deriveModelPlacements } from './placements.ts';
import { deriveSpeechRegions } from './speech-regions.ts';
import { deriveTurns } from './turns.ts';

const file = new URL('../../../tests/fixtures/v1-barge-in.earshot.jsonl', import.meta.url);
const recording = parseRecordingFile(readFileSync(file, 'utf8'));
const log = recording.ok ? recording.value.log : new RecordingLog();

/** All that the panes show. */
function derive(session: Session): unknown {
	return {
		conversation: deriveConversation(session),
		turns: deriveTurns(session),
		markers: deriveInterruptionMarkers(session),
		caller: deriveCallerPlacements(session),
		model: deriveModelPlacements(session),
		regions: deriveSpeechRegions(session),
		lanes: deriveLanes(session)
	};
}

describe('live equals replay', () => {
	test('for every moment of a recording', () => {
		expect(log.length).toBeGreaterThan(100);
		const live = createSession();
		for (let count = 1; count <= log.length; count++) {
			applyEntry(live, log.entry(count - 1));
			const replayed = foldLog(log, count);
			expect(derive(live)).toEqual(derive(replayed));
			expect(live).toEqual(replayed);
		}
	});

	test('looking changes nothing', () => {
		const looked = createSession();
		for (let index = 0; index < log.length; index++) {
			applyEntry(looked, log.entry(index));
			derive(looked);
		}
		expect(looked).toEqual(foldLog(log));
	});

	test('from a log that was just recorded as from its file', () => {
		const recorded = new RecordingLog();
		for (let index = 0; index < log.length; index++) recorded.append(log.recorded(index));
		expect(derive(foldLog(recorded))).toEqual(derive(foldLog(log)));
	});
});

test('whatever a log holds, every pane has something finite to show', { timeout: 30_000 }, () => {
	fc.assert(
		fc.property(hostileLog(), (hostile) => {
			const session = foldLog(hostile);
			derive(session);
			for (const p of [...deriveCallerPlacements(session), ...deriveModelPlacements(session)]) {
				expect(Number.isFinite(p.startMs) && Number.isFinite(p.endMs) && p.endMs >= p.startMs).toBe(true);
				expect(p.offset + p.length).toBeLessThanOrEqual(hostile.tracks[p.itemId === null ? 'caller' : 'model'].length);
			}
			for (const region of deriveSpeechRegions(session))
				expect(Number.isFinite(region.endMs - region.startMs)).toBe(true);
			for (const marker of deriveInterruptionMarkers(session)) expect(marker.label).not.toMatch(/NaN|Infinity/);
		}),
		{ numRuns: 300 }
	);
});

test('the recording shows its interruption', () => {
	const session = foldLog(log);
	expect(deriveInterruptionMarkers(session)).toMatchObject([
		{
			itemId: 'item_model1',
			playedMs: 720,
			receivedMs: 1500,
			keptMs: 720,
			label: 'heard 0.72 of 1.50 s, silent after 20 ms'
		}
	]);
	expect(deriveConversation(session).map((entry) => [entry.who, entry.text, entry.wasInterrupted])).toEqual([
		['Caller', 'When are you open?', false],
		['Model', 'We are open from nine to six on weekdays, and from ten to', true],
		['Caller', 'Just Sunday.', false],
		['Model', 'Closed on Sundays.', false]
	]);
	expect(session.problems).toEqual([]);
	expect(session.connection.state).toBe('closed');
});
