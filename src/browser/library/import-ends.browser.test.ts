// How taking a file in may end, with the library and the database as they are: whole under the eyes of somebody who looks,
// stopped while it is read or stored, and not kept.
import { describe, expect, onTestFinished, test } from 'vitest';
import { concatBytes } from '#core/base/concat-bytes.ts';
import { fail, type Result } from '#core/base/result.ts';
import { audioOfTracks } from '#core/recording/export/audio-reader.ts';
import { EntryBlock, type EntryBlockData } from '#core/recording/entry-block.ts';
import { TRACK_NAMES, type RecordingSummary, type TrackName } from '#core/recording/recorded-event.ts';
import { RecordingScanner } from '#core/recording/recording-scanner.ts';
import { hourLog } from '../../../tests/bench/hour-log.ts';
import { loadRecording } from '../store/testing/load-recording.ts';
import { expectValue, freshDatabase, openTestStore } from '../store/testing/store-fixtures.ts';
import { ImportJob, type ImportHost } from './import-job.ts';
import type { IncomingRecording } from './incoming-recording.ts';
import type { ImportListener, LibraryApi, LibraryProblem, OpenListener } from './library-api.ts';
import { openLibrary } from './library.ts';
import { problem } from './recognise.ts';
import { notReadable, ScriptedBlob } from './testing/scripted-blob.ts';

const NAME = 'bug.earshot.jsonl';
const library = openLibrary();

/** What a recording holds. */
interface Contents {
	/** Time and text of each entry. */
	readonly entries: string[];
	readonly audio: Readonly<Record<TrackName, Uint8Array>>;
}

/** A log of some minutes, and what is in it by the scanner alone. */
function makeLog(minutes: number): { readonly file: Blob } & Contents {
	const entries: string[] = [];
	const pieces: Record<TrackName, Uint8Array[]> = { caller: [], model: [] };
	const scanner = new RecordingScanner({
		onheader: () => undefined,
		onentry: ({ at, text, audio }) => {
			entries.push(`${at} ${text}`);
			if (audio) pieces[audio.track].push(audio.bytes.slice());
		},
		onskip: ({ reason }) => expect.fail(reason),
		onnote: (note) => expect.fail(note)
	});
	const parts = [...hourLog({ minutes, seed: 7 })];
	for (const part of parts) scanner.push(part);
	expectValue(scanner.end());
	const audio = { caller: concatBytes(pieces.caller), model: concatBytes(pieces.model) };
	return { file: new Blob(parts), entries, audio };
}

/** Keeps what it is told of an open recording. */
class Looking implements OpenListener {
	readonly entries: string[] = [];
	/** How many entries there were when a call came. */
	readonly growth: number[] = [];
	readonly lost: LibraryProblem[] = [];
	readonly loaded = Promise.withResolvers<readonly string[]>();
	summary: RecordingSummary | undefined;

	onblocks(blocks: EntryBlockData[]): void {
		for (const data of blocks) {
			const block = EntryBlock.of(data);
			for (let i = 0; i < data.count; i++) this.entries.push(`${block.entry(i, 0).at} ${block.text(i)}`);
		}
		this.growth.push(this.entries.length);
	}

	onpeaks(): void {}

	onloaded(damage: readonly string[]): void {
		this.loaded.resolve(damage);
	}

	onsummary(summary: RecordingSummary): void {
		this.summary = summary;
	}

	onlost(lost: LibraryProblem): void {
		this.lost.push(lost);
	}
}

function listenerWith(some: Partial<ImportListener>): ImportListener {
	return { ondetected: () => undefined, onrecording: () => undefined, onprogress: () => undefined, ...some };
}

/** All bytes of both tracks, read in pieces through an opening. */
async function readTracks(api: LibraryApi, handle: number): Promise<Record<TrackName, Uint8Array>> {
	const read = async (track: TrackName) => {
		const pieces: Uint8Array[] = [];
		for (let offset = 0; ; offset += 1_000_003) {
			const bytes = await api.readAudio(handle, track, offset, 1_000_003);
			if (bytes.length === 0) return concatBytes(pieces);
			pieces.push(bytes);
		}
	};
	return { caller: await read('caller'), model: await read('model') };
}

/** Equal without a difference of a million lines. */
function expectAudio(actual: Contents['audio'], expected: Contents['audio']): void {
	for (const track of TRACK_NAMES) {
		expect(actual[track].length).toBe(expected[track].length);
		expect(actual[track].findIndex((byte, at) => byte !== expected[track][at])).toBe(-1);
	}
}

/** Opens what is stored, and what it holds. */
async function readStored(id: string): Promise<Contents> {
	const looking = new Looking();
	const { handle } = expectValue(await library.open(id, looking));
	expect(await looking.loaded.promise).toEqual([]);
	const audio = await readTracks(library, handle);
	await library.close(handle);
	return { entries: looking.entries, audio };
}

/** Nothing is left of it when the test has ended. */
function forgetLater(recordings: readonly RecordingSummary[]): void {
	onTestFinished(async () => void (await library.purge(recordings.map(({ header }) => header.id))));
}

test('a recording that is opened while it is read grows, and stays open when it is kept', async () => {
	// More than is held of a file in memory.
	const log = makeLog(4);
	const looking = new Looking();
	const opening = Promise.withResolvers<number>();
	const seen: string[] = [];
	const listener = listenerWith({
		onrecording: ({ header, status }) => {
			seen.push(status);
			void library
				.open(header.id, looking)
				.then(expectValue)
				.then(({ handle }) => opening.resolve(handle), opening.reject);
		}
	});
	let isGone = false;
	const file = new ScriptedBlob(log.file, () => {
		if (isGone) throw notReadable();
	});
	const report = expectValue(await library.importFile('grows', file, NAME, {}, listener));
	forgetLater(report.recordings);
	// What is kept needs its file no more.
	isGone = true;
	expect(seen).toEqual(['importing']);
	expect(report).toMatchObject({ skipped: [], notes: [], wasCancelled: false });
	const handle = await opening.promise;
	expect(await looking.loaded.promise).toEqual([]);
	expect(looking.growth[0]).toBeLessThan(log.entries.length / 4);
	expect(looking.growth.length).toBeGreaterThan(2);
	expect(looking.entries).toEqual(log.entries);
	expect(looking.lost).toEqual([]);
	expect(looking.summary).toEqual(report.recordings[0]);
	expect(looking.summary?.eventCount).toBe(log.entries.length);
	expectAudio(await readTracks(library, handle), log.audio);
	const stored = await readStored(report.recordings[0]!.header.id);
	expect(stored.entries).toEqual(log.entries);
	expectAudio(stored.audio, log.audio);
	await library.close(handle);
});

describe('Stop', () => {
	const event = (n: number) => `{"type":"response.create","event_id":"${n}","metadata":{"pad":"${'x'.repeat(900)}"}}`;
	const created = '{"type":"session.created","event_id":"e","session":{"type":"realtime"}}';
	const eventLog = [created, ...Array.from({ length: 3000 }, (_, n) => event(n))];

	test.each([
		['a recording', () => makeLog(1)],
		['a log', () => ({ file: new Blob([eventLog.join('\n')]), entries: eventLog.map((text, at) => `${at} ${text}`) })]
	])('while %s is read keeps what was read', async (_name, make) => {
		const { file, entries } = make();
		const onrecording = () => void library.cancelImport('reading');
		const report = expectValue(await library.importFile('reading', file, NAME, {}, listenerWith({ onrecording })));
		forgetLater(report.recordings);
		expect(report).toMatchObject({ wasCancelled: true, skipped: [], notes: [] });
		const [kept] = report.recordings;
		expect(kept!.eventCount).toBeGreaterThan(100);
		expect(kept!.eventCount).toBeLessThan(entries.length / 2);
		const stored = await readStored(kept!.header.id);
		expect(stored.entries).toEqual(entries.slice(0, kept!.eventCount));
	});

	test('before anything is read says so', async () => {
		const ondetected = () => void library.cancelImport('early');
		const stopped = await library.importFile('early', makeLog(0.1).file, NAME, {}, listenerWith({ ondetected }));
		expect(stopped).toMatchObject({
			ok: false,
			error: { message: expect.stringContaining(`${NAME}: It was stopped`) }
		});
		expect(expectValue(await library.list()).recordings).toEqual([]);
	});

	test('while it is stored comes too late: all that was read is kept', async () => {
		const log = makeLog(1);
		const onprogress = ({ phase }: { phase: string }) => void (phase === 'storing' && library.cancelImport('storing'));
		const report = expectValue(await library.importFile('storing', log.file, NAME, {}, listenerWith({ onprogress })));
		forgetLater(report.recordings);
		expect(report).toMatchObject({ wasCancelled: false, skipped: [] });
		expect((await readStored(report.recordings[0]!.header.id)).entries).toEqual(log.entries);
	});
});

describe('a store that fails', () => {
	const FULL = problem('There is no room left.', 'full');
	const session = (n: number) => `{"type":"session.created","event_id":"${n}","session":{"type":"realtime"}}`;

	/** Keeps recordings in a database of its own, but not those of `failing`; `onkept` is called for each that is kept. */
	async function openHost(failing: readonly number[], onkept: () => void = () => undefined) {
		const store = await openTestStore(freshDatabase());
		const lookings: Looking[] = [];
		const settled: string[] = [];
		let number = 0;
		const host: ImportHost = {
			onincoming: (recording) => {
				const looking = new Looking();
				lookings.push(looking);
				recording.attach(looking);
			},
			store: async (recording, digest, onprogress): Promise<Result<RecordingSummary, LibraryProblem>> => {
				if (failing.includes(number++)) return fail(FULL);
				const { header, log } = recording;
				const options = { onprogress, text: digest.text };
				const kept = await store.importRecording(header, log, audioOfTracks(log.tracks), {}, options);
				onkept();
				return kept;
			},
			onsettled: (recording: IncomingRecording) => void settled.push(recording.header.title)
		};
		return { store, host, lookings, settled };
	}

	test.each([[0], [1], [2]])('for recording %d of three says so, and keeps the others', async (index) => {
		const { store, host, lookings, settled } = await openHost([index]);
		const file = new Blob([0, 1, 2].map((n) => `${session(n)}\n{"type":"response.create","event_id":"r${n}"}\n`));
		const report = expectValue(await new ImportJob(host, {}, listenerWith({})).run(file, 'three.jsonl'));
		const titles = ['three', 'three (2)', 'three (3)'];
		const others = titles.filter((_, at) => at !== index);
		expect(report.recordings.map(({ header }) => header.title)).toEqual(others);
		expect(report.skipped).toEqual([
			{ place: titles[index], reason: 'It was read, but not kept: There is no room left.' }
		]);
		expect(report.wasCancelled).toBe(false);
		expect(settled).toEqual(titles);
		expect(lookings.map(({ lost }) => lost)).toEqual([0, 1, 2].map((at) => (at === index ? [FULL] : [])));
		const kept = expectValue(await store.list());
		expect(kept.map(({ header }) => header.title).sort()).toEqual(others);
		for (const { header } of kept) {
			const { log } = expectValue(await loadRecording(store, header.id));
			const number = titles.indexOf(header.title);
			expect(log.entry(1).text).toContain(`"r${number}"`);
		}
	});

	test('for the only recording is why nothing was taken in', async () => {
		const { store, host, lookings, settled } = await openHost([0]);
		const failed = await new ImportJob(host, {}, listenerWith({})).run(makeLog(0.2).file, NAME);
		expect(failed).toEqual({ ok: false, error: { kind: 'full', message: `${NAME}: There is no room left.` } });
		expect(lookings[0]!.lost).toEqual([FULL]);
		expect(settled).toHaveLength(1);
		expect(expectValue(await store.list())).toEqual([]);
	});
});
