/** The simulator alone: `node src/simulator/main.ts --port 4700`. */
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';
import { createSimulator } from '#simulator/attach-simulator.ts';
import { loadScenario } from '#simulator/scenario.ts';
import type { SimulatorOptions } from '#simulator/attach-simulator.ts';

const HELP = `Earshot simulator: a local OpenAI Realtime API.

  --port <number>        port to listen on (4700)
  --host <address>       address to listen on (127.0.0.1)
  --scenario <file>      what the model says (see docs/simulator.md)
  --seed <text>          makes ids reproducible
  --latency-ms <number>  wait before a client event is answered (50); other waits scale with it
  --help                 this text
`;

function exitWith(message: string): never {
	process.stderr.write(`${message}\n`);
	process.exit(1);
}

function parseNumber(text: string, name: string, max: number): number {
	const value = Number(text);
	if (text.trim() === '' || !Number.isFinite(value) || value < 0 || value > max) {
		exitWith(`--${name} must be a number from 0 to ${max}, not "${text}"`);
	}
	return value;
}

function readArguments(): { port: number; host: string; options: SimulatorOptions } {
	try {
		const { values } = parseArgs({
			options: {
				port: { type: 'string', default: '4700' },
				host: { type: 'string', default: '127.0.0.1' },
				scenario: { type: 'string' },
				seed: { type: 'string' },
				'latency-ms': { type: 'string', default: '50' },
				help: { type: 'boolean', default: false }
			}
		});
		if (values.help) {
			process.stdout.write(HELP);
			process.exit(0);
		}
		const options: SimulatorOptions = {
			latencyMs: parseNumber(values['latency-ms'], 'latency-ms', 60_000),
			log: (line) => process.stdout.write(`${line}\n`)
		};
		if (values.seed !== undefined) options.seed = values.seed;
		if (values.scenario !== undefined) options.scenario = loadScenario(values.scenario);
		return { port: parseNumber(values.port, 'port', 65_535), host: values.host, options };
	} catch (error) {
		return exitWith((error as Error).message);
	}
}

function explainListenError(error: NodeJS.ErrnoException, port: number): string {
	if (error.code === 'EADDRINUSE') return `Port ${port} is taken by another program. Choose another one with --port.`;
	if (error.code === 'EACCES') return `Port ${port} may not be used by this user. Choose one above 1023 with --port.`;
	return `The simulator cannot listen on port ${port}: ${error.message}`;
}

const { port, host, options } = readArguments();
const simulator = createSimulator(options);
const server = createServer((request, response) => {
	if (simulator.handleRequest(request, response)) return;
	response.writeHead(404, { 'Content-Type': 'text/plain' });
	response.end('This is the Earshot simulator. The Realtime API is at /v1/realtime.\n');
});
server.on('upgrade', (request, socket, head) => {
	if (!simulator.handleUpgrade(request, socket, head))
		socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
});
server.on('error', (error) => exitWith(explainListenError(error, port)));
server.listen(port, host, () => {
	const address = server.address();
	const actualPort = typeof address === 'object' && address ? address.port : port;
	const shownHost = host.includes(':') ? `[${host}]` : host;
	process.stdout.write(`Realtime API: ws://${shownHost}:${actualPort}/v1/realtime?model=gpt-realtime\n`);
});

let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.on(signal, () => {
		// A second signal does not wait for anybody.
		if (isStopping) process.exit(1);
		isStopping = true;
		server.close();
		void simulator.dispose().then(() => process.exit(0));
	});
}
