/**
 * What one connection can ask of the simulator, besides what it asks of the API: its own scenario, seed, latency and
 * faults, as query parameters or headers. A client that says nothing of these gets what the simulator was started with.
 */
import type { IncomingMessage } from 'node:http';

export interface ConnectionSettings {
	/** Name of a scenario. */
	scenario?: string;
	seed?: string;
	latencyMs?: number;
	/** Faults in their text form, or as JSON. */
	faults?: string;
}

const LONGEST_LATENCY_MS = 60_000;
const NAMES = ['scenario', 'seed', 'latency-ms', 'faults'];

function read(request: IncomingMessage, url: URL, name: string): string | undefined {
	const header = request.headers[`x-earshot-${name}`];
	return url.searchParams.get(`earshot-${name}`) ?? (typeof header === 'string' ? header : undefined);
}

/** Reads `earshot-scenario`, `earshot-seed`, `earshot-latency-ms` and `earshot-faults`, or says what is wrong with one. */
export function readConnectionSettings(
	request: IncomingMessage,
	url: URL
): { settings: ConnectionSettings } | { error: string; param: string } {
	const asked = [
		...[...url.searchParams.keys()].filter((name) => name.startsWith('earshot-')),
		...Object.keys(request.headers).flatMap((name) => (name.startsWith('x-earshot-') ? [name.slice(2)] : []))
	];
	const unknown = asked.find((name) => !NAMES.includes(name.slice('earshot-'.length)));
	if (unknown !== undefined) {
		const known = NAMES.map((name) => `'earshot-${name}'`).join(', ');
		return { error: `There is no setting '${unknown}'. There are ${known}.`, param: unknown };
	}
	const scenario = read(request, url, 'scenario');
	const seed = read(request, url, 'seed');
	const faults = read(request, url, 'faults');
	const latency = read(request, url, 'latency-ms');
	const latencyMs = latency === undefined ? undefined : Number(latency);
	if (latencyMs !== undefined && !(/^\d+(\.\d+)?$/.test(latency ?? '') && latencyMs <= LONGEST_LATENCY_MS)) {
		const error = `'earshot-latency-ms' must be a number of milliseconds up to ${LONGEST_LATENCY_MS}.`;
		return { error, param: 'earshot-latency-ms' };
	}
	return {
		settings: {
			...(scenario === undefined ? {} : { scenario }),
			...(seed === undefined ? {} : { seed }),
			...(latencyMs === undefined ? {} : { latencyMs }),
			...(faults === undefined ? {} : { faults })
		}
	};
}
