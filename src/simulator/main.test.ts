import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { describe, expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const LIMIT = { timeout: 30_000 };

interface Program {
	child: ChildProcess;
	/** Everything printed so far, both streams. */
	output: () => string;
	/** The port, once it listens. */
	listening: Promise<number>;
	exited: Promise<number | null>;
}

function start(...args: string[]): Program {
	const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
	let output = '';
	const listening = new Promise<number>((resolve) => {
		for (const stream of [child.stdout, child.stderr]) {
			stream.on('data', (data: Buffer) => {
				output += String(data);
				const port = /ws:\/\/[^:]+:(\d+)/.exec(output)?.[1];
				if (port) resolve(Number(port));
			});
		}
	});
	const exited = new Promise<number | null>((resolve) => child.on('close', resolve));
	return { child, output: () => output, listening, exited };
}

describe('node src/simulator/main.ts', LIMIT, () => {
	it('serves, and goes on SIGTERM with a session open', async () => {
		const program = start('--port', '0', '--latency-ms', '0');
		const port = await program.listening;
		const socket = new WebSocket(`ws://127.0.0.1:${port}/v1/realtime?model=gpt-realtime`);
		const first = await new Promise((resolve) => socket.once('message', resolve));
		expect(String(first)).toContain('session.created');
		expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404);
		program.child.kill('SIGTERM');
		expect(await program.exited).toBe(0);
	});

	it('says that a port is taken', async () => {
		const first = start('--port', '0');
		const port = await first.listening;
		const second = start('--port', String(port));
		expect(await second.exited).toBe(1);
		expect(second.output()).toContain(`Port ${port} is taken by another program. Choose another one with --port.`);
		first.child.kill('SIGINT');
		expect(await first.exited).toBe(0);
	});

	it.each([
		[['--port', 'abc'], '--port must be a number from 0 to 65535, not "abc"'],
		[['--scenario', 'no-such-file.json'], 'The scenario no-such-file.json cannot be read'],
		[['--nonsense'], "Unknown option '--nonsense'"]
	])('says what is wrong with %j', async (args, message) => {
		const program = start(...args);
		expect(await program.exited).toBe(1);
		expect(program.output()).toContain(message);
	});
});
