import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bargeIn } from '../../../tests/fixtures/make-fixtures.ts';
import { encodeBase64 } from '#core/audio/base64.ts';
import { openRecordingZip } from './recording-zip-reader.ts';
import {
	HEADER,
	logOf,
	recordingOf,
	scanZip,
	zipOf,
	delta,
	append,
	soundOf,
	rawsOf,
	rawsOfLog,
	smallMessages
} from './testing/zipped-recordings.ts';
import { filesOf, handMadeZip, type HandMade } from './testing/zips.ts';

const smallLog = () =>
	logOf([
		append(soundOf(100)),
		delta(soundOf(60)),
		append(soundOf(20)),
		{ at: 2, from: 'console', raw: '{"type":"x"}' }
	]);

/** The zip of the small log, packed again with some of its files changed, left out or added. */
async function changed(
	changes: Readonly<Record<string, Uint8Array | string | null>>,
	more: readonly HandMade[] = []
): Promise<Blob> {
	const files = await filesOf(await zipOf(recordingOf(smallLog())));
	const kept = [...files].filter(([name]) => changes[name] !== null);
	return handMadeZip([...kept.map(([name, content]) => ({ name, content: changes[name] ?? content })), ...more]);
}

const line = (seq: number, audio: unknown) =>
	`{"seq":${seq},"at":1,"from":"client","event":{"type":"input_audio_buffer.append","audio":""},"audio":${JSON.stringify(audio)}}`;
const HEAD = '{"earshot":1,"title":"A"}';

describe('a file in the zip', () => {
	test('that is not as it was written is read, and named', async () => {
		const caller = (await filesOf(await zipOf(recordingOf(smallLog())))).get('caller.wav')!;
		caller[60]! ^= 1;
		const scanned = await scanZip(await changed({ 'caller.wav': caller }));
		expect(scanned.notes).toEqual([expect.stringMatching(/^caller\.wav .*changed or damaged/)]);
		expect(rawsOf(scanned).slice(1)).toEqual(rawsOfLog(smallLog()).slice(1));
		expect(scanned.audio[0]?.[16]).toBe((16 * 7) ^ 1);
	});

	test('that has lines more than it had is named', async () => {
		const lines = (await filesOf(await zipOf(recordingOf(smallLog())))).get('recording.jsonl')!;
		const scanned = await scanZip(await changed({ 'recording.jsonl': `${lines.toString('utf8')}\n` }));
		expect(scanned.notes).toEqual([expect.stringMatching(/^recording\.jsonl .*changed or damaged/)]);
		expect(rawsOf(scanned)).toEqual(rawsOfLog(smallLog()));
	});

	test.each([
		['missing', null],
		['no WAV file', 'no WAV file'],
		['a WAV file without data', 'RIFF\x04\0\0\0WAVE']
	])('that holds a track and is %s costs the audio of its messages', async (_case, content) => {
		const scanned = await scanZip(await changed({ 'caller.wav': content }));
		expect(scanned.notes.at(-1)).toMatch(/^caller\.wav is not in the zip, or cannot be read/);
		expect(scanned.audio.map((bytes) => bytes?.length)).toEqual([undefined, 60, undefined, undefined]);
		expect(scanned.entries.map(({ text }) => text)).toEqual(
			Array.from({ length: 4 }, (_, i) => smallLog().entry(i).text)
		);
	});

	test('that holds less of a track than its messages name costs those', async () => {
		const caller = (await filesOf(await zipOf(recordingOf(smallLog())))).get('caller.wav')!;
		const scanned = await scanZip(await changed({ 'caller.wav': caller.subarray(0, 44 + 110) }));
		expect(scanned.notes).toEqual([
			expect.stringContaining('not in caller.wav'),
			expect.stringMatching(/^caller\.wav .*damaged/)
		]);
		expect(scanned.audio.map((bytes) => bytes?.length)).toEqual([100, 60, undefined, undefined]);
	});

	test.each([
		['missing', null, 'There is no manifest.json'],
		['no JSON', '{', 'manifest.json in the zip cannot be read'],
		['without digests', '{"earshot":1,"files":{"caller.wav":{"sha256":7}}}', 'has no digest of recording.jsonl']
	])('that is the manifest and is %s leaves the recording whole', async (_case, content, note) => {
		const scanned = await scanZip(await changed({ 'manifest.json': content }));
		expect(scanned.notes[0]).toContain(note);
		expect(rawsOf(scanned)).toEqual(rawsOfLog(smallLog()));
	});
});

describe('a reference', () => {
	const wav = (length: number) => {
		const bytes = Buffer.alloc(44 + length);
		bytes.write('RIFF\0\0\0\0WAVEfmt \x10\0\0\0', 'latin1');
		bytes.write('data', 36, 'latin1');
		bytes.writeUInt32LE(length, 40);
		return bytes;
	};
	const scanned = (lines: readonly string[]) =>
		scanZip(
			handMadeZip([
				{ name: 'recording.jsonl', content: [HEAD, ...lines, ''].join('\n') },
				{ name: 'caller.wav', content: wav(100) },
				{ name: 'model.wav', content: wav(100) },
				{ name: 'manifest.json', content: '{}' }
			])
		);
	const good = { track: 'caller', index: 45, offset: 0, length: 10 };
	const next = { ...good, offset: 10 };

	test('to what was read before, or to more than there is, is no audio', async () => {
		const offsets = [0, 5, 10, 90, 91, 95].map((offset) => line(offset, { ...good, offset }));
		const { audio, notes } = await scanned(offsets);
		expect(audio.map((bytes) => bytes?.length)).toEqual([10, undefined, 10, 10, undefined, undefined]);
		expect(notes.at(-1)).toContain('not in caller.wav');
	});

	test.each([
		['at another place', { ...next, index: 44 }],
		['to the other track', { ...next, track: 'model' }],
		['to no track', { ...next, track: 'both' }],
		['with a fraction', { ...next, offset: 0.5 }],
		['below zero', { ...next, offset: -1 }],
		['beyond all numbers', { ...next, length: 2 ** 60 }],
		['of nothing', { ...next, length: 0 }],
		['of terabytes', { ...next, length: 2 ** 44 }],
		['that is a text', 'caller.wav'],
		['with a prototype', JSON.parse('{"track":"caller","__proto__":{"index":45},"offset":10,"length":10}')]
	])('%s is no audio', async (_case, reference) => {
		const lines = [line(0, good), line(1, reference), line(2, { ...good, offset: 20 })];
		const { audio, entries, skipped } = await scanned(lines);
		expect(skipped).toEqual([]);
		expect(entries.map(({ text }) => text)).toEqual(Array(3).fill('{"type":"input_audio_buffer.append","audio":""}'));
		expect(audio.map((bytes) => bytes?.length)).toEqual([10, undefined, 10]);
	});

	test('is not needed where the audio is in the message itself', async () => {
		const inline = ['AAAA', 'AQID', '////'].map((audio, seq) =>
			line(seq, 7).replace('"audio":""', `"audio":"${audio}"`).replace(',"audio":7', '')
		);
		const { audio, notes } = await scanned(inline);
		expect(audio.map((bytes) => bytes && encodeBase64(bytes))).toEqual(['AAAA', 'AQID', '////']);
		expect(notes.filter((note) => !note.includes('manifest'))).toEqual([]);
	});

	test('beside audio in the message itself does not count', async () => {
		const both = line(0, good).replace('"audio":""', '"audio":"AAAA"');
		const { audio, notes } = await scanned([both]);
		expect(audio).toEqual([new Uint8Array(3)]);
		expect(notes.at(-1)).toContain('does not belong to their message');
	});
});

describe('a zip', () => {
	test.each<[string, readonly HandMade[], RegExp]>([
		['without a recording', [{ name: 'a.txt', content: 'x' }], /no Earshot recording in this zip/],
		['with nothing', [], /no Earshot recording in this zip/],
		[
			'whose recording is encrypted',
			[{ name: 'recording.jsonl', content: HEAD, isEncrypted: true }],
			/encrypted.*password/
		],
		['with two recordings of one name', Array(2).fill({ name: 'recording.jsonl', content: HEAD }), /in the zip twice/],
		['whose name leads up', [{ name: '../recording.jsonl', content: HEAD }], /leads out of the zip/],
		['whose name is absolute', [{ name: '/recording.jsonl', content: HEAD }], /leads out of the zip/],
		['of a newer format', [{ name: 'recording.jsonl', content: '{"earshot":2}' }], /newer Earshot \(format 2\)/],
		['whose recording is empty', [{ name: 'recording.jsonl', content: '' }], /empty/],
		['whose recording is something else', [{ name: 'recording.jsonl', content: 'x' }], /not an Earshot recording/]
	])('%s is refused with what to do', async (_case, files, message) => {
		const scanned = await scanZip(handMadeZip(files));
		expect(scanned.problem).toMatch(message);
		expect(scanned.header).toBeNull();
	});

	test.each([
		['0 bytes', new Uint8Array(0)],
		['noise', new Uint8Array(10_000).map((_, i) => Math.imul(i, 2_654_435_761) >>> 13)],
		['text', new TextEncoder().encode(HEAD)]
	])('of %s is none', async (_case, bytes) => {
		expect((await scanZip(new Blob([bytes]))).problem).toBe('This is not a zip file.');
	});

	test('that unfolds to a gigabyte is given up early', async () => {
		const bomb = `${HEAD}\n${'\n'.repeat(2 ** 26)}`;
		const scanned = await scanZip(handMadeZip([{ name: 'recording.jsonl', content: bomb, isPacked: true }]));
		expect(scanned.header?.title).toBe('A');
		expect(scanned.notes.at(-1)).toMatch(/unfolds to more than 300 times its size.*do not trust/);
	});

	test('that unfolds to a gigabyte and was cut off is given up early, too', async () => {
		const bomb = handMadeZip([
			{ name: 'recording.jsonl', content: `${HEAD}\n${'\n'.repeat(2 ** 26)}`, isPacked: true }
		]);
		const scanned = await scanZip(bomb.slice(0, -10));
		expect(scanned.notes[0]).toContain('cut off');
		expect(scanned.notes.at(-1)).toMatch(/unfolds to more than 300 times its size/);
	});

	test('whose track unfolds to a gigabyte has no such track', async () => {
		const lines = `${HEAD}\n${line(0, { track: 'caller', index: 45, offset: 0, length: 10 })}\n`;
		const scanned = await scanZip(
			handMadeZip([
				{ name: 'recording.jsonl', content: lines },
				{ name: 'caller.wav', content: new Uint8Array(2 ** 26), isPacked: true }
			])
		);
		expect(scanned.notes[0]).toMatch(/“caller.wav” in the zip unfolds to more than 300 times/);
		expect(scanned.audio).toEqual([undefined]);
	});

	test('of more files than anybody packs is refused', async () => {
		const files = Array.from({ length: 50 }, (_, i) => ({ name: `${i}`, content: '' }));
		const limits = { entries: 49, entryBytes: 1e9, totalBytes: 1e9, ratio: 300 };
		expect((await scanZip(handMadeZip(files), limits)).problem).toMatch(/more than 49 files/);
	});

	test('in a zip is not opened', async () => {
		const inner = new Uint8Array(await (await zipOf(recordingOf(smallLog()))).arrayBuffer());
		const scanned = await scanZip(handMadeZip([{ name: 'a.earshot.zip', content: inner }]));
		expect(scanned.problem).toMatch(/no Earshot recording in this zip/);
	});
});

describe('a zip that was cut off', () => {
	test('keeps what is left of it, wherever it was cut', async () => {
		const { log } = bargeIn();
		const whole = await zipOf(recordingOf(log));
		const raws = rawsOfLog(log);
		const texts = Array.from({ length: log.length }, (_, index) => log.entry(index).text);
		let mostAudio = 0;
		for (let length = whole.size - 30; length > 0; length -= 3001) {
			const scanned = await scanZip(whole.slice(0, length));
			if (scanned.problem !== null) {
				// So little that the header is not in it.
				expect(length).toBeLessThan(4000);
				expect(scanned.problem).toMatch(/cut off|not a zip|empty|no Earshot/);
				continue;
			}
			expect(scanned.header).toEqual(HEADER);
			expect(scanned.notes[0]).toContain('cut off');
			const read = rawsOf(scanned);
			expect(scanned.entries.map(({ text }) => text)).toEqual(texts.slice(0, read.length));
			const whole_ = read.filter((raw, index) => raw === raws[index]).length;
			const silent = scanned.entries.filter(({ audio }, index) => !audio && log.entry(index).audio).length;
			expect(whole_ + silent).toBe(read.length);
			mostAudio = Math.max(mostAudio, whole_);
		}
		expect(mostAudio).toBe(log.length);
	}, 60_000);

	test('in its lines keeps nearly all that came before', async () => {
		const events = smallMessages(20_000);
		const whole = await zipOf(recordingOf(logOf(events)));
		const scanned = await scanZip(whole.slice(0, whole.size / 2));
		expect(scanned.notes).toEqual([expect.stringContaining('cut off')]);
		expect(scanned.entries.length).toBeGreaterThan(9000);
		expect(scanned.entries.every(({ text }, index) => text === events[index]!.raw)).toBe(true);
	});
});

test('errors in its bytes end in words, never in an exception', async () => {
	const whole = new Uint8Array(await (await zipOf(recordingOf(smallLog()))).arrayBuffer());
	const errors = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
	await fc.assert(
		fc.asyncProperty(errors, fc.integer({ min: 1, max: whole.length }), async (list, length) => {
			const bytes = whole.slice(0, list.length % 2 ? whole.length : length);
			for (const [place, byte] of list) if (place < bytes.length) bytes[place] = byte;
			const scanned = await scanZip(new Blob([bytes]));
			if (scanned.problem !== null) expect(scanned.problem).toMatch(/\.$|: /);
			else expect(scanned.header).not.toBeNull();
		}),
		{ numRuns: 600 }
	);
}, 120_000);

test('a scan can be stopped, and what was read stays', async () => {
	const { log } = bargeIn();
	const zip = await openRecordingZip(await zipOf(recordingOf(log)));
	if (!zip.ok) throw new Error(zip.error.message);
	const abort = new AbortController();
	let count = 0;
	const listener = {
		onheader: () => abort.abort(),
		onentry: () => void count++,
		onskip: () => undefined,
		onnote: () => undefined
	};
	expect((await zip.value.scan(listener, { signal: abort.signal })).ok).toBe(true);
	expect(count).toBeLessThanOrEqual(log.length);
	const again = { ...listener, onheader: () => undefined };
	count = 0;
	const told: number[] = [];
	expect((await zip.value.scan(again, { onprogress: (bytes) => told.push(bytes) })).ok).toBe(true);
	expect(count).toBe(log.length);
	expect(told.at(-1)).toBeLessThanOrEqual(zip.value.size);
});
