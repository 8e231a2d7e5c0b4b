// The real host for tests: the same program as `npm start`, as a process of its own, on a free port, with a home folder
// of its own. The site has to be built before (`npm test` does that; by hand: npm run build).
//
//   const host = await startTestHost();            // or { simulatorOnly: true }, { args: [...] }, { env: {...} }
//   host.url  host.tlsUrl  host.port  host.certificatePath  host.homeDirectory  host.output()
//   await host.dispose();
//
// Playwright tests need none of this: `import { test, expect } from './test.ts'` in tests/browser starts one per worker.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const START_WITHIN_MS = 20_000;

export interface TestHost {
	port: number;
	/** `http://127.0.0.1:<port>`, without a slash at the end. */
	url: string;
	tlsUrl: string;
	/** For NODE_EXTRA_CA_CERTS or the `ca` option of a TLS client. */
	certificatePath: string;
	/** EARSHOT_HOME of this host; removed by `dispose`. */
	homeDirectory: string;
	pid: number;
	/** What it has printed so far, stdout and stderr. */
	output(): string;
	/** Ends it and waits until it is gone. */
	dispose(): Promise<void>;
}

export interface TestHostOptions {
	/** Only the simulator, no site: needs no build. */
	simulatorOnly?: boolean;
	/** More arguments for the command line. */
	args?: string[];
	/** Variables over those of this process. No key of this machine reaches the host unless it is named here. */
	env?: NodeJS.ProcessEnv;
}

/**
 * Starts a host and waits until it listens.
 * @throws Error with its output when it ends, or says nothing for 20 s
 */
export async function startTestHost(options: TestHostOptions = {}): Promise<TestHost> {
	const homeDirectory = await mkdtemp(path.join(tmpdir(), 'earshot-test-'));
	const args = ['--port', '0', '--no-open', ...(options.simulatorOnly ? ['--simulator-only'] : [])];
	const child = fork(path.join(root, 'src/host/main.ts'), [...args, ...(options.args ?? [])], {
		cwd: root,
		env: { ...withoutSettings(process.env), EARSHOT_HOME: homeDirectory, ...options.env },
		execArgv: [],
		stdio: ['ignore', 'pipe', 'pipe', 'ipc']
	});
	let output = '';
	for (const stream of [child.stdout, child.stderr]) stream?.on('data', (text) => (output += String(text)));
	const removeHome = () => rm(homeDirectory, { recursive: true, force: true });
	try {
		const message = await listening(child);
		return {
			...message,
			homeDirectory,
			pid: child.pid ?? -1,
			output: () => output,
			async dispose() {
				if (child.exitCode === null && child.signalCode === null) {
					child.kill('SIGTERM');
					await once(child, 'exit');
				}
				await removeHome();
			}
		};
	} catch (error) {
		child.kill('SIGKILL');
		await removeHome();
		throw new Error(`${(error as Error).message}\nIt printed:\n${output}`, { cause: error });
	}
}

type Listening = Pick<TestHost, 'port' | 'url' | 'tlsUrl' | 'certificatePath'>;

function listening(child: ReturnType<typeof fork>): Promise<Listening> {
	return new Promise((resolve, reject) => {
		const fail = (reason: string) => reject(new Error(`The host for the tests did not start: ${reason}`));
		const timer = setTimeout(() => fail(`nothing heard within ${START_WITHIN_MS / 1000} s.`), START_WITHIN_MS);
		child.on('error', (error) => fail(error.message));
		child.on('exit', (code) => fail(`it ended with code ${code}.`));
		child.on('message', ({ type, port, url, tlsUrl, certificatePath }: Listening & { type: string }) => {
			if (type !== 'listening') return;
			clearTimeout(timer);
			resolve({ port, url, tlsUrl, certificatePath });
		});
	});
}

/** The environment without the person's own settings: a test must not find a real key or port there. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(EARSHOT|OPENAI|AZURE_OPENAI)_/.test(name)));
}
