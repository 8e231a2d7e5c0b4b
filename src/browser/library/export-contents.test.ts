import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { parseRecordingFile } from '#core/recording/recording-file.ts';
import type { ExportFormat } from '#core/recording/export/export-format.ts';
import { measureExport } from './export-contents.ts';
import { exportRecordings } from './export-job.ts';
import { prepareExport } from './export-source.ts';

async function demo(name: string) {
	const text = await readFile(new URL(`../../../static/demos/${name}.earshot.jsonl`, import.meta.url), 'utf8');
	const read = parseRecordingFile(text);
	if (!read.ok) throw new Error(read.error.message);
	return read.value;
}

const FORMATS: readonly ExportFormat[] = [
	...(['earshot.jsonl', 'earshot.zip', 'har', 'markdown', 'csv'] as const),
	...(['wav-stereo', 'wav-caller', 'wav-model'] as const)
];

test.each(FORMATS)('the size of a file is known before it is made: %s', async (format) => {
	const { header, log } = await demo('barge-in');
	const options = { format, redaction: {} };
	async function* leaving() {
		yield await Promise.resolve({ header, log });
	}
	const made = await exportRecordings(leaving(), 1, options, null, () => undefined);
	if (!made.ok) throw new Error(made.error.message);
	const measured = measureExport(prepareExport(header, log, options), format);
	expect(measured / made.value.bytes).toBeGreaterThan(0.9);
	expect(measured / made.value.bytes).toBeLessThan(1.1);
});
