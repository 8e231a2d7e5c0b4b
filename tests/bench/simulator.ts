// What the simulator takes: from the frame that decides to the answer, with many callers at once, and in memory. The
// simulator and its clients have a process each, and talk over 127.0.0.1. Takes about 90 seconds.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { ClientOrder, LatencyResult, LoadResult } from './simulator-clients.ts';
import type { ServerReport, ServerUsage } from './simulator-server.ts';
import { median, percentile, printTable } from './table.ts';

const LONGEST_MS = 115_000;
const ROUNDS = 12;
const IDLE_SESSIONS = 500;
const LOADS = [1, 50, 100, 200];
const LOAD_SECONDS = 8;
const PLAIN_SECONDS = 3;
const ANSWERED_LOADS = [10, 50];

const children = new Set<ChildProcess>();

/** Starts a file of this folder; it ends when the channel to it is closed. */
function start(file: string, ...flags: string[]): ChildProcess {
	return fork(new URL(file, import.meta.url), { execArgv: flags });
}

/** The next message of a child. Throws when it ends before. */
function nextMessage<Message>(child: ChildProcess): Promise<Message> {
	return new Promise((resolve, reject) => {
		const fail = (code: number | null): void =>
			reject(new Error(`A process of the benchmark ended with code ${code}.`));
		child.once('exit', fail);
		child.once('message', (message) => {
			child.off('exit', fail);
			resolve(message as Message);
		});
	});
}

class Server {
	readonly port: number;
	readonly #child: ChildProcess;

	private constructor(child: ChildProcess, port: number) {
		this.#child = child;
		this.port = port;
	}

	static async open(): Promise<Server> {
		const child = start('./simulator-server.ts', '--expose-gc');
		const report = await nextMessage<ServerReport>(child);
		if (report.kind !== 'listening') throw new Error('The server of the benchmark did not say where it listens.');
		return new Server(child, report.port);
	}

	async usage(): Promise<ServerUsage> {
		const next = nextMessage<ServerReport>(this.#child);
		this.#child.send('usage');
		const report = await next;
		if (report.kind !== 'usage') throw new Error('The server of the benchmark did not say what it uses.');
		return report.usage;
	}

	end(): void {
		this.#child.kill('SIGKILL');
	}
}

/** Gives an order to a process of clients; `use` is called while it is still there. */
async function withClients<Result, Used>(
	order: ClientOrder,
	use: (result: Result) => Used | Promise<Used>
): Promise<Used> {
	const child = start('./simulator-clients.ts');
	children.add(child);
	try {
		const next = nextMessage<{ result: Result } | { error: string }>(child);
		child.send(order);
		const message = await next;
		if ('error' in message) throw new Error(message.error);
		return await use(message.result);
	} finally {
		child.kill('SIGKILL');
		children.delete(child);
	}
}

type Row = Record<string, string | number>;

async function printLatency(server: Server): Promise<void> {
	const order: ClientOrder = { kind: 'latency', port: server.port, rounds: ROUNDS };
	const { echo, created, firstAudio } = await withClients(order, (result: LatencyResult) => result);
	const row = (what: string, times: number[]): Row => ({
		what,
		'median ms': median(times),
		'slowest ms': Math.max(...times),
		against: 'echo of the same message',
		'ms of that': median(echo),
		ratio: median(times) / median(echo)
	});
	printTable(`From the append that decides, pacing off; ${ROUNDS} turns.`, [
		row('to response.created', created),
		row('to the first audio', firstAudio)
	]);
}

/** The 99th of 100 answers of sockets that only receive, under the same load. */
function measurePlain(server: Server, sessions: number): Promise<number> {
	const order = { port: server.port, sessions, seconds: PLAIN_SECONDS, isPlain: true, isAnswered: false };
	return withClients({ kind: 'load', ...order }, ({ handling }: LoadResult) => percentile(handling, 0.99));
}

async function measureLoad(server: Server, sessions: number, isAnswered: boolean): Promise<{ row: Row; p99: number }> {
	const before = await server.usage();
	const order = { port: server.port, sessions, seconds: LOAD_SECONDS, isPlain: false, isAnswered };
	const found = await withClients({ kind: 'load', ...order }, (result: LoadResult) => result);
	const after = await server.usage();
	const p99 = percentile(found.handling, 0.99);
	const row = {
		sessions,
		'appends/s': Math.round(found.appends / LOAD_SECONDS),
		'turns/s': found.turns / LOAD_SECONDS,
		'CPU %': Math.round((after.cpuMs - before.cpuMs) / (10 * LOAD_SECONDS)),
		// Above a few ms the clients had no time of their own, and the row says little about the simulator.
		'sent late, p99': percentile(found.late, 0.99),
		'not answered': found.unanswered,
		'p50 ms': median(found.handling),
		'p99 ms': p99
	};
	return { row: isAnswered ? { ...row, 'speech s/s': (found.audioDeltas * 0.25) / LOAD_SECONDS } : row, p99 };
}

async function printLoads(server: Server): Promise<void> {
	const title = `Handling of an append, 50 a second in each session for ${LOAD_SECONDS} s, turn detection on`;
	const detected: Row[] = [];
	for (const sessions of LOADS) {
		const plainP99 = await measurePlain(server, sessions);
		const { row, p99 } = await measureLoad(server, sessions, false);
		detected.push({ ...row, 'p99 of plain sockets': plainP99, ratio: p99 / plainP99 });
	}
	printTable(`${title}. Plain sockets get the same and do nothing with it.`, detected);
	const answered: Row[] = [];
	for (const sessions of ANSWERED_LOADS) answered.push((await measureLoad(server, sessions, true)).row);
	printTable(`${title}, every turn answered aloud.`, answered);
}

async function measureIdle(server: Server, isPlain: boolean): Promise<{ rssKb: number; heapKb: number }> {
	let before = await server.usage();
	// Those of the clients before are still being closed.
	while (before.connections > 0) before = await server.usage();
	const order: ClientOrder = { kind: 'idle', port: server.port, sessions: IDLE_SESSIONS, isPlain };
	const after = await withClients(order, () => server.usage());
	const perSession = (bytes: number): number => bytes / 1024 / IDLE_SESSIONS;
	return {
		rssKb: perSession(after.rssBytes - before.rssBytes),
		heapKb: perSession(after.heapBytes - before.heapBytes)
	};
}

async function printMemory(server: Server): Promise<void> {
	// The second to come finds memory that the first has left behind, so the whole process is of use for one of them only.
	const found = await measureIdle(server, false);
	const plain = await measureIdle(server, true);
	printTable(`Memory of a session that says nothing, of ${IDLE_SESSIONS}.`, [
		{ what: 'heap, kB', simulator: found.heapKb, 'plain socket': plain.heapKb, ratio: found.heapKb / plain.heapKb },
		{ what: 'whole process, kB', simulator: found.rssKb, 'plain socket': '', ratio: '' }
	]);
}

export async function benchSimulator(): Promise<void> {
	const server = await Server.open();
	const guard = setTimeout(() => {
		console.error(`The benchmark of the simulator took more than ${LONGEST_MS / 1000} s and was ended.`);
		for (const child of children) child.kill('SIGKILL');
		server.end();
	}, LONGEST_MS);
	try {
		// First, so that everything is loaded when the memory is measured.
		await printLatency(server);
		await printMemory(server);
		await printLoads(server);
	} finally {
		clearTimeout(guard);
		server.end();
	}
}
