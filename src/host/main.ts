// The program behind `npm start` and `npm run simulator`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Failure } from './bootstrap/failure.js';
import { isLoopback, loadEnvironment, parseCommandLine, usage } from './command-line.ts';
import { startHost } from './host.ts';
import type { Host } from './host.ts';
import { onEnd } from './on-end.ts';
import { loadSimulatorOptions } from './simulator.ts';
import type { SimulatorOptions } from './simulator.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

async function main(): Promise<void> {
	loadEnvironment(`${root}.env`);
	const commandLine = parseCommandLine(process.argv.slice(2), process.env);
	if (commandLine.help) return console.log(usage);
	const { port, hostname, allowedOrigins, open, simulatorOnly } = commandLine;
	const facts = { isLoopback: isLoopback(hostname) };
	const simulator = await loadSimulatorOptions(commandLine.simulator, process.env, facts);
	const site = simulatorOnly ? {} : { siteDirectory: `${root}build` };
	const host = await startHost({ port, hostname, allowedOrigins, simulator, ...site });
	onEnd(() => host.dispose());
	if (!isLoopback(hostname)) {
		console.warn(
			`Warning: bound to ${hostname}, so other machines on your network can use this host. Nothing asks them who they are.`
		);
	}
	console.log(describe(host, simulatorOnly, simulator));
	// For a program that started us: the bootstrap does not need it, tests do.
	process.send?.({ type: 'listening', ...host, dispose: undefined });
	if (open && !simulatorOnly && process.stdout.isTTY && !process.env.CI) openBrowser(host.url);
}

/** Who answers in it, and what else was asked for. */
function describeAnswers({ cascade, scenarios, faults, key }: SimulatorOptions): string {
	const who = cascade?.llm
		? `the language model at ${cascade.llm.origin}`
		: `the scenario '${scenarios?.defaultName ?? 'default'}'`;
	const more = [
		...(faults && faults.length > 0 ? [`${faults.length} fault${faults.length > 1 ? 's' : ''} on purpose`] : []),
		...(key === undefined ? [] : ['a key of its own'])
	];
	return `It answers from ${who}${more.length > 0 ? `, with ${more.join(' and ')}` : ''}.`;
}

function describe({ url, tlsUrl, certificatePath }: Host, simulatorOnly: boolean, simulator: SimulatorOptions): string {
	const webSocket = (base: string) => `${base.replace(/^http/, 'ws')}/v1/realtime?model=gpt-realtime`;
	const what = simulatorOnly
		? `The Earshot simulator alone, without the console (\`npm start\` has both).

  WebSocket   ${webSocket(url)}
              ${webSocket(tlsUrl)}
  HTTP        ${url}/v1
              ${tlsUrl}/v1`
		: `Earshot   ${url}`;
	return `
  ${what}

  To point a client at the simulator:
  export OPENAI_BASE_URL=${url}/v1
  export NODE_EXTRA_CA_CERTS=${certificatePath}

  ${describeAnswers(simulator)}

  Ctrl+C ends it.
`;
}

/** Opens the person's browser. Where that does not work they have the address on the terminal. */
function openBrowser(url: string): void {
	const [program, args] =
		process.platform === 'darwin'
			? (['open', [url]] as const)
			: process.platform === 'win32'
				? (['cmd', ['/c', 'start', '""', url]] as const)
				: (['xdg-open', [url]] as const);
	const child = spawn(program, args, { stdio: 'ignore', detached: true });
	child.on('error', () => {});
	child.unref();
}

main().catch((error: unknown) => {
	console.error(error instanceof Failure ? `\n${error.message}` : error);
	process.exit(1);
});
