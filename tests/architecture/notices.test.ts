import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { generateNotices } from '../../src/host/notices.js';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');

test('THIRD_PARTY_NOTICES.md is what `npm run notices` writes now', () => {
	expect(read('THIRD_PARTY_NOTICES.md') === generateNotices(), 'a dependency has changed: npm run notices').toBe(true);
});

test('it names every dependency, at the version that is installed', () => {
	const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { version: string }> };
	const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
	const notices = read('THIRD_PARTY_NOTICES.md');
	const headings = notices
		.split('\n')
		.filter((line) => line.startsWith('## '))
		.join(', ');
	for (const name of [...Object.keys(dependencies), 'svelte', '@sveltejs/kit']) {
		expect(headings).toContain(`${name} ${packages[`node_modules/${name}`]?.version}`);
	}
	expect(notices).toContain('Carnegie Mellon University'); // the voice
	expect(notices).toContain('Silero Team'); // the turn detector
});
