// Child processes, and their end. When we end they have to end too (parent-watch.js says when that is), and our
// TypeScript children get an IPC channel, whose closing tells them even when we are killed.
import { spawn } from 'node:child_process';
import path from 'node:path';

/** How long a child may take to end by itself before it is killed. */
const END_WITHIN_MS = 5_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
let stopped = false;

/**
 * @typedef {object} ChildOptions
 * @property {string} root the folder to run in
 * @property {string} [node] the Node whose folder comes first in PATH
 * @property {NodeJS.ProcessEnv} [env] variables over ours
 * @property {boolean} [channel] open an IPC channel, so that the child notices our end however we end
 * @property {boolean} [shell] find the program as a shell does
 */

/**
 * Runs a program on our terminal until it ends.
 * @param {string} program
 * @param {string[]} args
 * @param {ChildOptions} options
 * @returns {Promise<{ code: number, stopped: boolean }>} `stopped`: it ended because somebody ended us
 */
export function runChild(program, args, options) {
	const child = start(program, args, options, options.channel ? ['inherit', 'inherit', 'inherit', 'ipc'] : 'inherit');
	return ended(child, 'exit');
}

/**
 * Runs a program and keeps what it prints, stdout and stderr in the order of arrival.
 * @param {string} program
 * @param {string[]} args
 * @param {ChildOptions} options
 * @returns {Promise<{ code: number, stopped: boolean, output: string }>}
 */
export async function runCaptured(program, args, options) {
	const child = start(program, args, options, ['ignore', 'pipe', 'pipe']);
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text));
	return { ...(await ended(child, 'close')), output };
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {ChildOptions} options
 * @param {import('node:child_process').StdioOptions} stdio
 */
function start(program, args, { root, node, env: extra, shell = false }, stdio) {
	const env = { ...process.env, ...extra };
	if (node) env.PATH = [path.dirname(node), env.PATH].filter(Boolean).join(path.delimiter);
	const child = spawn(program, args, { cwd: root, env, stdio, shell, windowsHide: true });
	running.add(child);
	return child;
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {'exit' | 'close'} event 'close' comes after the last output
 * @returns {Promise<{ code: number, stopped: boolean }>}
 */
function ended(child, event) {
	return new Promise((resolve, reject) => {
		child.on('error', (error) => {
			running.delete(child);
			reject(error);
		});
		child.on('exit', () => running.delete(child));
		child.on(event, (code) => resolve({ code: code ?? 1, stopped }));
	});
}

/**
 * Asks every child to end, kills those that do not, and returns when all are gone.
 * @param {NodeJS.Signals} [signal]
 */
export async function endChildren(signal = 'SIGTERM') {
	stopped = true;
	await Promise.all(
		[...running].map(
			(child) =>
				/** @type {Promise<void>} */ (
					new Promise((resolve) => {
						const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
						child.on('exit', () => {
							clearTimeout(timer);
							resolve();
						});
						child.kill(signal);
					})
				)
		)
	);
}

/** How many children run now. */
export function countChildren() {
	return running.size;
}
