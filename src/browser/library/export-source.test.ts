import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseRecordingFile } from '#core/recording/recording-file.ts';
import { prepareExport } from './export-source.ts';

const files = ['static/demos/barge-in', 'static/demos/false-start', 'tests/fixtures/v1-barge-in'];

function read(file: string) {
	const text = readFileSync(new URL(`../../../${file}.earshot.jsonl`, import.meta.url), 'utf8');
	const parsed = parseRecordingFile(text);
	if (!parsed.ok) throw new Error(parsed.error.message);
	return parsed.value;
}

test.each(files)('when all of it falls silent, no sound is left: %s', async (file) => {
	const { header, log } = read(file);
	const silence = [{ startMs: 0, endMs: 1e7 }];
	const source = prepareExport(header, log, { format: 'earshot.jsonl', redaction: null, silence });
	expect(source.header.redacted).toEqual(['audio']);
	expect(source.redactions.counts).toEqual({ audio: 1 });
	const quiet = file.endsWith('false-start') ? 0xff : 0;
	for (const track of ['caller', 'model'] as const) {
		const bytes = await source.audio.read(track, 0, source.audio.length(track));
		expect(bytes.length).toBe(log.tracks[track].length);
		expect(bytes.findIndex((byte) => byte !== quiet)).toBe(-1);
	}
});

test('a stretch takes what lies in it, in pieces of any size, and leaves the rest', async () => {
	const { header, log } = read('static/demos/clean-turn');
	const silence = [{ startMs: 2000, endMs: 3000 }];
	const source = prepareExport(header, log, { format: 'earshot.jsonl', redaction: null, silence });
	const { length } = log.tracks.caller;
	const whole = await source.audio.read('caller', 0, length);
	const original = log.tracks.caller.read(0, length);
	const changed = [...whole.keys()].filter((index) => whole[index] !== original[index]);
	expect(changed.at(-1)! - changed[0]!).toBeLessThanOrEqual(1000 * 48 + 2);
	expect(changed.length).toBeGreaterThan(10_000);
	for (const start of [changed[0]! - 3, changed[0]! + 1, changed.at(-1)! - 4]) {
		expect(await source.audio.read('caller', start, 7)).toEqual(whole.slice(start, start + 7));
	}
});
