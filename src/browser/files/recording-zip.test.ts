import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anyMessage } from '../../../tests/fixtures/arbitrary.ts';
import { bargeIn } from '../../../tests/fixtures/make-fixtures.ts';
import { joinAudio } from '#core/recording/audio-split.ts';
import { formatRecordingFile } from '#core/recording/recording-file.ts';
import type { MemoryLog } from '#core/recording/recording-log.ts';
import { scan } from '#core/recording/testing/scan.ts';
import { openRecordingZip } from './recording-zip-reader.ts';
import { writeRecordingZip } from './recording-zip-writer.ts';
import {
	Collected,
	HEADER,
	logOf,
	recordingOf,
	scanZip,
	zipOf,
	type ZipScanned,
	delta,
	append,
	soundOf
} from './testing/zipped-recordings.ts';
import { filesOf, handMadeZip } from './testing/zips.ts';

/** The log and what came back of it must be the same, byte for byte of every message. */
function expectSame(scanned: ZipScanned, log: MemoryLog): void {
	expect([scanned.problem, scanned.skipped, scanned.notes]).toEqual([null, [], []]);
	expect(scanned.entries.length).toBe(log.length);
	scanned.entries.forEach((entry, index) => {
		const { at, from, text, binary, audio } = log.entry(index);
		expect(entry).toEqual({ at, from, text, ...(binary && { binary }), ...(audio && { audio }) });
		const bytes = scanned.audio[index];
		const raw = bytes ? joinAudio(entry.text, entry.audio!.index, bytes) : entry.text;
		expect(raw === log.raw(index)).toBe(true);
	});
}

describe('a recording comes back from its zip', () => {
	test('byte for byte of every message', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(anyMessage(), { maxLength: 12 }), async (messages) => {
				const log = logOf(messages);
				const scanned = await scanZip(await zipOf(recordingOf(log)));
				expect(scanned.header).toEqual(HEADER);
				expectSame(scanned, log);
			}),
			{ numRuns: 150 }
		);
	}, 120_000);

	test('with an append of 15 MiB', async () => {
		const log = logOf([append(soundOf(15 * 2 ** 20)), delta('AAAA'), append('AAA=')]);
		expectSame(await scanZip(await zipOf(recordingOf(log))), log);
	});

	test('with a session of two speakers', async () => {
		const { log } = bargeIn();
		expectSame(await scanZip(await zipOf(recordingOf(log))), log);
	});

	test('with its tracks to be read anywhere', async () => {
		const log = logOf([append(soundOf(1000)), delta(soundOf(333)), append(soundOf(5))]);
		const zip = await openRecordingZip(await zipOf(recordingOf(log)));
		if (!zip.ok) throw new Error(zip.error.message);
		const { caller, model } = zip.value.tracks;
		expect([caller?.length, model?.length]).toEqual([1005, 333]);
		expect(await caller?.load(990, 15)).toEqual(log.tracks.caller.read(990, 15));
		expect(await caller?.load(1000, 99)).toEqual(log.tracks.caller.read(1000, 5));
		expect(await model?.load(0, 333)).toEqual(log.tracks.model.read(0, 333));
	});

	test('and writes the same file again', async () => {
		const { log } = bargeIn();
		const again = logOf([]);
		const scanned = await scanZip(await zipOf(recordingOf(log)));
		scanned.entries.forEach(({ at, from, text, binary, audio }, index) => {
			const raw = audio ? joinAudio(text, audio.index, scanned.audio[index]!) : text;
			again.append({ seq: index, at, from, raw, ...(binary && { binary }) });
		});
		expect([...formatRecordingFile(HEADER, again)]).toEqual([...formatRecordingFile(HEADER, log)]);
	});

	test('empty', async () => {
		const files = await filesOf(await zipOf(recordingOf(logOf([]))));
		expect([...files.keys()]).toEqual(['recording.jsonl', 'manifest.json']);
		expectSame(await scanZip(await zipOf(recordingOf(logOf([])))), logOf([]));
	});
});

describe('a zip holds', () => {
	const session = (type: string) => ({
		at: 0,
		from: 'server' as const,
		raw: JSON.stringify({ type: 'session.updated', session: { audio: { input: { format: { type } }, output: {} } } })
	});

	test('lines without audio, tracks as WAV files, and digests', async () => {
		const files = await filesOf(await zipOf(recordingOf(logOf([append(soundOf(7)), delta(soundOf(4))]))));
		expect([...files.keys()]).toEqual(['recording.jsonl', 'caller.wav', 'model.wav', 'manifest.json']);
		const lines = files.get('recording.jsonl')!.toString('utf8').split('\n');
		expect(lines[1]).toBe(
			'{"seq":0,"at":1,"from":"client","event":{"type":"input_audio_buffer.append","audio":""},' +
				'"audio":{"track":"caller","index":45,"offset":0,"length":7}}'
		);
		const caller = files.get('caller.wav')!;
		expect(caller.length).toBe(44 + 7 + 1);
		expect(caller.subarray(44, 51).toString('base64')).toBe(soundOf(7));
		const manifest = JSON.parse(files.get('manifest.json')!.toString('utf8')) as Record<string, unknown>;
		expect(manifest).toEqual({
			earshot: 1,
			files: Object.fromEntries(
				['recording.jsonl', 'caller.wav', 'model.wav'].map((name) => [
					name,
					{ sha256: createHash('sha256').update(files.get(name)!).digest('hex'), bytes: files.get(name)!.length }
				])
			),
			tracks: {
				caller: [{ from: 0, coding: 'pcm16', rate: 24000 }],
				model: [{ from: 0, coding: 'pcm16', rate: 24000 }]
			},
			createdBy: expect.stringMatching(/^Earshot \d/)
		});
	});

	test('the coding of a track, and where it changed', async () => {
		const log = logOf([
			session('audio/pcmu'),
			append(soundOf(160)),
			append(soundOf(160)),
			session('audio/pcma'),
			append(soundOf(80)),
			delta(soundOf(9))
		]);
		const blob = await zipOf(recordingOf(log));
		const files = await filesOf(blob);
		const caller = files.get('caller.wav')!;
		expect([caller.readUInt16LE(20), caller.readUInt32LE(24), caller.length]).toEqual([7, 8000, 58 + 400]);
		const { tracks } = JSON.parse(files.get('manifest.json')!.toString('utf8')) as { tracks: unknown };
		expect(tracks).toEqual({
			caller: [
				{ from: 0, coding: 'mu-law', rate: 8000 },
				{ from: 320, coding: 'a-law', rate: 8000 }
			],
			model: [{ from: 0, coding: 'pcm16', rate: 24000 }]
		});
		expectSame(await scanZip(blob), log);
	});
});

describe('writing', () => {
	test('is refused where a track is longer than a WAV file', async () => {
		const target = new Collected();
		const recording = {
			...recordingOf(logOf([])),
			audio: { length: () => 2 ** 32, read: () => Promise.reject(new Error('never')) }
		};
		const written = await writeRecordingZip(recording, target.stream);
		expect(written).toMatchObject({
			ok: false,
			error: { kind: 'too-big', message: expect.stringContaining('.earshot.jsonl') }
		});
		expect([target.chunks.length, target.isClosed]).toEqual([0, false]);
	});

	test('gives the target up where audio cannot be read', async () => {
		const target = new Collected();
		const recording = recordingOf(logOf([append(soundOf(7))]));
		const audio = { ...recording.audio, read: () => Promise.reject(new Error('The database is gone.')) };
		const written = await writeRecordingZip({ ...recording, audio }, target.stream);
		expect(written).toMatchObject({
			ok: false,
			error: { kind: 'failed', message: expect.stringContaining('database is gone') }
		});
		expect([target.isClosed, target.abortedFor !== undefined]).toEqual([false, true]);
	});

	test('ends where the target fails', async () => {
		const target = new WritableStream<Uint8Array>({ write: () => Promise.reject(new Error('The disk is full.')) });
		const written = await writeRecordingZip(recordingOf(bargeIn().log), target);
		expect(written).toMatchObject({ ok: false, error: { message: expect.stringContaining('disk is full') } });
	});

	test('can be stopped', async () => {
		const target = new Collected();
		const abort = new AbortController();
		const written = await writeRecordingZip(recordingOf(bargeIn().log), target.stream, {
			signal: abort.signal,
			onprogress: () => abort.abort()
		});
		expect(written.ok).toBe(false);
		expect(target.isClosed).toBe(false);
	});

	test('tells how far it is', async () => {
		const { log } = bargeIn();
		const told: number[] = [];
		await writeRecordingZip(recordingOf(log), new Collected().stream, { onprogress: (bytes) => told.push(bytes) });
		expect(told).toEqual([...told].sort((a, b) => a - b));
		expect(told.at(-1)).toBeGreaterThan(log.tracks.caller.length + log.tracks.model.length);
	});
});

test('lines that were taken out of a zip are read, and said to have no audio', async () => {
	const { log } = bargeIn();
	const lines = (await filesOf(await zipOf(recordingOf(log)))).get('recording.jsonl')!;
	const { entries, notes, skipped, problem } = scan(lines);
	expect([problem, skipped]).toEqual([null, []]);
	expect(notes).toEqual([expect.stringMatching(/audio .* is not in this file.*Open the zip/)]);
	expect(entries.map(({ text }) => text)).toEqual(
		Array.from({ length: log.length }, (_, index) => log.entry(index).text)
	);
	expect(entries.every(({ audio }) => audio === undefined)).toBe(true);
});

test('reading is the same when the zip was packed again by other tools, into a folder', async () => {
	const { log } = bargeIn();
	const files = [...(await filesOf(await zipOf(recordingOf(log))))];
	for (const isPacked of [true, false]) {
		const again = handMadeZip([
			{ name: '__MACOSX/call/recording.jsonl', content: 'x' },
			{ name: 'call/notes.txt', content: 'x' },
			...files.reverse().map(([name, content]) => ({ name: `call/${name}`, content, isPacked }))
		]);
		expectSame(await scanZip(again), log);
	}
});

describe('a file that is kept for ever', () => {
	const fixture = (name: string) =>
		new Blob([readFileSync(new URL(`../../../tests/fixtures/${name}`, import.meta.url))]);

	test('of format 1 is read', async () => {
		const scanned = await scanZip(fixture('v1-barge-in.earshot.zip'));
		expect(scanned.header).toMatchObject({ id: 'fixture-barge-in', title: 'Opening hours, interrupted' });
		expectSame(scanned, bargeIn().log);
	});

	test('of a newer format is refused by name', async () => {
		const { problem } = await scanZip(fixture('from-the-future.earshot.zip'));
		expect(problem).toBe(
			'This recording was made by a newer Earshot (format 2); this one reads up to 1. Update Earshot to open it.'
		);
	});
});
