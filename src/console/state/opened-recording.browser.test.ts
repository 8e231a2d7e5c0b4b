// A recording that comes block by block, and what panes see of it meanwhile.
import { flushSync } from 'svelte';
import { toStore } from 'svelte/store';
import { afterEach, expect, test, vi } from 'vitest';
import { fail } from '#core/base/result.ts';
import { deriveCallerPlacements } from '#core/timeline/placements.ts';
import { deriveWindowPeaks } from '#core/timeline/window-peaks.ts';
import { foldLog, SessionScript } from '../../../tests/fixtures/session-script.ts';
import { openRecording, type OpenedRecording } from './opened-recording.svelte.ts';
import { RawText } from './raw-text.svelte.ts';
import { MemorySource } from './testing/memory-source.ts';

const isBusy = () => document.documentElement.dataset['busy'] === 'true';
const opened: OpenedRecording[] = [];

afterEach(() => {
	for (const recording of opened.splice(0)) recording.dispose();
});

function talk() {
	const script = new SessionScript().connects().callerSpeaks('caller_1', { fromMs: 0, ms: 2000, previous: null });
	script.responseBegins('resp_1').modelBegins('resp_1', 'model_1', 'caller_1');
	return script.modelSpeaks('resp_1', 'model_1', ['Good ', 'evening.'], 1500).playback('started', 'model_1', 0);
}

async function open(source: MemorySource): Promise<OpenedRecording> {
	const recording = await openRecording(source, 'a');
	if (!recording.ok) throw new Error(recording.error.message);
	opened.push(recording.value);
	return recording.value;
}

test('all that is stored is there when it has come, and the page is busy until then', async () => {
	const source = new MemorySource(talk().log);
	const recording = await open(source);
	expect([recording.log.length, recording.isLoaded, isBusy()]).toEqual([0, false, true]);
	source.give(10);
	expect(recording.log.length).toBe(10);
	source.give();
	source.listener.onloaded(['Something is missing.']);
	expect([recording.isLoaded, recording.damage, isBusy()]).toEqual([true, ['Something is missing.'], false]);
	expect(foldLog(recording.log as never)).toEqual(foldLog(source.log));
	for (let index = 0; index < source.log.length; index++) {
		expect(await recording.log.loadRaw(index)).toBe(source.log.raw(index));
	}
});

test('what comes before the answer is not lost', async () => {
	const source = new MemorySource(talk().log);
	const opening = openRecording(source, 'a');
	source.give();
	source.listener.onloaded([]);
	const recording = await opening;
	if (!recording.ok) throw new Error(recording.error.message);
	opened.push(recording.value);
	expect([recording.value.log.length, recording.value.isLoaded]).toEqual([source.log.length, true]);
});

test('many blocks in a hurry are told together, the last of them too', async () => {
	const source = new MemorySource(talk().log);
	const recording = await open(source);
	const told: number[] = [];
	recording.watch(() => told.push(recording.log.length));
	for (let count = 1; count <= 30; count++) source.give(count);
	expect(told.length).toBeLessThan(10);
	await vi.waitFor(() => expect(told.at(-1)).toBe(30));
});

test('a recording that grows after it was opened goes on growing', async () => {
	const script = talk();
	const source = new MemorySource(script.log, 'live');
	const recording = await open(source);
	source.give();
	source.listener.onloaded([]);
	const versions: number[] = [];
	const stop = toStore(() => recording.version).subscribe((version) => versions.push(version));
	const callerBytes = recording.log.tracks.caller.length;
	script.callerSends(400);
	source.give();
	source.listener.onsummary({ ...source.summary, status: 'closed' });
	await vi.waitFor(() => expect(versions.length).toBe(2));
	expect(recording.log.length).toBe(script.log.length);
	expect(recording.log.tracks.caller.length).toBe(callerBytes + 400 * 48);
	expect(recording.summary.status).toBe('closed');
	stop();
});

test('a recording that is lost keeps what had come, and says why no more will', async () => {
	const source = new MemorySource(talk().log);
	const recording = await open(source);
	source.give(12);
	source.listener.onlost({ kind: 'deleted', message: 'It was deleted.' });
	expect(recording.problem?.message).toBe('It was deleted.');
	expect([recording.log.length, recording.isLoaded, isBusy()]).toEqual([12, true, false]);
});

test('what cannot be opened says why, and nothing stays busy', async () => {
	const source = new MemorySource(talk().log);
	source.open = () => Promise.resolve(fail({ kind: 'missing', message: 'There is none.' }));
	expect(await openRecording(source, 'b')).toMatchObject({ error: { message: 'There is none.' } });
	expect(isBusy()).toBe(false);
});

test('closing ends all of it', async () => {
	const source = new MemorySource(talk().log);
	const recording = await open(source);
	source.give(5);
	recording.dispose();
	source.give(20);
	source.listener.onloaded([]);
	expect([source.isClosed, recording.log.length, isBusy()]).toEqual([true, 5, false]);
});

test('a close view is drawn by peaks until its bytes are read, and is told when they are', async () => {
	const source = new MemorySource(talk().log);
	const recording = await open(source);
	source.give();
	const placements = deriveCallerPlacements(foldLog(source.log));
	const draw = (bytes: typeof source.log.tracks.caller | typeof recording.log.tracks.caller) => {
		const missing: [number, number][] = [];
		const audio = { bytes, peaks: recording.peaks.caller };
		const levels = deriveWindowPeaks(placements, audio, 300, 1, 50, (...range) => missing.push(range));
		return { levels, missing };
	};
	const first = draw(recording.log.tracks.caller);
	expect(first.missing).toHaveLength(1);
	expect(source.reads).toEqual([]);
	const { version } = recording.peaks;
	await recording.log.tracks.caller.load(...first.missing[0]!);
	expect(recording.peaks.version).toBeGreaterThan(version);
	expect(draw(recording.log.tracks.caller)).toEqual(draw(source.log.tracks.caller));
	expect(first.levels).not.toEqual(draw(recording.log.tracks.caller).levels);
});

test('the text of an event is read when it is chosen; what was chosen before comes too late', async () => {
	const source = new MemorySource(talk().log);
	const recording = await open(source);
	source.give();
	const audioSeqs = Array.from({ length: source.log.length }, (_, seq) => seq).filter(
		(seq) => source.log.entry(seq).audio
	);
	const [caller, model] = [audioSeqs[0]!, audioSeqs.at(-1)!];
	const callerIsRead = Promise.withResolvers<void>();
	const readAudio = source.readAudio.bind(source);
	source.readAudio = async (...args) => {
		if (args[1] === 'caller') await callerIsRead.promise;
		return readAudio(...args);
	};
	const raw = new RawText();
	const first = raw.choose(recording.log, caller);
	expect(raw.text).toBeNull();
	await raw.choose(recording.log, model);
	expect(raw.text).toBe(source.log.raw(model));
	callerIsRead.resolve();
	await first;
	expect(raw.text).toBe(source.log.raw(model));
	await raw.choose(recording.log, 0);
	expect(raw.text).toBe(source.log.raw(0));
	await raw.choose(recording.log, null);
	expect(raw.text).toBeNull();
});

test('a text that takes its time is spoken of; one that cannot be read says so', async () => {
	const source = new MemorySource(talk().log);
	const answers = Promise.withResolvers<Uint8Array<ArrayBuffer>>();
	source.readAudio = () => answers.promise;
	const recording = await open(source);
	source.give();
	const seq = Array.from({ length: source.log.length }, (_, index) => index).find(
		(index) => source.log.entry(index).audio
	)!;
	const raw = new RawText();
	const choosing = raw.choose(recording.log, seq);
	await vi.waitFor(() => expect(raw.isSlow).toBe(true));
	answers.reject(new Error('The disk is gone.'));
	await choosing;
	flushSync();
	expect(raw.isSlow).toBe(false);
	expect(raw.problem).toContain('The disk is gone.');
});
