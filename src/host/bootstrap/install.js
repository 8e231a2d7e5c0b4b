import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runChild } from './children.js';
import { Failure } from './failure.js';

/**
 * Runs `npm ci` when node_modules does not hold what package-lock.json asks for.
 * @param {string} root
 */
export async function installIfNeeded(root) {
	const lockText = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
	const wanted = createHash('sha256').update(lockText).digest('hex');
	const stampFile = path.join(root, 'node_modules', '.earshot-installed');
	if (existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === wanted) return;
	if (!isInstalled(root, lockText)) {
		console.log('Installing dependencies (once, and after an update) ...');
		await npmCi(root);
	}
	mkdirSync(path.dirname(stampFile), { recursive: true });
	writeFileSync(stampFile, `${wanted}\n`);
}

/**
 * Whether somebody has installed exactly this lock file by hand: npm keeps its own list of what it put in place.
 * @param {string} root
 * @param {string} lockText
 */
function isInstalled(root, lockText) {
	const placedFile = path.join(root, 'node_modules', '.package-lock.json');
	if (!existsSync(placedFile)) return false;
	const wanted = JSON.parse(lockText).packages;
	const placed = JSON.parse(readFileSync(placedFile, 'utf8')).packages;
	return Object.keys(wanted).every((folder) => {
		if (folder === '') return true;
		if (placed[folder]) return placed[folder].version === wanted[folder].version;
		return wanted[folder].optional && !isForThisMachine(wanted[folder]);
	});
}

/**
 * Of the optional packages npm installs those for this system and processor. (Two that differ in their C library look
 * alike from here; one of them is always missing.)
 * @param {{ os?: string[], cpu?: string[], libc?: string[] }} entry
 */
function isForThisMachine({ os, cpu, libc }) {
	return Boolean(!libc && os?.includes(process.platform) && cpu?.includes(process.arch));
}

/** @param {string} root */
async function npmCi(root) {
	// Both groups by name: NODE_ENV=production or `omit` in somebody's settings would leave out the build tools or Node.
	const args = ['ci', '--loglevel=error', '--include=dev', '--include=optional'];
	const npmScript = process.env.npm_execpath;
	const throughNpm = npmScript && /npm-cli\.[cm]?js$/.test(npmScript);
	const { code } = throughNpm
		? await runChild(process.execPath, [npmScript, ...args], { root })
		: await runChild('npm', args, { root, shell: process.platform === 'win32' }).catch(() => ({ code: -1 }));
	if (code === -1) throw new Failure('npm was not found on the PATH. It comes with Node: install Node 22.18 or newer.');
	if (code !== 0) {
		throw new Failure(
			`Installing the dependencies failed (npm ci ended with code ${code}; its message is above).\n` +
				'It needs the npm registry that `npm config get registry` names. Check the connection, then run the command again.'
		);
	}
}
