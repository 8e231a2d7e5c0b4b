import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runCaptured, runChild } from './children.js';
import { Failure } from './failure.js';

/**
 * What the built site is made from, with package.json for its `imports`. Not: the servers and the tests, which run from
 * their sources.
 */
const SETTINGS = ['svelte.config.js', 'vite.config.ts', 'tsconfig.json', 'package.json', 'package-lock.json'];
const SOURCES = ['src', 'static', ...SETTINGS];
const NOT_IN_SITE = /^src\/(simulator|relay|host)(\/|$)|\.test\.ts$|\/testing(\/|$)|(^|\/)\./;

/**
 * Builds the site into build/ unless what is there was made from the same files.
 * @param {string} root
 * @param {string} node
 * @param {{ always?: boolean }} [options]
 */
export async function buildIfStale(root, node, { always = false } = {}) {
	const stampFile = path.join(root, 'build', '.built');
	const stamp = sourceStamp(root); // before the build: what changes while it runs makes it stale
	if (!always && existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === stamp) return;
	console.log('Building the site ...');
	const startedAt = Date.now();
	const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js');
	// What a build prints is for those who ask for a build; others see it when it failed.
	const { code, stopped, output } = always
		? { ...(await runChild(node, [vite, 'build'], { root, node })), output: '' }
		: await runCaptured(node, [vite, 'build', '--logLevel', 'warn'], { root, node });
	if (stopped) process.exit(130);
	if (code !== 0) throw new Failure(`${output}\nBuilding the site failed: vite build ended with code ${code}.`);
	writeFileSync(stampFile, `${stamp}\n`);
	console.log(`Built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s.`);
}

/**
 * A digest of names, sizes and modification times: a stat per file, no reading. It also changes when a file is removed
 * or replaced by an older one, which "newer than" would miss.
 * @param {string} root
 */
export function sourceStamp(root) {
	const hash = createHash('sha256');
	/** @param {string} name relative, with forward slashes */
	const add = (name) => {
		if (NOT_IN_SITE.test(name)) return;
		const file = path.join(root, name);
		const stats = statSync(file, { throwIfNoEntry: false });
		if (stats?.isDirectory()) for (const entry of readdirSync(file).sort()) add(`${name}/${entry}`);
		else if (stats) hash.update(`${name}\0${stats.size}\0${stats.mtimeMs}\n`);
	};
	for (const source of SOURCES) add(source);
	return hash.digest('hex');
}
