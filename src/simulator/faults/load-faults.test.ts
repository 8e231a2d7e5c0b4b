import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { loadFaultsArgument } from '#simulator/faults/load-faults.ts';

const folder = mkdtempSync(join(tmpdir(), 'faults-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('takes the text of faults, with moments that have a slash', () => {
	expect(loadFaultsArgument('drop:1011@response.created/2')).toMatchObject({ faults: [{ fault: 'drop' }] });
	expect(loadFaultsArgument('[{ "fault": "drop", "code": 1011, "reason": "a/b" }]')).toMatchObject({
		faults: [{ reason: 'a/b' }]
	});
});

it('takes a file of them, and says when there is none', () => {
	const file = join(folder, 'faults.json');
	writeFileSync(file, '[{ "fault": "rate_limit" }]');
	expect(loadFaultsArgument(file)).toMatchObject({ faults: [{ fault: 'rate_limit' }] });
	expect(loadFaultsArgument(join(folder, 'other'))).toEqual({ error: `There is no file '${join(folder, 'other')}'.` });
	expect(loadFaultsArgument('faults.json')).toEqual({ error: "There is no file 'faults.json'." });
	expect(loadFaultsArgument(folder)).toMatchObject({ error: expect.stringContaining('cannot be read') });
});
