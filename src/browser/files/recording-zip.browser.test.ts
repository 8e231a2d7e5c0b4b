// Zips with the browser's own streams, blobs and codecs.
import { expect, test } from 'vitest';
import { noise, SessionScript } from '../../../tests/fixtures/session-script.ts';
import type { MemoryLog } from '#core/recording/recording-log.ts';
import {
	Collected,
	logOf,
	recordingOf,
	scanZip,
	zipOf,
	rawsOf,
	rawsOfLog,
	smallMessages
} from './testing/zipped-recordings.ts';
import { zipFiles } from './zip-writer.ts';
import { openZip, zipProblemOf } from './zip.ts';

function session(): MemoryLog {
	const script = new SessionScript().connects().callerSends(4000, 330).responseBegins('resp_1');
	script.modelBegins('resp_1', 'item_1', null).modelSpeaks('resp_1', 'item_1', ['Grüße ', 'from 日本'], 5000);
	script.modelSends('resp_1', 'item_1', noise(3000, 7), [961, 1, 4800]);
	script.modelEnds('resp_1', 'item_1', 'Grüße from 日本', { previous: null });
	return script.log;
}

test('a recording comes back from its zip, byte for byte', async () => {
	const log = session();
	const scanned = await scanZip(await zipOf(recordingOf(log)));
	expect([scanned.problem, scanned.notes, scanned.skipped]).toEqual([null, [], []]);
	expect(rawsOf(scanned)).toEqual(rawsOfLog(log));
});

test('of a zip that was cut off, what is left is read', async () => {
	const log = session();
	const whole = await zipOf(recordingOf(log));
	for (const part of [0.3, 0.9]) {
		const scanned = await scanZip(whole.slice(0, whole.size * part));
		expect([scanned.problem, scanned.notes[0]]).toEqual([null, expect.stringContaining('cut off')]);
		expect(scanned.entries.map(({ text }) => text)).toEqual(rawsOfLog(log).map((_, index) => log.entry(index).text));
		expect(scanned.audio.filter(Boolean).length).toBeGreaterThan(50);
	}
});

test('cut off in its lines, it keeps nearly all that came before', async () => {
	const events = smallMessages(20_000);
	const whole = await zipOf(recordingOf(logOf(events)));
	const scanned = await scanZip(whole.slice(0, whole.size / 2));
	expect(scanned.entries.length).toBeGreaterThan(9000);
	expect(scanned.entries.every(({ text }, index) => text === events[index]!.raw)).toBe(true);
});

test('damage ends in words', async () => {
	const whole = new Uint8Array(await (await zipOf(recordingOf(session()))).arrayBuffer());
	let state = 1;
	for (let run = 0; run < 60; run++) {
		const bytes = whole.slice();
		for (let i = 0; i <= run % 5; i++) {
			state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
			// The lines and all headers are among the first and last bytes.
			const place = state % 4000;
			bytes[run % 2 ? place : bytes.length - 1 - place] = state >>> 24;
		}
		const { problem, header } = await scanZip(new Blob([bytes]));
		expect(problem === null ? header !== null : problem !== '').toBe(true);
	}
});

test('a bomb is given up early', async () => {
	async function* zeros(): AsyncGenerator<Uint8Array, void> {
		for (let i = 0; i < 128; i++) yield new Uint8Array(1 << 20);
	}
	async function* files() {
		yield { name: 'a', content: zeros() };
	}
	const target = new Collected();
	await zipFiles(files(), target.stream);
	const zip = await openZip(target.blob);
	if (!zip.ok) throw new Error(zip.error.message);
	let bytes = 0;
	const reader = zip.value.stream('a').getReader();
	const problem = await (async () => {
		try {
			for (;;) bytes += (await reader.read()).value?.length ?? 0;
		} catch (error) {
			return zipProblemOf(error);
		}
	})();
	expect(problem.kind).toBe('bomb');
	expect(bytes).toBeLessThan(64 * 2 ** 20);
});
