import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hostileLog } from '../../../tests/fixtures/hostile-log.ts';
import { bargeIn } from '../../../tests/fixtures/make-fixtures.ts';
import { foldLog, noise, SessionScript } from '../../../tests/fixtures/session-script.ts';
import { PeakTrack } from '../audio/peaks.ts';
import type { RecordingHeader, TrackName } from '../recording/recorded-event.ts';
import { Recorder } from '../recording/recorder.ts';
import { formatRecordingFile, parseRecordingFile } from '../recording/recording-file.ts';
import { MemoryLog } from '../recording/recording-log.ts';
import { applyEntry } from '../session/apply-event.ts';
import { createSession, type Session } from '../session/session-model.ts';
import { deriveConversation } from './conversation.ts';
import { deriveHeardShare } from './heard-share.ts';
import { deriveInterruptionMarkers } from './interruption-markers.ts';
import { deriveLanes } from './lanes.ts';
import { deriveCallerPlacements, deriveModelPlacements } from './placements.ts';
import { deriveSpeechRegions } from './speech-regions.ts';
import { deriveCounts } from './summary.ts';
import { deriveTurns } from './turns.ts';
import { deriveWindowPeaks } from './window-peaks.ts';

const file = new URL('../../../tests/fixtures/v1-barge-in.earshot.jsonl', import.meta.url);
const recording = parseRecordingFile(readFileSync(file, 'utf8'));
const log = recording.ok ? recording.value.log : new MemoryLog();

const HEADER: RecordingHeader = {
	...{ earshot: 1, id: 'a', startedAt: '2026-11-20T09:00:00.000Z', title: 'Live', redacted: [] },
	...{ endpoint: 'Simulator', transport: 'websocket', model: 'gpt-realtime-2.1' }
};

/** All that the panes show, derived as the console derives it. */
function derive(session: Session) {
	const turns = deriveTurns(session);
	const modelPlacements = deriveModelPlacements(session);
	const speechRegions = deriveSpeechRegions(session);
	return {
		conversation: deriveConversation(session),
		turns,
		markers: deriveInterruptionMarkers(session, modelPlacements),
		caller: deriveCallerPlacements(session),
		model: modelPlacements,
		regions: speechRegions,
		lanes: deriveLanes(session, { modelPlacements, speechRegions, turns }),
		heardShare: deriveHeardShare(session),
		counts: deriveCounts(session, turns)
	};
}

/** Steps of time at which the waveforms are compared: samples themselves, and peaks of 10 ms. Milliseconds. */
const STEPS_MS = [0.5, 7, 10, 33];

type Peaks = Record<TrackName, PeakTrack>;

/** The waveforms of everything placed so far. */
function deriveWaveforms(session: Session, recorded: MemoryLog, peaks: Peaks) {
	const placements = { caller: deriveCallerPlacements(session), model: deriveModelPlacements(session) };
	return (['caller', 'model'] as const).flatMap((name) => {
		const audio = { bytes: recorded.tracks[name], peaks: peaks[name] };
		const endMs = Math.max(0, ...placements[name].map((placement) => placement.endMs));
		return STEPS_MS.map((stepMs) =>
			deriveWindowPeaks(placements[name], audio, 0, stepMs, Math.ceil(endMs / stepMs) + 1)
		);
	});
}

/** One moment of a session as the panes show it. */
interface Moment {
	readonly count: number;
	readonly panes: unknown;
	readonly waveforms: Float32Array[];
	readonly session: Session;
}

/** Holds a session as the console does: each text is recorded, stored, folded and shown before the next one comes. */
function hold(script: SessionScript, every: number): { recorded: MemoryLog; moments: Moment[] } {
	const recorded = new MemoryLog();
	const peaks: Peaks = { caller: new PeakTrack(), model: new PeakTrack() };
	const live = createSession();
	const moments: Moment[] = [];
	let now = 0;
	const recorder = new Recorder(
		recorded,
		() => now,
		({ entry, audio }) => {
			if (entry.audio && audio) peaks[entry.audio.track].append(audio);
			applyEntry(live, entry);
			if (recorded.length % every !== 0 && recorded.length !== script.log.length) return;
			const waveforms = deriveWaveforms(live, recorded, peaks);
			// As they are now: the session goes on being changed in place.
			moments.push(structuredClone({ count: recorded.length, panes: derive(live), waveforms, session: live }));
		}
	);
	for (let index = 0; index < script.log.length; index++) {
		const { at, from, raw } = script.log.recorded(index);
		now = at + index / 1024; // clocks have fractions
		recorder.record(from, raw);
	}
	return { recorded, moments };
}

/** The log as it comes out of an exported file, and the peaks of its tracks as a whole. */
function reopen(recorded: MemoryLog): { log: MemoryLog; peaks: Peaks } {
	const text = Buffer.from([...formatRecordingFile(HEADER, recorded)].join(''), 'utf8').toString('utf8');
	const parsed = parseRecordingFile(text);
	if (!parsed.ok) throw new Error(parsed.error.message);
	expect(parsed.value.skipped).toEqual([]);
	const peaks: Peaks = { caller: new PeakTrack(), model: new PeakTrack() };
	for (const name of ['caller', 'model'] as const) {
		const track = parsed.value.log.tracks[name];
		peaks[name].append(track.read(0, track.length));
	}
	return { log: parsed.value.log, peaks };
}

/** Stalls, audio that is cut inside its samples, answers that wait in vain, and a connection that is lost in the end. */
function troubled(): SessionScript {
	const odd = [4801, 3, 961, 2400, 1, 7777];
	const stop = { reason: 'caller_speech', noticed_at_ms: 2300, output_latency_ms: 12 };
	const script = new SessionScript().connects().console('microphone.opened').callerSends(160, 200).wait(600);
	script.callerSpeaks('caller_1', { fromMs: 160, ms: 333, previous: null }).responseBegins('resp_1');
	script.modelBegins('resp_1', 'model_1', 'caller_1').modelSends('resp_1', 'model_1', noise(413, 1), odd).wait(20);
	script.playback('started', 'model_1', 0).callerSends(240).playback('position', 'model_1', 231).wait(230);
	script.playback('stalled', 'model_1', 413).wait(90).modelSends('resp_1', 'model_1', noise(700, 2), odd);
	script.playback('resumed', 'model_1', 413).modelSends('resp_1', 'model_2', noise(301, 3), odd).callerSends(320);
	script.modelSends('resp_1', 'model_3', noise(150, 4), [1, 2, 5]).callerTranscribed('caller_1', ['And ', 'then?']);
	script.server('input_audio_buffer.speech_started', { audio_start_ms: 1000, item_id: 'caller_2' }).wait(25);
	script.playback('stopped', 'model_1', 801, { ...stop, rendered_at_ms: 2310.5 });
	for (const waiting of ['model_2', 'model_3'])
		script.playback('stopped', waiting, 0, { ...stop, rendered_at_ms: 2310.5 });
	script.client('conversation.item.truncate', { item_id: 'model_1', content_index: 0, audio_end_ms: 801 });
	script.server('conversation.item.truncated', { item_id: 'model_1', content_index: 0, audio_end_ms: 801 });
	script.responseEnds('resp_1', [], 'turn_detected').callerSends(200, 440);
	script.server('input_audio_buffer.speech_stopped', { audio_end_ms: 1253, item_id: 'caller_2' });
	script
		.callerCommits('caller_2', 'model_1')
		.message('server', 'no event')
		.client('response.create', { event_id: 'a' });
	script.server('error', { error: { message: 'No', event_id: 'a', param: 'response.voice' } }).wait(40);
	script.responseBegins('resp_2').modelBegins('resp_2', 'model_4', 'caller_2');
	script.modelSends('resp_2', 'model_4', noise(517, 5), [2401]).wait(15).playback('started', 'model_4', 0);
	script.wait(260).playback('position', 'model_4', 250).wait(30);
	return script.console('connection.closed', { code: 1006, reason: '', was_clean: false });
}

describe('live equals replay', () => {
	test.each<[string, () => SessionScript, number]>([
		['a barge-in', bargeIn, 3],
		['much trouble', troubled, 4]
	])('for the moments of a session with %s', { timeout: 60_000 }, (_name, script, every) => {
		const { recorded, moments } = hold(script(), every);
		const replay = reopen(recorded);
		expect(moments.length).toBeGreaterThan(20);
		expect(moments.at(-1)!.count).toBe(replay.log.length);
		for (const { count, panes, waveforms, session } of moments) {
			const replayed = foldLog(replay.log, count);
			expect(replayed).toEqual(session);
			expect(derive(replayed)).toEqual(panes);
			expect(deriveWaveforms(replayed, replay.log, replay.peaks)).toEqual(waveforms);
		}
	});

	test('and the troubled session holds what it is for', () => {
		const script = troubled();
		const session = script.session();
		const states = new Set(deriveModelPlacements(session).map((placement) => placement.state));
		expect(states).toEqual(new Set(['heard', 'unheard']));
		const chunks = Array.from({ length: script.log.length }, (_, index) => script.log.entry(index).audio?.offset ?? 0);
		expect(chunks.some((offset) => offset % 2 === 1)).toBe(true);
		expect(session.utterances.map((u) => [u.playback.state, u.playback.runs.length])).toEqual([
			['stopped', 2],
			['stopped', 1],
			['stopped', 1],
			['stopped', 1]
		]);
		expect(session.interruptions.map((i) => i.itemId)).toEqual(['model_1']);
		expect(session.callerSegments.length).toBeGreaterThan(1);
	});

	test('looking changes nothing', () => {
		const looked = createSession();
		for (let index = 0; index < log.length; index++) {
			applyEntry(looked, log.entry(index));
			derive(looked);
		}
		expect(looked).toEqual(foldLog(log));
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
