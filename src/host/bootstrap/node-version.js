import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Failure } from './failure.js';

/** The first Node that runs TypeScript without a flag, as major.minor. package.json's `engines` says the same. */
const OLDEST_MAJOR = 22;
const OLDEST_MINOR = 18;

/**
 * The Node that everything after the bootstrap runs on: the one among our dependencies, so that all contributors use
 * the same, or where there is none for this machine (macOS, musl) the one that runs us.
 * @param {string} root
 * @returns {string} path of the program
 */
export function pickNode(root) {
	const system = process.platform === 'win32' ? 'win' : process.platform;
	const program = process.platform === 'win32' ? 'node.exe' : 'node';
	const packaged = path.join(root, 'node_modules', `node-${system}-${process.arch}`, 'bin', program);
	if (existsSync(packaged) && spawnSync(packaged, ['--version']).status === 0) return packaged;
	const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
	if (major > OLDEST_MAJOR || (major === OLDEST_MAJOR && minor >= OLDEST_MINOR)) return process.execPath;
	throw new Failure(
		`Earshot needs Node ${OLDEST_MAJOR}.${OLDEST_MINOR} or newer; this is ${process.versions.node}, and there is no packaged Node for ` +
			`${process.platform} on ${process.arch}.\nInstall a newer one (nodejs.org, nvm, fnm, volta or your package manager), ` +
			'then run the command again.'
	);
}
