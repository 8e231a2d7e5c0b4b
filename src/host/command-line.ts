// The flags and variables of `npm start`, `npm run dev` and `npm run simulator`. A flag wins over the environment, the
// environment over `.env`.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DEFAULT_HOSTNAME, DEFAULT_PORT } from './host.ts';
import { parseAllowedOrigin } from './guard.ts';
import type { SimulatorFlags } from './simulator.ts';
import { Failure } from './bootstrap/failure.js';

/** Through it `npm run dev` gives its flags to the plugin. */
export const DEV_FLAGS_VARIABLE = 'EARSHOT_DEV_FLAGS';

export interface CommandLine {
	port: number;
	hostname: string;
	/** Origins of browser apps that may use the simulator, as browsers send them. */
	allowedOrigins: string[];
	/** Whether to open a browser, as far as the person decides it. */
	open: boolean;
	simulatorOnly: boolean;
	/** Only the usage was asked for. */
	help: boolean;
	simulator: SimulatorFlags;
}

export const usage = `Usage: npm start (or npm run simulator, npm run dev) -- [--port <number>] [--host <address>] [--no-open] ...
  --port, EARSHOT_PORT   port to serve on; default ${DEFAULT_PORT}, 0 takes a free one
  --host, EARSHOT_HOST   address to bind to; default ${DEFAULT_HOSTNAME}, others let other machines in
  --allow-origin <url>, EARSHOT_ALLOW_ORIGIN
                         lets a browser app on this origin use the simulator, such as http://localhost:3000;
                         repeat the flag, or separate by commas in the variable
  --no-open              do not open a browser
  EARSHOT_HOME           folder for the local certificate; default ~/.earshot
The simulator:
  --key, EARSHOT_SIMULATOR_KEY
                         the only API key that it accepts; default any key, and none
  --scenario <name, file or folder>
                         what its model says and does
  --faults <text, JSON or file>
                         what goes wrong on purpose, such as drop:1011@response.created
  --seed <text>          makes its ids reproducible
  --latency-ms <number>  how long it waits before it answers an event; default 50
  EARSHOT_LLM_URL        base URL of an OpenAI-compatible server that answers instead of a scenario
  EARSHOT_STT_URL        ... of one that writes down what the caller says
  EARSHOT_TTS_URL        ... of one that speaks the answers
                         to each of the three belong _MODEL, _KEY and _TIMEOUT_MS, such as EARSHOT_LLM_MODEL,
                         and EARSHOT_TTS_VOICE
  EARSHOT_WEBHOOK_URL, EARSHOT_WEBHOOK_SECRET
                         where its webhooks go
A file named .env in the folder of the project may set the variables.`;

/** Reads `.env` from a folder into the environment. What is set there already stays as it is. */
export function loadEnvironment(file: string): void {
	if (existsSync(file)) process.loadEnvFile(file);
}

/**
 * @throws Error with the usage when a flag is unknown, or its value cannot be used
 */
export function parseCommandLine(args: string[], env: NodeJS.ProcessEnv): CommandLine {
	const { values } = parseOrExplain(args);
	const key = values.key ?? (env.EARSHOT_SIMULATOR_KEY || undefined);
	return {
		port: parsePort(values.port ?? (env.EARSHOT_PORT || String(DEFAULT_PORT))),
		hostname: parseHostname(values.host ?? (env.EARSHOT_HOST || DEFAULT_HOSTNAME)),
		allowedOrigins: (values['allow-origin'] ?? splitList(env.EARSHOT_ALLOW_ORIGIN)).map(parseOrigin),
		open: !values['no-open'],
		simulatorOnly: values['simulator-only'] ?? false,
		help: values.help ?? false,
		simulator: {
			...(values.scenario === undefined ? {} : { scenario: values.scenario }),
			...(values.seed === undefined ? {} : { seed: values.seed }),
			...(values.faults === undefined ? {} : { faults: values.faults }),
			...(key === undefined ? {} : { key: parseKey(key) }),
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
		'allow-origin': { type: 'string', multiple: true },
		key: { type: 'string' },
		faults: { type: 'string' },
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

/** Nothing would be every address. */
function parseHostname(text: string): string {
	if (text.trim() !== '') return text;
	throw new Failure(`--host needs an address, such as ${DEFAULT_HOSTNAME}.\n\n${usage}`);
}

/** The parts of a comma-separated variable, without those that are empty. */
function splitList(text = ''): string[] {
	const parts = text.split(',').map((part) => part.trim());
	return parts.filter((part) => part !== '');
}

function parseOrigin(text: string): string {
	const result = parseAllowedOrigin(text.trim());
	if ('origin' in result) return result.origin;
	throw new Failure(`${result.error}\n\n${usage}`);
}

/** A key goes into a header and into a subprotocol of a WebSocket, so it has to be a token of HTTP. It is not quoted. */
function parseKey(key: string): string {
	if (/^[\w!#$%&'*+.^`|~-]+$/.test(key)) return key;
	throw new Failure(
		`The key has to be of letters, digits and the signs that a header may have, such as - and _.\n\n${usage}`
	);
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
