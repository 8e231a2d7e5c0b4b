import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sourceStamp } from './build.js';

let root: string;
beforeEach(async () => {
	root = await mkdtemp(path.join(tmpdir(), 'earshot-stamp-'));
	for (const folder of ['src/core', 'src/simulator', 'src/host', 'static'])
		await mkdir(path.join(root, folder), { recursive: true });
	await write('src/core/a.ts', 'a');
	await write('svelte.config.js', '');
});
afterEach(() => rm(root, { recursive: true }));

const write = (file: string, text: string) => writeFile(path.join(root, file), text);

test('the stamp changes with what the site is made from, and stays with the rest', async () => {
	const first = sourceStamp(root);
	expect(sourceStamp(root)).toBe(first);
	for (const file of ['src/simulator/a.ts', 'src/host/a.ts', 'src/core/a.test.ts', 'src/.a.ts.swp', 'README.md']) {
		await write(file, 'x');
		expect(sourceStamp(root), file).toBe(first);
	}
	for (const file of ['src/core/b.ts', 'static/icon.svg', 'vite.config.ts', 'package.json', 'package-lock.json']) {
		const before = sourceStamp(root);
		await write(file, 'x');
		expect(sourceStamp(root), file).not.toBe(before);
	}
});

test('it also changes when a file is removed, or replaced by an older one', async () => {
	const first = sourceStamp(root);
	await utimes(path.join(root, 'src/core/a.ts'), 1, 1);
	const older = sourceStamp(root);
	expect(older).not.toBe(first);
	await rm(path.join(root, 'src/core/a.ts'));
	expect(sourceStamp(root)).not.toBe(older);
});
