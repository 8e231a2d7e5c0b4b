// The flags and variables of `npm start`, `npm run dev` and `npm run simulator`. A flag wins over the environment, the
// environment over `.env`.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DEFAULT_HOSTNAME, DEFAULT_PORT } from './host.ts';
import type { SimulatorFlags } from './simulator.ts';
import { Failure } from './bootstrap/failure.js';

export interface CommandLine {
	port: number;
	hostname: string;
	/** Whether to open a browser, as far as the person decides it. */
	open: boolean;
	simulatorOnly: boolean;
	/** Only the usage was asked for. */
	help: boolean;
	simulator: SimulatorFlags;
}

export const usage = `Usage: npm start -- [--port <number>] [--host <address>] [--no-open]
  --port, EARSHOT_PORT   port to serve on; default ${DEFAULT_PORT}, 0 takes a free one
  --host, EARSHOT_HOST   address to bind to; default ${DEFAULT_HOSTNAME}, others let other machines in
  --no-open              do not open a browser
  --scenario <file>      what the simulator's model says and does
  --seed <text>          makes the simulator's ids reproducible
  --latency-ms <number>  how long the simulator waits before it answers an event; default 50
  EARSHOT_HOME           folder for the local certificate; default ~/.earshot
A file named .env in the folder of the project may set the variables.`;

/** Reads `.env` from a folder into the environment. What is set there already stays as it is. */
export function loadEnvironment(file: string): void {
	if (existsSync(file)) process.loadEnvFile(file);
}

/**
 * @throws Error with the usage when a flag is unknown or a port is not a number from 0 to 65535
 */
export function parseCommandLine(args: string[], env: NodeJS.ProcessEnv): CommandLine {
	const { values } = parseOrExplain(args);
	return {
		port: parsePort(values.port ?? (env.EARSHOT_PORT || String(DEFAULT_PORT))),
		hostname: values.host ?? (env.EARSHOT_HOST || DEFAULT_HOSTNAME),
		open: !values['no-open'],
		simulatorOnly: values['simulator-only'] ?? false,
		help: values.help ?? false,
		simulator: {
			...(values.scenario === undefined ? {} : { scenario: values.scenario }),
			...(values.seed === undefined ? {} : { seed: values.seed }),
			...(values['latency-ms'] === undefined ? {} : { latencyMs: parseLatency(values['latency-ms']) })
		}
	};
}

function parseOrExplain(args: string[]) {
	const options = {
		port: { type: 'string', short: 'p' },
		host: { type: 'string' },
		'no-open': { type: 'boolean' },
		'simulator-only': { type: 'boolean' },
		help: { type: 'boolean', short: 'h' },
		scenario: { type: 'string' },
		seed: { type: 'string' },
		'latency-ms': { type: 'string' }
	} as const;
	try {
		return parseArgs({ args, options, strict: true });
	} catch (error) {
		throw new Failure(`${(error as Error).message}\n\n${usage}`, { cause: error });
	}
}

function parsePort(text: string): number {
	const port = Number(text);
	if (/^\d+$/.test(text) && port <= 65_535) return port;
	throw new Failure(`'${text}' is not a port: it has to be a number from 0 to 65535.\n\n${usage}`);
}

function parseLatency(text: string): number {
	const latencyMs = Number(text);
	if (/^\d+(\.\d+)?$/.test(text) && latencyMs <= 60_000) return latencyMs;
	throw new Failure(`'${text}' is not a latency: it has to be a number of milliseconds up to 60000.\n\n${usage}`);
}

/** Whether an address can only be reached from this machine. */
export function isLoopback(hostname: string): boolean {
	return hostname === 'localhost' || hostname === '::1' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
