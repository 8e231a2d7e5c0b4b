// The chain npm -> bootstrap -> host, as processes: it says where it is, and however one link is ended, all end.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const START_WITHIN_MS = 20_000;
const END_WITHIN_MS = 8_000;
let home: string;

beforeEach(async () => {
	home = await mkdtemp(path.join(tmpdir(), 'earshot-start-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

interface Chain {
	npm: ChildProcess;
	port: number;
	output: () => string;
	/** Process ids by the name of the link. */
	pids: { npm: number; bootstrap: number; host: number };
}

function spawnNpm(args: string[], env: NodeJS.ProcessEnv = {}): { npm: ChildProcess; output: () => string } {
	const npmScript = process.env.npm_execpath;
	const [program, ...first] = npmScript ? [process.execPath, npmScript] : ['npm'];
	const npm = spawn(program, [...first, 'run', ...args], {
		cwd: root,
		env: { ...process.env, EARSHOT_HOME: home, ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
		detached: true // a process group of its own, as a terminal would make
	});
	let output = '';
	for (const stream of [npm.stdout, npm.stderr]) stream?.on('data', (chunk) => (output += chunk));
	return { npm, output: () => output };
}

async function startChain(): Promise<Chain> {
	const { npm, output } = spawnNpm(['simulator', '--', '--port', '0']);
	await until(
		() => /NODE_EXTRA_CA_CERTS=/.test(output()),
		START_WITHIN_MS,
		() => `It printed: ${output()}`
	);
	const all = listProcesses();
	const children = (pid: number): number[] =>
		all.filter(({ parent }) => parent === pid).flatMap((c) => [c.pid, ...children(c.pid)]);
	const below = children(npm.pid ?? -1).map((pid) => all.find((entry) => entry.pid === pid));
	const pidOf = (part: RegExp) => below.findLast((entry) => entry && part.test(entry.command))?.pid ?? -1;
	return {
		npm,
		port: Number(/OPENAI_BASE_URL=http:\/\/127\.0\.0\.1:(\d+)\/v1/.exec(output())?.[1]),
		output,
		pids: { npm: npm.pid ?? -1, bootstrap: pidOf(/bootstrap\.js/), host: pidOf(/main\.ts/) }
	};
}

/** Every process that is not a zombie. From /proc, because small containers have no `ps`. */
function listProcesses(): { pid: number; parent: number; command: string }[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.flatMap((name) => {
			try {
				const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8')
					.replace(/^.*\) /s, '')
					.split(' ');
				const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
				return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent), command }];
			} catch {
				return []; // gone while we looked
			}
		});
}

async function until(isTrue: () => boolean | Promise<boolean>, withinMs: number, explain: () => string): Promise<void> {
	const end = performance.now() + withinMs;
	while (!(await isTrue())) {
		if (performance.now() > end) throw new Error(`Not within ${withinMs} ms. ${explain()}`);
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

function accepts(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = net.connect({ port, host: '127.0.0.1' });
		socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
		socket.on('connect', () => socket.destroy());
	});
}

describe.skipIf(process.platform !== 'linux')('ends, and leaves no process behind, when', () => {
	const ways: [what: string, end: (chain: Chain) => void][] = [
		['somebody presses Ctrl+C', ({ pids }) => process.kill(-pids.npm, 'SIGINT')],
		['npm gets SIGTERM', ({ pids }) => process.kill(pids.npm, 'SIGTERM')],
		['the bootstrap gets SIGTERM', ({ pids }) => process.kill(pids.bootstrap, 'SIGTERM')],
		['the host gets SIGTERM', ({ pids }) => process.kill(pids.host, 'SIGTERM')],
		['npm is killed', ({ pids }) => process.kill(pids.npm, 'SIGKILL')],
		['the bootstrap is killed', ({ pids }) => process.kill(pids.bootstrap, 'SIGKILL')]
	];
	test.each(ways)('%s', { timeout: START_WITHIN_MS + END_WITHIN_MS + 5_000 }, async (_what, end) => {
		const chain = await startChain();
		const pids = Object.values(chain.pids);
		expect(Math.min(...pids), `all links are found: ${JSON.stringify(chain.pids)}`).toBeGreaterThan(0);
		expect(await accepts(chain.port)).toBe(true);
		end(chain);
		const left = () => listProcesses().filter(({ pid }) => pids.includes(pid));
		try {
			await until(
				() => left().length === 0,
				END_WITHIN_MS,
				() => `Left: ${JSON.stringify(left())}`
			);
		} finally {
			for (const { pid } of left()) process.kill(pid, 'SIGKILL');
		}
		expect(await accepts(chain.port)).toBe(false);
	});
});

test('a taken port ends it with code 1 and the way out', { timeout: START_WITHIN_MS }, async () => {
	const blocker = net.createServer().listen(0, '127.0.0.1');
	await new Promise((resolve) => blocker.on('listening', resolve));
	const { port } = blocker.address() as net.AddressInfo;
	const { npm, output } = spawnNpm(['simulator'], { EARSHOT_PORT: String(port) });
	const code = await new Promise((resolve) => npm.on('close', resolve));
	blocker.close();
	expect(code).toBe(1);
	expect(output()).toContain(`Port ${port} of 127.0.0.1 is taken`);
	expect(output()).toContain(`npm start -- --port ${port + 1}`);
	expect(output()).not.toMatch(/\n\s+at /); // no stack: the message is enough
});

test('another address than loopback prints a warning', { timeout: START_WITHIN_MS }, async () => {
	const { npm, output } = spawnNpm(['simulator', '--', '--port', '0', '--host', '0.0.0.0']);
	await until(() => /NODE_EXTRA_CA_CERTS=/.test(output()), START_WITHIN_MS, output);
	expect(output()).toMatch(/Warning: bound to 0\.0\.0\.0/);
	npm.kill('SIGTERM');
	await new Promise((resolve) => npm.on('close', resolve));
});
