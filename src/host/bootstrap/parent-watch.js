// npm passes Ctrl+C on, but on SIGTERM it kills only its shell and leaves the rest running. So every link of the chain
// looks after itself, and ends when the one above it is gone.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { countChildren, endChildren } from './children.js';

const POLL_MS = 250;

/** Ends the children, and then us, when a signal says so or when the process that started us is gone. */
export function watchParent() {
	/** @param {NodeJS.Signals} signal @param {number} code */
	const end = async (signal, code) => {
		// With a child running, whoever waits for it gets its exit code and ends us by that. Without one, we go now.
		if (countChildren() > 0) await endChildren(signal);
		else process.exit(code);
	};
	process.on('SIGINT', () => end('SIGINT', 130));
	process.on('SIGTERM', () => end('SIGTERM', 143));
	process.on('SIGHUP', () => end('SIGTERM', 129));

	const parent = process.ppid;
	const watched = [parent, npmAbove(parent)].filter((pid) => pid !== undefined);
	const poll = setInterval(() => {
		// An orphan gets another parent, except on Windows, where it keeps the number of the dead one.
		if (process.ppid === parent && watched.every(isAlive)) return;
		clearInterval(poll);
		end('SIGTERM', 143);
	}, POLL_MS);
	poll.unref();
}

/**
 * npm runs a script in a shell, which outlives npm: then it is npm that has to be watched, one link further up.
 * @param {number} parent
 */
function npmAbove(parent) {
	if (!process.env.npm_lifecycle_event || process.platform === 'win32') return undefined;
	const { program, above } = describeProcess(parent);
	return /^-?(sh|ash|bash|dash|zsh)$/.test(program) ? above : undefined;
}

/**
 * The name of a process and the id of the one that started it.
 * @param {number} pid
 * @returns {{ program: string, above?: number }}
 */
function describeProcess(pid) {
	try {
		if (process.platform === 'linux') {
			const [, program = '', above] = /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
			return { program, above: Number(above) };
		}
		const line = execFileSync('ps', ['-o', 'ppid=,comm=', '-p', String(pid)], { encoding: 'utf8' });
		const [, above, path = ''] = /^\s*(\d+)\s+(.*)$/m.exec(line) ?? [];
		return { program: path.trim().replace(/.*\//, ''), above: Number(above) };
	} catch {
		return { program: '' };
	}
}

/** @param {number} pid */
function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'; // alive, and somebody else's
	}
}
