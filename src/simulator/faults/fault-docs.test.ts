/** What the page about the simulator says of faults is right. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readFaults } from '#simulator/faults/fault-text.ts';

const page = readFileSync(new URL('../../../docs/simulator.md', import.meta.url), 'utf8');
const section = page.slice(page.indexOf('## Faults'), page.indexOf('## Limits'));

it('every fault that the page shows can be had', () => {
	const block = /```\n([^]*?)```/.exec(section)?.[1] ?? '';
	const faults = block
		.split('\n')
		.map((line) => line.split(/\s{2,}/)[0] ?? '')
		.filter((text) => text !== '');
	expect(faults.length).toBeGreaterThan(8);
	const asJson = /`(\[\{.*?\}\])`/.exec(section)?.[1] ?? 'none';
	const others = [...page.matchAll(/earshot-faults=([^\s`]+)/g)].map(([, text]) => text ?? '');
	for (const text of [...faults, ...others, asJson, 'none', 'server_error:event', 'expire:announce']) {
		expect([text, readFaults(text)]).toEqual([text, { faults: expect.any(Array) }]);
	}
});
