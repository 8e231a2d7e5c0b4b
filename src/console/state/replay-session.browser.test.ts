// A replay on its clock: the playhead while the recording is still coming, and the sound.
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { userEvent } from 'vitest/browser';
import { fail } from '#core/base/result.ts';
import { foldLog, SessionScript } from '../../../tests/fixtures/session-script.ts';
import { notices } from './notices.svelte.ts';
import { openRecording } from './opened-recording.svelte.ts';
import { ReplaySession } from './replay-session.svelte.ts';
import { STRETCH_MS } from './replay-sound.ts';
import { MemorySource } from './testing/memory-source.ts';

const HEADER_BYTES = 44;
const replays: ReplaySession[] = [];

// The browser plays nothing before the first click.
beforeAll(() => userEvent.click(document.body));

afterEach(() => {
	for (const replay of replays.splice(0)) {
		replay.dispose();
		replay.recording.dispose();
	}
	for (const notice of notices.list) notices.dismiss(notice.id);
});

function talk(): SessionScript {
	const script = new SessionScript().connects().at(1000).callerSends(400, 330);
	script.responseBegins('resp_1').modelBegins('resp_1', 'item_1', null);
	script.modelSpeaks('resp_1', 'item_1', ['One two three.'], 2000).at(2000).playback('started', 'item_1', 0);
	return script.at(2750).playback('stopped', 'item_1', 750, { reason: 'caller_speech' }).at(5000).console('note');
}

async function open(source: MemorySource): Promise<ReplaySession> {
	const opened = await openRecording(source, 'a');
	if (!opened.ok) throw new Error(opened.error.message);
	const replay = new ReplaySession(opened.value);
	replays.push(replay);
	return replay;
}

async function openWhole(script = talk()): Promise<{ source: MemorySource; replay: ReplaySession }> {
	const source = new MemorySource(script.log);
	const replay = await open(source);
	source.give();
	source.listener.onloaded([]);
	return { source, replay };
}

test('the playhead shows the session as it was, at any moment and right after any event', async () => {
	const { source, replay } = await openWhole();
	for (const ms of [0, 1100, 2750, 900, 5000]) {
		replay.seek(ms);
		expect(replay.view.current).toEqual(foldLog(source.log, source.log.countUpTo(ms)));
		expect(replay.eventCount).toBe(source.log.countUpTo(ms));
	}
	replay.seekToEvent(7);
	expect(replay.ms).toBe(source.log.entry(7).at);
	expect(replay.view.current).toEqual(foldLog(source.log, 8));
	replay.seekToEvent(source.log.length);
	expect(replay.eventCount).toBe(8);
});

test('an event that has not come yet is waited for', async () => {
	const source = new MemorySource(talk().log);
	const replay = await open(source);
	source.give(3);
	replay.seekToEvent(20);
	expect(replay.isAwaited).toBe(true);
	source.give(25);
	await vi.waitFor(() => expect(replay.isAwaited).toBe(false));
	expect(replay.ms).toBe(source.log.entry(20).at);
	expect(replay.view.current).toEqual(foldLog(source.log, 21));
});

test('a moment that has not come yet is shown when it has; its length is known before', async () => {
	const source = new MemorySource(talk().log);
	const replay = await open(source);
	source.give(3);
	expect(replay.lengthMs).toBe(5000);
	replay.seek(2000);
	expect(replay.ms).toBe(2000);
	expect(replay.view.current.eventCount).toBe(3);
	source.give();
	source.listener.onloaded([]);
	expect(replay.view.current).toEqual(foldLog(source.log, source.log.countUpTo(2000)));
});

test('both voices are heard in their places, and the clock waits until they are', async () => {
	const { source, replay } = await openWhole();
	const mixing = Promise.withResolvers<void>();
	const mix = source.mix.bind(source);
	source.mix = async (...args) => {
		await mixing.promise;
		return mix(...args);
	};
	replay.play();
	await vi.waitFor(() => expect(replay.status).toBe('Preparing the sound…'));
	expect([replay.ms, replay.isPlaying]).toEqual([0, true]);
	mixing.resolve();
	await vi.waitFor(() => expect(replay.ms).toBeGreaterThan(100));
	expect(replay.status).toBe('');
	replay.pause();
	expect(source.mixes).toHaveLength(1);
	const { placements, lengthMs } = source.mixes[0]!;
	expect(lengthMs).toBe(5000);
	expect(placements.model.map(({ state, startMs, endMs }) => [state, startMs, endMs])).toEqual([['heard', 2000, 2750]]);
	expect(placements.formats).toEqual({ caller: 'pcm16', model: 'pcm16' });
});

test('who pauses while the sound is being prepared hears nothing', async () => {
	const { replay } = await openWhole();
	replay.play();
	replay.pause();
	await vi.waitFor(() => expect(document.documentElement.dataset['busy']).toBe('false'));
	expect([replay.ms, replay.isPlaying, replay.status]).toEqual([0, false, '']);
});

test('it is played to its end, and from the start again', async () => {
	const { replay } = await openWhole();
	replay.setSpeed(4);
	replay.seek(3000);
	replay.play();
	await vi.waitFor(() => expect(replay.isPlaying).toBe(false), 5000);
	expect(replay.ms).toBe(5000);
	replay.play();
	expect(replay.ms).toBe(0);
});

test('a recording without sound is replayed all the same, and says so', async () => {
	const { source, replay } = await openWhole();
	source.mix = () => Promise.resolve(fail({ kind: 'unreadable', message: 'Its audio is gone.' }));
	replay.play();
	await vi.waitFor(() => expect(replay.ms).toBeGreaterThan(100));
	expect(notices.list.at(-1)?.text).toBe('The replay goes on without sound. Its audio is gone.');
});

test('sound is made in stretches, each of what is heard in it; silence is not made at all', async () => {
	const script = talk()
		.at(STRETCH_MS - 500)
		.callerSends(1000, 330)
		.at(3.5 * STRETCH_MS)
		.console('note');
	const { source, replay } = await openWhole(script);
	replay.seek(STRETCH_MS - 400);
	replay.play();
	await vi.waitFor(() => expect(replay.ms).toBeGreaterThan(STRETCH_MS + 100), 5000);
	expect(source.mixes.map(({ lengthMs }) => lengthMs)).toEqual([STRETCH_MS, STRETCH_MS]);
	const starts = source.mixes.map(({ placements }) => placements.caller.map(({ startMs }) => Math.round(startMs)));
	expect(starts).toEqual([[1000, STRETCH_MS - 500], [-500]]);
	replay.seek(2.5 * STRETCH_MS);
	await vi.waitFor(() => expect(replay.ms).toBeGreaterThan(2.5 * STRETCH_MS));
	expect(source.mixes).toHaveLength(2);
});

test('what has come since is heard when it is played again', async () => {
	const script = talk();
	const source = new MemorySource(script.log, 'live');
	const replay = await open(source);
	source.give();
	source.listener.onloaded([]);
	replay.play();
	await vi.waitFor(() => expect(source.mixes).toHaveLength(1));
	replay.pause();
	replay.play();
	await vi.waitFor(() => expect(replay.ms).toBeGreaterThan(0));
	expect(source.mixes).toHaveLength(1);
	replay.pause();
	script.callerSends(400, 330);
	source.give();
	await vi.waitFor(() => expect(replay.whole.current.eventCount).toBe(script.log.length));
	replay.play();
	await vi.waitFor(() => expect(source.mixes).toHaveLength(2));
	expect(source.mixes[1]!.placements.caller).toHaveLength(2);
	expect(source.mixes[1]!.lengthMs).toBeGreaterThan(5000);
});

test('the mix that is played holds the voices where they were heard, to the sample', async () => {
	const { source, replay } = await openWhole();
	const mix = source.mix.bind(source);
	const wavs: Blob[] = [];
	source.mix = async (...args) => {
		const mixed = await mix(...args);
		if (mixed.ok) wavs.push(mixed.value.wav);
		return mixed;
	};
	replay.play();
	await vi.waitFor(() => expect(wavs).toHaveLength(1));
	const samples = new Int16Array((await wavs[0]!.arrayBuffer()).slice(HEADER_BYTES));
	const loudest = (fromMs: number, toMs: number) =>
		samples.subarray(fromMs * 24, toMs * 24).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
	expect(samples).toHaveLength(5000 * 24);
	expect([loudest(0, 999), loudest(1401, 2000), loudest(2750, 5000)]).toEqual([0, 0, 0]);
	expect(Math.min(loudest(1000, 1400), loudest(2000, 2750), loudest(2745, 2750))).toBeGreaterThan(0);
});
