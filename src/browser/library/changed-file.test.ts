// A file that is changed or taken away while it is read, and while it is stored: then its audio is read from it again.
import { expect, test } from 'vitest';
import { succeed, type Result } from '#core/base/result.ts';
import { audioOfTracks } from '#core/recording/export/audio-reader.ts';
import type { RecordingSummary } from '#core/recording/recorded-event.ts';
import { hourLog } from '../../../tests/bench/hour-log.ts';
import { openMemoryStore } from '../store/recording-store.ts';
import { ImportJob, summaryOf, type ImportHost } from './import-job.ts';
import type { ImportListener, LibraryProblem } from './library-api.ts';
import { notReadable, ScriptedBlob } from './testing/scripted-blob.ts';

const NAME = 'bug.earshot.jsonl';
const CHANGED = `${NAME} changed, or was moved or deleted, while it was being read. Import it again.`;

/** Runs an import with a store in memory. */
async function take(file: Blob, onstoring: () => void = () => undefined) {
	const store = openMemoryStore();
	const lost: LibraryProblem[] = [];
	const host: ImportHost = {
		onincoming: (recording) => {
			recording.attach({
				...{ onblocks: () => undefined, onpeaks: () => undefined, onloaded: () => undefined },
				...{ onsummary: () => undefined, onlost: (problem) => void lost.push(problem) }
			});
		},
		store: ({ header, log }): Promise<Result<RecordingSummary, LibraryProblem>> =>
			store.importRecording(header, log, audioOfTracks(log.tracks)),
		onsettled: () => undefined
	};
	const listener: ImportListener = {
		...{ ondetected: () => undefined, onrecording: () => undefined },
		onprogress: ({ phase }) => phase === 'storing' && onstoring()
	};
	const done = await new ImportJob(host, {}, listener).run(file, NAME);
	return { done, lost, store };
}

const recording = () => new Blob([...hourLog({ minutes: 0.5, seed: 3 })]);
const event = (n: number) => `{"type":"response.create","event_id":"e${n}"}\n`;
const eventLog = () => new Blob(Array.from({ length: 20_000 }, (_, n) => event(n)));

test.each([
	['a recording', recording],
	['a log', eventLog]
])('of %s what was read is kept, and the report says what was not', async (_name, make) => {
	let isStoring = false;
	const file = new ScriptedBlob(make(), (_start, end) => {
		if (!isStoring && end > 600_000) throw notReadable();
	});
	// What was read can be read again here: a recording's audio must be, to be stored.
	const { done, lost } = await take(file, () => (isStoring = true));
	expect(lost).toEqual([]);
	expect(done).toMatchObject({
		ok: true,
		value: {
			wasCancelled: false,
			skippedCount: 1,
			skipped: [{ place: 'the rest of the file', reason: CHANGED }],
			notes: []
		}
	});
	const [kept] = done.ok ? done.value.recordings : [];
	expect(kept!.eventCount).toBeGreaterThan(50);
	expect(kept!.eventCount).toBeLessThan(19_000);
});

test.each([
	['when it is looked at', -1],
	['after its first bytes', 70_000]
])('nothing that was read is nothing kept: it ends %s', async (_name, afterBytes) => {
	const file = new ScriptedBlob(recording(), (_start, end) => {
		if (end > afterBytes) throw notReadable();
	});
	const { done, lost, store } = await take(file);
	expect(done).toEqual({ ok: false, error: { kind: 'changed', message: CHANGED } });
	expect(lost).toEqual([]);
	expect(await store.list()).toEqual(succeed([]));
});

test.each([
	['is gone', () => Promise.reject(notReadable())],
	['is another one', (file: Blob) => Promise.resolve(new Blob(['!'.repeat(file.size)]))]
])('while it is stored the file %s: the failure names it', async (_name, change) => {
	let isStoring = false;
	const whole = recording();
	const file = new (class extends ScriptedBlob {
		override slice(start?: number, end?: number): Blob {
			if (!isStoring) return super.slice(start, end);
			const changed = change(whole).then((blob) => blob.slice(start, end).arrayBuffer());
			return Object.assign(new Blob(), { arrayBuffer: () => changed });
		}
	})(whole, () => undefined);
	const { done, lost, store } = await take(file, () => (isStoring = true));
	const problem = { kind: 'changed', message: CHANGED };
	expect(done).toEqual({ ok: false, error: problem });
	expect(lost).toEqual([problem]);
	expect(await store.list()).toEqual(succeed([]));
});

test('a store that fails while the file is there is another matter', async () => {
	const host: ImportHost = {
		onincoming: () => undefined,
		store: (incoming) =>
			Promise.resolve({ ok: false, error: { kind: 'full', message: `No room. ${summaryOf(incoming).status}` } }),
		onsettled: () => undefined
	};
	const listener = { ondetected: () => undefined, onrecording: () => undefined, onprogress: () => undefined };
	const done = await new ImportJob(host, {}, listener).run(recording(), NAME);
	expect(done).toEqual({ ok: false, error: { kind: 'full', message: `${NAME}: No room. importing` } });
});
