// The scanner with the browser's own text decoder and base64 codec.
import { expect, test } from 'vitest';
import { hourLog } from '../../../tests/bench/hour-log.ts';
import { readPlainly } from './testing/plain-recording-file.ts';
import { isInFile, rawOf, scan } from './testing/scan.ts';

test('a minute of a session is what it is when it is parsed line by line', async () => {
	const file = new Uint8Array(await new Blob([...hourLog({ minutes: 1, seed: 5 })]).arrayBuffer()).subarray(
		0,
		3_000_000
	);
	const { log, skipped } = readPlainly(file);
	const scanned = scan(file, [1 << 18]);
	expect(scanned.skipped.map(({ line }) => line)).toEqual(skipped);
	expect(scanned.entries.length).toBe(log.length);
	const wrong = scanned.entries.findIndex((entry, index) => rawOf(entry) !== log.raw(index) || !isInFile(file, entry));
	expect(wrong).toBe(-1);
	expect(scanned.entries.filter(({ audio }) => audio).length).toBeGreaterThan(1500);
});
